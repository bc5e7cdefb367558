"""Who may do what in the range, driven by the AWS CLI: control policies that are attached
and detached, the words of refusals, exemptions by tag, encoded messages."""

import json

from check import Checks, holds, same
from lab import KEY, SECRET, Lab, halon_binary

# Of the scenario `locked-out`: operators, a user under AWS's quarantine, and roles.
SCENARIO = "locked-out"


def keys(key, secret):
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}


MANAGEMENT = keys("AKIAI11MANAGEEXAMPLE", "Hn6vQe3xTo9bKw5yUa2iMs7cPd4lFrEXAMPLEKEY")
PROD = keys("AKIAI66PRODUCEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
ONCALL = keys(KEY, SECRET)
QUARANTINED = keys("AKIAI77NIGHTLEXAMPLE", "Vb3kXq9sLm5tWz1pRd7hYc2nGf6jAuEXAMPLEKEY")
BREAK_GLASS, RESPONDER, SCANNER = (
    f"arn:aws:iam::123456789012:role/{name}" for name in ("break-glass", "responder", "scanner"))
SCP = "SERVICE_CONTROL_POLICY"
BY_SCP = "with an explicit deny in a service control policy"


def denied(lab, url, code, words, *arguments, **env):
    """The call is refused with this code, and the message has these words."""
    status, out, err = lab.aws_raw(url, *arguments, **env)
    holds(status != 0, f"not refused: {out[:300]}")
    holds(f"({code})" in err and words in err, f"{err.strip()[:500]} instead of {code}: {words}")


def assumed(lab, url, role, *more, **env):
    given = lab.aws(url, "sts", "assume-role", "--role-arn", role, "--role-session-name", "oncall", *more, **env)
    given = given["Credentials"]
    return {**keys(given["AccessKeyId"], given["SecretAccessKey"]), "AWS_SESSION_TOKEN": given["SessionToken"]}


def organization(check, lab, url):
    def org(*arguments, **env):
        return lab.aws(url, "organizations", *arguments, **(env or MANAGEMENT))

    with check("CLI: organizations, the tree from the root to the accounts"):
        [root] = org("list-roots")["Roots"]
        same({t["Type"] for t in root["PolicyTypes"]}, {SCP, "RESOURCE_CONTROL_POLICY"}, "types")
        accounts, parents = {a["Id"] for a in org("list-accounts")["Accounts"]}, [root["Id"]]
        found = set()
        for parent in parents:
            units = org("list-organizational-units-for-parent", "--parent-id", parent)["OrganizationalUnits"]
            parents += [u["Id"] for u in units]
            for account in org("list-accounts-for-parent", "--parent-id", parent)["Accounts"]:
                found.add(account["Id"])
                [above] = org("list-parents", "--child-id", account["Id"])["Parents"]
                same(above["Id"], parent, "parent")
        same(found, accounts, "accounts below the root")
        same(len(parents), 5, "root and units")
    with check("CLI: organizations, policies, their targets, and back"):
        for policy in org("list-policies", "--filter", SCP)["Policies"]:
            content = org("describe-policy", "--policy-id", policy["Id"])["Policy"]["Content"]
            holds(json.loads(content)["Statement"], "no statements")
            for target in org("list-targets-for-policy", "--policy-id", policy["Id"])["Targets"]:
                back = org("list-policies-for-target", "--target-id", target["TargetId"], "--filter", SCP)
                holds(policy["Id"] in {p["Id"] for p in back["Policies"]}, f"not of {target['Name']}")
    with check("CLI: organizations, a member may only ask which organization it is in"):
        holds(org("describe-organization", **PROD)["Organization"]["Id"].startswith("o-"), "no id")
        denied(lab, url, "AccessDeniedException", "You don't have permissions", "organizations", "list-roots", **PROD)


def control_policies(check, lab, url):
    with check("CLI: an SCP that is attached and detached changes what a member's call answers"):
        holds(lab.aws(url, "iam", "list-roles", **PROD)["Roles"], "no roles")
        document = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "iam:List*", "Resource": "*"}]}
        made = lab.aws(
            url, "organizations", "create-policy", "--name", "no-lists", "--description", "", "--type", SCP,
            "--content", json.dumps(document), **MANAGEMENT)["Policy"]["PolicySummary"]
        where = ["--policy-id", made["Id"], "--target-id", "123456789012"]
        lab.aws(url, "organizations", "attach-policy", *where, **MANAGEMENT)
        denied(lab, url, "AccessDenied", BY_SCP, "iam", "list-roles", **PROD)
        # The account beside it is not bound.
        holds(lab.aws(url, "iam", "list-roles", **ONCALL)["Roles"], "no roles")
        lab.aws(url, "organizations", "detach-policy", *where, **MANAGEMENT)
        holds(lab.aws(url, "iam", "list-roles", **PROD)["Roles"], "no roles")
    with check("CLI: what is attached to the root does not bind the management account"):
        [root] = lab.aws(url, "organizations", "list-roots", **MANAGEMENT)["Roots"]
        where = ["--policy-id", made["Id"], "--target-id", root["Id"]]
        lab.aws(url, "organizations", "attach-policy", *where, **MANAGEMENT)
        denied(lab, url, "AccessDenied", BY_SCP, "iam", "list-roles", **ONCALL)
        holds(lab.aws(url, "iam", "list-roles", **MANAGEMENT)["Roles"], "no roles")
        lab.aws(url, "organizations", "detach-policy", *where, **MANAGEMENT)
    with check("CLI: the last SCP of a target stays"):
        denied(lab, url, "ConstraintViolationException", "", "organizations", "detach-policy",
               "--policy-id", "p-FullAWSAccess", "--target-id", "123456789012", **MANAGEMENT)


