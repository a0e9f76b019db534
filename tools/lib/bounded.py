"""Runs a program for a bounded time and in bounded memory, with all that it starts.

What it starts is known by its session: Check and shells put their children into process groups of
their own, which a signal to one group would miss. Memory is looked at from outside: a limit on the
address space does not suit the threads of a BLAS or the sanitizers, which reserve far more than
they touch.
"""
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
MOST_MEMORY = 3 << 30  # bytes; the suites take less than a third, under AddressSanitizer too
LOOK = 0.1  # seconds between two looks

stopped = threading.Event()  # once it is set, programs are ended and no more begin


class Stopped(Exception):
    """Nothing runs any more."""


@dataclass
class Result:
    status: int  # as of the shell: negative for a signal
    output: str
    exceeded: str = ""  # "too long" or "too large" where it was ended


def session_of(leader):
    """{process: bytes it holds} of the session that a process leads."""
    found = {}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path("/proc", process, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it has ended
            continue
        fields = stat.rpartition(")")[2].split()  # from the third on, see proc(5)
        if int(fields[3]) == leader:
            found[int(process)] = int(fields[21]) * PAGE
    return found


def end_session(leader):
    for process in session_of(leader):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass


def excess(leader, deadline, most):
    """What a session has taken too much of, or nothing."""
    if time.monotonic() > deadline:
        return "too long"
    return "too large" if sum(session_of(leader).values()) > most else ""


def run(command, seconds=900, memory=MOST_MEMORY, **options):
    """The Result of a command, its stderr in its output."""
    if stopped.is_set():
        raise Stopped
    process = subprocess.Popen(
        [str(word) for word in command], text=True, errors="replace", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )
    deadline, exceeded = time.monotonic() + seconds, ""
    try:
        while True:
            try:
                output, _ = process.communicate(timeout=LOOK)
                return Result(process.returncode, output, exceeded)
            except subprocess.TimeoutExpired:
                if stopped.is_set():
                    raise Stopped from None
                exceeded = exceeded or excess(process.pid, deadline, memory)
                if exceeded:
                    end_session(process.pid)
    finally:
        end_session(process.pid)
