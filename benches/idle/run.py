#!/usr/bin/env python3
"""What Postrider costs while nothing happens: idle connections, mail for a hop that is dead, and both at once.

  connection   KiB of memory for each of 10,000 idle SMTP connections (EHLO was answered); mark: under 20
  queued       MiB above the empty engine with 100,000 mails for a port where nobody listens; mark: under 60
  ready        seconds from the start after kill -9, with all of them queued, to the first 220; mark: under 3
  idle CPU     % of a core over 60 s with both; mark: under 0.1

Memory is VmRSS, and PSS behind it; what the kernel takes for a socket is in neither. "Settled" is when the daemon took less than
1 % of a core for 4 s: until then it goes through what was left queued. Needs smtp-source (package postfix) and the daemon:

  cargo build --release --package postrider-cli && python3 benches/idle/run.py
"""

import argparse
import collections
import os
import pathlib
import resource
import signal
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(REPOSITORY / "tests/interop/peers"), str(REPOSITORY / "benches/compare")]

import measure  # noqa: E402  (after the path)
import mtas  # noqa: E402
import processes  # noqa: E402

Case = collections.namedtuple("Case", "name connections octets recipients")
QUEUED = Case("queued", 100, 4096, 1)
# Each address has 28,000 ports by default; clients of several are as good as of one.
SOURCES = [f"127.0.0.{n}" for n in range(1, 6)]
# Fewer than the daemon's backlog.
GROUP = 200
CALM, PAUSE, LONGEST = 0.01, 4, 300


class Idle(mtas.Postrider):
    # The port of idle.toml.
    name, port = "idle", 2535
    config = HERE / "idle.toml"

    def kill(self):
        """The end without a warning."""
        self.process.kill()
        self.process.wait()

    def memory(self):
        """(VmRSS, PSS) in MiB."""
        return measure.resident_mib(self.root()), measure.memory_mib(self.root())[1]

    def load(self, seconds):
        """Its CPU over so many seconds, as a part of one core."""
        begin, before = time.monotonic(), measure.cpu_seconds(self.root())
        time.sleep(seconds)
        return (measure.cpu_seconds(self.root()) - before) / (time.monotonic() - begin)

    def settle(self):
        """Until it has gone through what it found; returns the seconds."""
        begin = time.monotonic()
        while self.load(PAUSE) > CALM:
            if time.monotonic() - begin > LONGEST:
                print(f"it has not settled in {LONGEST} s", flush=True)
                break
        return time.monotonic() - begin


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60, help="how long the CPU is watched (default 60)")
    parser.add_argument("--smoke", action="store_true", help="100 of each, 2 s: does it work at all")
    parser.add_argument("--work", type=pathlib.Path, default=REPOSITORY / "target/idle", help="working folder (default target/idle)")
    args = parser.parse_args()
    if args.smoke:
        args.connections, args.mails, args.seconds = 100, 100, 2
    return args


def hear(client, last):
    """Reads to the last line of a reply, which must begin like this."""
    heard = b""
    while not (heard.endswith(b"\n") and heard.splitlines()[-1][3:4] == b" "):
        octets = client.recv(4096)
        heard += octets
        if not octets:
            break
    if not (heard.splitlines() or [b""])[-1].startswith(last):
        raise RuntimeError(f"an idle client heard {heard!r}")


def idle_clients(port, count):
    """So many connections whose EHLO was answered, in groups: one after the other they would wait for a wake-up each."""
    clients = []
    while len(clients) < count:
        sources = [SOURCES[n % len(SOURCES)] for n in range(min(GROUP, count - len(clients)))]
        group = [socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(source, 0)) for source in sources]
        for client in group:
            hear(client, b"220 ")
            client.sendall(b"EHLO client.example\r\n")
        for client in group:
            hear(client, b"250 ")
        clients += group
    return clients


def show(what, value, unit, mark, more=""):
    print(f"{what:12}{value:9.3f} {unit:5} (mark: under {mark:g}{'' if value < mark else '; MISSED'}){more}", flush=True)


def both(before, after, scale):
    """What came on top, in RSS and in PSS."""
    return [(b - a) * scale for a, b in zip(before, after)]


def connections(daemon, count):
    """(a) Idle connections alone."""
    empty = daemon.memory()
    print(f"empty       {empty[0]:9.1f} MiB   PSS {empty[1]:.1f}", flush=True)
    clients = idle_clients(daemon.port, count)
    daemon.settle()
    rss, pss = both(empty, daemon.memory(), 1024 / count)
    show("connection", rss, "KiB", 20, f"  PSS {pss:.2f}, {count} of them")
    for client in clients:
        client.close()


def queued(daemon, count):
    """(b) Mail that cannot be delivered, and a crash with it."""
    empty = daemon.memory()
    took, _ = measure.send(daemon.port, QUEUED, count)
    settled = daemon.settle()
    rss, pss = both(empty, daemon.memory(), 1)
    peak = measure.memory_mib(daemon.root())[0] - empty[0]
    show("queued", rss, "MiB", 60, f"  PSS {pss:.1f}, {count} mails; peak {peak:.1f}; accepted in {took:.0f} s, settled in {settled:.0f} s")
    daemon.kill()
    ready = daemon.start()
    show("ready", ready, "s", 3, f"  after kill -9; {measure.cpu_seconds(daemon.root()):.2f} s of CPU")
    settled = daemon.settle()
    rss, pss = both(empty, daemon.memory(), 1)
    print(f"restarted   {rss:9.1f} MiB above empty, PSS {pss:.1f}, settled in {settled:.0f} s", flush=True)


def idle_cpu(daemon, count, seconds):
    """(c) With both."""
    clients = idle_clients(daemon.port, count)
    daemon.settle()
    show("idle CPU", 100 * daemon.load(seconds), "%", 0.1, f"  over {seconds:g} s")
    for client in clients:
        client.close()


def run(args, work):
    with Idle(work) as daemon:
        connections(daemon, args.connections)
    with Idle(work) as daemon:
        queued(daemon, args.mails)
        idle_cpu(daemon, args.connections, args.seconds)


def main():
    args = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most != resource.RLIM_INFINITY and most < args.connections + 200:
        sys.exit(f"run.py: the limit of open files is {most}")
    work = args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    processes.adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what follows "finally" is done then, too
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}, {measure.file_system(work)}\n", flush=True)
    try:
        run(args, work)
    except RuntimeError as reason:
        sys.exit(f"run.py: {reason}")
    finally:
        processes.sweep()


if __name__ == "__main__":
    main()
