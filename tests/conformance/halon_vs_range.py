"""`halon findings` against `halon range serve`, with the AWS CLI as the witness of
what is there, and with every fault that the range can be told to have."""

import json

from check import Checks, holds, once, same
from lab import Lab, asff_active, asff_id, halon_binary, label_at_least

SCENARIO, FLOOD = "leaked-key", "flood"
OTHER = "eu-west-1"
ACTIVE_HIGH = json.dumps({"Criterion": {
    "severity": {"GreaterThanOrEqual": 7}, "service.archived": {"Equals": ["false"]}}})
EVERYTHING = ("--severity", "informational", "--status", "all")


def detector_of(lab, url, region):
    [detector] = lab.aws(url, "guardduty", "list-detectors", "--region", region)["DetectorIds"]
    return detector


def cli_guardduty(lab, url, criteria=None, region="us-east-1"):
    more = ["--finding-criteria", criteria] if criteria else []
    detector = detector_of(lab, url, region)
    answer = lab.aws(url, "guardduty", "list-findings", "--detector-id", detector, "--region", region, *more)
    return once(answer["FindingIds"])


def cli_security_hub(lab, url):
    return lab.aws(url, "securityhub", "get-findings")["Findings"]


def complete(answer):
    holds(answer.code == 0 and answer.complete and not answer.incomplete, f"not complete: {answer.brief()}")


def gaps(answer, *words, source=None, region=None):
    """Exit code 5, and an `incomplete` entry that says why in one of these words."""
    same((answer.code, answer.complete), (5, False), f"exit code and complete ({answer.brief()})")
    fitting = [
        i for i in answer.incomplete
        if source in (None, i["source"]) and region in (None, i["region"])
    ]
    holds(fitting, f"no entry for {source} {region}: {answer.incomplete}")
    text = "; ".join(i["why"] for i in fitting).lower()
    holds(text.strip(), "the entry gives no reason")
    holds(not words or any(w in text for w in words), f"none of {words} in: {text}")
    holds(answer.err.strip(), "nothing on standard error says that the list is incomplete")
    return fitting


def agreement(check, lab, served):
    url = served.url
    with check("--source guardduty: the CLI's ids, severity ≥ 7 and not archived"):
        answer = lab.findings(url, "--source", "guardduty")
        complete(answer)
        same(once(answer.ids), cli_guardduty(lab, url, ACTIVE_HIGH))
    with check("--source guardduty, everything: the CLI's ids without criteria"):
        answer = lab.findings(url, "--source", "guardduty", *EVERYTHING)
        complete(answer)
        same(once(answer.ids), cli_guardduty(lab, url))
    hub = cli_security_hub(lab, url)
    with check("--source securityhub: HIGH and CRITICAL, ACTIVE, NEW or NOTIFIED"):
        answer = lab.findings(url, "--source", "securityhub")
        complete(answer)
        same(once(answer.ids), {f["Id"] for f in hub if asff_active(f) and label_at_least(f)})
    both = {asff_id(f) for f in hub} & cli_guardduty(lab, url)
    with check("both services, everything: the union, and a finding in both is one item with both states"):
        answer = lab.findings(url, *EVERYTHING)
        complete(answer)
        same(once(answer.ids), cli_guardduty(lab, url) | {asff_id(f) for f in hub})
        holds(both, "the scenario has no finding in both services")
        with_both = {i["id"] for i in answer.items if i["guardduty"] and i["securityhub"]}
        same(with_both, both, "items with both states")
    with check("document: schema, keys and bands of every item"):
        same(answer.document["schema"], "halon.findings/1", "schema")
        wanted = {"id", "arn", "account", "region", "detector_region", "severity", "type", "title", "first_seen",
                  "last_seen", "count", "resource", "actor", "guardduty", "securityhub"}
        for item in answer.items:
            holds(wanted <= item.keys(), f"{item['id']} lacks {wanted - item.keys()}")
        bands = {(i["severity"]["value"] >= 7, i["severity"]["band"].lower() in ("high", "critical"))
                 for i in answer.items if i["guardduty"]}
        holds(bands <= {(True, True), (False, False)}, f"value and band disagree: {bands}")
    with check("archived by the CLI: one item, guardduty archived, securityhub NEW"):
        new = {asff_id(f) for f in hub if f["Workflow"]["Status"] == "NEW"}
        target = min(new & both & cli_guardduty(lab, url, ACTIVE_HIGH))
        detector = detector_of(lab, url, "us-east-1")
        lab.aws(url, "guardduty", "archive-findings", "--detector-id", detector, "--finding-ids", target)
        item = lab.findings(url, "--status", "all").item(target)
        same((item["guardduty"]["archived"], item["securityhub"]["workflow"]), (True, "NEW"))
        gone = lab.findings(url, "--source", "guardduty")
        holds(target not in gone.ids, "still active in GuardDuty's list")
    with check("--endpoint-url wins over AWS_ENDPOINT_URL_GUARDDUTY"):
        answer = lab.findings(url, "--source", "guardduty", AWS_ENDPOINT_URL_GUARDDUTY="http://127.0.0.1:9")
        complete(answer)
    with check("halon changed nothing: no mutating request of its own"):
        changed = [line["operation"] for line in served.requests() if line["mutating"]]
        same(changed, ["ArchiveFindings"], "mutating requests")


