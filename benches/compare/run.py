#!/usr/bin/env python3
"""Compares Postrider with Postfix: same machine, same disk, same client, same next hop or mailboxes, in turns.

A round starts one of the two in a fresh folder, sends it some mail to warm up, then a counted number of mails (the connections
stay open), until they have all arrived behind it. The cases 4k, 64k, rcpt10 and conn100 relay from smtp-source to one smtp-sink;
`exchangers` sends to 1,000 domains on 10 sets of exchangers, `maildir` into the mailboxes of 100 users. A first round, not
counted, finds out how many mails that are; then rounds alternate: Postfix, Postrider, Postfix, ... Printed for each round:

  accepted/s   mails, by the time until the client had the last 250
  delivered/s  mails, by the time until smtp-sink had answered the last final dot, or the last file was in `new`
  CPU us       microseconds of CPU per mail of all processes of the MTA, ended ones too
  tools us     the same of client, smtp-sinks and DNS server: they share the cores with the MTA
  others       cores that were busy with something else meanwhile
  HWM, PSS     MiB: sum of the processes' peaks (what they share is counted in each), and their proportional size at the end
  sync/mail    what the MTA counted itself, where it counts; strace's count is taken in one round of its own per case
  conn/mail    connections that the MTA made to deliver, per mail
  sync p50     milliseconds of a 4 KiB overwrite and fdatasync on this disk, before and after the round

A pair of rounds is repeated, three tries in all, when the disk's sync p50 changed by more than a factor of 2 within it, or when
others took more than 0.3 cores. The last table gives medians and the ratios Postrider/Postfix, taken pair by pair.

Needs root (Postfix starts as root), the packages postfix and strace, and Postrider's daemon:

  cargo build --release --package postrider-cli && python3 benches/compare/run.py
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent.parent / "tests/interop/peers"))

import measure  # noqa: E402  (after the path)
import mtas  # noqa: E402
import processes  # noqa: E402
from cases import CASES  # noqa: E402

SIDES = ["postfix", "postrider"]
TRIES, UNSTEADY, FOREIGN = 3, 2.0, 0.3
# A trial must be long enough to tell; more mails than Postfix takes into its active queue (20,000) would be another test.
TRIAL, FEWEST, MOST = 400, 200, 20000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=[c.name for c in CASES], action="append", help="only this case (may be repeated)")
    parser.add_argument("--only", choices=SIDES, help="only one side; no ratios then")
    parser.add_argument("--rounds", type=int, default=3, help="rounds per side and case (default 3)")
    parser.add_argument("--seconds", type=float, default=8, help="how long a round shall take, about (default 8)")
    parser.add_argument("--mails", type=int, help="mails per round, the same for both, instead of --seconds")
    parser.add_argument("--smoke", action="store_true", help="one tiny round of each case: does it work at all")
    parser.add_argument("--no-strace", action="store_true", help="leave the strace'd rounds out")
    parser.add_argument("--work", type=pathlib.Path, default=HERE.parent.parent / "target/compare",
                        help="working folder, on the disk to measure (default target/compare)")
    parser.add_argument("--json", type=pathlib.Path, help="also write every round to this file")
    return parser.parse_args()


def one_round(side, case, mails, work, traced=False):
    """One round of one side; returns what was measured."""
    before = measure.sync_p50(work)
    with case.target(side, work) as target, side(work, traced) as mta:
        warm = max(100, 2 * case.connections)
        case.send(mta.port, warm)
        target.wait_for(warm, mta.alive)
        cpu, tools = measure.cpu_seconds(mta.root()), target.cpu()
        busy, since = measure.busy_seconds(), time.monotonic()
        begin, accepted, source = case.send(mta.port, mails)
        delivered = target.wait_for(warm + mails, mta.alive)
        busy, lasted = measure.busy_seconds() - busy, time.monotonic() - since
        tools = target.cpu() - tools + source
        cpu = measure.cpu_seconds(mta.root()) - cpu
        peak, share = measure.memory_mib(mta.root())
        mta.stop()
        surplus, connections = target.seen() - warm - mails, target.connections()
        syncs = mta.traced_syncs() / (warm + mails) if traced else mta.own_syncs_per_mail()
    after = measure.sync_p50(work)
    return {"side": side.name, "case": case.name, "mails": mails, "accepted": mails / (accepted - begin),
            "delivered": mails / (delivered - begin), "cpu_us": cpu / mails * 1e6, "tools_us": tools / mails * 1e6,
            "others": max(0.0, busy - cpu - tools) / lasted, "hwm_mib": peak, "pss_mib": share, "syncs": syncs, "surplus": surplus,
            "connections": None if connections is None else connections / (warm + mails), "p50": [before, after]}


def show(r, note=""):
    syncs, connections = ("-" if r[key] is None else f"{r[key]:.3f}" for key in ("syncs", "connections"))
    surplus = f"  THERE CAME {r['surplus']} MORE" if r["surplus"] else ""
    print(f"{r['case']:11}{r['side']:10}{r['accepted']:11.0f}{r['delivered']:12.0f}{r['cpu_us']:8.0f}{r['tools_us']:9.0f}"
          f"{r['others']:8.2f}{r['hwm_mib']:8.1f}{r['pss_mib']:8.1f}{syncs:>10}{connections:>10}"
          f"   {r['p50'][0]:.3f} {r['p50'][1]:.3f}{surplus}{note}", flush=True)


def disturbed(rounds):
    """What makes a pair of rounds unfit for a comparison; empty if nothing does."""
    p50 = [p for r in rounds for p in r["p50"]]
    reasons = ["disk unsteady"] if max(p50) > UNSTEADY * min(p50) else []
    return reasons + (["machine busy"] if max(r["others"] for r in rounds) > FOREIGN else [])


def pair(sides, case, mails, work):
    """One round of each side, again when disk or machine changed under them."""
    for attempt in range(1, TRIES + 1):
        rounds = [one_round(side, case, mails[side], work) for side in sides]
        reasons = disturbed(rounds)
        note = f"  {' and '.join(reasons)}, try {attempt} of {TRIES}" if reasons else ""
        for r in rounds:
            show(r, note)
        if not reasons:
            return rounds
    print("         given up: it does not keep still; this pair counts all the same", flush=True)
    return [{**r, "disturbed": reasons} for r in rounds]


def how_many(args, side, case, work):
    """The mails of one round: as many as this side manages in the wanted time, found by a trial."""
    if args.smoke or args.mails:
        return args.mails or 100
    rate = one_round(side, case, TRIAL, work)["delivered"]
    return int(min(MOST, max(FEWEST, rate * args.seconds)))


def traced(sides, case, mails, work):
    """strace slows the rest down, so its rounds give the syncs per mail and nothing else."""
    for side in sides:
        r = one_round(side, case, mails, work, traced=True)
        print(f"{case.name:11}{side.name:10} strace: {r['syncs']:.3f} syncs per mail", flush=True)
        yield {**r, "traced": True}


def ratios(results, cases):
    """Medians per side, and the median of the ratios of each pair."""
    keys = ["accepted", "delivered", "cpu_us", "hwm_mib", "pss_mib"]
    print("\nmedians    " + "".join(f"{k:>22}" for k in keys) + "   (postfix, postrider: ratio)")
    for case in cases:
        cells = []
        for key in keys:
            a, b = ([r[key] for r in results if r["case"] == case.name and r["side"] == s and "traced" not in r] for s in SIDES)
            each = "  ".join(f"{statistics.median(v):.0f}" for v in (a, b) if v)
            quotient = f": {statistics.median(y / x for x, y in zip(a, b)):.2f}" if a and b else ""
            cells.append(f"{each + quotient:>22}")
        print(f"{case.name:11}" + "".join(cells))


def one_case(args, case, work):
    sides = [side for name, side in case.sides.items() if args.only in (None, name)]
    mails = {side: how_many(args, side, case, work) for side in sides}
    results = []
    for _ in range(1 if args.smoke else args.rounds):
        if args.smoke:
            rounds = [one_round(side, case, mails[side], work) for side in sides]
            for r in rounds:
                show(r)
        else:
            rounds = pair(sides, case, mails, work)
        results += rounds
    if not args.no_strace:
        results += traced(sides, case, 100 if args.smoke else 1000, work)
    return results


def run(args, work):
    cases = [c for c in CASES if not args.case or c.name in args.case]
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}, {measure.file_system(work)}, "
          f"octet to another process and back {measure.wake_up_us():.0f} us\n")
    print("case       side        accepted/s delivered/s  CPU us tools us  others     HWM     PSS sync/mail conn/mail   sync p50",
          flush=True)
    results = [r for case in cases for r in one_case(args, case, work)]
    ratios(results, cases)
    return results


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
        results = run(args, work)
    except (RuntimeError, mtas.postfix.PeerMissing) as reason:
        sys.exit(f"run.py: {reason}")
    finally:
        processes.sweep()
    if args.json:
        args.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
