#!/usr/bin/env python3
"""Imports real findings and compares what halon says with the raw JSON.

    python real_data.py HALON_BINARY DATA_DIR

DATA_DIR holds findings that nobody of this project wrote: guardduty/,
securityhub/get-findings/ and cloudtrail/eventbridge/. What to expect is read here
from the raw JSON, by code that shares nothing with halon's, and the number of
findings in each file is written down below. Prints a line per file and a last
line `N passed, N failed`; exits 1 on any failure. Python 3.11, standard library.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

GROUPS = ["guardduty", "guardduty/samples", "securityhub/get-findings"]
EVENTBRIDGE = "cloudtrail/eventbridge"

# File name: findings in it, as counted once and written down. Every other JSON file of
# GROUPS holds none, and is one document passed over. Nothing is to be rejected.
COUNTS = {
    "cartography-getfindings-pascal.json": 13,
    "Credential-Access-IAM-Anomalous-Behavior.json": 1,
    "Discovery-RDS-Tor-Ip-Caller.json": 1,
    "Recon-EC2-PortProbeEMRUnprotectedPort.json": 1,
    "Recon-EC2-PortProbeUnprotectedPort.json": 1,
    "Recon-EC2-Portscan.json": 1,
    "Trojan-EC2-BlackholeTraffic.json": 1,
    "Trojan-EC2-DGADomainRequest-B.json": 1,
    "Trojan-EC2-DNSDataExfiltration.json": 1,
    "Trojan-EC2-DropPoint.json": 1,
    "UnauthorizedAccess-EC2-MaliciousIPCaller.json": 1,
    "UnauthorizedAccess-EC2-MetadataDNSRebind.json": 1,
    "UnauthorizedAccess-EC2-RDPBruteForce.json": 1,
    "UnauthorizedAccess-EC2-SSHBruteForce.json": 1,
    "UnauthorizedAccess-EC2-TorClient.json": 1,
    "UnauthorizedAccess-EC2-TorRelay.json": 1,
    "test_ecr_image_filter_security_finding__securityhub.GetFindings_1.json": 1,
    "test_ecr_image_modify_policy__securityhub.GetFindings_1.json": 20,
    "test_larger_batch__securityhub.GetFindings_1.json": 2,
    "test_security_hub_account__securityhub.GetFindings_1.json": 1,
    "test_security_hub_alb_findings_filter__securityhub.GetFindings_1.json": 1,
    "test_security_hub_bucket__securityhub.GetFindings_1.json": 1,
    "test_security_hub_iam_profile__securityhub.GetFindings_1.json": 1,
    "test_security_hub_iam_user__securityhub.GetFindings_1.json": 1,
    "test_security_hub_instance__securityhub.GetFindings_1.json": 1,
    "test_security_hub_instance_findings_filter__securityhub.GetFindings_1.json": 1,
    "test_security_hub_lambda_update__securityhub.GetFindings_1.json": 1,
    "test_security_hub_lambda_update__securityhub.GetFindings_2.json": 1,
    "test_security_hub_mode_action_insight__securityhub.GetFindings_1.json": 5,
    "test_security_hub_rds__securityhub.GetFindings_1.json": 1,
    # EVENTBRIDGE, of which only these are read:
    "ec2-duty-event.json": 1,
    "iam-duty-event.json": 1,
    "event-securityhub-cloudtrail-finding-action.json": 1,
    "event-securityhub-iamkey-finding-action.json": 1,
    "event-securityhub-lambda-cross.json": 1,
    "event-securityhub-insight-2.json": 0,
}
EVENTBRIDGE_FILES = list(COUNTS)[-6:]

GUARDDUTY_ARN = re.compile(r"arn:aws[\w-]*:guardduty:([\w-]+):(\d*):detector/([^/]+)/finding/(.+)")
LABELS = {"INFORMATIONAL": 0, "LOW": 1, "MEDIUM": 40, "HIGH": 70, "CRITICAL": 90}


def get(node, *keys):
    """The value along keys, each with its first letter in either case; null is absent."""
    for key in keys:
        if not isinstance(node, dict):
            return None
        other = key[0].swapcase() + key[1:]
        node = node[key] if node.get(key) is not None else node.get(other)
    return node


def instant(value):
    """A moment in UTC from any of the forms seen in the files; None for nothing."""
    if isinstance(value, dict):
        parts = ["year", "month", "day", "hour", "minute", "second", "microsecond"]
        return datetime.datetime(*(value[p] for p in parts), tzinfo=datetime.timezone.utc)
    if not isinstance(value, str):
        return None
    call = re.fullmatch(r"datetime\(([\d, ]+)\)", value)
    if call:
        parts = map(int, call[1].split(","))
        return datetime.datetime(*parts, tzinfo=datetime.timezone.utc)
    at = datetime.datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)


def band(value, floors):
    """The highest of (floor, name), given highest first, that the value reaches."""
    return next((name for floor, name in floors if value >= floor), "informational")


def account(text):
    return text if re.fullmatch(r"\d{12}", text or "") else None


def read_guardduty(finding):
    """(key, updated, row) of a GuardDuty finding, or None if it is none."""
    kind, severity = get(finding, "type"), get(finding, "severity")
    described = isinstance(get(finding, "resource"), dict) or isinstance(get(finding, "service"), dict)
    if not (isinstance(get(finding, "id"), str) and isinstance(kind, str) and described):
        return None
    if isinstance(severity, bool) or not isinstance(severity, (int, float)):
        return None
    arn = GUARDDUTY_ARN.fullmatch(get(finding, "arn"))
    floors = [(9, "critical"), (7, "high"), (4, "medium"), (1, "low")]
    seen = lambda key: get(finding, "service", key) or get(finding, key)
    row = {
        "id": get(finding, "id"),
        "type": kind,
        "severity": (float(severity), band(severity, floors)),
        "first_seen": instant(seen("eventFirstSeen")),
        "last_seen": instant(seen("eventLastSeen")),
        "account": account(get(finding, "accountId")) or account(arn[2]),
        "region": get(finding, "region") or arn[1],
        "services": ("guardduty",),
    }
    return ("guardduty", arn[1], row["id"]), instant(get(finding, "updatedAt")), row


def read_asff(finding):
    """(key, updated, row) of a Security Hub finding, or None if it is none."""
    product, severity = finding.get("ProductArn"), finding.get("Severity")
    if not (isinstance(product, str) and isinstance(severity, dict) and "Id" in finding):
        return None
    label, number = severity.get("Label"), severity.get("Normalized")
    floors = [(90, "critical"), (70, "high"), (40, "medium"), (1, "low")]
    row = {
        "id": finding["Id"],
        "type": finding["Types"][0],
        "severity": (
            float(LABELS[label] if number is None else number),
            label.lower() if label else band(number, floors),
        ),
        "first_seen": instant(finding.get("FirstObservedAt")),
        "last_seen": instant(finding.get("LastObservedAt")),
        "account": account(finding["AwsAccountId"]),
        "region": finding.get("Region") or finding["Resources"][0].get("Region"),
        "services": ("securityhub",),
    }
    arn = GUARDDUTY_ARN.fullmatch(finding["Id"])
    copy = arn and product.endswith(":product/aws/guardduty")
    key = ("guardduty", arn[1], arn[4]) if copy else ("securityhub", product, finding["Id"])
    return key, instant(finding.get("UpdatedAt")), row


def findings_in(value):
    """Every finding in a JSON value, outermost first, in the order of the text."""
    if isinstance(value, list):
        for item in value:
            yield from findings_in(item)
    elif isinstance(value, dict):
        found = read_guardduty(value) or read_asff(value)
        if found:
            yield found
        else:
            yield from findings_in(list(value.values()))


def rows_of(found):
    """One row a finding. Of a service's several records the newest update counts,
    among equals the last; GuardDuty's own names the row before Security Hub's copy."""
    kept = {}
    long_ago = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
    for key, updated, row in found:
        place = (key, row["services"])
        old = kept.get(place)
        if old is None or (old[0] or long_ago) <= (updated or long_ago):
            kept[place] = (updated, row)
    rows = {}
    for (key, services), (_, row) in sorted(kept.items(), key=lambda item: item[0][1]):
        first = rows.get(key)
        rows[key] = {**(first or row), "services": (first["services"] if first else ()) + services}
    return rows.values()


def row_of(item):
    """The same, from a finding in halon's answer."""
    return {
        "id": item["id"],
        "type": item["type"],
        "severity": (float(item["severity"]["value"]), item["severity"]["band"]),
        "first_seen": instant(item["first_seen"]),
        "last_seen": instant(item["last_seen"]),
        "account": item["account"],
        "region": item["region"],
        "services": tuple(s for s in ("guardduty", "securityhub") if item[s] is not None),
    }


