"""A workshop: a copy of the checkout with builds of its own, where one mutant after the other is
put in, built, and judged by the tests.

Tests are run by the command and with the environment that ctest has for them, but not by ctest:
one that hangs, or takes the memory of the machine, is ended with all that it started.
"""
import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bounded import run

# Host code that passes all tests is looked at again by the suites under sanitizers, but for those
# that do the same to memory as others, only longer.
BUILDS = {"plain": [], "sanitized": ["-DWEFT_SANITIZE=ON"]}
NOT_SANITIZED = ("test_article", "test_kernels", "test_metamorphic", "test_products")
UNMEASURED = 45  # seconds for a test that has not been measured; it is measured if it takes longer
# What gcc merely warns of is no C: such a mutant counts as one that does not compile.
COMPILE = (
    "-O1 -Werror=int-conversion -Werror=incompatible-pointer-types -Werror=implicit-int "
    "-Werror=implicit-function-declaration"
)


class Broken(Exception):
    """What has nothing to do with a mutant went wrong; the text says what."""


NOT_COPIED = shutil.ignore_patterns(".git", ".cache", "build*", "__pycache__")


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


def take_kernels(copy):
    """Makes `copy` a copy of PoCL's cache: kernels without a mutant have been compiled there. PoCL
    knows them by their text. Others write there, but PoCL renames what is complete."""
    caches = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    cache = Path(os.environ.get("POCL_CACHE_DIR", caches / "pocl" / "kcache"))
    copy.mkdir()
    for program in cache.glob("[A-Z][A-Z]"):
        shutil.copytree(program, copy / program.name)


@dataclass
class Outcome:
    mutant: object  # of mutants.py
    verdict: str  # "found", "survived", "not compiled" or "same code"
    by: str
    seconds: float


def suite_and_case(test):
    """A command line, which has blanks, is whole."""
    suite, _, case = test.partition("/")
    return (test, "") if " " in test else (suite, case)