def exit_codes(check, lab, url):
    with check("exit codes: 2 for a wrong option, 4 where AWS refuses all"):
        code, out, _ = lab.run(lab.halon_path, "findings", "--json", "--severity", "huge")
        same((code, out), (2, ""), "exit code and standard output of --severity huge")
        code, _, err = lab.run(
            lab.halon_path, "findings", "--json", "--endpoint-url", url, "--region", "us-east-1",
            "--data-dir", lab.folder("data"), AWS_ACCESS_KEY_ID="AKIAUNKNOWNUNKNOWN00",
        )
        same(code, 4, f"exit code with an unknown key ({err.strip()[:200]})")


def with_faults(lab, scenario, *rows):
    """A range with these faults. A row is a dict of the faults file."""
    lines = []
    for row in rows:
        lines.append("[[faults]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in row.items()]
    path = lab.file("faults.toml", "\n".join(lines) + "\n")
    return lab.range(scenario, "--faults", path)


def faults(check, lab):
    clean = lab.range(SCENARIO)
    all_high = once(lab.findings(clean.url).ids)
    clean.stop()

    def case(name, row, judge, scenario=SCENARIO, source=None, regions=None):
        with check(f"fault: {name}"):
            served = with_faults(lab, scenario, row)
            try:
                arguments = ["--source", source] if source else []
                judge(lab.findings(served.url, *arguments, regions=regions), served)
            finally:
                served.stop()

    def second_page(*words):
        def judge(answer, _):
            fitting = gaps(answer, *words, source="guardduty")
            same([i["page"] for i in fitting], [2], "page")
            # One page is 50 ids: those stay.
            holds(len(once(answer.ids)) >= 50, f"page 1 was lost: {answer.brief()}")
        return judge

    page = {"op": "guardduty:ListFindings", "from": 2}
    flood = {"scenario": FLOOD, "source": "guardduty"}
    case("page 2 fails (503)", {**page, "kind": "status:503"}, second_page("503", "fail"), **flood)
    case("page 2 is cut off", {**page, "kind": "truncate"}, second_page("cut", "read"), **flood)
    case("page 2 is a web page", {**page, "kind": "html"}, second_page(), **flood)
    case("page 2 is garbage", {**page, "kind": "garbage"}, second_page("read"), **flood)
    case("page 2 is never reached (reset)", {**page, "kind": "reset"}, second_page(), **flood)
    case("page 2 is throttled for good", {**page, "kind": "throttle"}, second_page("throttl", "request"), **flood)
    case("the session expires on page 2", {**page, "kind": "expired"}, second_page("expired"), **flood)

    def repeated(answer, served):
        gaps(answer, "repeat", source="guardduty")
        holds(len(answer.ids) >= 50, f"page 1 was lost: {answer.brief()}")
        asked = len(served.requests("ListFindings"))
        holds(asked <= 10, f"{asked} requests: it went round and round")
    case("a token repeats", {**page, "kind": "repeat-token"}, repeated, **flood)

    def one_missing(answer, served):
        gaps(answer, source="guardduty")
        lost = cli_guardduty(lab, served.url, ACTIVE_HIGH) - set(answer.ids)
        same(len(lost), 1, "findings missing")
    case("one GetFindings id is missing", {"op": "guardduty:GetFindings", "from": 1, "kind": "missing-id"},
         one_missing, source="guardduty")

    def hung(answer, _):
        gaps(answer, "no answer", "time", region=OTHER)
        holds(all(i["region"] == OTHER for i in answer.incomplete), f"more than {OTHER}: {answer.incomplete}")
        here = {i["id"] for i in answer.items if i["detector_region"] == "us-east-1"}
        holds(all_high <= set(answer.ids) and here, f"the other region was emptied: {answer.brief()}")
        holds(answer.seconds < 120, f"it took {answer.seconds:.0f} s")
    case("a region hangs, the other is whole", {"op": "*", "region": OTHER, "from": 1, "kind": "hang"},
         hung, regions=["us-east-1", OTHER])

    def retried(operation):
        def judge(answer, served):
            complete(answer)
            same(once(answer.ids), all_high)
            ok = [line["status"] for line in served.requests(operation)]
            holds(200 in ok, f"statuses {ok}")
        return judge
    for kind in ("throttle", "status:500", "reset"):
        for op in ("guardduty:GetFindings", "securityhub:GetFindings"):
            case(f"{op} fails once ({kind}) and is asked again", {"op": op, "nth": 1, "kind": kind},
                 retried("GetFindings"))
    case("an empty page with a token is not the end",
         {"op": "guardduty:ListFindings", "nth": 1, "kind": "empty-page"}, retried("ListFindings"))

    def other_source_whole(answer, _):
        gaps(answer, source="securityhub")
        holds(all(i["source"] == "securityhub" for i in answer.incomplete), f"more than one source: {answer.incomplete}")
        ids = {i["id"] for i in answer.items if i["guardduty"]}
        holds(ids and ids <= all_high, f"GuardDuty's were lost: {answer.brief()}")
        holds("<" not in answer.why(), f"text of the page in the reason: {answer.why()}")
    for kind in ("expired", "html", "garbage", "truncate", "status:503"):
        case(f"Security Hub answers {kind}, GuardDuty is whole",
             {"op": "securityhub:GetFindings", "from": 1, "kind": kind}, other_source_whole)


def main():
    with Checks("halon against the range") as check, Lab(halon_binary()) as lab:
        served = lab.range(SCENARIO)
        agreement(check, lab, served)
        exit_codes(check, lab, served.url)
        served.stop()
        faults(check, lab)


if __name__ == "__main__":
    main()
