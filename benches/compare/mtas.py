"""The two sides: how each is started in a fresh folder, how it is stopped, and how its syncs are counted."""

import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import time

import postfix
import processes
import template

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
# Every call that makes data durable; only these are stopped at (--seccomp-bpf), the others run at full speed.
_SYNCS = "fsync,fdatasync,sync_file_range,sync,syncfs,msync"
# Where names.py listens: Postfix asks port 53, and 127.0.0.53 and 54 may be taken by the machine's own resolver.
NAMES, MX_PORT, LMTP_PORT, USERS, MEMBERS = "127.0.7.53", 2630, 2640, 100, 10_000
_STRACE = ["strace", "-f", "-c", "--seccomp-bpf", "-e", f"trace={_SYNCS}", "-o"]


class Mta:
    """One side in one round: a process tree, its folder and its port."""

    name = port = sink_port = None

    def __init__(self, work, traced=False):
        self.folder, self.traced, self.process = pathlib.Path(work, self.name), traced, None

    def __enter__(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o755)
        self.start()
        return self

    def start(self):
        """Starts it in its folder as that is; returns the seconds until it greeted."""
        argv, begin = self.prepare(), time.monotonic()
        if self.traced:
            argv = [*_STRACE, str(self.folder / "strace"), *argv]
        with open(self.folder / "output", "wb") as output:
            self.process = processes.start(argv, cwd=self.folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            self._wait_until_ready()
        except RuntimeError:
            self.__exit__()
            raise
        return time.monotonic() - begin

    def __exit__(self, *_):
        self.stop()
        processes.sweep()

    def stop(self):
        """A clean end: what is counted at the end is written then. Called twice it does nothing."""
        root = self.root()
        if root != self.process.pid:  # strace ignores SIGTERM while it traces: end what it traces
            os.kill(root, 15)
            self.process.wait(60)
        processes.stop(self.process, grace=60)

    def root(self):
        """The MTA's own first process: strace, if any, isn't part of it."""
        if self.traced and self.process.poll() is None:
            below = [p for p, parent in processes.parents().items() if parent == self.process.pid]
            return below[0] if below else self.process.pid
        return self.process.pid

    def alive(self):
        """Whether it runs at all."""
        return self.process.poll() is None

    def _wait_until_ready(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.alive():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
                    if s.recv(512).startswith(b"220"):
                        s.sendall(b"QUIT\r\n")
                        return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not answer on port {self.port}:\n{self.tail()}")

    def tail(self):
        """The last lines of its output and log."""
        paths = [p for p in (self.folder / "output", self.folder / "log") if p.exists()]
        return "".join(line for p in paths for line in p.read_text(errors="replace").splitlines(True)[-15:])

    def traced_syncs(self):
        """After the end of a traced round: how many syncs strace saw."""
        table = (self.folder / "strace").read_text()
        # "% time  seconds  usecs/call  calls  [errors]  syscall"
        return sum(int(m[1]) for m in re.finditer(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(?!total)\w+$", table, re.M))

    def own_syncs_per_mail(self):
        """What the MTA itself counted, after its end; None if it counts nothing."""
        return None


def replacing(main, more):
    """Lines of a main.cf, without those that the others set anew, and the others."""
    again = set(re.findall(r"^(\w+) *=", more, re.M))
    kept = [line for line in main.splitlines(True) if line.partition("=")[0].strip() not in again]
    return "".join(kept) + more


class Postfix(Mta):
    name, port, sink_port = "postfix", 2526, 2627
    more = None  # what a case replaces in main.cf

    def prepare(self):
        postfix.check_installed()
        postfix.check_reachable(self.folder)
        postfix.make_folders(self.folder)
        nobody = pwd.getpwnam("nobody")
        values = {"DIR": self.folder, "PORT": self.port, "SINK_PORT": self.sink_port, "MX_PORT": MX_PORT, "LMTP_PORT": LMTP_PORT,
                  "NOBODY_UID": nobody.pw_uid, "NOBODY_GID": nobody.pw_gid}
        main, master, *more = (template.render(HERE / "postfix" / name, **values)
                               for name in ("main.cf", "master.cf", self.more) if name)
        postfix.write_config(self.folder, replacing(main, "".join(more)), master)
        return postfix.command(self.folder)


class PostfixExchangers(Postfix):
    """It asks whom /etc/resolv.conf names: it gets one of its own, which nobody else sees."""

    more = "exchangers.cf"

    def prepare(self):
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver {NAMES}\n", encoding="utf-8")
        alone = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return ["unshare", "--mount", "sh", "-c", alone, str(resolver), *super().prepare()]


class PostfixMaildir(Postfix):
    more = "maildir.cf"

    def prepare(self):
        lines = (f"user{n}@box.example user{n}/\n" for n in range(USERS))
        (self.folder / "users").write_text("".join(lines), encoding="utf-8")
        return super().prepare()


def write_alias(folder, name):
    """The alias, and the list of its members."""
    members = "".join(f"member{n}@box.example\n" for n in range(MEMBERS))
    (folder / "list").write_text(members, encoding="utf-8")
    (folder / "aliases").write_text(f"{name} :include:{folder}/list\n", encoding="utf-8")


class PostfixAlias(Postfix):
    more = "alias.cf"
    # To whom the alias belongs: a local domain of each side.
    alias = "everybody@list.example"

    def prepare(self):
        write_alias(self.folder, "everybody")  # a texthash table has no colon
        return super().prepare()


class Postrider(Mta):
    # The ports of examples/relay.toml.
    name, port, sink_port = "postrider", 2525, 2626
    config = REPOSITORY / "examples/relay.toml"

    def prepare(self):
        daemon = REPOSITORY / "target/release/postrider"
        if not daemon.exists():
            raise RuntimeError(f"{daemon} is missing: cargo build --release --package postrider-cli")
        return [str(daemon), "serve", "--config", str(self.config)]

    def own_syncs_per_mail(self):
        # Printed when it has drained: syncs=N accepted=N delivered=N
        found = re.findall(r"syncs=(\d+) accepted=(\d+)", (self.folder / "output").read_text(errors="replace"))
        return int(found[-1][0]) / max(1, int(found[-1][1])) if found else None


class PostriderExchangers(Postrider):
    port, config = 2545, HERE / "postrider/exchangers.toml"


class PostriderMaildir(Postrider):
    port, config = 2555, HERE / "postrider/maildir.toml"


class PostriderAlias(Postrider):
    port, config = 2565, HERE / "postrider/alias.toml"
    alias = "everybody@box.example"

    def prepare(self):
        write_alias(self.folder, "everybody:")
        return super().prepare()
