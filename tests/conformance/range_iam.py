"""The range's IAM, for `range_cli`: what the AWS CLI and botocore read, change and
cannot change, and what goes wrong on demand."""

import base64
import csv
import io
import json

import clients
import shapes
from check import holds, once, same

# Of the scenario `leaked-key`, in the operator's account.
USER, KEY, SECRET = "siem-exporter", "AKIAI99SIEMEXEXAMPLE", "Zk8pLm3nQw5vXc7bAs2dFg4hJr6tYuEXAMPLEKEY"
ROLE, WILD = "log-archiver", "arn:aws:iam::444455556666:policy/log-archive-access"
LINKED = "AWSServiceRoleForAmazonGuardDuty"
MEMBERS_KEY = "AKIAI66PRODUCEXAMPLE"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

LARGE = '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::' + "x" * 10_240 + '"}]}'
TWICE = [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]


def reading(check, lab, served):
    url = served.url

    def listed(operation, member, *arguments):
        return lab.aws(url, "iam", operation, *arguments)[member]

    with check("CLI: iam get-user without a name is the caller, as sts knows it"):
        user = lab.aws(url, "iam", "get-user")["User"]
        identity = lab.aws(url, "sts", "get-caller-identity")
        same((user["Arn"], user["UserId"]), (identity["Arn"], identity["UserId"]))
    with check("CLI: iam get-role, get-policy-version, get-user-policy: documents are read as JSON"):
        trust = lab.aws(url, "iam", "get-role", "--role-name", ROLE)["Role"]["AssumeRolePolicyDocument"]
        same(trust["Statement"][0]["Action"], "sts:AssumeRole")
        default = lab.aws(url, "iam", "get-policy", "--policy-arn", WILD)["Policy"]["DefaultVersionId"]
        version = lab.aws(url, "iam", "get-policy-version", "--policy-arn", WILD, "--version-id", default)
        [statement] = version["PolicyVersion"]["Document"]["Statement"]
        same((statement["Action"], statement["Resource"]), ("*", "*"))
        [name] = listed("list-user-policies", "PolicyNames", "--user-name", "oncall")
        own = lab.aws(url, "iam", "get-user-policy", "--user-name", "oncall", "--policy-name", name)
        holds("iam:*" in own["PolicyDocument"]["Statement"][0]["Action"], f"{own}")
    with check("CLI: iam lists, --page-size asks for pages and gets them"):
        for operation, member, key in [
            ("list-users", "Users", "UserId"), ("list-roles", "Roles", "RoleId"), ("list-policies", "Policies", "Arn"),
        ]:
            name = operation.title().replace("-", "")
            whole = once(i[key] for i in listed(operation, member))
            before = len(served.requests(name))
            same(once(i[key] for i in listed(operation, member, "--page-size", "1")), whole, operation)
            same(len(served.requests(name)) - before, len(whole), f"requests for {operation}")
    with check("CLI: iam list-policies --scope Local --only-attached"):
        local = listed("list-policies", "Policies", "--scope", "Local", "--only-attached")
        holds(WILD in {p["Arn"] for p in local}, f"{local}")
        holds(all(p["AttachmentCount"] > 0 and ":aws:" not in p["Arn"][8:] for p in local), f"{local}")
    with check("CLI: iam get-access-key-last-used"):
        used = lab.aws(url, "iam", "get-access-key-last-used", "--access-key-id", KEY)
        same((used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]), (USER, "guardduty"))


