"""halon's range, driven by the unchanged AWS CLI and by botocore, which also
compares every answer with AWS's own model of it."""

import json

import clients
import range_iam
import range_sts
import range_trail
import shapes
from check import Checks, holds, once, same
from lab import REGION, Lab, asff_active, halon_binary, label_at_least

SCENARIO, FLOOD, FLOOD_COUNT = "leaked-key", "flood", 50_000
FLOOD_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2")
HIGH = '{"Criterion":{"severity":{"%s":7}}}'
CURRENT = '{"Criterion":{"service.archived":{"Equals":["false"]}}}'
URGENT = {
    "SeverityLabel": [{"Value": v, "Comparison": "EQUALS"} for v in ("HIGH", "CRITICAL")],
    "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}],
    "WorkflowStatus": [{"Value": v, "Comparison": "EQUALS"} for v in ("NEW", "NOTIFIED")],
}


def one_detector(lab, url):
    [detector] = lab.aws(url, "guardduty", "list-detectors")["DetectorIds"]
    return detector


def get(lab, url, detector, ids):
    return lab.aws(url, "guardduty", "get-findings", "--detector-id", detector, "--finding-ids", *ids)["Findings"]


def guardduty(check, lab, served):
    url = served.url
    detector = one_detector(lab, url)

    def listed(*arguments):
        return lab.aws(url, "guardduty", "list-findings", "--detector-id", detector, *arguments)["FindingIds"]

    every = once(listed(), "list-findings")
    with check("CLI: list-findings, get-findings: the same ids, at least ten high and active"):
        findings = []
        for start in range(0, len(every), 50):
            findings += get(lab, url, detector, sorted(every)[start : start + 50])
        same(once(f["Id"] for f in findings), every, "get-findings")
        urgent = [f for f in findings if f["Severity"] >= 7 and not f["Service"]["Archived"]]
        holds(len(urgent) >= 10, f"only {len(urgent)} of {len(findings)} are high and active")
        holds(all(f["Service"]["DetectorId"] in f["Arn"] for f in findings), "a detector that is not the ARN's")

    high = {f["Id"] for f in findings if f["Severity"] >= 7}
    for operator in ("Gte", "GreaterThanOrEqual"):
        with check(f"CLI: list-findings, severity {operator} 7"):
            same(once(listed("--finding-criteria", HIGH % operator)), high)
    with check("CLI: list-findings, --page-size asks for pages and gets them"):
        before = len(served.requests("ListFindings"))
        same(once(listed("--page-size", "5")), every)
        pages = len(served.requests("ListFindings")) - before
        holds(pages >= len(every) // 5, f"{pages} requests for {len(every)} ids by fives")
    with check("CLI: list-findings, --max-items stops and --starting-token goes on"):
        command = ["guardduty", "list-findings", "--detector-id", detector, "--page-size", "4", "--max-items"]
        first = lab.aws(url, *command, "6")
        rest = lab.aws(url, *command, "10000", "--starting-token", first["NextToken"])
        same(len(first["FindingIds"]), 6)
        same(once(first["FindingIds"] + rest["FindingIds"]), every)

    target = next(f["Id"] for f in urgent)
    with check("CLI: archive-findings shows in get-findings and in the criteria; unarchive undoes it"):
        lab.aws(url, "guardduty", "archive-findings", "--detector-id", detector, "--finding-ids", target)
        same(get(lab, url, detector, [target])[0]["Service"]["Archived"], True, "archived")
        holds(target not in listed("--finding-criteria", CURRENT), "still listed as current")
        lab.aws(url, "guardduty", "unarchive-findings", "--detector-id", detector, "--finding-ids", target)
        same(get(lab, url, detector, [target])[0]["Service"]["Archived"], False, "archived")
        holds(target in listed("--finding-criteria", CURRENT), "not listed as current again")
    with check("CLI: create-sample-findings adds one [SAMPLE] finding of each type"):
        types = ["Recon:EC2/PortProbeUnprotectedPort", "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B"]
        lab.aws(url, "guardduty", "create-sample-findings", "--detector-id", detector, "--finding-types", *types)
        new = once(listed()) - every
        samples = get(lab, url, detector, sorted(new))
        same({f["Type"] for f in samples}, set(types), "types")
        holds(all(f["Title"].startswith("[SAMPLE]") for f in samples), f"titles: {[f['Title'] for f in samples]}")
    with check("request log: every call above, changes marked as such"):
        marks = {(line["operation"], line["mutating"]) for line in served.requests()}
        for operation, mutating in [
            ("ListDetectors", False), ("ListFindings", False), ("GetFindings", False),
            ("ArchiveFindings", True), ("UnarchiveFindings", True), ("CreateSampleFindings", True),
        ]:
            holds((operation, mutating) in marks, f"no line {operation}, mutating {mutating}, in {sorted(marks)}")
        wanted = {"at", "service", "operation", "region", "access_key_id", "status", "mutating"}
        for line in served.requests():
            holds(wanted <= line.keys(), f"keys {sorted(line)}")


def security_hub(check, lab, url):
    def got(filters=None):
        more = ["--filters", json.dumps(filters)] if filters else []
        return lab.aws(url, "securityhub", "get-findings", *more)["Findings"]

    every = got()
    with check("CLI: securityhub get-findings with filters equals the same filter over all of them"):
        expected = {f["Id"] for f in every if asff_active(f) and label_at_least(f)}
        holds(0 < len(expected) < len(every), f"{len(expected)} of {len(every)}: the filter tells nothing")
        same(once(f["Id"] for f in got(URGENT)), expected)
    with check("CLI: securityhub get-findings, --page-size 3 gives the same"):
        paged = lab.aws(url, "securityhub", "get-findings", "--page-size", "3")["Findings"]
        same(once(f["Id"] for f in paged), {f["Id"] for f in every})
    with check("CLI: batch-update-findings: one processed, one unprocessed, and the change reads back"):
        known = next(f for f in every if f["Workflow"]["Status"] == "NEW")
        name = {"Id": known["Id"], "ProductArn": known["ProductArn"]}
        absent = {"Id": known["Id"] + "-absent", "ProductArn": known["ProductArn"]}
        answer = lab.aws(
            url, "securityhub", "batch-update-findings", "--finding-identifiers", json.dumps([name, absent]),
            "--workflow", "Status=NOTIFIED", "--note", "Text=seen,UpdatedBy=conformance",
        )
        same([f["Id"] for f in answer["ProcessedFindings"]], [known["Id"]], "processed")
        same([f["FindingIdentifier"]["Id"] for f in answer["UnprocessedFindings"]], [absent["Id"]], "unprocessed")
        [now] = got({"Id": [{"Value": known["Id"], "Comparison": "EQUALS"}]})
        same((now["Workflow"]["Status"], now["Note"]["Text"]), ("NOTIFIED", "seen"))
        same(now["UpdatedAt"], known["UpdatedAt"], "UpdatedAt, which BatchUpdateFindings leaves alone")
    with check("CLI: batch-import-findings, and the finding is there"):
        account = lab.aws(url, "sts", "get-caller-identity")["Account"]
        finding = {
            "SchemaVersion": "2018-10-08", "Id": "conformance/imported-1",
            "ProductArn": f"arn:aws:securityhub:{REGION}:{account}:product/{account}/default",
            "GeneratorId": "conformance", "AwsAccountId": account,
            "Types": ["Unusual Behaviors/User"], "CreatedAt": "2026-03-02T03:00:00Z",
            "UpdatedAt": "2026-03-02T03:00:00Z", "Severity": {"Label": "HIGH"}, "Title": "Imported",
            "Description": "Imported by the AWS CLI",
            "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{account}", "Region": REGION}],
        }
        answer = lab.aws(url, "securityhub", "batch-import-findings", "--findings", json.dumps([finding]))
        same((answer["SuccessCount"], answer["FailedCount"]), (1, 0), "success and failure counts")
        [now] = got({"Id": [{"Value": finding["Id"], "Comparison": "EQUALS"}]})
        same((now["Workflow"]["Status"], now["RecordState"]), ("NEW", "ACTIVE"), "defaults of an imported finding")


