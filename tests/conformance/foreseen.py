"""Pre-flight beside the real thing: what `halon playbook plan` foresees of each call, and what
an emulator that decides by itself answers to that very call, made by the AWS CLI.

Shared by halon_vs_ministack.py and halon_vs_localemu.py."""

import json
import re

from check import holds, same

# What ann plans with; no case takes it away.
READS = {"Sid": "Reads", "Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "sts:*", "organizations:*"],
         "Resource": "*"}
PLAYBOOK = """schema = 1
id = "foreseen"
title = "Every call that pre-flight is compared of"
summary = "Calls on a role and a user"
risk = "reversible"
answers = ["*"]
"""
STEPS = [
    ("iam.attach_role_policy", {"role": "web", "policy": "{spare}"}),
    ("iam.detach_role_policy", {"role": "web", "policy": "{held}"}),
    ("iam.attach_user_policy", {"user": "ci", "policy": "{spare}"}),
    ("iam.detach_user_policy", {"user": "ci", "policy": "{held}"}),
    ("iam.deactivate_access_key", {"key": "{key}"}),
]


# Where both emulators answer otherwise than AWS's documents say, with one case each.
PATHLESS = "a role's ARN has its path (IAM user guide, IAM identifiers); they name it without"
UNFILLED = "AttachRolePolicy and its like fill iam:PolicyARN (Service Authorization Reference); they do not"
DIFFERS = {
    ("a deny on one kind of resource", "iam:AttachRolePolicy"): PATHLESS,
    ("a deny on one kind of resource", "iam:DetachRolePolicy"): PATHLESS,
    ("the policy that is attached", "iam:AttachRolePolicy"): UNFILLED,
    ("the policy that is attached", "iam:AttachUserPolicy"): UNFILLED,
}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def cases(account):
    """Each: a name, the statements of the identity's own policy, those of its boundary or None."""
    role, user = f"arn:aws:iam::{account}:role/app/*", f"arn:aws:iam::{account}:user/ci"
    spare = f"arn:aws:iam::{account}:policy/spare"
    everything = allow("*")
    yield "everything", [everything], None
    yield "nothing but reads", [], None
    yield "a deny of one action", [everything, deny("iam:DetachRolePolicy")], None
    yield "a deny by a pattern", [everything, deny("iam:De*")], None
    yield "a deny on one kind of resource", [everything, deny("iam:*Policy", role)], None
    yield "an allow on one resource", [allow("iam:*", user)], None
    yield "an allow of one action", [allow("iam:UpdateAccessKey")], None
    yield "all but some actions denied", [everything, {
        "Effect": "Deny", "Resource": "*", "NotAction": ["iam:Get*", "iam:List*", "sts:*", "organizations:*", "iam:Attach*"]}], None
    yield "other resources denied", [everything, {
        "Effect": "Deny", "Action": ["iam:Attach*", "iam:Detach*", "iam:Update*"], "NotResource": user}], None
    yield "the region that is global", [allow("iam:*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}})], None
    yield "a region that is not", [everything, deny("iam:Attach*", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})], None
    yield "who it is", [everything, deny("iam:Detach*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ann"}})], None
    yield "who it is not", [everything, deny("iam:Detach*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ann"}})], None
    yield "the policy that is attached", [everything, deny("iam:*", Condition={"ArnEquals": {"iam:PolicyARN": spare}})], None
    yield "a boundary that allows less", [everything], [allow("iam:Detach*")]
    yield "a boundary that denies", [everything], [everything, deny("iam:Update*")]
    yield "a boundary that grants nothing", [], [everything]


