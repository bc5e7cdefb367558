"""`halon trail` against `halon range serve`: what it asks, what it keeps, what it does when
things go wrong. The AWS CLI says what is there; the range's own record of the calls made
to it, read by the CLI too, says what was asked."""

import calendar
import json
import signal
import subprocess
import time

from check import Checks, holds, once, same
from lab import Lab, halon_binary

SCENARIO = "leaked-key"
# The operator of the account where the attack is, as the scenario has it.
PROD = {"AWS_ACCESS_KEY_ID": "AKIAI66PRODUCEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}
LEAKED = "AKIAI44QH8DHBEXAMPLE"
DAY = ("2026-03-01T04:00:00Z", "2026-03-02T02:50:00Z")
REGIONS = ["us-east-1", "eu-west-1"]


def cli(lab, url, *arguments, region="us-east-1", window=DAY, **env):
    """Every event that the CLI lists, over all pages."""
    answer = lab.aws(url, "cloudtrail", "lookup-events", "--region", region,
                     "--start-time", window[0], "--end-time", window[1], *arguments, **(env or PROD))
    return {e["EventId"]: json.loads(e["CloudTrailEvent"]) for e in answer["Events"]}


def by(key, value):
    return "--lookup-attributes", f"AttributeKey={key},AttributeValue={value}"


def during(window=DAY):
    return "--since", window[0], "--until", window[1]


def asked(lab, url, region):
    """The windows that halon asked LookupEvents for, as the range recorded the calls."""
    window = ("2026-03-02T03:00:00Z", "2026-03-02T04:00:00Z")
    events = cli(lab, url, *by("EventName", "LookupEvents"), region=region, window=window)
    own = [e for e in events.values() if "app/halon" in e["userAgent"]]
    return [(e["requestParameters"]["startTime"], e["requestParameters"]["endTime"]) for e in own]


def moment(at):
    """Epoch seconds of a time as CloudTrail records it in requestParameters."""
    if isinstance(at, (int, float)):
        return at
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%b %d, %Y, %I:%M:%S %p"):
        try:
            return calendar.timegm(time.strptime(at, form))
        except ValueError:
            pass
    raise ValueError(f"a time in an unknown form: {at}")


def whole(answer):
    same((answer.code, answer.complete, answer.incomplete), (0, True, []), answer.brief())
    return once(answer.ids)


def lookups(check, lab):
    served = lab.range(SCENARIO)
    url = served.url
    with check("a key's calls are the CLI's, in order of time, with the reason for what is not there"):
        answer = lab.trail(url, "--key", LEAKED, *during(), data=lab.folder("kept"), **PROD)
        expected = cli(lab, url, *by("AccessKeyId", LEAKED))
        holds(len(expected) >= 5, f"only {len(expected)} events")
        same(whole(answer), set(expected))
        times = [i["time"] for i in answer.items]
        same(times, sorted(times))
        holds(all(i["access_key_id"] == LEAKED for i in answer.items), "another key")
        holds("data events" in answer.err, answer.err)
    with check("every attribute that the CLI has, and filters that CloudTrail does not have"):
        some = next(iter(cli(lab, url, *by("EventName", "AttachUserPolicy")).values()))
        for flag, attribute, value in [
            ("--event", "EventName", "AttachUserPolicy"), ("--user", "Username", some["userIdentity"]["userName"]),
            ("--source", "EventSource", "iam.amazonaws.com"), ("--event-id", "EventId", some["eventID"]),
        ]:
            answer = lab.trail(url, flag, value, *during(), data=lab.folder("kept"), **PROD)
            same(whole(answer), set(cli(lab, url, *by(attribute, value))), flag)
        everything = cli(lab, url)
        from_there = {i for i, e in everything.items() if e["sourceIPAddress"] == some["sourceIPAddress"]}
        answer = lab.trail(url, "--address", some["sourceIPAddress"], *during(), data=lab.folder("kept"), **PROD)
        same(whole(answer), from_there)
        holds("filtered here: address" in answer.err, answer.err)
    with check("the same question twice: the second asks nothing"):
        data = lab.folder("kept")
        first = lab.trail(url, *during(), data=data, regions=REGIONS, **PROD)
        made = len(served.requests("LookupEvents"))
        second = lab.trail(url, *during(), data=data, regions=REGIONS, **PROD)
        same(len(served.requests("LookupEvents")), made, "requests after the second")
        same(whole(second), whole(first))
        expected = set(cli(lab, url)) | set(cli(lab, url, region="eu-west-1"))
        same(once(first.ids), expected)
        holds(len(expected) > 200, f"only {len(expected)} events: not several pages")
    served.stop()

    served = lab.range(SCENARIO)
    with check("an overlapping question asks only for the rest"):
        data = lab.folder("kept")
        narrow, wide = ("2026-03-01T12:00:00Z", "2026-03-01T15:00:00Z"), ("2026-03-01T11:00:00Z", "2026-03-01T17:00:00Z")
        lab.trail(served.url, *during(narrow), data=data, **PROD)
        before = asked(lab, served.url, "us-east-1")
        answer = lab.trail(served.url, *during(wide), data=data, **PROD)
        rest = [w for w in asked(lab, served.url, "us-east-1") if w not in before]
        holds(rest, "nothing was asked")
        begin, end = (moment(t) for t in narrow)
        for start, stop in rest:
            # A second of overlap at a seam costs nothing and can lose nothing.
            holds(moment(stop) <= begin + 1 or moment(start) >= end, f"{start} to {stop} was known")
        same(whole(answer), set(cli(lab, served.url, window=wide)))
    with check("the CLI sees the calls that halon made, with who made them and where"):
        events = cli(lab, served.url, *by("EventName", "LookupEvents"),
                     window=("2026-03-02T03:00:00Z", "2026-03-02T04:00:00Z"))
        [own, *_] = [e for e in events.values() if "app/halon" in e["userAgent"]]
        same((own["userIdentity"]["userName"], own["userIdentity"]["accessKeyId"]),
             ("prod-oncall", PROD["AWS_ACCESS_KEY_ID"]))
        same((own["awsRegion"], own["eventSource"], own["readOnly"]), ("us-east-1", "cloudtrail.amazonaws.com", True))
        who = cli(lab, served.url, *by("EventName", "GetCallerIdentity"),
                  window=("2026-03-02T03:00:00Z", "2026-03-02T04:00:00Z"))
        holds(any("app/halon" in e["userAgent"] for e in who.values()), "no GetCallerIdentity of halon's")
    served.stop()


def faults(check, lab):
    clean = lab.range(SCENARIO)
    expected = set(cli(lab, clean.url))
    clean.stop()
    lookup = "cloudtrail:LookupEvents"

    def world(rules, port=None):
        text = "\n".join("[[faults]]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in r.items()) for r in rules)
        return lab.range(SCENARIO, "--faults", lab.file("faults.toml", text), port=port)

    for kind in ("status:500", "reset", "truncate", "html", "throttle"):
        with check(f"page 3 fails ({kind}): said, kept up to there, and the rest is asked for later"):
            served = world([{"op": lookup, "from": 3, "kind": kind}])
            data = lab.folder("kept")
            answer = lab.trail(served.url, *during(), data=data, **PROD)
            served.stop()
            same((answer.code, answer.complete), (5, False), answer.brief())
            same([(i["source"], i["region"], i["page"]) for i in answer.incomplete], [("cloudtrail", "us-east-1", 3)])
            holds(answer.why().strip() and "<" not in answer.why(), answer.why())
            part = once(answer.ids)
            holds(part < expected and len(part) == 100, f"{len(part)} of {len(expected)}")
            # Under the same address: what one endpoint said covers nothing of another.
            healed = world([], port=served.port)
            same(whole(lab.trail(healed.url, *during(), data=data, **PROD)), expected)
            pages = -(-len(expected) // 50)
            holds(len(healed.requests("LookupEvents")) <= pages - 1, "what was there was asked for again")
            healed.stop()
    with check("throttled now and then: waited for, and whole"):
        served = world([{"op": lookup, "every": 2, "kind": "throttle"}])
        same(whole(lab.trail(served.url, *during(), data=lab.folder("kept"), **PROD)), expected)
        served.stop()
    with check("a region that cannot be reached: the attack's events all the same, exit 5 and the reason"):
        served = world([{"op": lookup, "region": "eu-west-1", "kind": "reset"}])
        answer = lab.trail(served.url, "--key", LEAKED, *during(), data=lab.folder("kept"), regions=REGIONS, **PROD)
        same((answer.code, answer.complete), (5, False), answer.brief())
        same([(i["source"], i["region"]) for i in answer.incomplete], [("cloudtrail", "eu-west-1")])
        holds(answer.why().strip(), "no reason")
        same(once(answer.ids), set(cli(lab, served.url, *by("AccessKeyId", LEAKED))))
        served.stop()
    with check("killed half-way, four times: nothing lost, nothing twice, and what is covered is there"):
        served = world([{"op": lookup, "from": 1, "kind": "slow"}])
        data = lab.folder("kept")
        command = [lab.halon_path, "trail", "--json", "--endpoint-url", served.url, "--data-dir", data,
                   "--region", "us-east-1", *during()]
        for wait in (3, 8, 7, 12):
            process = subprocess.Popen([str(c) for c in command], env=lab.environment(**PROD),
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
        kept = lab.run(lab.halon_path, "trail", "--json", "--offline", "--data-dir", data, *during())
        part = once([i["event_id"] for i in json.loads(kept[1])["items"]])
        holds(part and part < expected, f"{len(part)} of {len(expected)} after the kills")
        made = len(served.requests("LookupEvents"))
        served.stop()
        healed = world([], port=served.port)
        same(whole(lab.trail(healed.url, *during(), data=data, **PROD)), expected)
        holds(made >= 4, f"{made} requests")
        healed.stop()


def stopped(check, lab):
    """SIGINT on the way: what there is, and that it is not all."""
    with check("interrupted: what was read is printed, as not complete, and the exit code says why"):
        served = lab.range(SCENARIO, "--faults", lab.file("slow.toml", f"""[[faults]]
op = "cloudtrail:LookupEvents"
from = 3
kind = "hang"
"""))
        process = subprocess.Popen(
            [str(c) for c in (lab.halon_path, "trail", "--json", "--endpoint-url", served.url, "--data-dir",
                              lab.folder("kept"), "--region", "us-east-1", *during())],
            env=lab.environment(**PROD), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while len(served.requests("LookupEvents")) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        same(process.returncode, 130, err)
        answer = json.loads(out)
        same(answer["complete"], False)
        holds("stopped before its end" in answer["incomplete"][0]["why"], str(answer["incomplete"]))
        same(len(once([i["event_id"] for i in answer["items"]])), 100)
        served.stop()


def logging(check, lab):
    with check("the doctor says whether the trail records, as the CLI switches it"):
        served = lab.range("quiet")
        trails = lab.aws(served.url, "cloudtrail", "describe-trails")["trailList"]
        [trail] = [t for t in trails if t["HomeRegion"] == "us-east-1"][:1]

        def doctor():
            code, out, err = lab.run(lab.halon_path, "doctor", "--json", "--endpoint-url", served.url,
                                     "--data-dir", lab.folder("kept"), "--region", "us-east-1")
            [said] = [c for c in json.loads(out)["items"] if c["check"] == "cloudtrail"]
            return code, said["state"], said["detail"]

        same(doctor()[1], "good", doctor()[2])
        lab.aws(served.url, "cloudtrail", "stop-logging", "--name", trail["TrailARN"])
        code, state, detail = doctor()
        same((code, state), (1, "problem"), detail)
        holds(trail["Name"] in detail and "STOPPED" in detail, detail)
        lab.aws(served.url, "cloudtrail", "start-logging", "--name", trail["TrailARN"])
        same(doctor()[1], "good", doctor()[2])
        served.stop()


def secrets(check, lab):
    with check("session tokens in events stand in no answer and in no file"):
        served = lab.range(SCENARIO)
        data = lab.folder("kept")
        events = cli(lab, served.url, *by("EventName", "AssumeRole"))
        tokens = {c["sessionToken"] for e in events.values()
                  if (c := (e.get("responseElements") or {}).get("credentials")) and c.get("sessionToken")}
        holds(tokens, "no token to look for")
        answer = lab.trail(served.url, *during(), data=data, **PROD)
        holds("<redacted sha256:" in answer.out, "nothing was taken out")
        texts = [answer.out, answer.err]
        texts += [p.read_bytes().decode("latin-1") for p in data.rglob("*") if p.is_file()]
        for token in tokens:
            holds(not any(token in t for t in texts), "a session token was kept or shown")
        served.stop()


def main():
    with Checks("halon's trail against the range") as check, Lab(halon_binary()) as lab:
        lookups(check, lab)
        faults(check, lab)
        stopped(check, lab)
        logging(check, lab)
        secrets(check, lab)


if __name__ == "__main__":
    main()
