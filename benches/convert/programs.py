"""The commands: ours and its peers, how each is called, and what a call takes.

Rule: a program that is not there, that fails, or that makes nothing is an error, never a gap in the table.
"""

import pathlib
import resource
import shutil
import statistics
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
RELEASE = REPOSITORY / "target/release"

# Seconds that a call has, and fewer than what can be measured beyond a start.
PATIENCE, LEAST = 60, 0.003

WEB = "HTML (StarWriter)"
# The smallest input of each kind; that of TNEF is made.
SMALLEST = {"rtf": b"{\\rtf1 a}", "html": b"<p>a", "tnef": None}


class Missing(RuntimeError):
    """A program is not there."""


def program(name):
    path = RELEASE / name if (RELEASE / name).exists() else shutil.which(name)
    if not path:
        raise Missing(f"{name} is missing (.ci/packages installs the peers; ours: cargo build --release -p postrider-cli "
                      "-p postrider-bench-convert)")
    return str(path)


def ours(takes, to, *more):
    return "postrider", lambda file, _out: [program("postrider"), "convert", "--from", takes, "--to", to, "--max-output", "1GiB", *more, file]


def office(to, reads):
    def call(file, out):
        return [program("soffice"), f"-env:UserInstallation=file://{out.parent.resolve()}/settings", "--headless", f"--infilter={reads}",
                "--convert-to", to, "--outdir", str(out), file]
    return "libreoffice", call


# For each conversion: what it takes, and who does it. What is drawn is what peers do: none of them knows what RTF holds.
COMMANDS = {
    "RTF to text": ("rtf", [ours("rtf", "text"), ("unrtf", lambda file, _out: [program("unrtf"), "--text", "--nopict", "--quiet", file]),
                            office("txt:Text", "Rich Text Format")]),
    "RTF to HTML": ("rtf", [ours("rtf", "html"), ("unrtf", lambda file, _out: [program("unrtf"), "--html", "--nopict", "--quiet", file]),
                            office(f"html:{WEB}", "Rich Text Format")]),
    "HTML to RTF": ("html", [ours("html", "rtf", "--drawn"), office("rtf:Rich Text Format", WEB)]),
    "HTML to text": ("html", [ours("html", "text"), ("html2text (Python)", lambda file, _out: [program("html2markdown"), file, "utf-8"]),
                              office("txt:Text", WEB)]),
    "TNEF to files": ("tnef", [("postrider", lambda file, out: [program("postrider"), "tnef", "extract", "--into", str(out), "--max-output",
                                                                "1GiB", file]),
                               ("tnef", lambda file, out: [program("tnef"), "-C", str(out), "-f", file]),
                               ("ytnef", lambda file, out: [program("ytnef"), "-f", str(out), file])]),
}


def made(out):
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def once(call, file, work):
    """Seconds of one call, those of CPU, and the KiB that it had in memory at most; `None`: it has not ended in time.

    CPU is that of all that has been waited for meanwhile: two small programs besides, which are in the start as well.
    The system counts to a process the memory of the one that has started it: GNU time is small, Python is not.
    """
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    argv = call(str(file), out)
    # Some write into the folder, others to standard output: both is what they have made.
    with open(out / "stdout", "wb") as stdout, open(work / "stderr", "wb") as stderr:
        timed = [program("time"), "-q", "-f", "%M", "-o", str(work / "rss"), program("timeout"), "-k", "5", str(PATIENCE), *argv]
        begin, cpu = time.perf_counter(), cpu_seconds()
        status = subprocess.run(timed, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, check=False).returncode
        seconds, cpu = time.perf_counter() - begin, cpu_seconds() - cpu
    if status in (124, 137):
        return None
    said = (work / "stderr").read_bytes().decode(errors="replace")[-500:]
    if status or not made(out):
        raise RuntimeError(f"{' '.join(argv)}: ended with {status} and made {made(out)} octets: {said}")
    return seconds, cpu, int((work / "rss").read_text(encoding="ascii").split()[-1])


class Command:
    """A program that does one conversion, and what its start costs."""

    def __init__(self, name, call, smallest, work, rounds):
        self.name, self.call, self.work = name, call, work
        once(call, smallest, work)  # so that nobody pays for what is made at the very first call
        self.wall, self.start, self.base = self.median(smallest, rounds)

    def median(self, file, rounds):
        """The median seconds, those of CPU, and the largest memory; `None`: it takes too long."""
        calls = []
        for _ in range(rounds):
            call = once(self.call, file, self.work)
            if call is None:
                return None
            calls.append(call)
            if call[0] > 10:
                break  # the start is nothing beside that
        seconds, cpu, rss = zip(*calls)
        return statistics.median(seconds), statistics.median(cpu), max(rss)
