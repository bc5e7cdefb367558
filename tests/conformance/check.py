"""A tiny runner: one line per check, a clear text where one fails, a total at the end.

    with Checks("moto") as check:
        with check("lists what was imported"):
            same(got, expected)
"""

import os
import sys
import time
import traceback

UNDER_CI = os.environ.get("CI") == "true"


class Mismatch(AssertionError):
    """A check that does not hold; its text is all that is printed."""


class Checks:
    """All checks of one script. Leaving it prints the total and ends the process:
    0 where all passed, 1 otherwise."""

    def __init__(self, title):
        self.title = title
        self.passed = self.failed = self.skipped = 0

    def __enter__(self):
        print(f"== {self.title}", flush=True)
        return self

    def __call__(self, name):
        return _One(self, name)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip {name}: {why}", flush=True)

    def not_run(self, name, why):
        """For what every machine should be able to run: under CI it counts as a failure."""
        if UNDER_CI:
            self._fail(name, f"not run: {why}")
        else:
            self.skip(name, f"not run: {why}")

    def _fail(self, name, text):
        self.failed += 1
        print(f"FAIL {name}", flush=True)
        for line in text.splitlines():
            print(f"       {line}", flush=True)

    def __exit__(self, kind, error, trace):
        # A server that does not start belongs to no check, and must not pass in silence.
        if error is not None and not isinstance(error, SystemExit):
            self._fail("outside a check", _explain(error))
        # The dashes keep it apart from the last line of `run`, which adds the tallies up.
        print(f"-- {self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        if tally := os.environ.get("CONFORMANCE_TALLY"):
            with open(tally, "w") as file:
                print(self.passed, self.failed, self.skipped, file=file)
        if isinstance(error, SystemExit):
            return False
        sys.exit(1 if self.failed else 0)


class _One:
    def __init__(self, checks, name):
        self.checks, self.name = checks, name

    def __enter__(self):
        self.began = time.monotonic()

    def __exit__(self, kind, error, trace):
        if error is None:
            self.checks.passed += 1
            print(f"ok   {self.name} ({time.monotonic() - self.began:.1f} s)", flush=True)
            return True
        if isinstance(error, Exception):
            self.checks._fail(self.name, _explain(error))
            return True
        return False


def _explain(error):
    if isinstance(error, Mismatch):
        return str(error)
    return "".join(traceback.format_exception(error)[-4:])


def same(got, expected, what="the answer"):
    """Equal, or a text that says what is too much and what is missing."""
    if got == expected:
        return
    if isinstance(got, (set, frozenset)) and isinstance(expected, (set, frozenset)):
        raise Mismatch(
            f"{what}: {len(got)} where {len(expected)} were expected\n"
            f"missing: {_some(expected - got)}\ntoo much: {_some(got - expected)}"
        )
    if isinstance(got, list) and isinstance(expected, list) and len(expected) > 5:
        at = next((i for i, (g, e) in enumerate(zip(got, expected)) if g != e), min(len(got), len(expected)))
        raise Mismatch(
            f"{what}: {len(got)} where {len(expected)} were expected; the first difference is at {at}\n"
            f"got {_cut(got[at : at + 3])}, expected {_cut(expected[at : at + 3])}"
        )
    raise Mismatch(f"{what}: got      {_cut(got)}\n{' ' * len(what)}  expected {_cut(expected)}")


def holds(truth, text):
    """`text` says what was expected and what there was instead."""
    if not truth:
        raise Mismatch(text)


def once(ids, what="ids"):
    """The ids as a set, after making sure that none came twice."""
    ids = list(ids)
    twice = sorted({i for i in ids if ids.count(i) > 1})[:5] if len(ids) < 5000 else []
    holds(len(set(ids)) == len(ids), f"{what}: {len(ids) - len(set(ids))} came more than once {twice}")
    return set(ids)


def _some(things):
    things = sorted(map(str, things))
    return ", ".join(things[:5]) + (f" and {len(things) - 5} more" if len(things) > 5 else "") or "none"


def _cut(value):
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}… ({len(text)} characters)"
