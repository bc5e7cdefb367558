#!/usr/bin/env bash
# How long `halon trail import` takes beside `jq -c '.Records[]'` over the same files, as
# CloudTrail delivers them: thousands of small gzips. Not part of CI. Needs jq, python3 and
# a build of halon ($HALON; otherwise the release build).
#   tests/conformance/timing_import.sh [FILES [EVENTS [RUNS]]]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
halon=$(realpath -m "${HALON:-$root/target/release/halon}")
files=${1:-4000} events=${2:-35000} runs=${3:-5}
for needed in jq gzip python3; do command -v "$needed" >/dev/null || { echo "$needed is missing" >&2; exit 1; }; done
[ -x "$halon" ] || { echo "$halon is missing" >&2; exit 1; }

for name in $(compgen -e AWS_ || true); do unset "$name"; done
dir=$(mktemp -d)
export HOME=$dir
trap 'rm -rf "$dir"' EXIT

python3 - "$dir/logs" "$files" "$events" <<'PY'
import gzip, json, os, random, sys
from datetime import datetime, timedelta
folder, files, events = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
dice, begin, account = random.Random(7), datetime(2026, 3, 2), "111122223333"
calls = [("s3", "GetObject"), ("s3", "PutObject"), ("sts", "AssumeRole"), ("ec2", "DescribeInstances"),
         ("iam", "ListUsers"), ("kms", "Decrypt"), ("lambda", "Invoke20150331"), ("logs", "CreateLogStream")]
regions = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]

def event(n):
    service, name = dice.choice(calls)
    who, region = dice.randrange(60), dice.choice(regions)
    arn = f"arn:aws:iam::{account}:role/role{who}"
    made = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"AROAEXAMPLEEXAMPLE{who:03}:session{who}",
            "arn": f"arn:aws:sts::{account}:assumed-role/role{who}/session{who}", "accountId": account,
            "accessKeyId": f"ASIAEXAMPLE{dice.randrange(900):09}",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": f"AROAEXAMPLEEXAMPLE{who:03}", "arn": arn,
                                  "accountId": account, "userName": f"role{who}"},
                "attributes": {"creationDate": "2026-03-02T00:00:00Z", "mfaAuthenticated": "false"}}},
        "eventTime": (begin + timedelta(seconds=n)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": region,
        "sourceIPAddress": f"198.51.100.{dice.randrange(250)}",
        "userAgent": f"aws-sdk-go-v2/1.17.{who} os/linux lang/go#1.19 md/GOOS#linux md/GOARCH#amd64 api/{service}#1.29.1",
        "requestParameters": {"bucketName": f"bucket{dice.randrange(40)}", "key": f"path/to/object-{n}.json",
                              "Host": f"bucket.{service}.{region}.amazonaws.com"},
        "responseElements": None, "requestID": f"{dice.getrandbits(64):016X}",
        "eventID": f"{dice.getrandbits(32):08x}-0000-4000-8000-{n:012x}", "readOnly": True,
        "resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::bucket/path/to/object-{n % 5000}"}],
        "eventType": "AwsApiCall", "managementEvent": False, "recipientAccountId": account, "eventCategory": "Data"}
    if name == "AssumeRole":
        made["responseElements"] = {"credentials": {"accessKeyId": f"ASIAMADE{n:012}", "sessionToken": f"{dice.getrandbits(1600):x}",
                                                    "expiration": "Mar 2, 2026, 4:00:00 AM"}}
    if n % 20 == 0:
        made |= {"errorCode": "AccessDenied", "errorMessage": "User is not authorized to perform this action"}
    return made

for file in range(files):
    mine = [event(n) for n in range(file * events // files, (file + 1) * events // files)]
    day = f"{folder}/AWSLogs/{account}/CloudTrail/us-east-1/2026/03/{2 + file * 28 // files:02}"
    os.makedirs(day, exist_ok=True)
    with gzip.GzipFile(f"{day}/{account}_CloudTrail_us-east-1_20260302T{file:06}Z_AAAAAAAAAAAAAAAA.json.gz", "wb", 6, mtime=0) as out:
        out.write(json.dumps({"Records": mine}, separators=(",", ":")).encode())
PY

ours() { rm -rf "$dir/data" && "$halon" trail import --data-dir "$dir/data" "$dir/logs" >"$dir/said"; }
theirs() { find "$dir/logs" -name '*.gz' -print0 | xargs -0 gzip -dc | jq -c '.Records[]' >/dev/null; }
# The median of several, in milliseconds.
median() {
  for _ in $(seq "$runs"); do
    local from=$EPOCHREALTIME to
    "$1"
    to=$EPOCHREALTIME
    echo $(((${to/./} - ${from/./}) / 1000))
  done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

theirs # both read from the cache
ours_ms=$(median ours) theirs_ms=$(median theirs)
head -n 1 "$dir/said"
grep -q "$events events, $events new" "$dir/said" || { echo "that is not all of them" >&2; exit 1; }
echo "halon trail import $ours_ms ms, gzip -dc | jq $theirs_ms ms:" \
  "halon takes in $(awk "BEGIN { printf \"%.2f\", $theirs_ms / $ours_ms }") times as many events per second"