class Workshop:
    """A folder: the copy in source/, a build in plain/ and, where one is needed, in sanitized/."""

    def __init__(self, root, folder, limits, sanitizers=True):
        self.sanitizers = sanitizers
        self.source = folder / "source"
        self.builds = {name: folder / name for name in BUILDS}
        self.environment = os.environ | {
            "WEFT_KERNEL_DIR": str(self.source / "kernels"),  # a mutant of a kernel needs no build
            "POCL_CACHE_DIR": str(folder / "pocl"),
            "CK_TIMEOUT_MULTIPLIER": "10",  # what is too long is decided here
            "TMPDIR": str(folder / "temporary"),  # what tests that are ended leave behind
            "OMP_WAIT_POLICY": "passive",  # workshops share the cores
            "ASAN_OPTIONS": "symbolize=0",  # nobody reads the reports
        }
        self.tests = {}  # by build and name: command and properties
        self.original = {}  # by kind of source: its code without a mutant
        self.limits = limits  # by build and test: seconds; of all workshops
        mirror(Path(root), self.source)
        for name in ("pocl", "temporary"):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / "temporary").mkdir()
        take_kernels(folder / "pocl")

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
        """(command, properties) of a test that is built, or of a command line."""
        if " " in suite:
            self.tests[name, suite] = shlex.split(suite), {}
        if (name, suite) not in self.tests:
            known = run(["ctest", "--test-dir", self.builds[name], "--show-only=json-v1"]).output
            tests = [test for test in json.loads(known)["tests"] if test["name"] == suite]
            if not tests:
                raise Broken(f"{suite}: ctest knows no such test")
            properties = {p["name"]: p["value"] for p in tests[0]["properties"]}
            self.tests[name, suite] = tests[0]["command"], properties
        return self.tests[name, suite]

    def built(self, name, test, kernels):
        """Builds what a test runs; nothing after a change in the kernels alone."""
        suite, _ = suite_and_case(test)
        is_suite = suite.startswith("test_")
        targets = [suite] if is_suite else ["weft_program", "json_shape", "oclgrind_buffers"]
        build = not kernels or (name, suite) not in self.tests
        if build and not self.made(name, *targets):
            raise Broken(f"{suite}: does not build")

    def failure(self, name, test, limit):
        """How a test that is built fails, "" where it passes, and what it printed."""
        suite, case = suite_and_case(test)
        is_suite = suite.startswith("test_")
        command, properties = self.known(name, suite)
        extra = dict(line.split("=", 1) for line in properties.get("ENVIRONMENT", []))
        if case and is_suite:
            extra["CK_RUN_CASE"] = case
        elif case:
            command = [*command, case]
        result = run(command, limit, cwd=self.builds[name], env=self.environment | extra)
        if is_suite and "Checks: 0," in result.output:
            raise Broken(f"{test}: no test ran")
        if result.exceeded:
            return result.exceeded, result.output
        reports = properties.get("FAIL_REGULAR_EXPRESSION", [])
        reported = any(re.search(report, result.output) for report in reports)
        return "fails" if result.status != 0 or reported else "", result.output

    def measure(self, name, test, kernels):
        """Before a test finds its first mutant: it passes as things are. Four times as long, and
        30 s, is too long then."""
        self.built(name, test, kernels)
        start = time.monotonic()
        failure, output = self.failure(name, test, 1200)
        if failure:
            raise Broken(f"{test}, {name}: {failure} without any mutant:\n{output[-4000:]}")
        self.limits[name, test] = 30 + 4 * (time.monotonic() - start)

    def look(self, name, test, mutant, source):
        """How a test fails on a mutant that stands in the copy, "" where it passes. A test that has
        not been measured yet is measured if it fails: a mutant that passes needs no measurement."""
        kernels, known = mutant.file.endswith(".cl"), (name, test)
        self.built(name, test, kernels)
        tried = self.limits.get(known, UNMEASURED)
        failure, _ = self.failure(name, test, tried)
        if failure and known not in self.limits:
            with self.changed(mutant.file, source):
                self.measure(name, test, kernels)
        # Another workshop may have measured the test meanwhile.
        if failure == "too long" and self.limits[known] > tried:
            return self.look(name, test, mutant, source)
        return failure

    def code(self, file):
        """What the compiler makes of a file, to be compared; None where it refuses."""
        if not file.endswith(".cl"):
            library = self.configured("plain") / "libweft.a"
            return library.read_bytes() if self.made("plain", "weft_static") else None
        lists = (self.source / "host" / "CMakeLists.txt").read_text(encoding="utf-8")
        kernels = re.search(r"set\(kernels ([^)]*)\)", lists)[1].split()  # in their order
        text = "".join((self.source / "kernels" / kernel).read_text() for kernel in kernels)
        compiler = subprocess.run(
            ["clang", "-x", "cl", "-cl-std=CL1.2", "-Xclang", "-finclude-default-header", "-target",
             "spir64", "-O1", "-S", "-emit-llvm", "-o", "-", "-"],
            input=text.encode(), capture_output=True, check=False,
        )
        return compiler.stdout if compiler.returncode == 0 else None

    @contextlib.contextmanager
    def changed(self, file, text):
        """The file of the copy has this text for a while."""
        path = self.source / file
        before = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(before, encoding="utf-8")

    def judge(self, mutant, tests, source, original):
        """(verdict, by what) of a mutant that stands in the copy, in the place of `source`."""
        code = self.code(mutant.file)
        if code is None:
            return "not compiled", ""
        if code == original:
            return "same code", ""
        looks = [("plain", test) for test in tests]
        if self.sanitizers and not mutant.file.endswith(".cl"):
            suites = [test for test in tests if test.startswith("test_")]
            looks += [("sanitized", test) for test in suites if not test.startswith(NOT_SANITIZED)]
        for name, test in looks:
            failure = self.look(name, test, mutant, source)
            if failure:
                return "found", f"{name} {test} {failure}"
        return "survived", ""

    def examine(self, mutant, tests):
        """The outcome of a mutant; the tests are run in their order, up to the first that fails."""
        kind = mutant.file.endswith(".cl")
        if kind not in self.original:  # the code of all kernels, or of the whole library
            self.original[kind] = self.code(mutant.file)
        start = time.monotonic()
        source = (self.source / mutant.file).read_text(encoding="utf-8")
        with self.changed(mutant.file, mutant.apply(source)):
            verdict, by = self.judge(mutant, tests, source, self.original[kind])
        return Outcome(mutant, verdict, by, time.monotonic() - start)
