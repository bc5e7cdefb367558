"""Policies that nobody of this project wrote, through `halon policy evaluate`: all of AWS's
managed ones and the sample SCPs are taken; exactly the one that was published broken is
refused, with file, line and reason.

    python real_policies.py HALON_BINARY DATA_DIR

That they are given back as they were is checked by tests/suite/real_policies.rs."""

import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

from check import Checks, holds, same

BROKEN = "Service-specific-controls_AWS-IAM_deny-service-specific-credential-by-type.json"


def asked(name, raw, kind):
    """A request over one document, which stands in it as it was published."""
    policies = f'"identity_policies": [{{"name": {json.dumps(name)}, "document": {raw}}}]'
    if kind == "scp":
        policies = f'"scps": [[{{"name": {json.dumps(name)}, "document": {raw}}}]]'
    return (
        f'{{"id": {json.dumps(name)}, "principal": {{"arn": "arn:aws:iam::111122223333:user/ann"}},'
        f' "action": "ec2:DescribeInstances", "resource": {{"arn": "*"}}, {policies}}}'
    )


def evaluate(halon, file):
    return subprocess.run([halon, "policy", "evaluate", str(file)], capture_output=True, text=True, timeout=120)


def main():
    halon, data = sys.argv[1], pathlib.Path(sys.argv[2])
    with Checks("policies of others") as check, tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "requests.json"
        with check("821 managed policies are read"):
            with gzip.open(data / "iam/aws-managed-policies-half.ndjson.gz", "rt") as rows:
                rows = [json.loads(row) for row in rows]
            file.write_text("\n".join(asked(r["name"], json.dumps(r["document"]), "identity") for r in rows))
            out = evaluate(halon, file)
            holds(out.returncode == 0, out.stderr)
            same([a["id"] for a in json.loads(out.stdout)], [r["name"] for r in rows])
            same(len(rows), 821)
        scps = {p.name: p.read_text("utf-8-sig") for p in sorted((data / "scp/aws-samples").glob("*.json"))}
        with check("all sample SCPs but one are read"):
            good = {name: text for name, text in scps.items() if name != BROKEN}
            file.write_text("[" + ",\n".join(asked(name, text, "scp") for name, text in good.items()) + "]")
            out = evaluate(halon, file)
            holds(out.returncode == 0, out.stderr)
            same([a["id"] for a in json.loads(out.stdout)], list(good))
            same(len(scps), 57)
        with check("the broken one is refused with file, line and reason"):
            file.write_text(asked(BROKEN, scps[BROKEN], "scp"))
            out = evaluate(halon, file)
            same(out.returncode, 2)
            # The request begins on the line on which the document does.
            holds(f"{file}:15:" in out.stderr and "expected" in out.stderr, out.stderr)


main()
