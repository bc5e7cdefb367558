"""halon's inspection of an account and an organization, against moto: roles, users, the whole
account, the root user, the organization. What moto says through the AWS CLI is what halon
must say too."""

import json

from check import Checks, holds, same
from lab import REGION, WORK, Lab, free_port, halon_binary

ACCOUNT = "123456789012"  # moto's
S3 = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Büro 100%", "Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Resource": "*"}]}
EDGE = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}
REGIONS = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}]}


class Account:
    """The account in moto: changed by the AWS CLI, looked at by both."""

    def __init__(self, lab, url):
        self.lab, self.url = lab, url
        self.data = lab.folder("inspecting")

    def aws(self, *arguments):
        return self.lab.aws(self.url, *arguments)

    def iam(self, *arguments):
        return self.aws("iam", *arguments)

    def halon(self, *arguments, code=0):
        """The JSON answer of a command."""
        got, out, err = self.lab.run(self.lab.halon_path, "--endpoint-url", self.url, "--region", REGION,
                                     "--data-dir", self.data, *arguments, "--json")
        same(got, code, f"exit code of halon {' '.join(arguments)} ({err.strip()})")
        return json.loads(out) if out else None


def furnish(account):
    """A role and a user with something of everything."""
    iam = account.iam

    def policy(name, document):
        made = iam("create-policy", "--policy-name", name, "--policy-document", json.dumps(document))
        return made["Policy"]["Arn"]

    s3, edge = policy("s3", S3), policy("edge", EDGE)
    # Two versions, the older one in force.
    iam("create-policy-version", "--policy-arn", s3, "--policy-document", json.dumps(EDGE))
    iam("create-role", "--role-name", "ci", "--path", "/build/", "--assume-role-policy-document", json.dumps(TRUST),
        "--permissions-boundary", edge, "--description", "builds", "--max-session-duration", "7200",
        "--tags", "Key=team,Value=build")
    iam("attach-role-policy", "--role-name", "ci", "--policy-arn", s3)
    iam("put-role-policy", "--role-name", "ci", "--policy-name", "own", "--policy-document", json.dumps(REGIONS))
    iam("create-instance-profile", "--instance-profile-name", "hosts")
    iam("add-role-to-instance-profile", "--instance-profile-name", "hosts", "--role-name", "ci")
    iam("create-group", "--group-name", "ops")
    iam("attach-group-policy", "--group-name", "ops", "--policy-arn", s3)
    iam("put-group-policy", "--group-name", "ops", "--policy-name", "of-group", "--policy-document", json.dumps(EDGE))
    iam("create-user", "--user-name", "dana")
    iam("put-user-policy", "--user-name", "dana", "--policy-name", "of-user", "--policy-document", json.dumps(S3))
    iam("add-user-to-group", "--group-name", "ops", "--user-name", "dana")
    iam("create-login-profile", "--user-name", "dana", "--password", "correct-Horse-7")
    key = iam("create-access-key", "--user-name", "dana")["AccessKey"]["AccessKeyId"]
    mfa = iam("create-virtual-mfa-device", "--virtual-mfa-device-name", "phone", "--bootstrap-method",
              "QRCodePNG", "--outfile", account.lab.dir / "qr.png")["VirtualMFADevice"]["SerialNumber"]
    iam("enable-mfa-device", "--user-name", "dana", "--serial-number", mfa, "--authentication-code1", "123456",
        "--authentication-code2", "654321")
    return s3, edge, key, mfa


def principals(check, account):
    s3, edge, key, mfa = furnish(account)
    with check("a role completely"):
        [role] = account.halon("iam", "role", "ci")["items"]
        told = account.iam("get-role", "--role-name", "ci")["Role"]
        same((role["name"], role["arn"], role["id"], role["path"]), ("ci", told["Arn"], told["RoleId"], "/build/"))
        same((role["account"], role["description"], role["max_session_seconds"]), (ACCOUNT, "builds", 7200))
        same(role["tags"], [{"key": "team", "value": "build"}], "tags")
        same(role["trust"], TRUST, "trust")
        same([(p["arn"], p["version"], p["document"]) for p in role["attached"]], [(s3, "v1", S3)], "attached")
        same(role["inline"], [{"name": "own", "document": REGIONS}], "inline")
        same((role["boundary"]["arn"], role["boundary"]["document"]), (edge, EDGE), "boundary")
        same(role["instance_profiles"], ["hosts"], "instance profiles")
        same(role["sessions"], None, "sessions, of which nothing is kept")
    with check("a role by its ARN, and one that is not there"):
        same(account.halon("iam", "role", f"arn:aws:iam::{ACCOUNT}:role/build/ci")["items"], [role])
        same(account.halon("iam", "role", "nobody", code=1), None)
        same(account.halon("iam", "role", "arn:aws:iam::111122223333:role/ci", code=2), None)
    with check("a user completely"):
        [user] = account.halon("iam", "user", "dana")["items"]
        same(user["inline"], [{"name": "of-user", "document": S3}], "inline")
        [group] = user["groups"]
        same((group["name"], group["inline"]), ("ops", [{"name": "of-group", "document": EDGE}]), "group")
        same([p["document"] for p in group["attached"]], [S3], "attached to the group")
        sign_in = user["sign_in"]
        same((sign_in["password"]["set"], sign_in["mfa"]), (True, [mfa]), "password and MFA")
        same([(k["id"], k["status"]) for k in sign_in["access_keys"]], [(key, "Active")], "keys")
    with check("a user without password, keys and groups"):
        account.iam("create-user", "--user-name", "bare")
        [user] = account.halon("iam", "user", "bare")["items"]
        same((user["groups"], user["sign_in"]),
             ([], {"password": {"set": False, "created": None}, "mfa": [], "access_keys": []}))


