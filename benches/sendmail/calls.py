#!/usr/bin/env python3
"""Calls a sendmail again and again, so many processes at once, each with the same file as its standard input.

Made for run.py, which starts it as a process of its own. Prints one line of JSON: `begin` and `end` by the monotonic clock, and
for each call its `wall` and `cpu` in seconds. Ends with an error at the first call that does not end with 0.

  calls.py AT_ONCE CALLS INPUT PROGRAM [ARGUMENT ...]
"""

import json
import os
import sys
import time


def main():
    at_once, calls, mail, *argv = sys.argv[1:]
    left, running, wall, cpu = int(calls), {}, [], []
    # What a call complains of goes where our own complaints go.
    actions = [(os.POSIX_SPAWN_OPEN, 0, mail, os.O_RDONLY, 0)]
    begin = time.monotonic()
    while left or running:
        while left and len(running) < int(at_once):
            started = time.monotonic()
            running[os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)] = started
            left -= 1
        pid, status, usage = os.wait4(-1, 0)
        wall.append(time.monotonic() - running.pop(pid))
        cpu.append(usage.ru_utime + usage.ru_stime)
        if status:
            sys.exit(f"a call of {argv[0]} ended with {os.waitstatus_to_exitcode(status)}")
    print(json.dumps({"begin": begin, "end": time.monotonic(), "wall": wall, "cpu": cpu}))


if __name__ == "__main__":
    main()
