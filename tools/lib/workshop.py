"""A workshop: a copy of the checkout with builds of its own, where one mutant after the other is
put in, built, and judged by the tests.

Tests are run by the command and with the environment that ctest has for them, but not by ctest:
one that hangs, or takes the memory of the machine, is ended with all that it started.
"""
import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bounded import run

# Host code that passes all tests is looked at again by the suites under sanitizers.
BUILDS = {"plain": [], "sanitized": ["-DWEFT_SANITIZE=ON"]}
SLOWER = {"plain": 1, "sanitized": 8}
# What gcc merely warns of is no C: such a mutant counts as one that does not compile.
COMPILE = (
    "-O1 -Werror=int-conversion -Werror=incompatible-pointer-types -Werror=implicit-int "
    "-Werror=implicit-function-declaration"
)


class Broken(Exception):
    """What has nothing to do with a mutant went wrong; the text says what."""


NOT_COPIED = shutil.ignore_patterns(".git", "build*", "__pycache__")


def mirror(root, copy):
    """Makes `copy` a copy of `root`. Files that are the same already keep their times, so that what
    was built from them need not be built again."""
    names = {entry.name for entry in root.iterdir()}
    names -= NOT_COPIED(root, names)
    copy.mkdir(parents=True, exist_ok=True)
    for there in copy.iterdir():
        if there.name not in names:
            shutil.rmtree(there) if there.is_dir() else there.unlink()
    for name in names:
        source, there = root / name, copy / name
        if source.is_dir():
            mirror(source, there)
        elif not there.exists() or there.read_bytes() != source.read_bytes():
            shutil.copyfile(source, there)
            shutil.copymode(source, there)


@dataclass
class Outcome:
    mutant: object  # of mutants.py
    verdict: str  # "found", "survived", "not compiled" or "same code"
    by: str
    seconds: float


