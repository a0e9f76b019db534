"""A workshop: a copy of the checkout with builds of its own, where one mutant after the other is
put in, built, and judged by the tests.

Tests are run by the command and with the environment that ctest has for them, but not by ctest, so
that one that hangs is ended with all that it started.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

# Host code that passes all tests is looked at again by the suites under sanitizers.
BUILDS = {"plain": [], "sanitized": ["-DWEFT_SANITIZE=ON"]}
# What gcc merely warns of is no C: such a mutant counts as one that does not compile.
COMPILE = (
    "-O1 -Werror=int-conversion -Werror=incompatible-pointer-types -Werror=implicit-int "
    "-Werror=implicit-function-declaration"
)


class Broken(Exception):
    """What has nothing to do with a mutant went wrong; the text says what."""


# ---- processes ----


def finish(process, limit):
    """(exit status, output) of a process, or (None, "") of one that took longer than `limit`."""
    try:
        output, _ = process.communicate(timeout=limit)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        for sent in (signal.SIGTERM, signal.SIGKILL):  # Check ends its tests at the first
            try:
                os.killpg(process.pid, sent)
                process.communicate(timeout=5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        return None, ""


def run(command, limit=900, **options):
    process = subprocess.Popen(
        [str(word) for word in command], text=True, errors="replace", start_new_session=True,
        stdin=options.pop("stdin", subprocess.DEVNULL), stdout=subprocess.PIPE,
        stderr=options.pop("stderr", subprocess.STDOUT), **options,
    )
    return finish(process, limit)


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
        }
        self.tests = {}  # by build and name: command and properties
        self.original = {}  # by kind of source: its code without a mutant
        self.limits = limits  # by test: seconds; of all workshops
        shutil.copytree(root, self.source, ignore=shutil.ignore_patterns(".git", "build*"))
        (folder / "pocl").mkdir()

    def configured(self, name):
        """The folder of a build, made when it is first asked for."""
        build = self.builds[name]
        if build.exists():
            return build
        ninja = ["-G", "Ninja"] if shutil.which("ninja") else []
        status, output = run(
            ["cmake", "-S", self.source, "-B", build, *ninja, *BUILDS[name],
             "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS_DEBUG={COMPILE}"]
        )
        if status != 0:
            raise Broken(f"cmake failed:\n{output}")
        return build

    def made(self, name, *targets):
        build = self.configured(name)
        return run(["cmake", "--build", build, "--target", *targets])[0] == 0

    def known(self, name, suite):
        """(command, properties) of a test that is built."""
        if (name, suite) not in self.tests:
            _, output = run(["ctest", "--test-dir", self.builds[name], "--show-only=json-v1"])
            tests = [test for test in json.loads(output)["tests"] if test["name"] == suite]
            if not tests:
                raise Broken(f"{suite}: ctest knows no such test")
            properties = {p["name"]: p["value"] for p in tests[0]["properties"]}
            self.tests[name, suite] = tests[0]["command"], properties
        return self.tests[name, suite]

    def passes(self, name, test, kernels=False):
        """Does a test pass? None where it takes too long."""
        suite, _, case = test.partition("/")
        is_suite = suite.startswith("test_")
        targets = [suite] if is_suite else ["weft_program", "json_shape"]
        build = not kernels or (name, suite) not in self.tests
        if build and not self.made(name, *targets):
            raise Broken(f"{suite}: does not build")
        command, properties = self.known(name, suite)
        extra = dict(line.split("=", 1) for line in properties.get("ENVIRONMENT", []))
        if case:
            extra["CK_RUN_CASE"] = case
        status, output = run(
            command, self.limits.get(test, 600), cwd=self.builds[name], env=self.environment | extra
        )
        if is_suite and "Checks: 0," in output:
            raise Broken(f"{test}: no test ran")
        if status is None:
            return None
        reports = properties.get("FAIL_REGULAR_EXPRESSION", [])
        return status == 0 and not any(re.search(report, output) for report in reports)

    def prepare(self, tests):
        """These tests pass as things are; four times as long, and 30 s, is too long."""
        for test in tests:
            start = time.monotonic()
            if not self.passes("plain", test):
                raise Broken(f"{test}: fails without any mutant")
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
        """(verdict, by which test) of a mutant that stands in the copy."""
        kernels = mutant.file.endswith(".cl")
        code = self.code(mutant.file)
        if code is None:
            return "not compiled", ""
        if code == original:
            return "same code", ""
        looks = [("plain", test) for test in tests]
        if not kernels:
            looks += [("sanitized", test) for test in tests if test.startswith("test_")]
        for name, test in looks:
            passed = self.passes(name, test, kernels)
            if not passed:
                return "found", f"{test}, {'too long' if passed is None else name}"
        return "survived", ""

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
            verdict, by = self.judge(mutant, tests, self.original[kind])
        finally:
            path.write_text(text, encoding="utf-8")
        return Outcome(mutant, verdict, by, time.monotonic() - start)