def differences(expected, answer):
    """What is wrong with the items of halon's answer, a line each."""
    order = lambda row: (row["id"], str(row))
    want, got = sorted(expected, key=order), sorted(map(row_of, answer["items"]), key=order)
    lines = [f"expected {row}" for row in want if row not in got]
    lines += [f"not expected {row}" for row in got if row not in want]
    if not lines and len(want) != len(got):
        lines.append(f"{len(got)} items, expected {len(want)}")
    return lines


def run(halon, home, *args):
    """halon's JSON answer, away from any credentials and settings of this machine."""
    environment = {"HOME": home, "PATH": os.environ.get("PATH", "")}
    command = [halon, "findings", *args, "--json", "--data-dir", os.path.join(home, "data")]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    if done.returncode != 0:
        error = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{' '.join(args[:2])}: exit {done.returncode}: {error}")
    return json.loads(done.stdout)


def check(halon, paths):
    """Imports paths into a new store. Returns what went wrong, a line each."""
    wrong, found = [], []
    with tempfile.TemporaryDirectory() as home:
        answer = run(halon, home, "import", *map(str, paths))
        counts = {os.path.realpath(f["path"]): f for f in answer["files"]}
        for path in paths:
            here = list(findings_in(json.loads(path.read_text("utf-8-sig"))))
            found += here
            count = COUNTS.get(path.name, 0)
            if len(here) != count:
                wrong.append(f"{path.name}: {len(here)} findings by this script, {count} in the table")
            told = counts.get(os.path.realpath(path), {})
            told = tuple(told.get(key) for key in ("findings", "rejected", "other"))
            if told != (count, 0, 0 if count else 1):
                wrong.append(f"{path.name}: (findings, rejected, other) = {told}, not {count} findings")
        expected = list(rows_of(found))
        wrong += [f"import: {line}" for line in differences(expected, answer)]
        everything = ["--offline", "--status", "all", "--severity", "informational"]
        answer = run(halon, home, *everything)
        wrong += [f"findings: {line}" for line in differences(expected, answer)]
    return wrong


def main(halon, data):
    data = Path(data)
    if not data.is_dir():
        print("real data: not run")
        return 0
    paths = [path for group in GROUPS for path in sorted((data / group).glob("*.json"))]
    paths += [data / EVENTBRIDGE / name for name in EVENTBRIDGE_FILES]
    checks = [(str(path.relative_to(data)), [path]) for path in paths]
    checks.append((f"all {len(paths)} files together", paths))
    failed = 0
    missing = set(COUNTS) - {path.name for path in paths if path.is_file()}
    if missing:
        failed += 1
        print(f"FAIL  missing: {', '.join(sorted(missing))}")
    for name, files in checks:
        try:
            wrong = check(halon, files)
        except Exception as error:  # one bad file must not hide the others
            wrong = [f"{type(error).__name__}: {error}"]
        failed += bool(wrong)
        count = sum(COUNTS.get(path.name, 0) for path in files)
        print(f"{'FAIL' if wrong else 'ok'}  {name}: {count} findings")
        for line in wrong:
            print(f"      {line}")
    passed = len(checks) + bool(missing) - failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
