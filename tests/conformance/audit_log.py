"""halon's audit log against a verifier that shares no code with it (audit_verifier.py):
a log of the program and one that is kept here, damaged in every way, must get the same
exit code and the same first bad record from both."""

import hashlib
import json
import pathlib
import random
import re
import shutil

import audit_verifier
from audit_verifier import DOMAIN, verify
from check import Checks, holds, same
from lab import ROOT, Lab, halon_binary

FIXTURE = ROOT / "tests" / "fixtures" / "audit" / "audit.jsonl"
PAGE = ROOT / "docs" / "AUDIT-LOG.md"
# Keys of the default scenario.
KEYS = ("AKIAI44QH8DHBEXAMPLE", "AKIAI55BACKUPEXAMPLE")
FLIPS = 300  # bits flipped for the program; the Python verifier takes every one


def rehash(line, prev=None):
    """The line with its hash made to fit again, as somebody would who knows the rule."""
    body = line[:-72]
    at = body.index(b'"prev":"') + 8
    if prev:
        body = body[:at] + prev + body[at + 64 :]
    h = hashlib.sha256(DOMAIN + body[at : at + 64] + body + b"}").hexdigest()
    return body + b',"h":"' + h.encode() + b'"}'


def rechain(lines, start):
    """Every hash from `start` on made to fit again."""
    for at in range(start, len(lines)):
        lines[at] = rehash(lines[at], lines[at - 1][-66:-2] if at else None)
    return lines


def edit(line):
    return line.replace(b'"ts_mono":', b'"ts_mono":1', 1)


def without(lines, *places):
    return [line for at, line in enumerate(lines) if at not in places]


def damages(lines):
    """Name → the file's bytes, or None where the file is gone."""
    middle, n = len(lines) // 2, len(lines)

    def ended(some):
        return b"".join(line + b"\n" for line in some)

    def put(at, line):
        return [*lines[:at], line, *lines[at + 1 :]]

    def rewritten(at, old, new):
        """A line changed, with every hash from there on made to fit."""
        return ended(rechain(put(at, lines[at].replace(old, new, 1)), at))

    whole, edited, last = ended(lines), edit(lines[middle]), lines[-1]
    yield "ok", whole
    yield "edit", ended(put(middle, edited))
    yield "edit the last", ended(put(n - 1, edit(last)))
    digit = b"0" if lines[middle][-3:-2] != b"0" else b"1"
    yield "edit the hash", ended(put(middle, lines[middle][:-3] + digit + b'"}'))
    yield "drop", ended(without(lines, middle))
    yield "drop the first", ended(lines[1:])
    yield "drop several", ended(without(lines, 3, 4, middle))
    yield "swap", ended([*lines[:middle], lines[middle + 1], lines[middle], *lines[middle + 2 :]])
    yield "move", ended([*lines[:2], lines[n - 2], *lines[2 : n - 2], last])
    yield "dup", ended([*lines[: middle + 1], *lines[middle:]])
    yield "dup the last", ended([*lines, last])
    yield "gap", ended(rechain(without(lines, middle), middle))
    yield "rekey one", ended(put(middle, rehash(edited)))
    yield "rekey the rest", ended(rechain(put(middle, edited), middle))
    yield "insert", ended([*lines[:middle], b'{"note":"nothing happened"}', *lines[middle:]])
    yield "an empty line", ended([*lines[:middle], b"", *lines[middle:]])
    yield "other line ends", whole.replace(b"\n", b"\r\n")
    yield "a double key", rewritten(middle, b'"mode":', b'"mod\\u0065":"armed","mode":')
    yield "a double key inside", rewritten(middle, b'"caller_arn":', b'"caller_arn":null,"caller_arn":')
    yield "not ASCII", rewritten(middle, b'"os_user":"', '"os_user":"é'.encode())
    yield "another version", rewritten(n - 1, b'"v":1', b'"v":2')
    yield "an unknown kind", rewritten(n - 1, b'"kind":"', b'"kind":"unheard_of_')
    yield "empty", b""
    yield "gone", None
    yield "no line end", whole[:-1]
    yield "behind the end", whole[:-1] + b" "
    yield "behind the line end", whole + b"\0"
    for cut in (1, 2, 5, n - 1):
        yield f"cut off {cut}", ended(lines[:-cut])
    for torn in (1, 2, 50, len(last) - 80, len(last) - 1):
        yield f"torn at {torn}", ended(lines[:-1]) + last[:torn]


