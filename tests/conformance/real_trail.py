"""Imports real CloudTrail events that nobody of this project wrote, and compares what
halon says of them with the raw JSON, read here by code that shares nothing with halon's.

    python real_trail.py HALON_BINARY DATA_DIR"""

import gzip
import json
import pathlib
import sys

from check import Checks, holds, once, same
from lab import Lab, halon_binary

EVENTS = 2900  # in cloudtrail/invictus, as counted once and written down
SECRETS = ("secretaccesskey", "sessiontoken", "password")  # ends of their names
ALL = ("--since", "2023-07-01", "--until", "2023-08-01")


def raw_events(folder):
    out = []
    for path in sorted(folder.glob("*.json.gz")):
        out += json.loads(gzip.decompress(path.read_bytes()))["Records"]
    return out


def hidden(value):
    """Every secret in an event, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.lower().endswith(SECRETS) and isinstance(inner, str):
                yield inner
            yield from hidden(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from hidden(inner)


def main(data):
    folder = pathlib.Path(data) / "cloudtrail" / "invictus"
    events = raw_events(folder)
    with Checks("real CloudTrail events") as check, Lab(halon_binary()) as lab:
        home = lab.folder("kept")

        def halon(*arguments, code=0):
            ended, out, err = lab.run(lab.halon_path, *arguments, "--json", "--data-dir", home)
            same(ended, code, f"exit code ({err.strip()[:400]})")
            said.extend((out, err))
            return json.loads(out)

        said = []
        with check("2,900 events are read, and none again"):
            same(len(events), EVENTS, "events in the files")
            totals = halon("trail", "import", folder)["totals"]
            same((totals["files"], totals["events"], totals["new"], totals["rejected"]), (55, EVENTS, EVENTS, 0))
            totals = halon("trail", "import", folder)["totals"]
            same((totals["events"], totals["new"], totals["known"]), (EVENTS, 0, EVENTS))
        with check("each event is there once, in order, and as it was but for secrets"):
            items = halon("trail", "--offline", *ALL)["items"]
            same(once([i["event_id"] for i in items]), {e["eventID"] for e in events})
            same([i["time"] for i in items], sorted(e["eventTime"] for e in events))
            by_id = {i["event_id"]: i for i in items}
            for event in events:
                item = by_id[event["eventID"]]
                same((item["name"], item["source"], item["region"], item["error_code"]),
                     (event["eventName"], event["eventSource"], event["awsRegion"], event.get("errorCode")))
                same(item["access_key_id"], event["userIdentity"].get("accessKeyId") or None)
                if not set(hidden(event)):
                    same(item["raw"], event)
        with check("questions by key, event, address and text"):
            key = max({e["userIdentity"].get("accessKeyId") or "" for e in events})
            address = events[0]["sourceIPAddress"]
            for flags, is_meant in [
                (("--key", key), lambda e: e["userIdentity"].get("accessKeyId") == key),
                (("--event", "AssumeRole"), lambda e: e["eventName"] == "AssumeRole"),
                (("--source", "kms"), lambda e: e["eventSource"] == "kms.amazonaws.com"),
                (("--address", address), lambda e: e["sourceIPAddress"] == address),
                (("--failed",), lambda e: e.get("errorCode")),
                (("--event", "GetUser", "--failed"), lambda e: e["eventName"] == "GetUser" and e.get("errorCode")),
            ]:
                got = halon("trail", "--offline", *ALL, *flags)["items"]
                same(once([i["event_id"] for i in got]), {e["eventID"] for e in events if is_meant(e)}, flags)
        with check("temporary keys belong to their roles, and to whom AssumeRole gave them"):
            sessions = halon("trail", "sessions")["items"]
            holder = {k: s for s in sessions for k in s["access_keys"]}
            ids = {s["id"]: s for s in sessions}
            used = given = 0
            for event in events:
                who = event["userIdentity"]
                issuer = (who.get("sessionContext") or {}).get("sessionIssuer") or {}
                if who.get("type") == "AssumedRole" and issuer.get("arn") and who.get("accessKeyId"):
                    same(holder[who["accessKeyId"]]["role"], issuer["arn"])
                    used += 1
                credentials = (event.get("responseElements") or {}).get("credentials") if \
                    isinstance(event.get("responseElements"), dict) else None
                if event["eventName"] == "AssumeRole" and credentials:
                    session = holder[credentials["accessKeyId"]]
                    same(session["role"], event["requestParameters"]["roleArn"])
                    parent = ids[session["assumed_by"]]
                    if who.get("accessKeyId"):
                        holds(who["accessKeyId"] in parent["access_keys"], f"{who} is not in {parent}")
                    else:
                        same(parent["principal"], who["invokedBy"])
                    given += 1
            holds(used >= 70 and given >= 30, f"{used} calls of roles, {given} keys given out")
            same(sum(s["events"] for s in sessions), EVENTS, "events in all sessions")
        with check("no secret in any answer, nor in any file"):
            # A service may have masked one itself.
            masked = ("HIDDEN_DUE_TO_SECURITY_REASONS", "")
            secrets = {s for e in events for s in hidden(e) if s.strip("*") not in masked}
            holds(len(secrets) >= 30, f"only {len(secrets)} secrets to look for")
            said.extend(p.read_bytes().decode("latin-1") for p in home.rglob("*") if p.is_file())
            for text in said:
                holds(not any(s in text for s in secrets), "a secret was kept or shown")


if __name__ == "__main__":
    main(sys.argv[2])