def refusals(check, lab, url):
    detector = one_detector(lab, url)
    loose = clients.client("guardduty", url, parameter_validation=False)
    hub = clients.client("securityhub", url, parameter_validation=False)
    with check("botocore: requests outside the model's bounds are refused"):
        for call, parameters, expected in [
            (loose.list_findings, {"DetectorId": detector, "MaxResults": 51}, (400, "BadRequestException")),
            (loose.list_findings, {"DetectorId": detector, "MaxResults": 0}, (400, "BadRequestException")),
            (loose.list_findings, {"DetectorId": "0" * 32}, (400, "BadRequestException")),
            (loose.get_findings, {"DetectorId": detector, "FindingIds": ["0" * 32] * 51}, (400, "BadRequestException")),
            (hub.get_findings, {"MaxResults": 101}, (400, "InvalidInputException")),
        ]:
            same(clients.refusal(call, **parameters), expected, str(parameters)[:80])
    with check("wrong secret: the signature does not match"):
        sts = clients.client("sts", url, secret="wrong")
        same(clients.refusal(sts.get_caller_identity), (403, "SignatureDoesNotMatch"))
        wrong = clients.client("guardduty", url, secret="wrong")
        same(clients.refusal(wrong.list_detectors), (403, "InvalidSignatureException"))
    with check("unknown key: InvalidClientTokenId, UnrecognizedClientException"):
        sts = clients.client("sts", url, key="AKIAUNKNOWNUNKNOWN00")
        same(clients.refusal(sts.get_caller_identity), (403, "InvalidClientTokenId"))
        unknown = clients.client("guardduty", url, key="AKIAUNKNOWNUNKNOWN00")
        same(clients.refusal(unknown.list_detectors), (403, "UnrecognizedClientException"))
    with check("CLI: wrong secret ends in an error that the CLI can read"):
        code, _, err = lab.aws_raw(url, "guardduty", "list-detectors", AWS_SECRET_ACCESS_KEY="wrong")
        holds(code != 0 and "(InvalidSignatureException)" in err, f"exit {code}: {err.strip()}")


