#!/usr/bin/env python3
"""One mail for an alias with 10,000 members: the seconds from its 250 to the last reply of the LMTP service behind it.

A round starts one MTA in a fresh folder, sends it one mail for one member so that all its processes run, then the mail for the
alias, and waits until the service (in this process) has answered for all members; each must have come exactly once. Sides
take turns: Postfix, Postrider, Postfix, ... Mark for Postrider: under 2 s. Printed for each round:

  accepted  seconds from the connection to the 250, content and all
  expanded  seconds from the 250 to the last reply
  CPU s     of all processes of the MTA, from before the connection to the last reply
  others    cores that were busy with something else than the MTA and this process meanwhile

Needs root (Postfix starts as root), the package postfix, and Postrider's daemon:

  cargo build --release --package postrider-cli && python3 benches/compare/alias.py
"""

import argparse
import os
import pathlib
import signal
import smtplib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "tests/interop/peers"))

import measure  # noqa: E402  (after the path)
import mtas  # noqa: E402
import processes  # noqa: E402
import targets  # noqa: E402

SIDES = {"postfix": mtas.PostfixAlias, "postrider": mtas.PostriderAlias}
MARK = 2.0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(SIDES), help="only one side")
    parser.add_argument("--rounds", type=int, default=3, help="rounds per side (default 3)")
    parser.add_argument("--smoke", action="store_true", help="one round, 200 members: does it work at all")
    parser.add_argument("--members", type=int, default=10_000, help="how many stand for the alias (default 10,000)")
    parser.add_argument("--work", type=pathlib.Path, default=HERE.parent.parent / "target/compare",
                        help="working folder, on the disk to measure (default target/compare)")
    args = parser.parse_args()
    if args.smoke:
        args.rounds, args.members = 1, 200
    return args


def send(port, recipient):
    """One mail of 4 KiB; returns the seconds that it took, and when it was accepted."""
    begin = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="source.example", timeout=60) as client:
        text = "Subject: to all\r\n\r\n" + ("X" * 78 + "\r\n") * 50
        client.sendmail("sender@source.example", [recipient], text)
        accepted = time.monotonic()
    return accepted - begin, accepted


def one_round(side, members, work):
    """Returns (seconds to the 250, seconds from it to the last reply, CPU seconds, other cores)."""
    with targets.Lmtp() as service, side(work) as mta:
        send(mta.port, "first@box.example")
        service.wait_for(1, mta.alive)
        cpu, ours = measure.cpu_seconds(mta.root()), time.process_time()
        busy, since = measure.busy_seconds(), time.monotonic()
        took, accepted = send(mta.port, mta.alias)
        last = service.wait_for(1 + members, mta.alive)
        busy, lasted = measure.busy_seconds() - busy, time.monotonic() - since
        cpu, ours = measure.cpu_seconds(mta.root()) - cpu, time.process_time() - ours
        mta.stop()
        wanted = ["first@box.example"] + [f"member{n}@box.example" for n in range(members)]
        if sorted(recipient.decode() for recipient in service.recipients) != sorted(wanted):
            raise RuntimeError(f"{side.name}: {service.seen()} recipients came, and not each of the {len(wanted)} once")
    return took, last - accepted, cpu, max(0.0, busy - cpu - ours) / lasted


def run(args, work):
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}, {measure.file_system(work)}, "
          f"octet to another process and back {measure.wake_up_us():.0f} us\n")
    print("side        accepted  expanded     CPU s  others", flush=True)
    sides = [side for name, side in SIDES.items() if args.only in (None, name)]
    expanded = {side.name: [] for side in sides}
    for _ in range(args.rounds):
        for side in sides:
            took, seconds, cpu, others = one_round(side, args.members, work)
            expanded[side.name].append(seconds)
            print(f"{side.name:10}{took:10.3f}{seconds:10.3f}{cpu:10.3f}{others:8.2f}", flush=True)
    medians = {name: statistics.median(seconds) for name, seconds in expanded.items()}
    print("\nmedian seconds: " + ", ".join(f"{name} {seconds:.3f}" for name, seconds in medians.items()))
    if medians.get("postrider", 0) >= MARK:
        print(f"MISSED: Postrider's mark is under {MARK:g} s")


def main():
    args = arguments()
    if os.geteuid() != 0:
        sys.exit("alias.py: Postfix starts as root")
    os.umask(0o022)
    mtas.MEMBERS = args.members
    work = args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    processes.adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what follows "finally" is done then, too
    try:
        run(args, work)
    except (RuntimeError, OSError, smtplib.SMTPException, mtas.postfix.PeerMissing) as reason:
        sys.exit(f"alias.py: {reason}")
    finally:
        processes.sweep()


if __name__ == "__main__":
    main()
