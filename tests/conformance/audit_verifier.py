"""A verifier for halon's audit logs, written from docs/AUDIT-LOG.md alone. It shares no
code with halon and needs nothing but Python.

    python3 audit_verifier.py LOG [--state FILE] [--anchor HEAD]

Exit codes: 0 intact, 11 torn tail, 12 tampered with, 13 unreadable."""

import argparse
import hashlib
import json
import re
import sys

DOMAIN = b"halon-audit-v1\0"
TAIL = re.compile(rb',"h":"([0-9a-f]{64})"\}\Z')
HEX64 = re.compile(r"[0-9a-f]{64}")


class Bad(Exception):
    """A line that is no record."""


def _once(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Bad("a key stands twice in one object")
    return dict(pairs)


def _no_constant(name):
    raise Bad(f"{name} is not JSON")


def record(line):
    """The record in a line (without its end), its hash checked over its own bytes."""
    tail = TAIL.search(line)
    if not tail:
        raise Bad("it does not end with a hash")
    if any(not 0x20 <= byte <= 0x7E for byte in line):
        raise Bad("it is not printable ASCII")
    try:
        value = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as none:
        raise Bad(f"it is not JSON: {none}") from none
    if not isinstance(value, dict) or type(value.get("seq")) is not int or value["seq"] < 0:
        raise Bad("it has no number")
    if not isinstance(value.get("prev"), str) or not HEX64.fullmatch(value["prev"]):
        raise Bad("its prev is not a hash")
    if not all(isinstance(value.get(key), str) for key in ("kind", "ts_utc")):
        raise Bad("it has no kind or no time")
    digest = hashlib.sha256(DOMAIN + value["prev"].encode() + line[: tail.start()] + b"}").hexdigest()
    if digest != tail[1].decode():
        raise Bad("its hash does not fit its bytes")
    if type(value.get("v")) is not int or value["v"] != 1:
        raise Bad("its version is unknown")
    return value


def _holds_record(fragment):
    """A whole record with more behind it: no torn write leaves that."""
    for found in re.finditer(rb',"h":"[0-9a-f]{64}"\}', fragment):
        if found.end() < len(fragment):
            try:
                record(fragment[: found.end()])
                return True
            except Bad:
                pass
    return False


def parse_anchor(text):
    """(hex, number or None) of a head as it was copied."""
    digits, _, seq = text.replace("#", "@").partition("@")
    digits = re.sub(r"[\s-]", "", digits).lower()
    if len(digits) not in (32, 64) or not re.fullmatch("[0-9a-f]+", digits):
        raise ValueError("a head has 32 or 64 hex digits")
    return digits, int(seq) if seq.strip() else None


class Verdict:
    def __init__(self, code, first_bad=None, why=None, records=()):
        self.code, self.first_bad, self.why, self.records = code, first_bad, why, records

    @property
    def brief(self):
        return self.code, self.first_bad


def verify(data, state=None, anchor=None):
    """`data` is the file's bytes, or None where there is no file; `state` the state file
    as a dictionary; `anchor` a pair as `parse_anchor` gives it."""
    if not data and state is None and anchor is None:
        return Verdict(13, why="there is nothing")
    *lines, rest = (data or b"").split(b"\n")
    torn = bool(rest)
    if torn and _holds_record(rest):
        lines, torn = [*lines, rest], False
    good, bad = [], None
    for number, line in enumerate(lines, 1):
        try:
            value = record(line)
            if value["seq"] != number:
                raise Bad(f"record {value['seq']} stands in place {number}")
            if number == 1 and not (isinstance(value.get("log_id"), str) and value["log_id"]):
                raise Bad("the first record does not name the log")
            if number > 1 and value["prev"] != good[-1]["h"]:
                raise Bad("it does not continue the record before it")
        except Bad as why:
            bad = (number, str(why))
            break
        good.append(value)
    # What stands after the first bad record is looked at only to compare heads.
    whole = {}
    for line in lines:
        try:
            value = record(line)
            whole.setdefault(value["seq"], value)
        except Bad:
            pass
    outside = []
    heads = [
        (claim["head"]["seq"], claim["head"]["h"])
        for claim in whole.values()
        if claim["kind"] == "anchor" and isinstance(claim.get("head"), dict)
    ]
    if anchor and anchor[1] is not None:
        heads.append((anchor[1], anchor[0]))
    elif anchor and not any(value["h"].startswith(anchor[0]) for value in whole.values()):
        outside.append((None, "no record has the head given"))
    if state is not None:
        if good and good[0]["log_id"] != state["log_id"]:
            outside.append((1, "the state file belongs to another log"))
        else:
            heads.append((state["seq"], state["h"]))
    last = len(good) if bad is None else None
    for seq, h in heads:
        if seq in whole:
            if not whole[seq]["h"].startswith(h):
                outside.append((seq, "it is not the record that was anchored"))
        elif last is not None and seq > last:
            outside.append((last + 1, f"{seq - last} records are missing at the end"))
    if bad or outside:
        seqs = [seq for seq, _ in outside if seq is not None] + ([bad[0]] if bad else [len(good) + 1])
        why = "; ".join([bad[1]] if bad else []) or "; ".join(why for _, why in outside)
        return Verdict(12, min(seqs), why, good)
    if torn or any(value["kind"] == "recovered" for value in good):
        return Verdict(11, records=good)
    return Verdict(0, records=good)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("log")
    arguments.add_argument("--state")
    arguments.add_argument("--anchor", type=parse_anchor)
    given = arguments.parse_args()
    state = json.load(open(given.state)) if given.state else None
    try:
        data = open(given.log, "rb").read()
    except FileNotFoundError:
        data = None
    verdict = verify(data, state, given.anchor)
    print(f"{len(verdict.records)} records verify" + (f"; record {verdict.first_bad}: {verdict.why}" if verdict.why else ""))
    sys.exit(verdict.code)


if __name__ == "__main__":
    main()