class Bench:
    """Runs both verifiers on the same bytes."""

    def __init__(self, lab, state):
        self.lab, self.state = lab, state
        self.folder = lab.folder("audit")
        self.log = self.folder / "audit.jsonl"

    def both(self, data, with_state, anchor=None):
        """(what halon says, what Python says), each exit code and first bad record."""
        beside = self.folder / "audit.jsonl.head"
        beside.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        if with_state:
            beside.write_text(json.dumps(self.state))
        if data is not None:
            self.log.write_bytes(data)
        command = [self.lab.halon_path, "--json", "audit", "verify", self.log, "--anchored-within", "99999d"]
        code, out, err = self.lab.run(*command, *(["--anchor", anchor] if anchor else []))
        try:
            answer = json.loads(out)
        except ValueError:
            answer = {"exit_code": None, "first_bad": f"no document: {err[:200]}"}
        same(answer["exit_code"], code, "the document's exit code and the process's")
        parsed = audit_verifier.parse_anchor(anchor) if anchor else None
        python = verify(data, self.state if with_state else None, parsed)
        return (code, answer["first_bad"]), python.brief


def short(h, seq):
    """A head as it is copied by hand."""
    return "-".join(h[at : at + 4] for at in range(0, 32, 4)) + f"@{seq}"


def compare(check, lab, title, data, state):
    lines = data.splitlines()
    bench = Bench(lab, state)
    head = short(state["h"], state["seq"])
    with check(f"{title}: {len(lines)} records, intact for both"):
        same(bench.both(data, True, head), ((0, None), (0, None)))
    for name, damaged in damages(lines):
        with check(f"{title}: {name}"):
            for with_state, anchor in ((False, None), (True, None), (False, head), (False, state["h"])):
                halon, python = bench.both(damaged, with_state, anchor)
                how = f"{'with' if with_state else 'without'} a state file, {'an' if anchor else 'no'} anchor"
                same(halon, python, f"halon and Python, {how}")
                # With a head kept outside nothing passes.
                if damaged != data and (with_state or anchor):
                    holds(halon[0] in (11, 12), f"exit code {halon[0]} {how}")
    with check(f"{title}: every bit flipped, by Python; {FLIPS} of them by halon"):
        passed = [at for at in range(len(data) * 8) if not flip_is_found(data, at)]
        holds(not passed, f"not found: {passed[:10]}")
        # The same ones each time, spread over the whole file.
        for at in random.Random(7).sample(range(len(data) * 8), FLIPS):
            halon, python = bench.both(flipped(data, at), False)
            same(halon, python, f"halon and Python, bit {at}")
            holds(halon[0] == 12, f"bit {at}: exit code {halon[0]}")


def flipped(data, at):
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


