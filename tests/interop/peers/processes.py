"""Keeping hold of a peer and of everything it starts, so that nothing outlives the test that asked for it."""

import ctypes
import os
import signal
import subprocess
import sys
import time

_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans():
    """Become the parent of whatever a peer detaches: Exim's deliveries, for one, leave their daemon at once."""
    if _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def guarded(work):
    """Run `work(fd)` in a process of its own; `fd` becomes readable when it is time to stop: at SIGTERM, at SIGINT, or when
    this process is gone for whatever reason (Rust's `Child::kill` is a SIGKILL). Returns the exit code."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writer)
        os.setsid()  # what is sent to the group of the caller reaches only the caller
        sys.exit(work(reader))
    os.close(reader)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os.write(writer, b"x"))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def start(argv, **options):
    """Start a program in a session of its own: a peer that signals its process group then spares us."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(argv, start_new_session=True, **options)


def parents():
    """pid -> parent's pid of every process."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                    # The command's name may hold blanks and brackets: count from the last one.
                    table[int(name)] = int(f.read().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                pass  # ended meanwhile
    return table


def tree(root):
    """The processes below `root`, and `root` itself."""
    children = {}
    for pid, parent in parents().items():
        children.setdefault(parent, []).append(pid)
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def _reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def stop(process, grace=10.0):
    """End one program by SIGTERM, after `grace` seconds by SIGKILL. Returns its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def sweep(grace=5.0):
    """Wait until nothing is left below us; what does not end by itself is ended. Returns what had to be killed."""
    killed, deadline = [], time.monotonic() + grace
    while True:
        _reap()
        left = [p for p in tree(os.getpid()) if p != os.getpid()]
        if not left:
            return killed
        if time.monotonic() > deadline:
            killed = sorted(set(killed) | set(left))
            for pid in left:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.02)
