"""The range's IAM, for `range_cli`: what the AWS CLI and botocore read, change and
cannot change, and what goes wrong on demand."""

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


def keys(check, lab, served):
    url = served.url
    leaked = [clients.client(s, url, key=KEY, secret=SECRET) for s in ("sts", "iam", "guardduty", "securityhub")]
    sts, iam, gd, hub = leaked
    calls = [(sts.get_caller_identity, "InvalidClientTokenId"), (iam.get_user, "InvalidClientTokenId"),
             (gd.list_detectors, "UnrecognizedClientException"), (hub.describe_hub, "UnrecognizedClientException")]

    def update(status):
        lab.aws(url, "iam", "update-access-key", "--user-name", USER, "--access-key-id", KEY, "--status", status)
        [key] = lab.aws(url, "iam", "list-access-keys", "--user-name", USER)["AccessKeyMetadata"]
        same((key["AccessKeyId"], key["Status"]), (KEY, status))

    with check("an inactive key stops on every service; active again, it works"):
        same(iam.get_user()["User"]["UserName"], USER)
        update("Inactive")
        for call, code in calls:
            same(clients.refusal(call), (403, code))
        update("Inactive")
        update("Active")
        for call, _ in calls:
            same(clients.refusal(call), (200, "answered"))


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
        same(member.get_user(UserName="alice")["User"]["PermissionsBoundary"]["PermissionsBoundaryType"], "Policy")
        # The one departure is AWS's own: github.com/awsdocs/iam-user-guide, issue 82.
        found = [m for m in recorder.mistakes + members.mistakes if ".PermissionsBoundaryType: 'Policy'" not in m]
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
    for part in (reading, keys, policies, refusals, models):
        part(check, lab, served)
    faults(check, lab, scenario)