def account(check, lab, served):
    url = served.url
    with check("CLI: iam get-account-authorization-details is what the lists say, whatever the pages"):
        whole = lab.aws(url, "iam", "get-account-authorization-details")
        small = lab.aws(url, "iam", "get-account-authorization-details", "--page-size", "3")
        same(small, whole, "by pages of three")
        users = lab.aws(url, "iam", "list-users")["Users"]
        same(once(u["Arn"] for u in whole["UserDetailList"]), once(u["Arn"] for u in users))
        roles = lab.aws(url, "iam", "list-roles")["Roles"]
        same({r["Arn"]: r["AssumeRolePolicyDocument"] for r in whole["RoleDetailList"]},
             {r["Arn"]: r["AssumeRolePolicyDocument"] for r in roles})
        only = lab.aws(url, "iam", "get-account-authorization-details", "--filter", "Role", "LocalManagedPolicy")
        same((only["UserDetailList"], only["RoleDetailList"]), ([], whole["RoleDetailList"]))
        [default] = [v for p in only["Policies"] if p["Arn"] == WILD for v in p["PolicyVersionList"] if v["IsDefaultVersion"]]
        same(default["Document"]["Statement"][0]["Action"], "*")
    with check("CLI: generate-credential-report and get-credential-report, by the CLI's own way"):
        code, _, err = lab.aws_raw(url, "iam", "get-credential-report")
        holds(code != 0 and "ReportNotPresent" in err, f"exit {code}: {err[:300]}")
        states = []
        while not states or states[-1] != "COMPLETE":
            states.append(lab.aws(url, "iam", "generate-credential-report")["State"])
        same(states, ["STARTED", "INPROGRESS", "COMPLETE"])
        report = lab.aws(url, "iam", "get-credential-report")
        rows = list(csv.DictReader(io.StringIO(base64.b64decode(report["Content"]).decode())))
        same(once(r["user"] for r in rows), {"<root_account>"} | {u["UserName"] for u in users})
        [row] = [r for r in rows if r["user"] == USER]
        same((row["access_key_1_active"], row["access_key_1_last_used_service"], row["mfa_active"]), ("true", "guardduty", "false"))
    with check("CLI: generate- and get-service-last-accessed-details"):
        [user] = [u for u in users if u["UserName"] == USER]
        job = lab.aws(url, "iam", "generate-service-last-accessed-details", "--arn", user["Arn"])["JobId"]
        answers = [lab.aws(url, "iam", "get-service-last-accessed-details", "--job-id", job) for _ in range(2)]
        same([a["JobStatus"] for a in answers], ["IN_PROGRESS", "COMPLETED"])
        used = {s["ServiceNamespace"] for s in answers[1]["ServicesLastAccessed"] if s["TotalAuthenticatedEntities"]}
        holds("sts" in used, f"{used}")


def keys(check, lab, served):
    url = served.url
    leaked = [clients.client(s, url, key=KEY, secret=SECRET) for s in ("sts", "iam", "guardduty", "securityhub")]
    sts, iam, gd, hub = leaked
    answered = (200, "answered")
    # IAM lets the key in, and no policy lets its user look at itself.
    calls = [(sts.get_caller_identity, "InvalidClientTokenId", answered),
             (iam.get_user, "InvalidClientTokenId", (403, "AccessDenied")),
             (gd.list_detectors, "UnrecognizedClientException", answered),
             (hub.get_findings, "UnrecognizedClientException", answered)]

    def update(status):
        lab.aws(url, "iam", "update-access-key", "--user-name", USER, "--access-key-id", KEY, "--status", status)
        [key] = lab.aws(url, "iam", "list-access-keys", "--user-name", USER)["AccessKeyMetadata"]
        same((key["AccessKeyId"], key["Status"]), (KEY, status))

    with check("an inactive key stops on every service; active again, it works"):
        same(sts.get_caller_identity()["Arn"].rsplit("/")[-1], USER)
        update("Inactive")
        for call, code, _ in calls:
            same(clients.refusal(call), (403, code))
        update("Inactive")
        update("Active")
        for call, _, active in calls:
            same(clients.refusal(call), active)


