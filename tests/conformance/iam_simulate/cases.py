"""Random requests with their policies, in the form that `halon policy evaluate` reads.

Everything stays within what AWS's documentation decides and both evaluators claim to do;
what lies outside of it is written down one by one in `differences.py`."""

import random

OURS, THEIRS, OTHER = "111122223333", "444455556666", "123456789012"
USER = f"arn:aws:iam::{OURS}:user/ann"
ROLE = f"arn:aws:iam::{OURS}:role/app"
SESSION = f"arn:aws:sts::{OURS}:assumed-role/app/s1"
ROOT = f"arn:aws:iam::{OURS}:root"
FEDERATED = f"arn:aws:sts::{OURS}:federated-user/bob"
KEY = "key/1234abcd-12ab-34cd-56ef-1234567890ab"

# Action: its resource, where {} is the account.
ACTIONS = {
    "s3:GetObject": "arn:aws:s3:::reports/2026/a.csv",
    "s3:PutObject": "arn:aws:s3:::reports/ann/b.csv",
    "s3:DeleteObject": "arn:aws:s3:::logs/app/c",
    "s3:ListBucket": "arn:aws:s3:::reports",
    "s3:ListAllMyBuckets": "*",
    "sqs:SendMessage": "arn:aws:sqs:us-east-1:{}:jobs-queue",
    "secretsmanager:GetSecretValue": "arn:aws:secretsmanager:us-east-1:{}:secret:db-AbCdEf",
    "dynamodb:GetItem": "arn:aws:dynamodb:eu-west-1:{}:table/ann",
    "kms:Decrypt": "arn:aws:kms:us-east-1:{}:" + KEY,
    "sts:AssumeRole": "arn:aws:iam::{}:role/target",
    "ec2:StopInstances": "arn:aws:ec2:us-east-1:{}:instance/i-0abcd1234",
    "ec2:CreateTags": "arn:aws:ec2:us-east-1:{}:instance/i-0abcd1234",
    "ec2:DescribeInstances": "*",
    "iam:GetRole": "arn:aws:iam::{}:role/app",
    "iam:CreateAccessKey": "arn:aws:iam::{}:user/ann",
    "sns:Publish": "arn:aws:sns:us-east-1:{}:topic",
    "lambda:InvokeFunction": "arn:aws:lambda:us-east-1:{}:function:app",
}
# Whose resources have policies that name principals, and can be another account's.
SHARED = {"s3", "sqs", "secretsmanager", "dynamodb", "kms", "sts", "sns", "lambda"}
# The resource's own policy must allow.
GUARDED = {"kms", "sts"}
RCP = {"s3", "sqs", "secretsmanager", "dynamodb", "kms", "sts"}

STRINGS = {
    "aws:PrincipalTag/team": ["red", "blue", "Red", "ann"],
    "aws:RequestedRegion": ["us-east-1", "eu-west-1", "us-east-2"],
    "aws:PrincipalOrgID": ["o-abcde12345", "o-zyxwv98765"],
    "aws:RequestTag/x": ["a", "A", "ann", "a*"],
    "aws:UserAgent": ["aws-cli/2", "boto3", "ann"],
}
ARNS = {
    "aws:PrincipalArn": [USER, ROLE, ROOT],
    "aws:SourceArn": [ROLE, f"arn:aws:sns:us-east-1:{OURS}:topic", "arn:aws:s3:::reports"],
}
ARN_PATTERNS = [
    USER, ROLE, "arn:aws:iam::*:role/app", "arn:aws:iam::*:role/a?p", "arn:aws:iam::*:*",
    "arn:*:iam::*:user/*", "arn:aws:sns:*:*:t*", "arn:aws:*:*:*:*", "arn:aws:iam::*:role/App",
    f"arn:aws:iam::{OURS}:user/${{aws:username}}",
]
NUMBERS = {"aws:MultiFactorAuthAge": ["0", "300", "3600", "86400"]}
DATES = {
    "aws:CurrentTime": ["2026-03-02T03:10:00Z", "2026-03-02T00:00:00Z", "2026-12-31T23:59:59Z"],
    "aws:TokenIssueTime": ["2026-03-01T00:00:00Z", "2026-03-02T03:00:00Z"],
}
BOOLS = {"aws:SecureTransport": ["true", "false"], "aws:MultiFactorAuthPresent": ["true", "false"]}
ADDRESSES = {"aws:SourceIp": ["203.0.113.7", "198.51.100.9", "2001:db8::1"]}
NETWORKS = ["203.0.113.0/24", "203.0.113.7/32", "198.51.100.0/25", "10.0.0.0/8", "2001:db8::/32"]
LISTS = {"aws:TagKeys": ["a", "b", "cost", "owner"]}
SINGLE = STRINGS | ARNS | NUMBERS | DATES | BOOLS | ADDRESSES
VARIABLES = [
    "${aws:username}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/none}",
    "${aws:PrincipalTag/team, 'red'}", "${aws:PrincipalTag/none, 'ann'}", "${*}", "${?}", "${$}",
]
ORDERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
TEXTS = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
LIKES = ["StringLike", "StringNotLike"]