def models(check, lab, url):
    """Every operation once more through botocore, each answer against its output shape."""
    with check("botocore: every answer fits the model"):
        sts, gd, hub = (clients.client(s, url) for s in ("sts", "guardduty", "securityhub"))
        recorders = [shapes.Recorder(c) for c in (sts, gd, hub)]
        account = sts.get_caller_identity()["Account"]
        [detector] = gd.list_detectors()["DetectorIds"]
        gd.get_detector(DetectorId=detector)
        pages = gd.get_paginator("list_findings").paginate(DetectorId=detector, PaginationConfig={"PageSize": 3})
        ids = [i for page in pages for i in page["FindingIds"]]
        for start in range(0, len(ids), 50):
            gd.get_findings(DetectorId=detector, FindingIds=ids[start : start + 50])
        gd.archive_findings(DetectorId=detector, FindingIds=ids[:1])
        gd.unarchive_findings(DetectorId=detector, FindingIds=ids[:1])
        gd.create_sample_findings(DetectorId=detector, FindingTypes=["Recon:EC2/Portscan"])
        hub.describe_hub()
        found = [f for page in hub.get_paginator("get_findings").paginate() for f in page["Findings"]]
        name = {k: found[0][k] for k in ("Id", "ProductArn")}
        hub.batch_update_findings(FindingIdentifiers=[name, {**name, "Id": "absent"}], Workflow={"Status": "NOTIFIED"})
        hub.batch_import_findings(Findings=[{**found[0], "Id": "again", "AwsAccountId": account}])
        mistakes = [m for r in recorders for m in r.mistakes]
        holds(sum(r.answers for r in recorders) >= 15, "too few answers were seen by the recorder")
        holds(not mistakes, f"{len(mistakes)} departures:\n" + "\n".join(mistakes[:20]))