def policies(check, lab, served):
    url = served.url

    def attached():
        answer = lab.aws(url, "iam", "list-attached-role-policies", "--role-name", ROLE)
        return {p["PolicyArn"] for p in answer["AttachedPolicies"]}

    def change(operation, *arguments):
        lab.aws(url, "iam", operation, *arguments)

    with check("CLI: detach-role-policy and attach-role-policy show on the role and on the policy"):
        on_role = ("--role-name", ROLE, "--policy-arn", WILD)
        before = attached()
        change("detach-role-policy", *on_role)
        same(attached(), before - {WILD})
        entities = lab.aws(url, "iam", "list-entities-for-policy", "--policy-arn", WILD)
        same(entities["PolicyRoles"], [])
        change("attach-role-policy", *on_role)
        change("attach-role-policy", *on_role)
        same(attached(), before)
        entities = lab.aws(url, "iam", "list-entities-for-policy", "--policy-arn", WILD)
        same([r["RoleName"] for r in entities["PolicyRoles"]], [ROLE])
    with check("CLI: create-policy-version and set-default-policy-version"):
        made = lab.aws(url, "iam", "create-policy-version", "--policy-arn", WILD, "--policy-document", EVERYTHING)
        new = made["PolicyVersion"]["VersionId"]
        default = lambda: lab.aws(url, "iam", "get-policy", "--policy-arn", WILD)["Policy"]["DefaultVersionId"]
        was = default()
        holds(new != was and not made["PolicyVersion"]["IsDefaultVersion"], f"{made}")
        change("set-default-policy-version", "--policy-arn", WILD, "--version-id", new)
        same(default(), new)
        change("set-default-policy-version", "--policy-arn", WILD, "--version-id", was)
        same(default(), was)
    with check("CLI: put-, get- and delete-role-policy, and the same of a user"):
        for kind, name in (("role", ROLE), ("user", USER)):
            holder = (f"--{kind}-name", name)
            listed = lambda: lab.aws(url, "iam", f"list-{kind}-policies", *holder)["PolicyNames"]
            was = listed()
            named = (*holder, "--policy-name", "stop-it")
            change(f"put-{kind}-policy", *named, "--policy-document", EVERYTHING)
            same(sorted(listed()), sorted([*was, "stop-it"]))
            got = lab.aws(url, "iam", f"get-{kind}-policy", *named)["PolicyDocument"]
            same(got["Statement"][0]["Effect"], "Allow")
            change(f"delete-{kind}-policy", *named)
            same(listed(), was)
    with check("CLI: put- and delete-role-permissions-boundary, and the same of a user"):
        for kind, name in (("role", ROLE), ("user", USER)):
            holder = (f"--{kind}-name", name)
            bounded = lambda: lab.aws(url, "iam", f"get-{kind}", *holder)[kind.title()].get("PermissionsBoundary")
            change(f"put-{kind}-permissions-boundary", *holder, "--permissions-boundary", ADMIN)
            same(bounded()["PermissionsBoundaryArn"], ADMIN)
            change(f"delete-{kind}-permissions-boundary", *holder)
            same(bounded(), None)
    with check("CLI: tag-, list-tags and untag, of a role and of a user"):
        for kind, name in (("role", ROLE), ("user", USER)):
            holder = (f"--{kind}-name", name)
            tags = lambda: {t["Key"]: t["Value"] for t in lab.aws(url, "iam", f"list-{kind}-tags", *holder)["Tags"]}
            was = tags()
            change(f"tag-{kind}", *holder, "--tags", "Key=BreakGlass,Value=true", "Key=Größe,Value=")
            same(tags(), {**was, "BreakGlass": "true", "Größe": ""})
            change(f"untag-{kind}", *holder, "--tag-keys", "breakglass", "Größe")
            same(tags(), was)
    with check("CLI: update-assume-role-policy shows in get-role"):
        trust = lambda: lab.aws(url, "iam", "get-role", "--role-name", ROLE)["Role"]["AssumeRolePolicyDocument"]
        was = trust()
        for document in ({**was, "Statement": []}, was):
            change("update-assume-role-policy", "--role-name", ROLE, "--policy-document", json.dumps(document))
            same(trust(), document)
    with check("CLI: create-access-key, a call with it, delete-access-key"):
        made = lab.aws(url, "iam", "create-access-key", "--user-name", USER)["AccessKey"]
        new = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
        holds(lab.aws(url, "sts", "get-caller-identity", **new)["Arn"].endswith("/" + USER), "another user")
        same(clients.refusal(clients.client("iam", url).create_access_key, UserName=USER), (409, "LimitExceeded"))
        change("delete-access-key", "--user-name", USER, "--access-key-id", made["AccessKeyId"])
        code, _, err = lab.aws_raw(url, "sts", "get-caller-identity", **new)
        holds(code != 0 and "InvalidClientTokenId" in err, f"exit {code}: {err[:300]}")
        [left] = lab.aws(url, "iam", "list-access-keys", "--user-name", USER)["AccessKeyMetadata"]
        same(left["AccessKeyId"], KEY)
    with check("request log: changes of IAM are marked as such"):
        marks = {(line["operation"], line["mutating"]) for line in served.requests() if line["service"] == "iam"}
        for operation in ("UpdateAccessKey", "DetachRolePolicy", "AttachRolePolicy", "CreatePolicyVersion"):
            holds((operation, True) in marks, f"no line {operation} in {sorted(marks)}")
        holds(("GetPolicy", False) in marks, f"GetPolicy, in {sorted(marks)}")


