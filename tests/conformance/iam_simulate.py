"""halon's decisions beside those of iam-simulate, an evaluator that nobody here wrote: a few
thousand random requests with policies of every kind must come out alike, and where the two
are known to differ each must say what is written down in iam_simulate/differences.py.

    python iam_simulate.py HALON_BINARY FOLDER_WITH_NODE_MODULES

HALON_SIMULATED=N decides how many, HALON_SEED=N with which dice."""

import collections
import json
import os
import pathlib
import subprocess
import sys

from check import Checks, holds, same

HERE = pathlib.Path(__file__).parent / "iam_simulate"
sys.path.insert(0, str(HERE))

from cases import Generator  # noqa: E402
from differences import DIFFERENCES  # noqa: E402

COUNT = int(os.environ.get("HALON_SIMULATED", 4000))
SEED = int(os.environ.get("HALON_SEED", 5))


def simulated(cases, modules):
    """The simulator's answers, in order; it runs in a process of its own."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    command = ["node", str(HERE / "decide.mjs"), modules]
    out = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=600)
    holds(out.returncode == 0, f"the simulator ended with {out.returncode}: {out.stderr[-500:]}")
    return [json.loads(line) for line in out.stdout.splitlines()]


def decided(cases, halon):
    command = [halon, "policy", "evaluate", "-"]
    out = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, timeout=600)
    holds(out.returncode == 0, f"halon ended with {out.returncode}: {out.stderr[-500:]}")
    return json.loads(out.stdout)


def main():
    halon, modules = sys.argv[1:]
    with Checks("decisions beside iam-simulate's") as check:
        cases = list(map(Generator(SEED).case, range(COUNT)))
        with check(f"{COUNT} random requests are decided alike"):
            ours, theirs = decided(cases, halon), simulated(cases, modules)
            same([a["id"] for a in ours], [case["id"] for case in cases])
            same([a["id"] for a in theirs], [case["id"] for case in cases])
            unread = [a for a in theirs if "errors" in a or "ignored" in a]
            same(unread, [], "what the simulator did not take")
            unlike = [
                {"halon": a["decision"], "by": a["by"], "simulator": b["decision"], "case": case}
                for case, a, b in zip(cases, ours, theirs)
                if a["decision"] != b["decision"]
            ]
            holds(not unlike, f"{len(unlike)} differ; the first: {json.dumps(unlike[:1])}")
            counts = collections.Counter(a["decision"] for a in ours)
            for word in ("allowed", "explicit_deny", "implicit_deny"):
                holds(counts[word] > COUNT / 10, f"too few are {word}: {counts}")
        ours = decided([case for _, _, case, _, _ in DIFFERENCES], halon)
        theirs = simulated([case for _, _, case, _, _ in DIFFERENCES], modules)
        for (name, why, _, our_word, their_word), a, b in zip(DIFFERENCES, ours, theirs):
            with check(f"differs as documented: {name}"):
                same((a["decision"], b.get("decision")), (our_word, their_word), why)


main()