def kept(check, lab):
    with check("the world is kept: archived in one process, archived in the next, gone after a reset"):
        world = lab.folder("kept")
        first = lab.range(SCENARIO, data=world)
        detector = one_detector(lab, first.url)
        ids = lab.aws(first.url, "guardduty", "list-findings", "--detector-id", detector, "--finding-criteria", CURRENT)
        target = ids["FindingIds"][0]
        lab.aws(first.url, "guardduty", "archive-findings", "--detector-id", detector, "--finding-ids", target)
        first.stop()
        second = lab.range(SCENARIO, data=world)
        same(get(lab, second.url, detector, [target])[0]["Service"]["Archived"], True, "archived")
        second.stop()
        code, _, err = lab.run(lab.halon_path, "range", "reset", SCENARIO, "--data-dir", world)
        same(code, 0, f"range reset: {err.strip()[:300]}; exit code")
        third = lab.range(SCENARIO, data=world)
        same(get(lab, third.url, detector, [target])[0]["Service"]["Archived"], False, "archived")
        third.stop()


def flood(check, lab):
    served = lab.range(FLOOD)
    with check(f"botocore: its paginator goes through the {FLOOD_COUNT:,}, every id once"):
        listed = set()
        for region in FLOOD_REGIONS:
            gd = clients.client("guardduty", served.url, region=region)
            recorder = shapes.Recorder(gd)
            [detector] = gd.list_detectors()["DetectorIds"]
            pages = gd.get_paginator("list_findings").paginate(DetectorId=detector)
            here = once(i for page in pages for i in page["FindingIds"])
            holds(not listed & here, "an id of two regions")
            listed |= here
            ordered = sorted(here)
            # One in twenty of the batches: each finding is large, and Python is slow at reading them.
            for start in range(0, len(ordered), 1000):
                batch = ordered[start : start + 50]
                found = gd.get_findings(DetectorId=detector, FindingIds=batch)["Findings"]
                same(once(f["Id"] for f in found), set(batch), "get_findings")
            holds(not recorder.mistakes, "\n".join(recorder.mistakes[:20]))
        same(len(listed), FLOOD_COUNT, "ids")
    with check("CLI: list-findings goes through a region's thousands by itself"):
        detector = one_detector(lab, served.url)
        answer = lab.aws(served.url, "guardduty", "list-findings", "--detector-id", detector)
        holds(len(answer["FindingIds"]) > 10_000, f"only {len(answer['FindingIds'])}")
        holds(once(answer["FindingIds"]) <= listed, "ids that the paginator did not see")
    served.stop()


def main():
    with Checks("range, driven by the AWS CLI and botocore") as check, Lab(halon_binary()) as lab:
        served = lab.range(SCENARIO)
        with check("CLI: sts get-caller-identity, guardduty list-detectors"):
            identity = lab.aws(served.url, "sts", "get-caller-identity")
            holds(identity["Arn"].startswith(f"arn:aws:iam::{identity['Account']}:"), f"identity {identity}")
            one_detector(lab, served.url)
        guardduty(check, lab, served)
        security_hub(check, lab, served.url)
        refusals(check, lab, served.url)
        models(check, lab, served.url)
        range_iam.run(check, lab, served, SCENARIO)
        range_sts.run(check, lab, served, SCENARIO)
        served.stop()
        range_trail.run(check, lab, SCENARIO)
        kept(check, lab)
        flood(check, lab)


if __name__ == "__main__":
    main()