def refusals(check, lab, served):
    iam = clients.client("iam", served.url, parameter_validation=False)
    on_role = {"RoleName": ROLE, "PolicyArn": ADMIN}
    linked = {"RoleName": LINKED, "PolicyArn": ADMIN}
    missing = {"PolicyArn": "arn:aws:iam::444455556666:policy/absent"}
    other = {"Status": "Inactive", "AccessKeyId": MEMBERS_KEY}
    with check("botocore: IAM's refusals, by status and code"):
        for call, parameters, expected in [
            (iam.get_user, {"UserName": "absent"}, (404, "NoSuchEntity")),
            (iam.get_role, {"RoleName": "absent"}, (404, "NoSuchEntity")),
            (iam.get_role, {}, (400, "ValidationError")),
            (iam.get_policy, missing, (404, "NoSuchEntity")),
            (iam.detach_role_policy, on_role, (404, "NoSuchEntity")),
            (iam.attach_role_policy, linked, (400, "UnmodifiableEntity")),
            (iam.create_policy_version, {"PolicyArn": WILD, "PolicyDocument": "{"}, (400, "MalformedPolicyDocument")),
            (iam.update_access_key, {**other, "UserName": USER}, (404, "NoSuchEntity")),
            (iam.get_access_key_last_used, {"AccessKeyId": MEMBERS_KEY}, (403, "AccessDenied")),
            (iam.put_role_policy, {"RoleName": LINKED, "PolicyName": "x", "PolicyDocument": EVERYTHING}, (400, "UnmodifiableEntity")),
            (iam.put_role_policy, {"RoleName": ROLE, "PolicyName": "x", "PolicyDocument": LARGE}, (409, "LimitExceeded")),
            (iam.put_user_policy, {"UserName": USER, "PolicyName": "x", "PolicyDocument": "{"}, (400, "MalformedPolicyDocument")),
            (iam.delete_role_policy, {"RoleName": ROLE, "PolicyName": "absent"}, (404, "NoSuchEntity")),
            (iam.put_role_permissions_boundary, {"RoleName": ROLE, "PermissionsBoundary": missing["PolicyArn"]}, (404, "NoSuchEntity")),
            (iam.delete_access_key, {"UserName": USER, "AccessKeyId": MEMBERS_KEY}, (404, "NoSuchEntity")),
            (iam.tag_user, {"UserName": USER, "Tags": TWICE}, (400, "InvalidInput")),
            (iam.get_login_profile, {"UserName": USER}, (404, "NoSuchEntity")),
            (iam.get_group, {"GroupName": "absent"}, (404, "NoSuchEntity")),
            (iam.simulate_principal_policy, {"PolicySourceArn": "arn:aws:iam::444455556666:user/oncall",
                                             "ActionNames": ["s3:GetObject"]}, (400, "InvalidAction")),
            (iam.list_users, {"MaxItems": 1001}, (400, "ValidationError")),
            (iam.list_users, {"Marker": "made up"}, (400, "ValidationError")),
        ]:
            same(clients.refusal(call, **parameters), expected, str(parameters)[:80])
    with check("botocore: errors are classes of the model, with AWS's words"):
        try:
            iam.get_role(RoleName="absent")
        except iam.exceptions.NoSuchEntityException as error:
            same(error.response["Error"]["Message"], "The role with name absent cannot be found.")
            same(error.response["Error"]["Type"], "Sender")


