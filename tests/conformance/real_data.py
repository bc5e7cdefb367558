"""halon's reading of real findings against an independent one: each file's findings
as this script reads them from the raw JSON, with `findings import` and the offline
list beside it. Usage: real_data.py HALON DATA_DIR"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile

from check import Checks, holds, same

# Findings in each file, counted by hand with jq; a file that is not named has none.
GUARDDUTY_COUNTS = {"guardduty/cartography-getfindings-pascal.json": 13}
HUB_COUNTS = {
    "test_ecr_image_filter_security_finding__securityhub.GetFindings_1": 1,
    "test_ecr_image_modify_policy__securityhub.GetFindings_1": 20,
    "test_larger_batch__securityhub.GetFindings_1": 2,
    "test_security_hub_account__securityhub.GetFindings_1": 1,
    "test_security_hub_alb_findings_filter__securityhub.GetFindings_1": 1,
    "test_security_hub_bucket__securityhub.GetFindings_1": 1,
    "test_security_hub_iam_profile__securityhub.GetFindings_1": 1,
    "test_security_hub_iam_user__securityhub.GetFindings_1": 1,
    "test_security_hub_instance__securityhub.GetFindings_1": 1,
    "test_security_hub_instance_findings_filter__securityhub.GetFindings_1": 1,
    "test_security_hub_lambda_update__securityhub.GetFindings_1": 1,
    "test_security_hub_lambda_update__securityhub.GetFindings_2": 1,
    "test_security_hub_mode_action_insight__securityhub.GetFindings_1": 5,
    "test_security_hub_rds__securityhub.GetFindings_1": 1,
}
EVENT_COUNTS = {
    "ec2-duty-event": 1, "iam-duty-event": 1, "event-securityhub-cloudtrail-finding-action": 1,
    "event-securityhub-iamkey-finding-action": 1, "event-securityhub-lambda-cross": 1,
}
BANDS = ("informational", "low", "medium", "high", "critical")


def expected_count(path):
    parent, stem = path.parent.name, path.name.removesuffix(".json")
    if parent == "samples":
        return 1
    if parent == "get-findings":
        return HUB_COUNTS.get(stem, 0)
    if parent == "eventbridge":
        return EVENT_COUNTS.get(stem, 0)
    return GUARDDUTY_COUNTS.get(f"{parent}/{path.name}", 0)


def lower(value):
    """The same JSON with every key in lower case: one reading for every key case."""
    if isinstance(value, dict):
        return {k.lower(): lower(v) for k, v in value.items()}
    return [lower(v) for v in value] if isinstance(value, list) else value


def walk(value):
    """Every finding in a parsed file, as (service, lower-cased finding, raw finding)."""
    if isinstance(value, list):
        for item in value:
            yield from walk(item)
    elif isinstance(value, dict):
        keys = {k.lower() for k in value}
        if "productarn" in keys and "severity" in keys:
            yield "securityhub", lower(value), value
        elif {"id", "type", "severity"} <= keys and ("service" in keys or "resource" in keys):
            yield "guardduty", lower(value), value
        else:
            for item in value.values():
                yield from walk(item)


def moment(value):
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    if isinstance(value, dict):
        parts = (value[k] for k in ("year", "month", "day", "hour", "minute", "second", "microsecond"))
        return datetime.datetime(*parts, tzinfo=datetime.timezone.utc)
    if value.startswith("datetime("):  # a Python literal in one of the files: no time anybody sends
        return None
    at = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)


def band_of(number, floors):
    return [b for b, floor in zip(BANDS, floors) if number >= floor][-1]


def plain_account(value):
    return value if value and len(value) == 12 and value.isdigit() else None


def expected(service, f):
    """id, type, severity value and band, last seen, account: read straight from the JSON."""
    if service == "guardduty":
        number = float(f["severity"])
        last = (f.get("service") or {}).get("eventlastseen")
        return (f["id"], f["type"], number, band_of(number, (0, 1, 4, 7, 9)), moment(last),
                plain_account(f.get("accountid")))
    severity = f["severity"]
    label = (severity.get("label") or "").lower()
    number = severity.get("normalized")
    if number is None and label:
        number = dict(zip(BANDS, (0, 1, 40, 70, 90)))[label]
    band = label or band_of(number, (0, 1, 40, 70, 90))
    kinds = f.get("types") or (f.get("findingproviderfields") or {}).get("types") or [f.get("generatorid")]
    return f["id"], kinds[0], float(number), band, moment(f.get("lastobservedat")), plain_account(f.get("awsaccountid"))


def read(item):
    """The same from halon's answer."""
    severity = item["severity"]
    return (item["id"], item["type"], float(severity["value"]), severity["band"], moment(item["last_seen"]),
            item["account"])


def halon(binary, *arguments):
    ran = subprocess.run([binary, *arguments, "--json"], capture_output=True, text=True, timeout=120)
    holds(ran.returncode == 0, f"exit {ran.returncode}: {ran.stderr[:400]}")
    return json.loads(ran.stdout)


def main(binary, data):
    data = pathlib.Path(data)
    folders = ("guardduty", "securityhub/get-findings", "cloudtrail/eventbridge")
    files = sorted(p for folder in folders for p in (data / folder).rglob("*.json"))
    with Checks("real findings") as check, tempfile.TemporaryDirectory() as kept:
        latest = {}
        for path in files:
            with check(f"{path.relative_to(data)}: {expected_count(path)} findings"):
                found = list(walk(json.loads(path.read_text(encoding="utf-8-sig"))))
                wanted = [expected(service, low) for service, low, _ in found]
                same(len(wanted), expected_count(path), "findings in this script's own reading")
                answer = halon(binary, "findings", "import", str(path), "--data-dir", kept)
                [report] = answer["files"]
                same((report["findings"], report["rejected"]), (len(wanted), 0), "findings and rejections")
                same(sorted(map(str, map(read, answer["items"]))), sorted(map(str, wanted)))
                for (service, low, _), row in zip(found, wanted):
                    updated = moment(low.get("updatedat"))
                    key = (service, low.get("productarn"), row[0])
                    if key not in latest or None in (updated, latest[key][0]) or updated >= latest[key][0]:
                        latest[key] = (updated, row)
        with check("the offline list holds every finding once, in its latest version"):
            answer = halon(binary, "findings", "--offline", "--status", "all", "--severity", "informational",
                           "--data-dir", kept)
            same(sorted(str(read(i)) for i in answer["items"]), sorted(str(row) for _, row in latest.values()))


if __name__ == "__main__":
    main(*sys.argv[1:3])
