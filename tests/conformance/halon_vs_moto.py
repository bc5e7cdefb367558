"""`halon findings` against moto's Security Hub, alone and behind microburst, which
injects throttling, resets and truncation in AWS's own manner.

moto ignores Security Hub's filters: halon filters again by itself, so that its list
is compared with a filter, written here, over what was imported."""

import json
import re

from check import Checks, holds, once, same
from lab import REGION, WORK, Lab, Proxy, asff_active, free_port, halon_binary, label_at_least

ACCOUNT = "123456789012"  # moto's
LABELS = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
STATUSES = ("NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED", "NEW", "NEW", "NEW")
COUNT = 130  # more than one page of 100
SOURCE = ("--source", "securityhub")
SECOND_PAGE = {"service": "securityhub", "operation": "GetFindings", "body": "NextToken"}


def asff(n):
    """A finding; the three cycles have no common divisor, so that all combinations come."""
    return {
        "SchemaVersion": "2018-10-08", "Id": f"conformance/finding-{n:03}",
        "ProductArn": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default",
        "GeneratorId": "conformance", "AwsAccountId": ACCOUNT, "Types": ["Unusual Behaviors/User/Test"],
        "CreatedAt": f"2026-03-02T03:{n % 60:02}:00.000Z", "UpdatedAt": f"2026-03-02T04:{n % 60:02}:00.000Z",
        "Severity": {"Label": LABELS[n % len(LABELS)]}, "Title": f"Finding {n}", "Description": "Made by a check",
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{ACCOUNT}", "Partition": "aws", "Region": REGION}],
        "Workflow": {"Status": STATUSES[n % len(STATUSES)]},
        "RecordState": "ARCHIVED" if n % 11 == 0 else "ACTIVE",
    }


def incomplete(answer, page):
    same((answer.code, answer.complete), (5, False), f"exit code and complete ({answer.brief()})")
    same([(i["source"], i["page"]) for i in answer.incomplete], [("securityhub", page)], "incomplete")
    holds(answer.why().strip(), "no reason")


INCIDENT = ("--incident", "INC-1", "--title", "A leaked key", "--reason", "found on a public page")
WILDCARD = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
GLASS = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
     "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]}


def changes(check, lab, url):
    """Playbooks against a service that nobody here wrote: done, seen by the CLI, undone."""
    data = lab.folder("acting")

    def halon(*arguments):
        return lab.run(lab.halon_path, "--endpoint-url", url, "--region", REGION, "--data-dir", data, *arguments)

    def there_and_back(playbook, inputs, consent, seen, before, after, undo):
        code, out, err = halon("playbook", "run", playbook, *inputs, *INCIDENT, *consent)
        same(code, 0, f"exit code of {playbook} ({err.strip()})")
        same(seen(), after, "after the run, as the CLI sees it")
        code, _, err = halon("undo", re.search(r"run (\S+)", out).group(1), *INCIDENT, *undo)
        same(code, 0, f"exit code of the undo ({err.strip()})")
        same(seen(), before, "after the undo, as the CLI sees it")

    with check("a key is deactivated and reactivated"):
        lab.aws(url, "iam", "create-user", "--user-name", "ci")
        key = lab.aws(url, "iam", "create-access-key", "--user-name", "ci")["AccessKey"]["AccessKeyId"]

        def status():
            [found] = lab.aws(url, "iam", "list-access-keys", "--user-name", "ci")["AccessKeyMetadata"]
            return found["Status"]

        there_and_back("leaked-access-key", ("-i", f"key={key}"), ("--yes",), status, "Active", "Inactive",
                       ("--confirm", f"deactivate={key}"))
    with check("a wildcard policy is detached and attached again"):
        lab.aws(url, "iam", "create-role", "--role-name", "app", "--assume-role-policy-document", json.dumps(TRUST))
        policy = lab.aws(url, "iam", "create-policy", "--policy-name", "all", "--policy-document",
                         json.dumps(WILDCARD))["Policy"]["Arn"]
        lab.aws(url, "iam", "attach-role-policy", "--role-name", "app", "--policy-arn", policy)

        def attached():
            found = lab.aws(url, "iam", "list-attached-role-policies", "--role-name", "app")
            return [p["PolicyArn"] for p in found["AttachedPolicies"]]

        there_and_back("detach-wildcard-policy", ("-i", "role=app", "-i", f"policy={policy}"),
                       ("--yes", "--answer", "sure=no"), attached, [policy], [], ("--yes",))
    with check("a break-glass role is assumed, and what is left is done as it"):
        role = lab.aws(url, "iam", "create-role", "--role-name", "glass", "--assume-role-policy-document",
                       json.dumps(GLASS))["Role"]["Arn"]
        lab.aws(url, "iam", "create-role", "--role-name", "halon-canary", "--assume-role-policy-document",
                json.dumps(TRUST))
        assumed = ("playbook", "run", "break-glass", "-i", f"role={role}", *INCIDENT, "--yes")
        code, out, err = halon(*assumed)
        same(code, 3, f"a role that is not configured asks for its own name ({out.strip()})")
        holds(f"--confirm 'assume={role}'" in err, err)
        code, out, err = halon(*assumed, "--confirm", f"assume={role}")
        same(code, 0, f"exit code ({err.strip()})")
        holds("was ended: the command ended" in err, err)
        config = lab.file("glass.toml", f'break_glass = ["{role}"]\n')
        canary = ("--config", config, "playbook", "run", "break-glass-canary", *INCIDENT, "--yes",
                  "--confirm", "write=halon-canary")
        code, out, err = halon(*canary)
        same(code, 0, f"exit code of the canary ({err.strip()})")
        names = lab.aws(url, "iam", "list-role-policies", "--role-name", "halon-canary")["PolicyNames"]
        same(names, ["HalonDenyAll"], "as the CLI sees it")
        run = re.search(r"run (\S+)", out).group(1)
        code, _, err = halon("undo", run, *INCIDENT, "--yes", "--confirm", "write=halon-canary")
        same(code, 0, f"exit code of the undo ({err.strip()})")
        names = lab.aws(url, "iam", "list-role-policies", "--role-name", "halon-canary")["PolicyNames"]
        same(names, [], "after the undo, as the CLI sees it")
    with check("the log of all this is intact"):
        code, _, err = halon("audit", "verify")
        same(code, 0, f"exit code ({err.strip()})")


