"""The cases of run.py: what is sent, to which sides, and where it arrives."""

import pathlib
import sys
import time

import measure
import mtas
import names
import targets

LOAD = pathlib.Path(__file__).resolve().parent / "load.py"


class Case:
    """A relay between smtp-source and smtp-sink."""

    sides = {"postfix": mtas.Postfix, "postrider": mtas.Postrider}

    def __init__(self, name, connections, octets, recipients):
        self.name, self.connections, self.octets, self.recipients = name, connections, octets, recipients

    def target(self, side, _work):
        """Where the mail of this side arrives."""
        return measure.Sink(side.sink_port)

    def send(self, port, mails):
        """Sends so many mails; returns when it began, when the last was accepted (monotonic clock), and its CPU seconds."""
        begin = time.monotonic()
        seconds, cpu = measure.send(port, self, mails)
        return begin, begin + seconds, cpu


class Loaded(Case):
    """What load.py sends: each mail to the next of many recipients."""

    to, numbers = "user{}@box.example", mtas.USERS

    def __init__(self, name):
        super().__init__(name, connections=20, octets=4096, recipients=1)

    def send(self, port, mails):
        argv = [sys.executable, str(LOAD), "--port", str(port), "--connections", str(self.connections), "--mails", str(mails),
                "--octets", str(self.octets), "--to", self.to, "--numbers", str(self.numbers)]
        printed, cpu = measure.run_client(argv, f"load.py, case {self.name}, port {port}", measure.patience(mails))
        begin, end = map(float, printed.split())
        return begin, end, cpu


class Exchangers(Loaded):
    """1,000 domains on 10 sets of two exchangers, found by MX."""

    sides = {"postfix": mtas.PostfixExchangers, "postrider": mtas.PostriderExchangers}
    to, numbers = "someone@" + names.DOMAIN, names.DOMAINS

    def target(self, _side, _work):
        return targets.Exchangers()


class Maildir(Loaded):
    """The mailboxes of 100 users."""

    sides = {"postfix": mtas.PostfixMaildir, "postrider": mtas.PostriderMaildir}

    def target(self, side, work):
        return targets.Mailboxes(pathlib.Path(work, side.name, "mail"))


CASES = [Case("4k", 20, 4096, 1), Case("64k", 20, 65536, 1), Case("rcpt10", 20, 4096, 10), Case("conn100", 100, 4096, 1),
         Exchangers("exchangers"), Maildir("maildir")]
