#!/usr/bin/env python3
"""Conversions beside other programs, on the same files, in one run.

Inputs are made first (target/release/conversions make): letters, tables and pictures in RTF, newsletters, threads and orders in HTML,
text, and TNEF with files. Three tables follow.

Commands: each program is a process that reads a file, as somebody would call it.

  start     milliseconds of a call with the smallest input that there is, the median
  wall      milliseconds of a call, the median, the start included
  CPU       the same of CPU, beyond that of the start: what others do on the machine does not count
  MB/s      octets of the input by that CPU; "-" where it is less than 3 ms
  times     how often ours does that while the peer does it once, by the same
  memory    the resident set at most, beyond that of the start, by the octets of the input

Inside a process: the conversion again and again in one process, by the clock: the best and the median, MB/s of the input. With it
the crate html2text, and the marks, for the best: RTF to text 100 MB/s, LZFu 300 MB/s (of what comes out), TNEF 500 MB/s, HTML of 64 KiB to text 5 ms.

Memory inside a process: what a conversion asks of the allocator at most, beside its input, by the octets of the input. A block that
grows counts twice until it has moved. Mark: 8 times. Then the same of inputs made to cost most, without a mark: they are bounded by
the limit of output.

Needs unrtf, tnef, ytnef-tools, python3-html2text, libreoffice-writer-nogui and time, and

  cargo build --release -p postrider-cli -p postrider-bench-convert && python3 benches/convert/run.py
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import programs  # noqa: E402

MB = 1e6
# Octets of the inputs, of the files in streams, and what commands get of them.
SIZES, FILES = [4 << 10, 64 << 10, 4 << 20], [1 << 20, 10 << 20, 50 << 20]
OF_COMMANDS = {"rtf": ["letter", "tables", "pictures"], "html": ["newsletter", "orders"], "tnef": ["files"]}
# What is measured inside, and of which file.
INSIDE = [("rtf-text", "letter.rtf"), ("rtf-text", "tables.rtf"), ("rtf-html", "letter.rtf"), ("rtf-html", "tables.rtf"),
          ("rtf-html", "pictures.rtf"), ("rtf-original", "newsletter.holder.rtf"), ("lzfu-rtf", "letter.lzfu"), ("rtf-lzfu", "letter.rtf"),
          ("html-text", "newsletter.html"), ("html2text", "newsletter.html"), ("html-text", "orders.html"), ("html2text", "orders.html"),
          ("html-rtf", "newsletter.html"), ("html-rtf", "orders.html"), ("html-holder", "newsletter.html"),
          ("html-decode", "newsletter.html"), ("text-html", "text.txt"), ("text-rtf", "text.txt"), ("text-flow", "text.txt"),
          ("text-unflow", "text.txt"), ("text-wrap", "text.txt"), ("tnef-model", "files.tnef"), ("tnef-parts", "files.tnef"),
          ("tnef-mail", "files.tnef"), ("parts-tnef", "files.tnef")]
# MB/s of the largest input; LZFu is measured by what comes out.
MARKS = {"rtf-text": 100, "lzfu-rtf": 300, "tnef-parts": 500}
PAGE_MS, TIMES = 5.0, 8.0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="calls of each command, and of its start (default 3)")
    parser.add_argument("--seconds", type=float, default=2, help="seconds of each conversion inside a process (default 2)")
    parser.add_argument("--smoke", action="store_true", help="one call each, of small inputs: does it work at all")
    parser.add_argument("--work", type=pathlib.Path, default=programs.REPOSITORY / "target/convert",
                        help="working folder (default target/convert)")
    args = parser.parse_args()
    args.sizes, args.files = SIZES, FILES
    if args.smoke:
        args.rounds, args.seconds, args.sizes, args.files = 1, 0, SIZES[:2], FILES[:1]
    return args


def bench(name, *words):
    done = subprocess.run([programs.program(name), *map(str, words)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} {' '.join(map(str, words))} ended with {done.returncode}")
    return done.stdout


def short(size):
    return f"{size >> 20}m" if size >> 20 else f"{size >> 10}k"


def file_of(inputs, name, size):
    stem, end = name.split(".", 1)
    return inputs / f"{stem}-{short(size)}.{end}"


def smallest(kind, inputs, work):
    """The smallest input of its kind. A stream without files would be none to all of them."""
    path = work / f"smallest.{kind}"
    if programs.SMALLEST[kind] is None:
        bench("conversions", "make", work / "start", "", "1024")
        shutil.copy(work / "start/files-1k.tnef", path)
    else:
        path.write_bytes(programs.SMALLEST[kind])
    return path


def speed(octets, seconds):
    return octets / seconds / MB if seconds > programs.LEAST else None


def row(command, file, reading, first):
    octets = file.stat().st_size
    if reading is None:
        print(f"  {command.name:20}{file.name:20}{command.wall * 1e3:9.0f}   more than {programs.PATIENCE} s", flush=True)
        return None
    seconds, cpu, rss = reading
    cpu -= command.start
    rate, memory = speed(octets, cpu), max(0, rss - command.base) * 1024 / octets
    print(f"  {command.name:20}{file.name:20}{command.wall * 1e3:9.0f}{seconds * 1e3:9.0f}"
          + (f"{cpu * 1e3:9.1f}{rate:9.1f}" if rate else f"{'<3':>9}{'-':>9}") + (f"{first / rate:8.1f}" if first and rate else "       -") + f"{memory:9.1f}",
          flush=True)
    return rate


def commands(args, inputs):
    print("Commands: a process for each call\n")
    print(f"  {'program':20}{'input':20}{'start ms':>9}{'wall ms':>9}{'CPU ms':>9}{'MB/s':>9}{'times':>8}{'memory':>9}")
    for title, (kind, calls) in programs.COMMANDS.items():
        print(title)
        least = smallest(kind, inputs, args.work)
        all_of_it = [programs.Command(name, call, least, args.work, args.rounds) for name, call in calls]
        for name in OF_COMMANDS[kind]:
            for size in args.files if kind == "tnef" else args.sizes[1:]:
                file, first = file_of(inputs, f"{name}.{kind}", size), None
                for command in all_of_it:
                    rate = row(command, file, command.median(file, args.rounds), first)
                    first = rate if command is all_of_it[0] else first


def inside(args, inputs):
    missed = []
    print(f"\nInside a process\n\n  {'conversion':16}{'input':30}{'octets':>10}{'best ms':>10}{'median ms':>11}{'best MB/s':>11}{'median':>9}")
    for name, of in INSIDE:
        for size in args.files if of.endswith("tnef") else args.sizes:
            file = file_of(inputs, of, size)
            told = json.loads(bench("conversions", "time", name, file, args.seconds))
            octets = told["made"] if name == "lzfu-rtf" else file.stat().st_size
            best, median = (octets / told[which] / MB for which in ("best", "median"))
            is_large = size == (args.files if of.endswith("tnef") else args.sizes)[-1]
            below = is_large and best < MARKS.get(name, 0)
            below |= name == "html-text" and size == 64 << 10 and told["best"] * 1e3 > PAGE_MS
            missed += [f"{name} of {file.name}"] if below else []
            print(f"  {name:16}{file.name:30}{file.stat().st_size:10}{told['best'] * 1e3:10.3f}{told['median'] * 1e3:11.3f}{best:11.0f}"
                  f"{median:9.0f}{'  MISSED' if below else ''}", flush=True)
    return missed


def memory(args, which):
    """The worst of each conversion: what it took, by the octets of its input."""
    worst = {}
    for line in bench("memory", which).splitlines():
        name, of, octets, made, peak = line.split("\t")
        if not made.isdecimal():
            if which != "hostile":
                raise RuntimeError(f"{name} of {of}: {made}")
            made = 0  # it is refused: a limit that is reached is an answer, too
        times = int(peak) / int(octets)
        if times >= worst.get(name, (0,))[0]:
            worst[name] = times, of, int(made) / int(octets)
    for name, (times, of, made) in worst.items():
        missed = which != "hostile" and times > TIMES
        print(f"  {name:16}{of:26}{times:8.2f} times its input (the result: {made:.2f}){'  MISSED' if missed else ''}", flush=True)
    return [f"memory of {name}" for name, (times, _, _) in worst.items() if which != "hostile" and times > TIMES]


def run(args):
    inputs = args.work / "inputs"
    shutil.rmtree(args.work, ignore_errors=True)
    args.work.mkdir(parents=True)
    bench("conversions", "make", inputs, ",".join(map(str, args.sizes)), ",".join(map(str, args.files)))
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}, load before {load:.1f}\n", flush=True)
    commands(args, inputs)
    missed = inside(args, inputs)
    print("\nMemory inside a process, the worst input of each")
    missed += memory(args, "usual" if args.smoke else "large")
    print("\nThe same of inputs that are made to cost most")
    memory(args, "hostile")
    print(f"\nload behind {os.getloadavg()[0]:.1f}; marks missed: {', '.join(missed) or 'none'}")


def main():
    args = arguments()
    try:
        run(args)
    except (RuntimeError, OSError) as reason:
        sys.exit(f"run.py: {reason}")


if __name__ == "__main__":
    main()
