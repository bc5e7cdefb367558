#!/usr/bin/env bash
# How long `halon findings --json` takes beside the AWS CLI for the same answer, in one
# run of hyperfine against one endpoint. Not part of CI. Needs hyperfine and a release
# build; `tests/conformance/run` must have made the environments.
#   tests/conformance/timing.sh [SCENARIO]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
halon=$(realpath -m "${HALON:-$root/target/release/halon}")
aws=$here/.work/aws/bin/aws
scenario=${1:-leaked-key}
command -v hyperfine >/dev/null || { echo "hyperfine is missing" >&2; exit 1; }
for needed in "$halon" "$aws"; do [ -x "$needed" ] || { echo "$needed is missing" >&2; exit 1; }; done

for name in $(compgen -e AWS_ || true); do unset "$name"; done
dir=$(mktemp -d)
export HOME=$dir AWS_EC2_METADATA_DISABLED=true AWS_PAGER='' AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$dir"
}
trap finish EXIT

port=$("$here/.work/aws/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port
"$halon" range serve --listen "127.0.0.1:$port" --scenario "$scenario" --data-dir "$dir/world" --clock frozen >"$dir/range.log" 2>&1 &
server=$!
for _ in $(seq 300); do
  (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$dir/range.log" >&2; exit 1; }
  sleep 0.1
done

# The same answer: the ids of the high and active ones, then the findings themselves.
cat >"$dir/by-cli" <<SH
#!/bin/sh
set -e
aws() { "$aws" --endpoint-url "$url" "\$@"; }
detector=\$(aws guardduty list-detectors --query 'DetectorIds[0]' --output text)
aws guardduty list-findings --detector-id "\$detector" --output text --query 'FindingIds[]' \\
  --finding-criteria '{"Criterion":{"severity":{"GreaterThanOrEqual":7},"service.archived":{"Equals":["false"]}}}' |
  tr '\t' '\n' | xargs -n 50 "$aws" --endpoint-url "$url" guardduty get-findings --detector-id "\$detector" --finding-ids
SH
chmod +x "$dir/by-cli"

hyperfine --warmup 1 --min-runs 5 \
  --command-name "halon findings --json" \
  "$halon findings --json --source guardduty --endpoint-url $url --region us-east-1 --data-dir $dir/data >$dir/halon.json" \
  --command-name "aws guardduty" "$dir/by-cli >$dir/cli.json"

"$here/.work/aws/bin/python" - "$dir/halon.json" "$dir/cli.json" <<'PY'
import json, sys
ours = {item["id"] for item in json.load(open(sys.argv[1]))["items"]}
text, theirs, at = open(sys.argv[2]).read(), set(), 0
while at < len(text.rstrip()):  # one document for each fifty
    document, at = json.JSONDecoder().raw_decode(text, at)
    theirs |= {finding["Id"] for finding in document["Findings"]}
    at += len(text[at:]) - len(text[at:].lstrip())
print(f"{len(ours)} findings, the same ids" if ours == theirs else f"DIFFERENT ids: {len(ours)} and {len(theirs)}")
sys.exit(ours != theirs)
PY