class World:
    """A role and a user that are acted upon, and `ann`, who acts. `iam` calls as administrator."""

    def __init__(self, lab, url, account, iam, call):
        self.lab, self.url, self.account, self.iam, self.call = lab, url, account, iam, call
        self.config = lab.folder("config")
        folder = self.config / "halon" / "playbooks"
        folder.mkdir(parents=True)
        folder.chmod(0o700)
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]}
        iam("create-role", "--role-name", "web", "--path", "/app/", "--assume-role-policy-document", json.dumps(trust))
        iam("create-user", "--user-name", "ci")
        iam("create-user", "--user-name", "ann")
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]})
        self.arns = {name: iam("create-policy", "--policy-name", name, "--policy-document", document)["Policy"]["Arn"]
                     for name in ("spare", "held")}
        self.key = iam("create-access-key", "--user-name", "ci")["AccessKey"]["AccessKeyId"]
        keys = iam("create-access-key", "--user-name", "ann")["AccessKey"]
        self.ann = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
        self.edge = None
        text = PLAYBOOK
        names = {"{spare}": self.arns["spare"], "{held}": self.arns["held"], "{key}": self.key}
        for at, (change, arguments) in enumerate(STEPS):
            given = ", ".join(f'{name} = "{names.get(value, value)}"' for name, value in arguments.items())
            text += f'[[steps]]\nid = "s{at}"\nchange = "{change}"\nwith = {{ {given} }}\n'
        file = folder / "foreseen.toml"
        file.write_text(text)
        file.chmod(0o600)

    def begin(self, own, boundary):
        """The same world each time, with ann's policies."""
        for attach, detach, who in (("attach-role-policy", "detach-role-policy", ("--role-name", "web")),
                                    ("attach-user-policy", "detach-user-policy", ("--user-name", "ci"))):
            listed = self.iam(f"list-attached-{who[0][2:6]}-policies", *who)["AttachedPolicies"]
            attached = {policy["PolicyArn"] for policy in listed}
            if self.arns["held"] not in attached:
                self.iam(attach, *who, "--policy-arn", self.arns["held"])
            if self.arns["spare"] in attached:
                self.iam(detach, *who, "--policy-arn", self.arns["spare"])
        self.iam("update-access-key", "--user-name", "ci", "--access-key-id", self.key, "--status", "Active")
        document = {"Version": "2012-10-17", "Statement": [READS, *own]}
        self.iam("put-user-policy", "--user-name", "ann", "--policy-name", "own", "--policy-document", json.dumps(document))
        if self.edge:
            self.iam("delete-user-permissions-boundary", "--user-name", "ann")
            self.iam("delete-policy", "--policy-arn", self.edge)
            self.edge = None
        if boundary is not None:
            document = json.dumps({"Version": "2012-10-17", "Statement": [READS, *boundary]})
            self.edge = self.iam("create-policy", "--policy-name", "foreseen-edge", "--policy-document", document)["Policy"]["Arn"]
            self.iam("put-user-permissions-boundary", "--user-name", "ann", "--permissions-boundary", self.edge)

    def foreseen(self):
        """Each change of the plan: its call, its parameters, and what halon itself foresees."""
        code, out, err = self.lab.run(
            self.lab.halon_path, "--endpoint-url", self.url, "--region", "us-east-1", "--data-dir", self.lab.folder("data"),
            "playbook", "plan", "foreseen", "--json", XDG_CONFIG_HOME=str(self.config), **self.ann)
        holds(out, f"halon playbook plan ended with {code}: {err.strip()}")
        for step in json.loads(out)["items"][0]["steps"]:
            holds(step["change"], f"a step that is no change: {step}")
            [here] = [f for f in step["preflight"] if f["confidence"].startswith("evaluated here")]
            yield step["change"]["call"], step["change"]["params"], here


def compare(check, world):
    """Every case, call by call."""
    seen, unknown = set(), 0
    for name, own, boundary in cases(world.account):
        with check(f"pre-flight: {name}"):
            world.begin(own, boundary)
            calls = list(world.foreseen())
            same(len(calls), len(STEPS), "a step for each call")
            for call, params, here in calls:
                holds(here["answered"], f"{call}: {here['notes']}")
                service, operation = call.split(":")
                words = re.sub(r"(?<!^)(?=[A-Z])", "-", operation).lower()
                said = world.call(world.ann, service, words, "--cli-input-json", json.dumps(params))
                decision = here["decision"]
                # Where the organization is not to be seen, what the rest allows is left open:
                # there is none here.
                if decision == "unknown" and not here["missing_context"]:
                    holds(any("organization" in note for note in here["notes"]), f"why it is open: {here['notes']}")
                    decision = "allowed"
                if decision == "unknown":
                    unknown += 1
                    continue
                known = DIFFERS.get((name, call))
                if known:
                    holds((decision == "allowed") != (said is None), f"{call} is no difference any more: {known}")
                    continue
                same(decision == "allowed", said is None, f"{call}: halon foresees {here}; the emulator: {said}")
                seen.add((decision, call))
    with check("pre-flight: allowed and denied came about, and little was unknown"):
        same({decision for decision, _ in seen}, {"allowed", "explicit_deny", "implicit_deny"})
        holds(unknown <= 3, f"{unknown} unknown")
