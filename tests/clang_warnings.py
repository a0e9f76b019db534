#!/usr/bin/env python3
"""Reads every C file of a build with clang, with the options that gcc got there: clang_warnings.py
BUILD. A warning is an error. Nothing is compiled: that takes five times as long, and clang warns of the
same things."""
import json
import shlex
import subprocess
import sys
from pathlib import Path


def warnings(entry):
    """What clang says about an entry of compile_commands.json."""
    _, *options = shlex.split(entry["command"])
    at = options.index("-o")
    del options[at : at + 2]
    # PRAGMA: the clones and loops that gcc alone understands, as in a build by clang
    return subprocess.run(["clang", "-fsyntax-only", "-Werror", *options], cwd=entry["directory"],
                          capture_output=True, text=True, check=False)


def main():
    entries = json.loads((Path(sys.argv[1]) / "compile_commands.json").read_text(encoding="utf-8"))
    files = {entry["file"]: entry for entry in entries}  # some are compiled for several targets
    failed = [result.stderr for result in map(warnings, files.values()) if result.returncode != 0]
    print(*failed, f"{len(files)} files, {len(failed)} with warnings", sep="\n")
    return 1 if failed or len(files) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
