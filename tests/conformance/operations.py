"""The operations that the linked SDK clients know, as the gate's test walks them,
against those in botocore's models: by name and by count."""

import botocore
import botocore.session

from check import Checks, holds, same
from lab import ROOT

LIST = ROOT / "tests" / "fixtures" / "operations.tsv"
SERVICES = {
    "CloudTrail": "cloudtrail",
    "GuardDuty": "guardduty",
    "IAM": "iam",
    "Organizations": "organizations",
    "STS": "sts",
    "SecurityHub": "securityhub",
}
# Differences that are known and meant: (service, operation, where it is, why).
# None: the botocore pinned beside the CLI was chosen to match the SDK crates.
KNOWN = []


def main():
    with Checks(f"operations of the linked clients against botocore {botocore.__version__}") as check:
        lines = LIST.read_text().splitlines()
        ours = [tuple(line.split("\t")) for line in lines]
        session = botocore.session.get_session()
        with check("operations.tsv is sorted, without a double, and names exactly the linked services"):
            same(ours, sorted(set(ours)))
            same({service for service, _ in ours}, set(SERVICES), "services")
        for service, name in SERVICES.items():
            theirs = set(session.get_service_model(name).operation_names)
            with check(f"{service}: {len(theirs)} operations"):
                mine = {operation for s, operation in ours if s == service}
                for s, operation, where, why in KNOWN:
                    if s == service:
                        side = mine if where == "SDK" else theirs
                        holds(operation in side, f"{operation}: in KNOWN ({why}) but not in {where} any more")
                        side.discard(operation)
                same(mine, theirs, f"{service} in the SDK against botocore")


if __name__ == "__main__":
    main()