class Generator:
    def __init__(self, seed):
        self.dice = random.Random(seed)

    def chance(self, share):
        return self.dice.random() < share

    def pick(self, some):
        return self.dice.choice(list(some))

    def some(self, pool, most=3):
        pool = list(pool)
        return self.dice.sample(pool, self.dice.randint(1, min(most, len(pool))))

    def one_or_list(self, values):
        return values[0] if len(values) == 1 and self.chance(0.5) else values

    def recased(self, text):
        return self.pick([text, text, text, text.upper(), text.lower(), text.swapcase()])

    # --- conditions ---------------------------------------------------------------

    def texts(self, values, like):
        out = self.some(values)
        if self.chance(0.25):
            out.append(self.pick(VARIABLES))
        if like:
            blur = lambda t: self.pick([t, t[:2] + "*", "*" + t[-2:], t[:-1] + "?", "*", t[0] + "*" + t[-1]])
            out = [t if t.startswith("$") else blur(t) for t in out]
        return out

    def test(self):
        """(operator, key, values)"""
        kind = self.dice.randrange(9)
        if kind == 0 and self.chance(0.5):
            return "Null", self.recased(self.pick([*SINGLE, *LISTS])), self.pick(["true", "false", True, False])
        if kind <= 2:
            key, operator = self.pick(STRINGS), self.pick(TEXTS + LIKES)
            values = self.texts(STRINGS[key], operator in LIKES)
        elif kind == 3:
            key, operator = self.pick(ARNS), self.pick(["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"])
            values = self.some(ARN_PATTERNS)
        elif kind == 4:
            key, operator = self.pick(NUMBERS), "Numeric" + self.pick(ORDERS)
            values = self.some(["0", "300", "1000", "3600.0", "86400"], 2)
        elif kind == 5:
            key, operator = self.pick(DATES), "Date" + self.pick(ORDERS)
            values = self.some(["2026-03-02T03:10:00Z", "2026-03-02", "2026-03-01T00:00:00Z", "2027-01-01T00:00:00Z"], 2)
        elif kind == 6:
            key, operator, values = self.pick(BOOLS), "Bool", [self.pick(["true", "false", True, False])]
        elif kind == 7:
            key, operator = self.pick(ADDRESSES), self.pick(["IpAddress", "NotIpAddress"])
            values = self.some(NETWORKS)
        else:
            key = self.pick(LISTS)
            operator = self.pick(TEXTS + LIKES)
            values = self.texts(LISTS[key], operator in LIKES)
            operator = self.pick(["ForAllValues:", "ForAnyValue:"]) + operator
        if self.chance(0.3):
            operator += "IfExists"
        return operator, self.recased(key), self.one_or_list(values)

    def conditions(self):
        out = {}
        for _ in range(self.pick([1, 1, 2])):
            operator, key, values = self.test()
            out.setdefault(operator, {})[key] = values
        return out

    def context(self, arn):
        """Every key that the request has; the others are absent."""
        out = {}
        for key, values in SINGLE.items():
            if key != "aws:PrincipalArn" and self.chance(0.6):
                out[self.recased(key)] = [self.pick(values)]
        if self.chance(0.6):
            out["aws:TagKeys"] = self.some(LISTS["aws:TagKeys"])
        kind = {USER: "User", SESSION: "AssumedRole", ROOT: "Account", FEDERATED: "FederatedUser"}[arn]
        out["aws:PrincipalArn"] = [ROLE if arn == SESSION else arn]
        out["aws:PrincipalAccount"] = [OURS]
        out["aws:PrincipalType"] = [kind]
        out["aws:PrincipalIsAWSService"] = ["false"]
        if arn == USER:
            out["aws:username"] = ["ann"]
        return out

    # --- statements ---------------------------------------------------------------

    def actions(self, action):
        service, name = action.split(":")
        near = [
            action, f"{service}:*", f"{service}:{name[:3]}*", f"{service}:*{name[-4:]}",
            f"{service}:{name[:2]}?{name[3:]}", f"{service}:{name[:2]}*{name[-2:]}", "*",
            action.upper(), action.lower(),
        ]
        far = [a for a in ACTIONS if a != action] + ["s3:Get*", "ec2:*", "iam:*", f"{service}:X*"]
        return self.one_or_list([self.pick(near if self.chance(0.6) else far) for _ in range(self.pick([1, 1, 2, 3]))])

    def resources(self, arn):
        if arn == "*":
            near = ["*"]
        else:
            prefix, name = arn.rsplit(":", 1)
            parts = arn.split(":")
            near = [
                "*", arn, arn[:-2] + "*", arn[:-1] + "?", f"{prefix}:*", f"{prefix}:{name[:2]}*{name[-2:]}",
                ":".join([*parts[:3], "*", "*", *parts[5:]]), ":".join(["arn", "*", *parts[2:]]),
                arn.replace("ann", "${aws:username}"),
            ]
        far = ["arn:aws:s3:::other/*", f"arn:aws:iam::{OURS}:role/other", "*" if arn == "*" else arn[:-4] + arn[-4:].upper(),
               "arn:aws:s3:::reports/${aws:PrincipalTag/team}/*"]
        return self.one_or_list([self.pick(near if self.chance(0.7) else far) for _ in range(self.pick([1, 1, 2]))])

    def statement(self, it, effect, resource=True, conditions=0.35):
        out = {"Effect": effect}
        out["NotAction" if self.chance(0.15) else "Action"] = self.actions(it["action"])
        if resource:
            out["NotResource" if self.chance(0.12) else "Resource"] = self.resources(it["resource"]["arn"])
        if self.chance(conditions):
            out["Condition"] = self.conditions()
        return out

    def policy(self, it, deny=0.25, most=3, **how):
        statements = [
            self.statement(it, "Deny" if self.chance(deny) else "Allow", **how)
            for _ in range(self.dice.randint(1, most))
        ]
        return {"Version": "2012-10-17", "Statement": statements}

    def wide(self, it):
        """Lets most things through, and not always everything."""
        out = self.policy(it, deny=0.5, most=2)
        if self.chance(0.8):
            out["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
        return out

    def principals(self, it, effect, limited):
        arn = it["principal"]["arn"]
        named = [ROOT, OURS, THEIRS, f"arn:aws:iam::{OURS}:user/other", f"arn:aws:iam::{OTHER}:role/app", ROLE]
        if not (limited and effect == "Allow"):
            named += [arn, arn, USER, SESSION, "*"]
        if self.chance(0.15) and not (limited and effect == "Allow"):
            return "Principal", "*"
        key = "NotPrincipal" if self.chance(0.15) and not (limited and effect == "Allow") else "Principal"
        if self.chance(0.1) and key == "Principal":
            return key, {"Service": "ec2.amazonaws.com"}
        some = [self.pick(named) for _ in range(self.pick([1, 1, 2, 3]))]
        return key, {"AWS": self.one_or_list(some)}

    def resource_policy(self, it, service):
        trust = service == "sts"
        # A session policy limits what names the very session; the simulator's answer is
        # another one: see differences.py.
        limited = bool(it.get("session_policies"))
        out = self.policy(it, deny=0.2, resource=not trust, conditions=0.25)
        for statement in out["Statement"]:
            key, who = self.principals(it, statement["Effect"], limited)
            statement[key] = who
            if trust:
                statement.pop("NotAction", None)
                statement["Action"] = "sts:AssumeRole"
        return out

    # --- cases --------------------------------------------------------------------

    def case(self, number):
        action = self.pick(ACTIONS)
        service = action.split(":")[0]
        arn = self.pick([USER, USER, USER, SESSION, SESSION, SESSION, ROOT, FEDERATED])
        if action == "sts:AssumeRole":
            arn = self.pick([USER, SESSION])
        owner = THEIRS if service in SHARED and ACTIONS[action] != "*" and self.chance(0.25) else OURS
        it = {
            "id": number, "principal": {"arn": arn}, "action": self.recased(action) if self.chance(0.2) else action,
            "resource": {"arn": ACTIONS[action].format(owner), "account": owner},
            "context": self.context(arn), "context_complete": True,
            "identity_policies": [], "boundary": None, "session_policies": [], "scps": [], "rcps": [],
        }
        if arn == ROOT:
            full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
            it["identity_policies"] = [{"name": "root", "document": full}]
        else:
            count = self.pick([0, 1, 1, 2, 3])
            it["identity_policies"] = [{"name": f"p{n}", "document": self.policy(it)} for n in range(count)]
            if self.chance(0.25) and arn != FEDERATED:
                it["boundary"] = self.wide(it)
            if arn == FEDERATED or arn == SESSION and self.chance(0.35):
                it["session_policies"] = [self.wide(it) for _ in range(self.pick([1, 1, 2]))]
        shared = service in SHARED and it["resource"]["arn"] != "*"
        if shared and (service in GUARDED or self.chance(0.5)):
            it["resource"]["policy"] = self.resource_policy(it, service)
        if self.chance(0.4):
            levels = self.pick([1, 2, 3])
            it["scps"] = [[{"name": f"s{n}", "document": self.wide(it)}] for n in range(levels)]
        if self.chance(0.3) and service in RCP:
            it["rcps"] = [[{"name": "r", "document": self.rcp(it, service)}] for _ in range(self.pick([1, 2]))]
        return it

    def rcp(self, it, service):
        out = self.policy(it, deny=1, most=2)
        for statement in out["Statement"]:
            statement["Principal"] = "*"
            statement.pop("NotAction", None)
            statement["Action"] = self.pick([f"{service}:*", it["action"], f"{service}:X*"])
        return out
