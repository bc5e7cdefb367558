"""Changes as others see them: halon runs a playbook in the range, and the unchanged AWS
CLI looks at the same world through `halon range serve`; an undo brings it back."""

import json
import re

from check import Checks, holds, same
from lab import Lab, halon_binary

USER, KEY = "siem-exporter", "AKIAI99SIEMEXEXAMPLE"
ROLE, POLICY = "log-archiver", "arn:aws:iam::444455556666:policy/log-archive-access"
FINDING = "5e0c4f7a9d1b63e28c7f40a6b2d9158e"
INCIDENT = ("--incident", "INC-1", "--title", "A leaked key", "--reason", "found on a public page")


class World:
    """The default scenario's world in a data folder, and a server over it."""

    def __init__(self, lab):
        self.lab, self.data = lab, lab.folder("world")
        self.served = lab.range("leaked-key", data=self.data)
        self.url = self.served.url

    def halon(self, *arguments):
        return self.lab.run(self.lab.halon_path, "--range", "--data-dir", self.data, *arguments)

    def run_id(self, out):
        return re.search(r"run (\S+)", out).group(1)

    def key(self):
        keys = self.lab.aws(self.url, "iam", "list-access-keys", "--user-name", USER)
        [status] = [k["Status"] for k in keys["AccessKeyMetadata"] if k["AccessKeyId"] == KEY]
        return status

    def attached(self):
        answer = self.lab.aws(self.url, "iam", "list-attached-role-policies", "--role-name", ROLE)
        return {p["PolicyArn"] for p in answer["AttachedPolicies"]}

    def finding(self):
        [detector] = self.lab.aws(self.url, "guardduty", "list-detectors")["DetectorIds"]
        answer = self.lab.aws(self.url, "guardduty", "get-findings", "--detector-id", detector,
                              "--finding-ids", FINDING)
        return answer["Findings"][0]["Service"]["Archived"]

    def hub(self):
        filters = json.dumps({"Id": [{"Value": FINDING, "Comparison": "CONTAINS"}]})
        found = self.lab.aws(self.url, "securityhub", "get-findings", "--filters", filters)["Findings"]
        [finding] = [f for f in found if f["Id"].endswith(FINDING)]
        return finding["Workflow"]["Status"], finding.get("Note", {}).get("Text")


def leaked_key(check, world):
    with check("a plan and a refused run change nothing: the key is active"):
        code, out, err = world.halon("playbook", "plan", "leaked-access-key", "-i", f"key={KEY}")
        same(code, 0, f"exit code of the plan ({err.strip()})")
        for missing in ((), INCIDENT):
            code, _, err = world.halon("playbook", "run", "leaked-access-key", "-i", f"key={KEY}", *missing)
            same(code, 3, f"exit code ({err.strip()})")
        same(world.key(), "Active", "the key, as the CLI sees it")
    with check("the run ends with the key inactive, as the CLI sees it"):
        code, out, err = world.halon("playbook", "run", "leaked-access-key", "-i", f"key={KEY}", *INCIDENT, "--yes")
        same(code, 0, f"exit code ({err.strip()})")
        same(world.key(), "Inactive", "the key, as the CLI sees it")
        run = world.run_id(out)
    with check("the log is intact"):
        code, _, err = world.halon("audit", "verify")
        same(code, 0, f"exit code of audit verify ({err.strip()})")
    with check("reactivating asks more than --yes"):
        code, _, err = world.halon("undo", run, *INCIDENT, "--yes")
        same(code, 3, f"exit code ({err.strip()})")
        holds(f"--confirm 'deactivate={KEY}'" in err, f"the flag is not named: {err}")
        same(world.key(), "Inactive", "the key")
    with check("undo with the key's own name brings it back"):
        code, _, err = world.halon("undo", run, *INCIDENT, "--confirm", f"deactivate={KEY}")
        same(code, 0, f"exit code ({err.strip()})")
        same(world.key(), "Active", "the key, as the CLI sees it")


def wildcard(check, world):
    before = world.attached()
    with check("detach-wildcard-policy and its undo, as the CLI sees them"):
        code, out, err = world.halon("playbook", "run", "detach-wildcard-policy", "-i", f"role={ROLE}",
                                     "-i", f"policy={POLICY}", *INCIDENT, "--yes", "--answer", "sure=no")
        same(code, 0, f"exit code ({err.strip()})")
        same(world.attached(), before - {POLICY}, "attached policies")
        code, _, err = world.halon("undo", world.run_id(out), *INCIDENT, "--yes")
        same(code, 0, f"exit code of the undo ({err.strip()})")
        same(world.attached(), before, "attached policies after the undo")


def archive(check, world):
    with check("archive-findings reaches both services, and its undo says what stays"):
        code, out, err = world.halon("playbook", "run", "archive-findings", "--finding", FINDING,
                                     "-i", "reason=dealt with", *INCIDENT, "--yes")
        same(code, 0, f"exit code ({err.strip()})")
        same((world.finding(), world.hub()), (True, ("RESOLVED", "dealt with")), "the finding")
        code, _, err = world.halon("undo", world.run_id(out), *INCIDENT, "--yes")
        same(code, 0, f"exit code of the undo ({err.strip()})")
        same((world.finding(), world.hub()[0]), (False, "NEW"), "the finding after the undo")
        holds("not restored: Note" in err, f"the note that stays is not named: {err}")


def main():
    with Checks("changes in the range, seen by the AWS CLI") as check, Lab(halon_binary()) as lab:
        world = World(lab)
        leaked_key(check, world)
        wildcard(check, world)
        archive(check, world)
        with check("the log is intact at the end, and every outcome in it is known"):
            code, _, err = world.halon("audit", "verify")
            same(code, 0, f"exit code of audit verify ({err.strip()})")
            code, out, err = world.halon("playbook", "run", "leaked-access-key", "-i", f"key={KEY}", *INCIDENT, "--yes")
            holds("unknown outcome" not in err, err)


if __name__ == "__main__":
    main()