def whole(check, account):
    told = account.iam("get-account-authorization-details")
    with check("the whole account"):
        found = account.halon("iam", "list")["items"]
        arns = {(i["kind"], i["arn"]) for i in found}
        kinds = (("user", "UserDetailList"), ("group", "GroupDetailList"), ("role", "RoleDetailList"))
        same(arns, {(kind, i["Arn"]) for kind, key in kinds for i in told[key]})
        same(len(found), len(arns), "each once")
        same(sorted(i["name"] for i in found), ["bare", "ci", "dana", "ops"])
    with check("what the CLI prints is read as a file: the same, and nobody is asked"):
        path = account.lab.file("details.json", json.dumps(told))
        live = account.halon("iam", "list")["items"]
        to_the_second = lambda items: [{**i, "created": i["created"][:19]} for i in items]  # moto has fractions
        code, out, err = account.lab.run(account.lab.halon_path, "iam", "list", "--file", path, "--json",
                                         AWS_ENDPOINT_URL="http://127.0.0.1:1")
        same(code, 0, f"exit code ({err.strip()})")
        same(to_the_second(json.loads(out)["items"]), to_the_second(live))
    with check("the root user"):
        [root] = account.halon("iam", "root")["items"]
        summary = account.iam("get-account-summary")["SummaryMap"]
        same(root["summary"]["mfa"], summary["AccountMFAEnabled"] > 0, "MFA")
        same(root["summary"]["access_keys"], summary["AccountAccessKeysPresent"] > 0, "access keys")
        users = {i["UserName"] for i in told["UserDetailList"]}
        same({u["user"] for u in root["users"]}, users, "users in the report")


def organization(check, account):
    orgs = lambda *arguments: account.aws("organizations", *arguments)
    with check("an account in no organization: a state, and no fault"):
        tree = account.halon("org", "tree")
        same((tree["state"], tree["items"], tree["organization"]), ("none", [], None))
    about = orgs("create-organization", "--feature-set", "ALL")["Organization"]
    root = orgs("list-roots")["Roots"][0]["Id"]
    orgs("enable-policy-type", "--root-id", root, "--policy-type", "SERVICE_CONTROL_POLICY")
    unit = lambda parent, name: orgs("create-organizational-unit", "--parent-id", parent, "--name",
                                     name)["OrganizationalUnit"]["Id"]
    outer = unit(root, "Workloads")
    inner = unit(outer, "Prod")
    for number in range(25):  # more than a page of 20
        unit(root, f"Unit {number}")
    made = orgs("create-account", "--email", "prod@example.com", "--account-name", "prod")
    member = made["CreateAccountStatus"]["AccountId"]
    orgs("move-account", "--account-id", member, "--source-parent-id", root, "--destination-parent-id", inner)
    scp = orgs("create-policy", "--type", "SERVICE_CONTROL_POLICY", "--name", "regions", "--description", "-",
               "--content", json.dumps(REGIONS))["Policy"]["PolicySummary"]["Id"]
    orgs("attach-policy", "--policy-id", scp, "--target-id", outer)
    with check("the tree, with policies where they attach"):
        tree = account.halon("org", "tree")
        same((tree["state"], tree["organization"]), ("seen", {"id": about["Id"], "management": ACCOUNT, "enabled": ["scp"]}))
        nodes = {node["id"]: node for node in tree["items"]}
        same((nodes[member]["parent"], nodes[inner]["parent"], nodes[outer]["parent"]), (inner, outer, root))
        same((nodes[root]["kind"], nodes[inner]["kind"], nodes[member]["kind"]), ("root", "unit", "account"))
        same((nodes[ACCOUNT]["management"], nodes[member]["management"]), (True, False), "management")
        holds(scp in [p["id"] for p in nodes[outer]["scps"]], f"{scp} is not at {outer}")
        same(sum(node["kind"] == "unit" for node in tree["items"]), 27, "units, over two pages")
    with check("the stack above an account, root first, as the CLI tells it"):
        levels = account.halon("org", "scps", "--account", member)["items"]
        same([level["target"] for level in levels], [root, outer, inner, member])
        for level in levels:
            told = orgs("list-policies-for-target", "--target-id", level["target"], "--filter",
                        "SERVICE_CONTROL_POLICY")["Policies"]
            same({p["id"] for p in level["scps"]}, {p["Id"] for p in told}, f"SCPs at {level['target']}")
        [regions] = [p["document"] for p in levels[1]["scps"] if p["id"] == scp]
        same(regions, REGIONS)
    with check("an account that is not in it"):
        same(account.halon("org", "scps", "--account", "999999999999", code=1), None)


def main():
    with Checks("halon's inspection against moto") as check, Lab(halon_binary()) as lab:
        port = free_port()
        moto = lab.serve("moto", WORK / "emulators" / "bin" / "moto_server", "-H", "127.0.0.1", "-p", port, port=port)
        account = Account(lab, moto.url)
        principals(check, account)
        whole(check, account)
        organization(check, account)


if __name__ == "__main__":
    main()
