#!/usr/bin/env python3
"""`postrider sendmail` beside Postfix's sendmail: 64 processes at once, and one call alone.

A round starts one of the two MTAs in a fresh folder, makes some calls to warm up, then a counted number of calls with a mail of 4 KiB,
64 of them at a time, until all mails have arrived at an smtp-sink behind the MTA. Rounds alternate: Postfix, Postrider, Postfix, ...
Printed for each round:

  called/s     mails, by the time until the last call had ended with 0; mark for the ratio: 3 times Postfix
  delivered/s  mails, by the time until smtp-sink had answered the last final dot; mark for the ratio: 3 times
  call CPU     milliseconds of CPU that a call took by itself, the mean
  MTA CPU      the same of all processes of the MTA, per mail
  others       cores that were busy with something else meanwhile
  sync p50     milliseconds of a 4 KiB overwrite and fdatasync on this disk, before and after the round

Pairs of rounds in which others took more than 0.3 cores count only if there is no better one, and the last lines say so.

Then calls one after the other, each in turn with a bare sync (4 KiB, overwrite and fdatasync) and a call of /bin/true:

  wall, CPU    milliseconds of one call beyond that sync: the median, and nine of ten; mark for Postrider: under 15 each

Needs root (Postfix starts as root), the package postfix, and Postrider's command:

  cargo build --release --package postrider-cli && python3 benches/sendmail/run.py
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import sys
import time

sys.dont_write_bytecode = True

from sides import HERE, REPOSITORY, SIDES  # noqa: E402  (it makes the path of what follows)

import measure  # noqa: E402
import mtas  # noqa: E402
import processes  # noqa: E402

AT_ONCE, OCTETS, WARM = 64, 4096, 128
RATIO, ALONE_MS, FOREIGN = 3.0, 15.0, 0.3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds per side (default 3)")
    parser.add_argument("--calls", type=int, default=2000, help="calls per round (default 2000)")
    parser.add_argument("--alone", type=int, default=300, help="calls one after the other (default 300)")
    parser.add_argument("--smoke", action="store_true", help="one round of 100 calls, 20 alone: does it work at all")
    parser.add_argument("--work", type=pathlib.Path, default=REPOSITORY / "target/sendmail",
                        help="working folder, on the disk to measure (default target/sendmail)")
    args = parser.parse_args()
    if args.smoke:
        args.rounds, args.calls, args.alone = 1, 100, 20
    return args


def write_mail(work):
    """The mail, as a program of this host writes it: lines that end with LF."""
    head = "From: sender@source.example\nTo: recipient@sink.example\nSubject: a benchmark\n\n"
    lines = ("x" * 71 + "\n") * (OCTETS // 72)
    path = work / "mail"
    path.write_text((head + lines)[:OCTETS - 1] + "\n", encoding="ascii")
    return path


def call(argv, mail, at_once, calls):
    """So many calls; what calls.py has printed of them, and the CPU seconds that it took itself."""
    command = [sys.executable, str(HERE / "calls.py"), str(at_once), str(calls), str(mail), *argv]
    printed, cpu = measure.run_client(command, f"calls.py, {argv[0]}", measure.patience(calls))
    told = json.loads(printed)
    return told, cpu


def one_round(side, mail, calls, work):
    before = measure.sync_p50(work)
    with measure.Sink(side.sink_port) as sink, side(work) as mta:
        call(mta.sendmail(), mail, AT_ONCE, min(WARM, calls))
        sink.wait_for(min(WARM, calls), mta.alive)
        cpu, tools, busy, since = measure.cpu_seconds(mta.root()), sink.cpu(), measure.busy_seconds(), time.monotonic()
        told, ours = call(mta.sendmail(), mail, AT_ONCE, calls)
        delivered = sink.wait_for(min(WARM, calls) + calls, mta.alive)
        busy, lasted = measure.busy_seconds() - busy, time.monotonic() - since
        cpu, tools = measure.cpu_seconds(mta.root()) - cpu, sink.cpu() - tools + ours
        mta.stop()
        surplus = sink.seen() - min(WARM, calls) - calls
    if surplus:
        raise RuntimeError(f"{side.name}: {surplus} mails more than were sent have arrived")
    return {"side": side.name, "called": calls / (told["end"] - told["begin"]), "delivered": calls / (delivered - told["begin"]),
            "call_ms": statistics.mean(told["cpu"]) * 1e3, "mta_ms": cpu / calls * 1e3,
            # What calls.py took contains what its calls took.
            "others": max(0.0, busy - cpu - tools) / lasted, "p50": [before, measure.sync_p50(work)]}


def show(r):
    print(f"{r['side']:10}{r['called']:10.0f}{r['delivered']:13.0f}{r['call_ms']:10.2f}{r['mta_ms']:9.2f}{r['others']:8.2f}"
          f"   {r['p50'][0]:.3f} {r['p50'][1]:.3f}", flush=True)


def crowd(args, mail, work):
    """64 at once, in turns."""
    print("side        called/s  delivered/s  call CPU  MTA CPU  others   sync p50", flush=True)
    pairs = []
    for _ in range(args.rounds):
        pair = [one_round(side, mail, args.calls, work) for side in SIDES]
        for r in pair:
            show(r)
        pairs.append(pair)
    quiet = [pair for pair in pairs if max(r["others"] for r in pair) <= FOREIGN]
    print(f"{len(quiet)} of {len(pairs)} pairs were quiet (others up to {FOREIGN:g} cores)"
          f"{'; the quiet ones count' if quiet else '; all count, and a quiet machine may say otherwise'}", flush=True)
    pairs = quiet or pairs
    for what in ("called", "delivered"):
        ratio = statistics.median(ours[what] / theirs[what] for theirs, ours in pairs)
        missed = "" if ratio >= RATIO else "; MISSED"
        print(f"{what + '/s':12} {ratio:.2f} times Postfix, the median of {len(pairs)} pairs (mark: {RATIO:g} times{missed})", flush=True)


def one_sync(file, block, number):
    begin = time.perf_counter()
    os.pwrite(file, block, number % 256 * OCTETS)
    os.fdatasync(file)
    return time.perf_counter() - begin


def beyond(values, bare):
    """Median and nine of ten, in milliseconds beyond this."""
    ranked = sorted(values)
    return [(value - bare) * 1e3 for value in (statistics.median(ranked), ranked[len(ranked) * 9 // 10])]


def alone(side, mail, calls, work):
    """One call after the other; syncs and /bin/true in turns with them, so that all see the same machine."""
    syncs, trues, walls, cpus = [], [], [], []
    with measure.Sink(side.sink_port), side(work) as mta:
        file = os.open(work / "sync", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.pwrite(file, bytes(256 * OCTETS), 0)
        os.fsync(file)
        block = os.urandom(OCTETS)
        call(mta.sendmail(), mail, 1, 5)
        for number in range(0, calls, 10):
            told, _ = call(mta.sendmail(), mail, 1, 10)
            walls += told["wall"]
            cpus += told["cpu"]
            trues += call(["/bin/true"], mail, 1, 10)[0]["wall"]
            syncs += [one_sync(file, block, number + n) for n in range(10)]
        os.close(file)
        mta.stop()
    bare = statistics.median(syncs)
    (wall, wall_of_9), (cpu, cpu_of_9) = beyond(walls, bare), beyond(cpus, 0)
    missed = "; MISSED" if side is SIDES[1] and max(wall, cpu) >= ALONE_MS else ""
    mark = f" (mark: under {ALONE_MS:g} ms each{missed})" if side is SIDES[1] else ""
    print(f"{side.name:10} wall {wall:.2f} ms beyond a sync of {bare * 1e3:.2f} ms, nine of ten under {wall_of_9:.2f}; CPU {cpu:.2f} ms, "
          f"nine of ten under {cpu_of_9:.2f}; /bin/true {statistics.median(trues) * 1e3:.2f} ms{mark}", flush=True)


def run(args, work):
    mail = write_mail(work)
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}, {measure.file_system(work)}, "
          f"octet to another process and back {measure.wake_up_us():.0f} us; {args.calls} calls, {AT_ONCE} at once\n", flush=True)
    crowd(args, mail, work)
    print(f"\none call alone, {args.alone} of them", flush=True)
    for side in SIDES:
        alone(side, mail, args.alone, work)


def main():
    args = arguments()
    if os.geteuid() != 0:
        sys.exit("run.py: Postfix starts as root")
    os.umask(0o022)
    work = args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    processes.adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what follows "finally" is done then, too
    try:
        run(args, work)
    except (RuntimeError, OSError, mtas.postfix.PeerMissing) as reason:
        sys.exit(f"run.py: {reason}")
    finally:
        processes.sweep()


if __name__ == "__main__":
    main()