class Workshop:
    """A folder: the copy in source/, a build in plain/ and, where one is needed, in sanitized/."""

    def __init__(self, root, folder, limits):
        self.source = folder / "source"
        self.builds = {name: folder / name for name in BUILDS}
        self.environment = os.environ | {
            "WEFT_KERNEL_DIR": str(self.source / "kernels"),  # a mutant of a kernel needs no build
            "POCL_CACHE_DIR": str(folder / "pocl"),
            "XDG_CACHE_HOME": str(folder / "cache"),  # records that a mutant wrote are its own
            "OMP_WAIT_POLICY": "passive",  # workshops share the cores
        }
        self.tests = {}  # by build and name: command and properties
        self.original = {}  # by kind of source: its code without a mutant
        self.limits = limits  # by test: seconds; of all workshops
        self.trusted = set()  # builds and tests that pass without a mutant
        mirror(Path(root), self.source)
        shutil.rmtree(folder / "pocl", ignore_errors=True)
        (folder / "pocl").mkdir()

    def configured(self, name):
        """The folder of a build, made when it is first asked for."""
        build = self.builds[name]
        if (build / "CMakeCache.txt").exists():
            return build
        ninja = ["-G", "Ninja"] if shutil.which("ninja") else []
        result = run(
            ["cmake", "-S", self.source, "-B", build, *ninja, *BUILDS[name],
             "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS_DEBUG={COMPILE}"]
        )
        if result.status != 0:
            raise Broken(f"cmake failed:\n{result.output}")
        return build

    def made(self, name, *targets):
        build = self.configured(name)
        return run(["cmake", "--build", build, "--target", *targets]).status == 0

    def known(self, name, suite):
        """(command, properties) of a test that is built."""
        if (name, suite) not in self.tests:
            known = run(["ctest", "--test-dir", self.builds[name], "--show-only=json-v1"]).output
            tests = [test for test in json.loads(known)["tests"] if test["name"] == suite]
            if not tests:
                raise Broken(f"{suite}: ctest knows no such test")
            properties = {p["name"]: p["value"] for p in tests[0]["properties"]}
            self.tests[name, suite] = tests[0]["command"], properties
        return self.tests[name, suite]

    def failure(self, name, test, kernels=False):
        """How a test fails: "" where it passes, "fails", or what it took too much of."""
        suite, _, case = test.partition("/")
        is_suite = suite.startswith("test_")
        targets = [suite] if is_suite else ["weft_program", "json_shape", "keep_buffers"]
        build = not kernels or (name, suite) not in self.tests
        if build and not self.made(name, *targets):
            raise Broken(f"{suite}: does not build")
        command, properties = self.known(name, suite)
        extra = dict(line.split("=", 1) for line in properties.get("ENVIRONMENT", []))
        if case and is_suite:
            extra["CK_RUN_CASE"] = case
        elif case:
            command = [*command, case]
        result = run(command, SLOWER[name] * self.limits.get(test, 600), cwd=self.builds[name],
                     env=self.environment | extra)
        if is_suite and "Checks: 0," in result.output:
            raise Broken(f"{test}: no test ran")
        if result.exceeded:
            return result.exceeded
        reports = properties.get("FAIL_REGULAR_EXPRESSION", [])
        reported = any(re.search(report, result.output) for report in reports)
        return "fails" if result.status != 0 or reported else ""

    def trust(self, name, test):
        """Makes sure that a test passes as things are."""
        if (name, test) not in self.trusted:
            failure = self.failure(name, test)
            if failure:
                raise Broken(f"{test}, {name}: {failure} without any mutant")
            self.trusted.add((name, test))

    def prepare(self, tests):
        """These tests pass as things are; four times as long, and 30 s, is too long."""
        for test in tests:
            start = time.monotonic()
            self.trust("plain", test)
            self.limits[test] = 30 + 4 * (time.monotonic() - start)

    def code(self, file):
        """What the compiler makes of a file, to be compared; None where it refuses."""
        if not file.endswith(".cl"):
            library = self.configured("plain") / "libweft.a"
            return library.read_bytes() if self.made("plain", "weft_static") else None
        kernels = sorted((self.source / "kernels").glob("*.cl"), key=lambda k: k.stem != "common")
        text = "".join(kernel.read_text() for kernel in kernels)
        compiler = subprocess.run(
            ["clang", "-x", "cl", "-cl-std=CL1.2", "-Xclang", "-finclude-default-header", "-target",
             "spir64", "-O1", "-S", "-emit-llvm", "-o", "-", "-"],
            input=text.encode(), capture_output=True, check=False,
        )
        return compiler.stdout if compiler.returncode == 0 else None

    def judge(self, mutant, tests, original):
        """(verdict, by which build and test, how) of a mutant that stands in the copy."""
        kernels = mutant.file.endswith(".cl")
        code = self.code(mutant.file)
        if code is None:
            return "not compiled", None, ""
        if code == original:
            return "same code", None, ""
        looks = [("plain", test) for test in tests]
        if not kernels:
            looks += [("sanitized", test) for test in tests if test.startswith("test_")]
        for name, test in looks:
            failure = self.failure(name, test, kernels)
            if failure:
                return "found", (name, test), failure
        return "survived", None, ""

    def examine(self, mutant, tests):
        """The outcome of a mutant; the tests are run in their order, up to the first that fails."""
        path = self.source / mutant.file
        text = path.read_text(encoding="utf-8")
        kind = path.suffix == ".cl"
        if kind not in self.original:  # the code of all kernels, or of the whole library
            self.original[kind] = self.code(mutant.file)
        start = time.monotonic()
        path.write_text(mutant.apply(text), encoding="utf-8")
        try:
            verdict, by, how = self.judge(mutant, tests, self.original[kind])
        finally:
            path.write_text(text, encoding="utf-8")
        seconds = time.monotonic() - start
        if by and by[0] == "sanitized":
            self.trust(*by)
        return Outcome(mutant, verdict, f"{by[0]} {by[1]} {how}" if by else "", seconds)
