"""The range's STS, for `range_cli`: roles assumed by the AWS CLI and botocore, and what
the sessions then are, may and cannot."""

import json

import clients
import shapes
from check import holds, same

# Of the scenario `leaked-key`: a pipeline's key, the role it becomes, and the next one.
KEY, SECRET = "AKIAI44QH8DHBEXAMPLE", "dT5sNc8vRb1kZw6xLq3mYh9pGj2eUaEXAMPLEKEY"
RUNNER = "arn:aws:iam::123456789012:role/release-runner"
DEPLOY = "arn:aws:iam::210987654321:role/deploy"
PROD = ("AKIAI66PRODUCEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
DEV = ("AKIAI88DEVONCEXAMPLE", "Yq2mWc7pLs0dVh4tRk8nXb1gJz5uEfEXAMPLEKEY")
OTHER = "arn:aws:iam::123456789012:role/orders-api"


def environment(credentials):
    return {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }


def sessions(check, lab, served):
    url = served.url
    ci = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}

    def assume(role, *more, **env):
        return lab.aws(url, "sts", "assume-role", "--role-arn", role, "--role-session-name", "sync", *more, **env)

    with check("CLI: sts assume-role with tags, and calls with the session"):
        answer = assume(
            RUNNER, "--duration-seconds", "1800", "--source-identity", "pipeline",
            "--tags", "Key=Ticket,Value=7", "Key=team,Value=größe 2", "--transitive-tag-keys", "Ticket", **ci,
        )
        same(answer["AssumedRoleUser"]["Arn"], "arn:aws:sts::123456789012:assumed-role/release-runner/sync")
        same(answer["SourceIdentity"], "pipeline")
        holds(0 < answer["PackedPolicySize"] < 100, f"{answer['PackedPolicySize']}")
        same(answer["Credentials"]["Expiration"], "2026-03-02T03:40:00Z")
        first = environment(answer["Credentials"])
        identity = lab.aws(url, "sts", "get-caller-identity", **first)
        same(identity["Arn"], answer["AssumedRoleUser"]["Arn"])
        same(identity["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"])
        holds(lab.aws(url, "iam", "list-roles", **first)["Roles"], "no roles")
        holds(lab.aws(url, "guardduty", "list-detectors", **first)["DetectorIds"], "no detectors")
    with check("CLI: a session assumes the next role, in another account"):
        answer = assume(DEPLOY, **first)
        same(answer["SourceIdentity"], "pipeline")
        second = environment(answer["Credentials"])
        same(lab.aws(url, "sts", "get-caller-identity", **second)["Account"], "210987654321")
        info = lab.aws(url, "sts", "get-access-key-info", "--access-key-id", second["AWS_ACCESS_KEY_ID"], **ci)
        same(info["Account"], "210987654321")
    with check("CLI: a session token without secrets in what CloudTrail tells, in both accounts"):
        ids = []
        for key, secret in (PROD, DEV):
            env = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
            found = lab.aws(
                url, "cloudtrail", "lookup-events",
                "--lookup-attributes", "AttributeKey=ResourceName,AttributeValue=" + DEPLOY, **env,
            )
            told = [json.loads(e["CloudTrailEvent"]) for e in found["Events"]]
            [event] = [e for e in told if e["responseElements"]
                       and e["responseElements"]["credentials"]["accessKeyId"] == second["AWS_ACCESS_KEY_ID"]]
            text = json.dumps(event)
            for secret in (second["AWS_SECRET_ACCESS_KEY"], second["AWS_SESSION_TOKEN"]):
                holds(secret not in text, "a secret in an event")
            ids.append(event["sharedEventID"])
        same(ids[0], ids[1], "sharedEventID")


def client_of(service, url, given, **other):
    """A client with the credentials of an answer."""
    return clients.client(service, url, key=given["AccessKeyId"], secret=given["SecretAccessKey"],
                          **{"token": given["SessionToken"], **other})


def refusals(check, lab, served):
    ci = clients.client("sts", served.url, key=KEY, secret=SECRET, parameter_validation=False)
    given = ci.assume_role(RoleArn=RUNNER, RoleSessionName="sync")["Credentials"]
    chained = client_of("sts", served.url, given)
    tag = {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "A", "Value": "b"}]}
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::" + "x" * 2048}]})
    with check("botocore: STS's refusals, by status and code"):
        for client, parameters, expected in [
            (ci, {"RoleArn": OTHER}, (403, "AccessDenied")),
            (ci, {"RoleArn": OTHER + "-absent"}, (403, "AccessDenied")),
            (ci, {"RoleArn": RUNNER, "DurationSeconds": 899}, (400, "ValidationError")),
            (ci, {"RoleArn": RUNNER, "DurationSeconds": 7200}, (400, "ValidationError")),
            (ci, {"RoleArn": RUNNER, "Policy": "{"}, (400, "MalformedPolicyDocument")),
            (ci, {"RoleArn": RUNNER, "Policy": policy}, (400, "PackedPolicyTooLarge")),
            (ci, {"RoleArn": RUNNER, **tag}, (400, "InvalidParameterValue")),
            (ci, {"RoleArn": RUNNER, "SerialNumber": "arn:aws:iam::123456789012:mfa/x", "TokenCode": "000000"},
             (403, "AccessDenied")),
            (chained, {"RoleArn": DEPLOY, "DurationSeconds": 3601}, (400, "ValidationError")),
        ]:
            got = clients.refusal(client.assume_role, RoleSessionName="sync", **parameters)
            same(got, expected, str(parameters)[:80])
        same(clients.refusal(chained.get_session_token), (403, "AccessDenied"))
    with check("a temporary key with the wrong token, or with none, is nobody's"):
        for token in ("wrong", None):
            other = client_of("sts", served.url, given, token=token)
            same(clients.refusal(other.get_caller_identity), (403, "InvalidClientTokenId"))


def models(check, lab, served):
    with check("botocore: every answer of STS fits the model"):
        sts = clients.client("sts", served.url, key=KEY, secret=SECRET)
        recorder = shapes.Recorder(sts)
        policy = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
        sts.get_caller_identity()
        sts.get_access_key_info(AccessKeyId=KEY)
        sts.get_session_token()
        sts.assume_role(RoleArn=RUNNER, RoleSessionName="sync")
        sts.assume_role(
            RoleArn=RUNNER, RoleSessionName="sync", Policy=policy, SourceIdentity="pipeline", ExternalId="7788",
            PolicyArns=[{"arn": "arn:aws:iam::aws:policy/SecurityAudit"}], Tags=[{"Key": "a", "Value": "b"}],
        )
        same((recorder.answers, recorder.mistakes), (5, []))


def expiry(check, lab, scenario):
    # One second of this machine is an hour of the world's.
    served = lab.range(scenario, clock="x3600")
    sts = clients.client("sts", served.url, key=KEY, secret=SECRET)
    with check("a session ends by the world's time"):
        given = sts.assume_role(RoleArn=RUNNER, RoleSessionName="sync", DurationSeconds=900)["Credentials"]
        session, gd = (client_of(service, served.url, given) for service in ("sts", "guardduty"))
        # However slow this machine is, it is over at some time.
        while clients.refusal(session.get_caller_identity) == (200, "answered"):
            pass
        same(clients.refusal(session.get_caller_identity), (403, "ExpiredToken"))
        same(clients.refusal(gd.list_detectors), (403, "ExpiredTokenException"))
    served.stop()


def run(check, lab, served, scenario):
    sessions(check, lab, served)
    refusals(check, lab, served)
    models(check, lab, served)
    expiry(check, lab, scenario)