def main():
    with Checks("halon against moto, with microburst in front") as check, Lab(halon_binary()) as lab:
        port = free_port()
        moto = lab.serve("moto", WORK / "emulators" / "bin" / "moto_server", "-H", "127.0.0.1", "-p", port, port=port)
        url = moto.url
        lab.aws(url, "securityhub", "enable-security-hub")
        imported = [asff(n) for n in range(COUNT)]
        for start in range(0, COUNT, 65):
            path = lab.file("import.json", json.dumps(imported[start : start + 65]))
            done = lab.aws(url, "securityhub", "batch-import-findings", "--findings", f"file://{path}")
            same(done["FailedCount"], 0, "failed imports")
        everything = {f["Id"] for f in imported}
        expected = {f["Id"] for f in imported if asff_active(f) and label_at_least(f)}

        with check("the CLI lists what was imported, over two pages"):
            found = lab.aws(url, "securityhub", "get-findings", "--page-size", "100")["Findings"]
            same(once(f["Id"] for f in found), everything)
        with check("halon lists the same with every severity and state"):
            answer = lab.findings(url, *SOURCE, "--severity", "informational", "--status", "all")
            same((answer.code, answer.complete), (0, True), answer.brief())
            same(once(answer.ids), everything)
        with check("halon filters again by itself: high and active"):
            answer = lab.findings(url, *SOURCE)
            same((answer.code, answer.complete), (0, True), answer.brief())
            same(once(answer.ids), expected)
        with check("GuardDuty's absent ListFindings reads as not supported by this endpoint"):
            lab.aws(url, "guardduty", "create-detector", "--enable")
            answer = lab.findings(url)
            same((answer.code, answer.complete), (5, False), answer.brief())
            same({i["source"] for i in answer.incomplete}, {"guardduty"}, "incomplete sources")
            holds("not supported by this endpoint" in answer.why("guardduty"), answer.why())
            same(once(answer.ids), expected)

        changes(check, lab, url)

        proxy = Proxy(lab, url)
        with check("throttled twice: asked again, complete"):
            proxy.rules({"service": "securityhub", "operation": "GetFindings", "times": 2,
                         "error": {"code": "TooManyRequestsException", "status": 429}})
            answer = lab.findings(proxy.url, *SOURCE)
            same((answer.code, answer.complete), (0, True), answer.brief())
            same(once(answer.ids), expected)
            same(len(proxy.fired()), 2, "faults injected")
        with check("reset once: asked again, complete"):
            proxy.rules({"service": "securityhub", "operation": "GetFindings", "times": 1, "reset": True})
            answer = lab.findings(proxy.url, *SOURCE)
            same((answer.code, answer.complete), (0, True), answer.brief())
            same(once(answer.ids), expected)
            same(len(proxy.fired()), 1, "faults injected")
        first_page = {f["Id"] for f in found[:100]} & expected
        for name, fault in [
            ("reset for good", {"reset": True}),
            ("cut short", {"response": {"truncate_frac": 0.5}}),
            ("throttled for good", {"error": {"code": "ThrottlingException", "status": 400}}),
        ]:
            with check(f"page 2 {name}: page 1 is shown, the list says that it is incomplete"):
                proxy.rules({**SECOND_PAGE, **fault})
                answer = lab.findings(proxy.url, *SOURCE)
                incomplete(answer, page=2)
                same(once(answer.ids), first_page)
                holds(proxy.fired(), "no fault was injected")


if __name__ == "__main__":
    main()