def models(check, lab, served):
    """Every operation of IAM, each answer against its output shape."""
    with check("botocore: every answer of IAM fits the model"):
        iam = clients.client("iam", served.url)
        recorder = shapes.Recorder(iam)
        user, role = {"UserName": USER}, {"RoleName": ROLE}
        every = [
            (iam.list_account_aliases, {}), (iam.get_account_summary, {}), (iam.get_user, {}),
            (iam.get_user, user), (iam.list_users, {}), (iam.list_mfa_devices, user), (iam.list_groups_for_user, user),
            (iam.list_access_keys, {}), (iam.get_access_key_last_used, {"AccessKeyId": KEY}),
            (iam.get_access_key_last_used, {"AccessKeyId": clients.lab.KEY}),
            (iam.get_role, role), (iam.list_roles, {}), (iam.list_instance_profiles_for_role, role),
            (iam.list_user_policies, {"UserName": "oncall"}), (iam.list_role_policies, role),
            (iam.get_user_policy, {"UserName": "oncall", "PolicyName": "respond"}),
            (iam.list_attached_user_policies, user), (iam.list_attached_role_policies, role),
            (iam.list_policies, {"MaxItems": 3}), (iam.get_policy, {"PolicyArn": ADMIN}),
            (iam.list_entities_for_policy, {"PolicyArn": WILD}), (iam.list_policy_versions, {"PolicyArn": WILD}),
            (iam.get_policy_version, {"PolicyArn": WILD, "VersionId": "v1"}),
            (iam.create_policy_version, {"PolicyArn": WILD, "PolicyDocument": EVERYTHING}),
            (iam.set_default_policy_version, {"PolicyArn": WILD, "VersionId": "v2"}),
            (iam.attach_user_policy, {**user, "PolicyArn": ADMIN}),
            (iam.detach_user_policy, {**user, "PolicyArn": ADMIN}),
            (iam.attach_role_policy, {**role, "PolicyArn": ADMIN}),
            (iam.detach_role_policy, {**role, "PolicyArn": ADMIN}),
            (iam.update_access_key, {**user, "AccessKeyId": KEY, "Status": "Active"}),
            (iam.get_account_authorization_details, {}), (iam.generate_credential_report, {}),
            (iam.get_credential_report, {}), (iam.list_groups, {}), (iam.list_instance_profiles, {}),
            (iam.list_user_tags, user), (iam.list_role_tags, role), (iam.create_access_key, user),
            (iam.put_role_policy, {**role, "PolicyName": "x", "PolicyDocument": EVERYTHING}),
            (iam.delete_role_policy, {**role, "PolicyName": "x"}),
            (iam.put_user_permissions_boundary, {**user, "PermissionsBoundary": ADMIN}),
            (iam.delete_user_permissions_boundary, user),
            (iam.tag_role, {**role, "Tags": [{"Key": "a", "Value": "b"}]}), (iam.untag_role, {**role, "TagKeys": ["a"]}),
        ]
        for call, parameters in every:
            call(**parameters)
        same(recorder.answers, len(every), "answers")
        summary = iam.get_account_summary()["SummaryMap"]
        holds(summary["Users"] >= 2 and summary["AttachedPoliciesPerRoleQuota"] == 10, f"{summary}")
        member = clients.client("iam", served.url, key=MEMBERS_KEY, secret="je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
        members = shapes.Recorder(member)
        [policy] = member.list_role_policies(RoleName="orders-api")["PolicyNames"]
        document = member.get_role_policy(RoleName="orders-api", PolicyName=policy)["PolicyDocument"]
        same(document["Version"], "2012-10-17")
        [profile] = member.list_instance_profiles_for_role(RoleName="orders-api")["InstanceProfiles"]
        same(profile["Roles"][0]["RoleName"], "orders-api")
        profile = member.get_instance_profile(InstanceProfileName="orders-api")["InstanceProfile"]
        same(profile["Roles"][0]["RoleName"], "orders-api")
        holds(member.get_login_profile(UserName="alice")["LoginProfile"], "no login profile")
        job = member.generate_service_last_accessed_details(
            Arn=profile["Roles"][0]["Arn"], Granularity="ACTION_LEVEL")["JobId"]
        for status in ("IN_PROGRESS", "COMPLETED"):
            same(member.get_service_last_accessed_details(JobId=job)["JobStatus"], status)
        member.get_account_authorization_details()
        same(member.get_user(UserName="alice")["User"]["PermissionsBoundary"]["PermissionsBoundaryType"], "Policy")
        # Departures of AWS's own: github.com/awsdocs/iam-user-guide, issue 82; and of a job that
        # is not done the model itself says that its JobCompletionDate is null.
        meant = (".PermissionsBoundaryType: 'Policy'", "GetServiceLastAccessedDetails.JobCompletionDate: required")
        found = [m for m in recorder.mistakes + members.mistakes if not any(known in m for known in meant)]
        same(found, [], "departures")


FAULTS = """
[[faults]]
op = "iam:DetachRolePolicy"
kind = "concurrent"
nth = 1
[[faults]]
op = "iam:ListAttachedRolePolicies"
kind = "stale"
nth = 2
[[faults]]
op = "iam:ListAccessKeys"
kind = "stale:2"
[[faults]]
op = "guardduty:ArchiveFindings"
kind = "concurrent"
"""


def faults(check, lab, scenario):
    served = lab.range(scenario, "--faults", lab.file("iam-faults.toml", FAULTS))
    iam = clients.client("iam", served.url)
    gd = clients.client("guardduty", served.url)

    def attached():
        return {p["PolicyArn"] for p in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]}

    with check("fault `concurrent`: a conflict, and nothing is changed"):
        before = attached()
        detach = {"RoleName": ROLE, "PolicyArn": WILD}
        same(clients.refusal(iam.detach_role_policy, **detach), (409, "ConcurrentModification"))
        [detector] = gd.list_detectors()["DetectorIds"]
        archive = {"DetectorId": detector, "FindingIds": ["0" * 32]}
        same(clients.refusal(gd.archive_findings, **archive), (409, "ConflictException"))
        holds(WILD in before, f"{before}")
    with check("fault `stale`: a read is behind the last change, the next one is not"):
        iam.detach_role_policy(**detach)
        same(attached(), before, "stale")
        same(attached(), before - {WILD})
        key = {"UserName": USER, "AccessKeyId": KEY}
        seen = []
        for status in ("Inactive", "Active", "Inactive"):
            iam.update_access_key(**key, Status=status)
            seen.append(iam.list_access_keys(UserName=USER)["AccessKeyMetadata"][0]["Status"])
        same(seen, ["Active", "Active", "Inactive"], "two changes behind")
    served.stop()


def run(check, lab, served, scenario):
    for part in (reading, account, keys, policies, refusals, models):
        part(check, lab, served)
    faults(check, lab, scenario)