def refusals(check, lab, url):
    with check("CLI: refusals name the kind of policy"):
        denied(lab, url, "AccessDenied", "with an explicit deny in an identity-based policy",
               "iam", "list-users", **QUARANTINED)
        denied(lab, url, "AccessDeniedException",
               "because no identity-based policy allows the guardduty:ListDetectors action",
               "guardduty", "list-detectors", **QUARANTINED)
        narrow = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}]}
        session = assumed(lab, url, RESPONDER, "--policy", json.dumps(narrow), **ONCALL)
        denied(lab, url, "AccessDenied", "because no session policy allows the iam:ListUsers action",
               "iam", "list-users", **session)
        same(lab.aws(url, "iam", "get-role", "--role-name", "responder", **session)["Role"]["RoleName"], "responder")
    with check("CLI: a trust policy's external id, and no reason for another account"):
        role = ["sts", "assume-role", "--role-arn", SCANNER, "--role-session-name", "scan"]
        lab.aws(url, *role, "--external-id", "example-4711", **QUARANTINED)
        for more in ([], ["--external-id", "example-4712"]):
            denied(lab, url, "AccessDenied", f"sts:AssumeRole on resource: {SCANNER}\n", *role, *more, **QUARANTINED)


def break_glass(check, lab, url):
    detectors = ["guardduty", "list-detectors", "--region", "us-east-1"]
    with check("CLI: the region policy denies break-glass where it is needed"):
        glass = assumed(lab, url, BREAK_GLASS, **ONCALL)
        denied(lab, url, "AccessDeniedException", BY_SCP, *detectors, **glass)
        lab.aws(url, "guardduty", "list-detectors", "--region", "eu-west-1", **glass)
        lab.aws(url, "iam", "list-roles", **glass)
    with check("CLI: exempted by a tag, of the role or of the session"):
        policies = lab.aws(url, "organizations", "list-policies", "--filter", SCP, **MANAGEMENT)["Policies"]
        [id] = [p["Id"] for p in policies if p["Name"] == "only-europe"]
        policy = lab.aws(url, "organizations", "describe-policy", "--policy-id", id, **MANAGEMENT)["Policy"]
        content = json.loads(policy["Content"])
        content["Statement"][0]["Condition"]["StringNotEquals"]["aws:PrincipalTag/BreakGlass"] = "true"
        lab.aws(url, "organizations", "update-policy", "--policy-id", id, "--content", json.dumps(content), **MANAGEMENT)
        lab.aws(url, *detectors, **glass)
        denied(lab, url, "AccessDeniedException", BY_SCP, *detectors, **assumed(lab, url, RESPONDER, **ONCALL))
        lab.aws(url, *detectors, **assumed(lab, url, RESPONDER, "--tags", "Key=BreakGlass,Value=true", **ONCALL))
    with check("CLI: an encoded message of an event is decoded"):
        found = lab.aws(
            url, "cloudtrail", "lookup-events", "--region", "us-east-1",
            "--lookup-attributes", "AttributeKey=EventName,AttributeValue=StopInstances", **glass)
        [event] = [json.loads(e["CloudTrailEvent"]) for e in found["Events"]]
        message = event["errorMessage"].rsplit(" ", 1)[1]
        decoded = lab.aws(url, "sts", "decode-authorization-message", "--encoded-message", message, **glass)
        decoded = json.loads(decoded["DecodedMessage"])
        same((decoded["allowed"], decoded["explicitDeny"]), (False, True))
        same(decoded["context"]["action"], "ec2:StopInstances")
        denied(lab, url, "InvalidAuthorizationMessageException", "",
               "sts", "decode-authorization-message", "--encoded-message", "AAAA", **glass)


def main():
    with Checks("who may do what in the range, asked by the AWS CLI") as check, Lab(halon_binary()) as lab:
        url = lab.range(SCENARIO).url
        organization(check, lab, url)
        control_policies(check, lab, url)
        refusals(check, lab, url)
        break_glass(check, lab, url)


if __name__ == "__main__":
    main()
