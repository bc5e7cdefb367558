"""The request models that the range validates with, made anew from the pinned
botocore: the same bytes as in the project."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

from check import Checks, holds, same
from lab import ROOT

MODELS = ROOT / "assets" / "models"


def main():
    with Checks("models extracted from botocore") as check:
        if not (MODELS / "extract.py").exists():
            check.skip("extracted again", "assets/models/extract.py does not exist")
            return
        with check("extracted again: the same files"), tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "assets" / "models"
            shutil.copytree(MODELS, copy)
            committed = contents(MODELS)
            holds(committed, "no *.json beside extract.py")
            # What is not made again must be missing, not left over.
            for name in committed:
                (copy / name).unlink()
            done = subprocess.run(
                [sys.executable, copy / "extract.py"], cwd=folder, text=True,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
            )
            same(done.returncode, 0, f"extract.py: {done.stderr[-500:]}; exit code")
            made = contents(copy)
            same(set(made), set(committed), "files")
            for name, text in committed.items():
                holds(made[name] == text, f"{name} differs from what extract.py makes")


def contents(folder):
    """The generated files, by name. What else lies there was written by hand."""
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.json"))}


if __name__ == "__main__":
    main()
