"""Why a call is refused: ministack decides (AUTH=true), halon explains.

A user and a role are given policies; the AWS CLI makes calls with their credentials, and
`halon iam can` is asked about the same calls. Both must come to the same answer, and where
ministack names the kind of policy, halon must name it too."""

import json

import foreseen
from check import Checks, holds, same
from lab import REGION, WORK, Lab, free_port, halon_binary

ACCOUNT = "000000000000"  # ministack's
ADMINISTRATOR = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
BUCKET = "arn:aws:s3:::reports"
OWN = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Look", "Effect": "Allow", "Action": ["iam:ListRoles", "iam:ListUsers", "iam:GetUser"], "Resource": "*"},
    {"Sid": "Here", "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*",
     "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
    {"Sid": "NotUsers", "Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"},
    {"Effect": "Allow", "Action": ["secretsmanager:ListSecrets", "sns:ListTopics"], "Resource": "*"}]}
EDGE = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["iam:*", "sqs:*", "secretsmanager:*"], "Resource": "*"}]}
# Each call as the AWS CLI and as IAM names it, and the Region that it is made in.
CALLS = [
    (("iam", "list-roles"), "iam:ListRoles", "*", "us-east-1"),
    (("iam", "list-users"), "iam:ListUsers", "*", "us-east-1"),
    (("iam", "create-user", "--user-name", "eve"), "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/eve", "us-east-1"),
    (("secretsmanager", "list-secrets"), "secretsmanager:ListSecrets", "*", "us-east-1"),
    (("sns", "list-topics"), "sns:ListTopics", "*", "us-east-1"),
    (("sqs", "list-queues"), "sqs:ListQueues", "*", "us-east-1"),
    (("sqs", "list-queues"), "sqs:ListQueues", "*", "eu-west-1"),
]
KINDS = {"identity": "identity-based policy"}


class Emulator:
    def __init__(self, lab):
        self.lab = lab
        port = free_port()
        self.url = lab.serve("ministack", WORK / "ministack" / "bin" / "ministack", port=port, AUTH="true",
                             MINISTACK_HOST="127.0.0.1", BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port)).url

    def iam(self, *arguments):
        return self.lab.aws(self.url, "iam", *arguments, **ADMINISTRATOR)

    def call(self, keys, region, arguments):
        """None where the call is allowed, else what is said of it."""
        env = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
        if "SessionToken" in keys:
            env["AWS_SESSION_TOKEN"] = keys["SessionToken"]
        code, _, err = self.lab.aws_raw(self.url, "--region", region, *arguments, **env)
        # SNS has a code of its own.
        denied = "AccessDenied" in err or "AuthorizationError" in err
        holds(code == 0 or denied, f"allowed or denied: {err.strip()}")
        return err.strip() if code else None

    def can(self, who, region, action, resource):
        """halon's answer about one call."""
        calls = self.lab.file("calls.jsonl", json.dumps({"action": action, "resource": resource}))
        code, out, err = self.lab.run(
            self.lab.halon_path, "--endpoint-url", self.url, "--region", region, "--data-dir",
            self.lab.folder("data"), "iam", "can", who, "--calls", calls, "--json", **ADMINISTRATOR)
        holds(out, f"halon iam can {who} ended with {code}: {err.strip()}")
        [item] = json.loads(out)["items"]
        return item, err


def compared(check, emulator, who, keys):
    for arguments, action, resource, region in CALLS:
        with check(f"{who}: {action} in {region}"):
            said = emulator.call(keys, region, arguments)
            item, err = emulator.can(who, region, action, resource)
            # The emulator has no Organizations: halon says that it cannot see what stands above,
            # and leaves open what is else allowed.
            allowed = item["decision"] in ("allowed", "unknown")
            same(allowed, said is None, f"halon: {item}; ministack: {said}")
            if item["decision"] == "unknown":
                holds(any("organization" in note for note in item["notes"]), f"why it is open: {item['notes']}")
            if said and "explicit deny" in said:
                same(item["decision"], "explicit_deny")
                [by] = item["by"]
                same((by["policy"], by["sid"], by["statement"]), ("own", "NotUsers", 2), "the deciding statement")
                holds(KINDS[by["kind"]] in said, f"{by['kind']} in: {said}")
            elif said:
                same(item["decision"], "implicit_deny")
                told = [phrase for phrase in KINDS.values() if f"no {phrase}" in said]
                for phrase in told:
                    holds(any(f"no {phrase}" in note for note in item["notes"]), f"{phrase} in {item['notes']}")


with Checks("halon against ministack") as check, Lab(halon_binary()) as lab:
    emulator = Emulator(lab)
    edge = emulator.iam("create-policy", "--policy-name", "edge", "--policy-document", json.dumps(EDGE))
    edge = edge["Policy"]["Arn"]
    emulator.iam("create-user", "--user-name", "dana")
    emulator.iam("put-user-policy", "--user-name", "dana", "--policy-name", "own", "--policy-document", json.dumps(OWN))
    keys = emulator.iam("create-access-key", "--user-name", "dana")["AccessKey"]
    compared(check, emulator, "dana", keys)
    # Its listing of the account leaves boundaries out, which AWS's has: only the user itself tells.
    emulator.iam("put-user-permissions-boundary", "--user-name", "dana", "--permissions-boundary", edge)
    with check("a boundary is seen where it is told, and ministack lets it count"):
        said = emulator.call(keys, REGION, ("sns", "list-topics"))
        holds(said is not None, "ministack lets the boundary count")
        code, out, err = lab.run(lab.halon_path, "--endpoint-url", emulator.url, "--data-dir", lab.folder("data"),
                                 "iam", "user", "dana", "--json", **ADMINISTRATOR)
        same(code, 0, err)
        [user] = json.loads(out)["items"]
        same((user["boundary"]["arn"], user["boundary"]["document"]), (edge, EDGE))
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]}
    role = emulator.iam("create-role", "--role-name", "ci", "--assume-role-policy-document", json.dumps(trust))
    emulator.iam("put-role-policy", "--role-name", "ci", "--policy-name", "own", "--policy-document", json.dumps(OWN))
    session = lab.aws(emulator.url, "sts", "assume-role", "--role-arn", role["Role"]["Arn"], "--role-session-name",
                      "build", **ADMINISTRATOR)["Credentials"]
    compared(check, emulator, "ci", session)
    world = foreseen.World(
        lab, emulator.url, ACCOUNT, emulator.iam,
        lambda who, *arguments: emulator.call(
            {"AccessKeyId": who["AWS_ACCESS_KEY_ID"], "SecretAccessKey": who["AWS_SECRET_ACCESS_KEY"]}, REGION, arguments))
    foreseen.compare(check, world)