def flip_is_found(data, at):
    """Verifies only the line with the bit and its neighbour: the others are as they were."""
    start = data.rfind(b"\n", 0, at // 8) + 1
    end = data.find(b"\n", at // 8)
    end = len(data) if end < 0 else end + 1
    stop = data.find(b"\n", end)
    stop = len(data) if stop < 0 else stop + 1
    piece = flipped(data[start:stop], at - start * 8)
    *lines, rest = piece.split(b"\n")
    before = data[:start].splitlines()[-1:] if start else []
    prev = before[0][-66:-2].decode() if before else None
    seq = data[:start].count(b"\n") + 1
    if rest and not audit_verifier._holds_record(rest):
        return False
    try:
        for line in [*lines, rest] if rest else lines:
            value = audit_verifier.record(line)
            if value["seq"] != seq or prev and value["prev"] != prev:
                return True
            seq, prev = seq + 1, value["h"]
    except audit_verifier.Bad:
        return True
    # `rest` alone: a whole record without its end, with something behind it.
    return bool(rest)


def respond(lab, data, key, incident):
    """Switches an access key off in the range, recorded under an incident."""
    return lab.run(
        lab.halon_path, "--range", "--data-dir", data, "playbook", "run", "leaked-access-key",
        "--input", f"key={key}", "--incident", incident, "--title", "A <b>leaked</b> | key",
        "--reason", "checked", "--yes",
    )


def program_log(lab):
    """A log that the program writes: it plays in the range. What it said, and the log."""
    data = lab.folder("data")
    said = [respond(lab, data, key, f"INC-{number}")[2] for number, key in enumerate(KEYS)]
    return "\n".join(said), data / "audit-range.jsonl"


def exports(check, lab, log):
    incident = "INC-0"
    with check("export: every raw line of the incident is the log's, each hash holds"):
        code, out, err = lab.run(lab.halon_path, "--json", "audit", "export", "--incident", incident, log)
        same(code, 0, f"the exit code ({err[:300]})")
        document = json.loads(out)
        raw = log.read_bytes().splitlines()
        for item in document["items"]:
            same(item["raw"].encode(), raw[item["line"] - 1], f"line {item['line']}")
            same(audit_verifier.record(item["raw"].encode()), item["record"], "the record")
        holds(any(item["record"]["kind"] == "intent" for item in document["items"]), "no intent in it")
        last = audit_verifier.record(raw[-1])
        same(document["logs"][0]["head"]["short"], short(last["h"], last["seq"]), "the head")
    with check("export: Markdown without HTML, controls or links; written once"):
        report = lab.dir / "report.md"
        command = [lab.halon_path, "audit", "export", "--incident", incident, "--output", report, log]
        same(lab.run(*command)[0], 0, "the exit code")
        text = report.read_text()
        holds("<b>" not in text and "&lt;b&gt;leaked" in text, "the title is not escaped")
        holds(all(c == "\n" or c.isprintable() for c in text), "something unprintable is in it")
        same(lab.run(*command)[0], 2, "the exit code when the file is there")
        same(report.read_text(), text, "the file after the second time")


def main():
    with Checks("the audit log against a verifier of its own") as check, Lab(halon_binary()) as lab:
        with check("docs/AUDIT-LOG.md: its example verifies"):
            example = re.search(r"```jsonl\n(.*?)```", PAGE.read_text(), re.S)[1].encode()
            same(verify(example).brief, (0, None))
            same(len(verify(example).records), 2, "records")
        state = json.loads(pathlib.Path(f"{FIXTURE}.head").read_text())
        compare(check, lab, "kept log", FIXTURE.read_bytes(), state)
        said, log = program_log(lab)
        with check("the program writes a log in the range"):
            holds(log.exists(), f"there is none: {said}")
            kinds = {value["kind"] for value in verify(log.read_bytes()).records}
            holds({"session_start", "intent", "outcome", "session_end"} <= kinds, f"only {sorted(kinds)}")
        if log.exists():
            state = json.loads(pathlib.Path(f"{log}.head").read_text())
            compare(check, lab, "program's log", log.read_bytes(), state)
            exports(check, lab, log)
            with check("what the program tore it recovers, once, and says so for ever"):
                torn = lab.folder("torn") / "data"
                shutil.copytree(log.parent, torn)
                path = torn / log.name
                path.write_bytes(path.read_bytes() + b'{"v":1,"seq":')
                same(verify(path.read_bytes()).code, 11, "before")
                for number in range(2):
                    respond(lab, torn, KEYS[0], f"INC-{7 + number}")
                verdict = verify(path.read_bytes(), json.loads(pathlib.Path(f"{path}.head").read_text()))
                same(verdict.code, 11, "after")
                same(sum(value["kind"] == "recovered" for value in verdict.records), 1, "recovered records")


if __name__ == "__main__":
    main()
