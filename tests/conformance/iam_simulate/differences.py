"""Where halon and the simulator differ, one case for each kind, with the sentence of AWS's
documentation that halon follows: (name, why, case, halon's decision, the simulator's)."""

from cases import FEDERATED, OURS, ROLE, ROOT, SESSION, USER


def statement(effect="Allow", action="*", resource="*", **more):
    out = {"Effect": effect, "Action": action, **more}
    if resource is not None:
        out["Resource"] = resource
    return out


def policy(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


ALL = policy(statement())
NOTHING_OF_S3 = policy(statement(action="ec2:*"))
OBJECT = "arn:aws:s3:::reports/a.csv"


def case(arn=USER, action="s3:GetObject", resource=OBJECT, by=ALL, on=None, context=None, **more):
    return {
        "id": 0, "principal": {"arn": arn}, "action": action,
        "resource": {"arn": resource, "account": OURS, **({"policy": on} if on else {})},
        "context": context or {}, "context_complete": True,
        "identity_policies": [{"name": "p", "document": by}] if by else [],
        "scps": more.pop("scps", []), "rcps": more.pop("rcps", []), **more,
    }


def where(operator, key, value, got):
    return case(by=policy(statement(Condition={operator: {key: value}})), context={key: got})


def org(document):
    return [[{"name": "o", "document": document}]]


QUEUE = f"arn:aws:sqs:us-east-1:{OURS}:ann-queue"
LOGS = f"arn:aws:logs:us-east-1:{OURS}:log-group:g:log-stream:s"
LINKED = f"arn:aws:iam::{OURS}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
KEY = f"arn:aws:kms:us-east-1:{OURS}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DENIED, MISSING, ALLOWED = "explicit_deny", "implicit_deny", "allowed"

DIFFERENCES = [
    (
        "a variable in a resource without a slash",
        'IAM user guide, "Variables and tags": its example has arn:aws:sqs:…:${aws:username}-queue',
        case(action="sqs:SendMessage", resource=QUEUE, context={"aws:username": ["ann"]},
             by=policy(statement(resource=f"arn:aws:sqs:us-east-1:{OURS}:${{aws:username}}-queue"))),
        ALLOWED, MISSING,
    ),
    (
        "a variable in a policy of 2008-10-17",
        'IAM user guide, "Version": variables are literal strings there',
        case(resource="arn:aws:s3:::reports/ann", context={"aws:username": ["ann"]},
             by=policy(statement(resource="arn:aws:s3:::reports/${aws:username}"), version="2008-10-17")),
        MISSING, ALLOWED,
    ),
    (
        "a date in seconds",
        'IAM user guide, "Date condition operators": "in epoch (UNIX) time", which counts seconds',
        where("DateEquals", "aws:CurrentTime", "2026-01-01T00:00:00Z", ["1767225600"]),
        ALLOWED, MISSING,
    ),
    (
        "the network of all addresses",
        'IAM user guide, "IP address condition operators": "the standard CIDR format"',
        where("IpAddress", "aws:SourceIp", "0.0.0.0/0", ["203.0.113.7"]),
        ALLOWED, MISSING,
    ),
    (
        "an IPv6 address in capitals",
        'IAM user guide, "IP address condition operators" itself writes 2001:DB8:1234:5678::/64',
        where("IpAddress", "aws:SourceIp", "2001:DB8::1", ["2001:db8::1"]),
        ALLOWED, MISSING,
    ),
    (
        "a negated operator and a value of another kind",
        'IAM user guide, "Conditions with multiple context keys or values": negated is NOR, '
        "and what is no number equals none",
        where("NumericNotEquals", "aws:MultiFactorAuthAge", "10", ["x"]),
        ALLOWED, MISSING,
    ),
    (
        "ForAllValues and the empty string",
        'IAM user guide, "Set operators": true "if the context key value resolves to a null '
        'dataset, such as an empty string"',
        where("ForAllValues:StringEquals", "aws:TagKeys", "a", [""]),
        ALLOWED, MISSING,
    ),
    (
        "several values without a set operator",
        "not documented (\"multivalued context keys require a condition set operator\"): halon "
        "lets one value suffice, the simulator none",
        where("StringEquals", "aws:TagKeys", "a", ["a", "b"]),
        ALLOWED, MISSING,
    ),
    (
        "a star that ends a segment",
        'IAM user guide, "Resource": it "can expand to match beyond the colon boundaries"',
        case(action="logs:GetLogEvents", resource=LOGS,
             by=policy(statement(resource=f"arn:aws:logs:us-east-1:{OURS}:log-group*:s"))),
        ALLOWED, MISSING,
    ),
    (
        "a session policy and a resource's policy that names the session",
        'IAM user guide, "Policy evaluation logic": "Permissions granted directly to a session '
        'are not limited by an implicit deny in … a session policy"',
        case(arn=SESSION, by=None, session_policies=[NOTHING_OF_S3],
             on=policy(statement(Principal={"AWS": SESSION}))),
        ALLOWED, MISSING,
    ),
    (
        "a session policy and a resource's policy that names everyone",
        'IAM user guide, "Principal": session policies "do not limit permissions granted … '
        'with a wildcard(*) in the Principal element"',
        case(arn=SESSION, by=None, session_policies=[NOTHING_OF_S3],
             on=policy(statement(Principal="*"))),
        ALLOWED, MISSING,
    ),
    (
        "a federated user without a session policy",
        'IAM user guide, "Policy evaluation logic": no session policy and no role session, so '
        '"the request is implicitly denied"',
        case(arn=FEDERATED), MISSING, ALLOWED,
    ),
    (
        "the root user without policies",
        'IAM user guide, "Policy evaluation logic": "the AWS account root user, which has full access"',
        case(arn=ROOT, by=None), ALLOWED, MISSING,
    ),
    (
        "a role without its trust policy",
        'IAM user guide, "Policy evaluation logic": trust policies "must explicitly allow access"',
        case(action="sts:AssumeRole", resource=ROLE), MISSING, ALLOWED,
    ),
    (
        "a service-linked role and an SCP",
        'Organizations user guide, "Tasks and entities not restricted by SCPs"',
        case(arn=LINKED, scps=org(policy(statement(), statement("Deny", "s3:*")))),
        ALLOWED, DENIED,
    ),
    (
        "an RCP and a service without RCPs",
        'Organizations user guide, "List of AWS services that support RCPs"',
        case(action="sns:Publish", resource=f"arn:aws:sns:us-east-1:{OURS}:topic",
             rcps=org(policy(statement("Deny", "sns:*", Principal="*")))),
        ALLOWED, DENIED,
    ),
    (
        "an RCP and kms:RetireGrant",
        'KMS developer guide, "Resource control policies in AWS KMS": RCPs have no effect on it',
        case(action="kms:RetireGrant", resource=KEY, on=policy(statement(Principal={"AWS": USER})),
             rcps=org(policy(statement("Deny", "kms:*", Principal="*")))),
        ALLOWED, DENIED,
    ),
]
