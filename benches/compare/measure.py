"""What is measured, and how: the disk's syncs, a process tree's CPU and memory, mails sent and mails seen."""

import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading
import time

import processes

_TICK = os.sysconf("SC_CLK_TCK")


def sync_p50(folder, seconds=0.7):
    """Median milliseconds of a 4 KiB overwrite and its fdatasync, in a file that was filled and synced before."""
    path = pathlib.Path(folder, "sync-probe")
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(fd, bytes(1 << 20), 0)
        os.fsync(fd)
        times, end, block = [], time.monotonic() + seconds, os.urandom(4096)
        while time.monotonic() < end or len(times) < 20:
            begin = time.perf_counter()
            os.pwrite(fd, block, len(times) % 256 * 4096)
            os.fdatasync(fd)
            times.append((time.perf_counter() - begin) * 1e3)
    finally:
        os.close(fd)
        path.unlink()
    return statistics.median(times)


def _stat(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
        return f.read().rpartition(")")[2].split()


def cpu_seconds(root):
    """CPU time of a process, of all below it, and of those below it that have ended.

    A process that ended and was waited for is in its parent's cutime and cstime: each is counted once. (Fields 14 to 17 of
    /proc/PID/stat. A control group would do as well, but not every machine lets one make one.)
    """
    total = 0
    for pid in processes.tree(root):
        try:
            total += sum(map(int, _stat(pid)[11:15]))
        except (FileNotFoundError, ProcessLookupError):
            pass  # ended between two looks: its parent has the time
    return total / _TICK


def busy_seconds():
    """CPU time that the machine has spent on anything at all."""
    with open("/proc/stat", encoding="utf-8") as f:
        user, nice, system, _idle, _wait, irq, softirq, steal, *_ = map(int, f.readline().split()[1:])
    return (user + nice + system + irq + softirq + steal) / _TICK


def wake_up_us(turns=2000):
    """Microseconds for one octet to another process and back: what a hand-over costs on this machine.

    An MTA of many processes pays it dozens of times a mail; virtual machines differ in it by a factor of 20.
    """
    (ours, theirs), (reader, writer) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        for _ in range(turns):
            os.write(writer, os.read(ours, 1))
        os._exit(0)
    begin = time.perf_counter()
    for _ in range(turns):
        os.write(theirs, b"x")
        os.read(reader, 1)
    seconds = time.perf_counter() - begin
    os.waitpid(pid, 0)
    for fd in (ours, theirs, reader, writer):
        os.close(fd)
    return seconds / turns * 1e6


def file_system(folder):
    """Type and device of the file system that a folder lies on."""
    best = ("", "?", "?")
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        device, where, kind, *_ = line.split()
        if pathlib.Path(folder).is_relative_to(where) and len(where) >= len(best[0]):
            best = (where, kind, device)
    return f"{best[1]} on {best[2]}"


def resident_mib(root):
    """Sum of VmRSS now, in MiB."""
    statuses = (pathlib.Path(f"/proc/{pid}/status").read_text() for pid in processes.tree(root))
    return sum(int(found[1]) for found in (re.search(r"VmRSS:\s*(\d+)", status) for status in statuses) if found) / 1024


def memory_mib(root):
    """(sum of the peaks VmHWM, sum of the proportional sizes Pss now), in MiB.

    The first counts what 50 processes share 50 times; the second counts it once, but is no peak.
    """
    peak = share = 0
    for pid in processes.tree(root):
        try:
            peak += int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
            share += int(re.search(r"Pss:\s*(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text())[1])
        except (FileNotFoundError, ProcessLookupError, PermissionError, TypeError):
            pass  # ended meanwhile, or a zombie without memory
    return peak / 1024, share / 1024


class Sink:
    """smtp-sink and its own counter (-c), written to a file in memory: it never waits for its reader."""

    def __init__(self, port, host="127.0.0.1"):
        self.host, self.port = host, port

    def __enter__(self):
        self.start()
        time.sleep(0.2)
        self.check()
        return self

    def start(self):
        where = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self._counter = tempfile.NamedTemporaryFile(dir=where, prefix="smtp-sink-")
        # -u: it insists on giving root up. 1024: the backlog of the listening socket.
        argv = ["smtp-sink", "-c", "-u", "nobody", f"{self.host}:{self.port}", "1024"]
        self.process = processes.start(argv, stdout=self._counter, stderr=subprocess.STDOUT)

    def check(self):
        """Some time after the start: whether it runs."""
        if self.process.poll() is not None:
            raise RuntimeError(f"smtp-sink on {self.host}:{self.port} does not start: {self._tail().decode()}")

    def __exit__(self, *_):
        processes.stop(self.process)
        self._counter.close()

    def _tail(self):
        size = os.fstat(self._counter.fileno()).st_size
        return os.pread(self._counter.fileno(), 200, max(0, size - 200))

    def _count(self, what):
        counts = re.findall(what + rb"=\s*(\d+)", self._tail())
        return int(counts[-1]) if counts else 0

    def seen(self):
        """Mails whose final dot the sink has answered."""
        return self._count(b"mesg")

    def connections(self):
        """Connections that have ended: all, when its clients have."""
        return self._count(b"sess")

    def cpu(self):
        """CPU seconds that it took up to now."""
        return cpu_seconds(self.process.pid)

    def wait_for(self, count, alive):
        return wait_until_seen(self, count, alive)


def wait_until_seen(target, count, alive, pause=0.02):
    """Until `count` mails were seen; raises when that takes too long or the sender is gone."""
    deadline = time.monotonic() + patience(count)
    while target.seen() < count:
        if time.monotonic() > deadline or not alive():
            raise RuntimeError(f"{target.seen()} of {count} mails have arrived")
        time.sleep(pause)
    return time.monotonic()


def patience(mails):
    """Seconds after which a round has failed: slower than 20 mails/s is not slow but stuck."""
    return 60 + mails / 20


def send(port, case, mails):
    """Run smtp-source; returns (seconds until the last mail was accepted, its CPU seconds)."""
    # -d keeps the connections open; every reply must be the expected one (no -A), or it ends with an error.
    argv = ["smtp-source", "-d", "-s", str(case.connections), "-m", str(mails), "-l", str(case.octets),
            "-r", str(case.recipients), "-M", "source.example", "-f", "sender@source.example",
            "-t", "recipient@sink.example", f"127.0.0.1:{port}"]
    begin = time.monotonic()
    _, cpu = run_client(argv, f"smtp-source, case {case.name}, port {port}", patience(mails))
    return time.monotonic() - begin, cpu


def run_client(argv, name, seconds):
    """Runs a program that sends mail to its end; returns what it printed and its CPU seconds."""
    with tempfile.TemporaryFile() as printed:
        process = processes.start(argv, stdout=printed, stderr=subprocess.PIPE)
        watchdog = threading.Timer(seconds, process.kill)
        watchdog.start()
        said = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        watchdog.cancel()
        process.stderr.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{name}: {said.strip() or 'did not get its mails accepted in time'}")
        printed.seek(0)
        return printed.read().decode(), usage.ru_utime + usage.ru_stime
