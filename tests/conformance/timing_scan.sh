#!/usr/bin/env bash
# How long `halon iam scan` takes beside parliament (PyPI, 1.6.4) on the same 400 managed
# policies: as one file of authorization details for both, and for parliament as a folder of
# documents too. Each is a whole process, from its start to its last line. Not part of CI.
# Needs python3 with venv, the Python package index and a build of halon ($HALON; otherwise
# the release build). POLICIES is one JSON object a line with `name` and `document`, may be
# gzipped.
#   tests/conformance/timing_scan.sh POLICIES [COUNT [RUNS]]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
halon=$(realpath -m "${HALON:-$root/target/release/halon}")
policies=$(realpath "${1:?a file of policies}") count=${2:-400} runs=${3:-7}
[ -x "$halon" ] || { echo "$halon is missing" >&2; exit 1; }
python=${PYTHON:-python3}

for name in $(compgen -e AWS_ || true); do unset "$name"; done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
venv=$here/.work/parliament
if [ ! -x "$venv/bin/parliament" ]; then
  "$python" -m venv "$venv"
  # It still asks setuptools for pkg_resources.
  "$venv/bin/pip" -q install parliament==1.6.4 'setuptools<81'
fi
export HOME=$dir

"$python" - "$policies" "$count" "$dir" <<'PY'
import gzip, json, os, sys
source, count, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
opened = gzip.open if source.endswith(".gz") else open
rows = [json.loads(line) for line in opened(source, "rt")][:count]
assert len(rows) == count, f"only {len(rows)} policies"
os.mkdir(f"{folder}/documents")
arn, at = "arn:aws:iam::111122223333", "2024-01-01T00:00:00Z"
policies, roles = [], []
for n, row in enumerate(rows):
    with open(f"{folder}/documents/{n}.json", "w") as out:
        json.dump(row["document"], out)
    policies.append({"PolicyName": row["name"], "PolicyId": f"ANPAEXAMPLE{n:09}", "Arn": f"{arn}:policy/{row['name']}",
                     "Path": "/", "DefaultVersionId": "v1", "AttachmentCount": 1, "IsAttachable": True, "CreateDate": at, "UpdateDate": at,
                     "PolicyVersionList": [{"Document": row["document"], "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": at}]})
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    roles.append({"Path": "/", "RoleName": f"role-{n}", "RoleId": f"AROAEXAMPLE{n:09}", "Arn": f"{arn}:role/role-{n}", "CreateDate": at,
                  "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}, "InstanceProfileList": [], "RolePolicyList": [],
                  "AttachedManagedPolicies": [{"PolicyName": row["name"], "PolicyArn": f"{arn}:policy/{row['name']}"}]})
with open(f"{folder}/details.json", "w") as out:
    json.dump({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies}, out, indent=1)
PY

ours() { "$halon" iam scan --file "$dir/details.json" --json >"$dir/ours.json"; }
# Both end with 1 where they found something.
theirs() { "$venv/bin/parliament" --auth-details-file "$dir/details.json" >"$dir/theirs" || [ $? = 1 ]; }
folder() { "$venv/bin/parliament" --directory "$dir/documents" >"$dir/folder" || [ $? = 1 ]; }
# The median of several, in milliseconds.
median() {
  for _ in $(seq "$runs"); do
    local from=$EPOCHREALTIME to
    "$1"
    to=$EPOCHREALTIME
    echo $(((${to/./} - ${from/./}) / 1000))
  done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

ours
ours_ms=$(median ours) theirs_ms=$(median theirs) folder_ms=$(median folder)
"$python" - "$dir/ours.json" "$count" <<'PY'
import json, sys
answer = json.load(open(sys.argv[1]))
assert answer["complete"] and len(answer["principals"]) == int(sys.argv[2]), "that is not all of them"
print(f"{len(answer['principals'])} roles, {len(answer['items'])} findings from high on, {answer['below']} below")
PY
echo "halon iam scan $ours_ms ms, parliament --auth-details-file $theirs_ms ms, --directory $folder_ms ms:" \
  "$(awk "BEGIN { printf \"%.1f and %.1f\", $theirs_ms / $ours_ms, $folder_ms / $ours_ms }") times"
