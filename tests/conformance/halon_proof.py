"""`halon audit verify --cloudtrail` over the range's world: halon makes changes and proves its
log; the unchanged AWS CLI, with the same key, is the client whose calls no log has, and the
witness of what CloudTrail holds."""

import json

from check import Checks, holds, same
from lab import KEY, ROOT, Lab, halon_binary

USER, LEAKED = "siem-exporter", "AKIAI99SIEMEXEXAMPLE"
ROLE, POLICY = "log-archiver", "arn:aws:iam::444455556666:policy/log-archive-access"
INCIDENT = ("--incident", "INC-1", "--title", "A leaked key", "--reason", "found on a public page")
# The world's own time: the history that CloudTrail has of it begins here.
SINCE = "2026-03-02T03:10:00Z"


class World:
    def __init__(self, lab, scenario="leaked-key"):
        self.lab, self.scenario, self.data = lab, scenario, lab.folder("world")
        self.url = lab.range(scenario, data=self.data, clock="real").url

    def halon(self, *arguments):
        command = [self.lab.halon_path, f"--range={self.scenario}", "--data-dir", self.data]
        return self.lab.run(*command, *arguments)

    def deactivate(self):
        code, _, err = self.halon("playbook", "run", "leaked-access-key", "-i", f"key={LEAKED}",
                                  *INCIDENT, "--yes")
        same(code, 0, f"exit code of the run ({err.strip()})")

    def proof(self, code, *arguments):
        """The part about CloudTrail, after the exit code was what it should be."""
        got, out, err = self.halon("audit", "verify", "--cloudtrail", "--json", *arguments)
        same(got, code, f"exit code of audit verify ({err.strip()} {out[-1500:]})")
        document = json.loads(out)
        if code != 12:  # what is left of a changed log may be open as well
            same(document["complete"], code != 5, "complete")
        return document["cloudtrail"]

    def events(self, name):
        """Our own events of this name, by request id, as the CLI looks them up."""
        answer = self.lab.aws(self.url, "cloudtrail", "lookup-events", "--start-time", SINCE,
                              "--lookup-attributes", f"AttributeKey=EventName,AttributeValue={name}")
        found = [json.loads(e["CloudTrailEvent"]) for e in answer["Events"]]
        return {e["requestID"]: e for e in found if e["userIdentity"].get("accessKeyId") == KEY}


def of(proof, verdict):
    return [f for f in proof["findings"] if f["verdict"] == verdict]


def both_ways(check, lab):
    world = World(lab)
    with check("after a run and its reads the log is proven, and CloudTrail has its request ids"):
        world.deactivate()
        code, _, err = world.halon("playbook", "run", "detach-wildcard-policy", "-i", f"role={ROLE}",
                                   "-i", f"policy={POLICY}", *INCIDENT, "--yes", "--answer", "sure=no")
        same(code, 0, f"exit code of the run ({err.strip()})")
        proof = world.proof(0)
        same(proof["grade"], "clean", "the grade")
        ours = {f["call"]["request_id"] for f in of(proof, "matched")}
        told = set(world.events("UpdateAccessKey")) | set(world.events("DetachRolePolicy"))
        same(ours, told, "request ids")
        holds(len(ours) >= 2, f"only {len(ours)} calls")
    with check("what the CLI only reads with the same key is nothing to be proven"):
        world.lab.aws(world.url, "iam", "list-access-keys", "--user-name", USER)
        world.proof(0)
    with check("a call by the CLI with the same key is named, with everything that is known of it"):
        before = set(world.events("UpdateAccessKey"))
        world.lab.aws(world.url, "iam", "update-access-key", "--user-name", USER,
                      "--access-key-id", LEAKED, "--status", "Active")
        [(request, event)] = [(k, e) for k, e in world.events("UpdateAccessKey").items() if k not in before]
        [found] = of(world.proof(1), "unlogged")
        shown = found["event"]
        same((shown["request_id"], shown["event_id"], shown["time"]),
             (request, event["eventID"], event["eventTime"]), "which event")
        same((shown["name"], shown["access_key_id"], shown["source_ip"], shown["user_agent"]),
             ("UpdateAccessKey", KEY, event["sourceIPAddress"], event["userAgent"]), "who and how")
        holds("aws-cli" in shown["user_agent"], shown["user_agent"])
    with check("people read the same: what, when, by whom, from where"):
        code, out, _ = world.halon("audit", "verify", "--cloudtrail")
        same(code, 1, "exit code")
        [line] = [line for line in out.splitlines() if "NOT LOGGED" in line]
        for part in (event["eventID"], event["eventTime"], "iam:UpdateAccessKey", KEY,
                     event["sourceIPAddress"], "aws-cli"):
            holds(part in line, f"{part} is not in {line}")
    with check("an attempt that AWS refused is named too"):
        code, _, _ = world.lab.aws_raw(world.url, "iam", "detach-role-policy", "--role-name", "no-such-role",
                                       "--policy-arn", POLICY)
        holds(code != 0, "the range took a role that is not there")
        names = [f["event"]["name"] for f in of(world.proof(1), "unlogged")]
        same(sorted(names), ["DetachRolePolicy", "UpdateAccessKey"], "what is not logged")


def untold(check, lab):
    """A world whose CloudTrail never has the first change of each process."""
    text = (ROOT / "assets" / "scenarios" / "leaked-key.toml").read_text()
    text = text.replace('id = "leaked-key"', 'id = "untold"', 1)
    text += '\n[[faults]]\nop = "iam:UpdateAccessKey"\nnth = 1\nkind = "untold"\n'
    folder = lab.dir / "home" / ".config" / "halon" / "scenarios"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "untold.toml").write_text(text)
    world = World(lab, "untold")
    with check("a logged call whose event is not there is too young at first, and says until when"):
        world.deactivate()
        same(world.events("UpdateAccessKey"), {}, "the events that the CLI finds")
        [found] = of(world.proof(5), "too_young")
        same(found["call"]["operation"], "UpdateAccessKey", "the call")
        code, out, _ = world.halon("audit", "verify", "--cloudtrail")
        same(code, 5, "exit code")
        holds("too young: CloudTrail may have it until" in out, out)
    with check("and it is missing once CloudTrail has had its time"):
        [found] = of(world.proof(1, "--delay", "0s"), "missing")
        holds(found["call"]["request_id"] and found["call"]["account"] == "444455556666", str(found))
        code, out, _ = world.halon("audit", "verify", "--cloudtrail", "--delay", "0s")
        same(code, 1, "exit code")
        [line] = [line for line in out.splitlines() if "MISSING" in line]
        holds(found["call"]["request_id"] in line and "iam:UpdateAccessKey" in line, line)
    with check("a log that was changed is that, whatever CloudTrail says"):
        log = world.data / "audit-range.jsonl"
        log.write_text(log.read_text().replace(found["call"]["request_id"], "0" * 8, 1))
        world.proof(12)


def main():
    with Checks("halon audit verify --cloudtrail, with the AWS CLI as the other client") as check:
        with Lab(halon_binary()) as lab:
            both_ways(check, lab)
            untold(check, lab)


if __name__ == "__main__":
    main()
