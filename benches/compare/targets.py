"""Where mail arrives, beside smtp-sink: 20 of them behind the DNS, mailboxes on disk, and an LMTP service that knows whom it saw."""

import os
import pathlib
import socketserver
import subprocess
import sys
import threading
import time

import measure
import mtas
import names
import processes


class Exchangers:
    """The DNS server, and an smtp-sink on each address that it names."""

    def __enter__(self):
        self.sinks = [measure.Sink(mtas.MX_PORT, host) for host in names.addresses()]
        argv = [sys.executable, names.__file__, f"{mtas.NAMES}:53"]
        self.names = processes.start(argv, stdout=subprocess.PIPE, text=True)
        if self.names.stdout.readline() != "ready\n":
            raise RuntimeError(f"names.py does not start on {mtas.NAMES}:53")
        for sink in self.sinks:
            sink.start()
        time.sleep(0.3)
        for sink in self.sinks:
            sink.check()
        return self

    def __exit__(self, *_):
        for sink in self.sinks:
            sink.__exit__()
        processes.stop(self.names)
        self.names.stdout.close()

    def seen(self):
        return sum(sink.seen() for sink in self.sinks)

    def connections(self):
        return sum(sink.connections() for sink in self.sinks)

    def cpu(self):
        return sum(sink.cpu() for sink in self.sinks) + measure.cpu_seconds(self.names.pid)

    def wait_for(self, count, alive):
        return measure.wait_until_seen(self, count, alive)


class Mailboxes:
    """The files in `new` of all mailboxes below a folder; an MTA makes them, so there is nothing to start."""

    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def _new(self):
        return [pathlib.Path(box, "new") for box in self.folder.glob("user*")]

    def seen(self):
        return sum(len(os.listdir(new)) for new in self._new() if new.exists())

    def connections(self):
        return None

    def cpu(self):
        """Counting is this process's own work."""
        return time.process_time()

    def wait_for(self, count, alive):
        """Counting takes time; when the last mail came is in the folders' times."""
        found = measure.wait_until_seen(self, count, alive, pause=0.2)
        last = max(new.stat().st_mtime for new in self._new())
        return min(found, last + time.monotonic() - time.time())


class _Session(socketserver.BaseRequestHandler):
    """One connection to the LMTP service. What has come is answered at once, as what was sent at once deserves."""

    def handle(self):
        try:
            self.converse()
        except ConnectionError:
            pass  # a client that ends may go without hearing our last reply; if mail was missing then, the round would say so

    def converse(self):
        self.inside, self.recipients, self.kept = False, [], []
        self.request.sendall(b"220 lmtp.example\r\n")
        rest = b""
        while octets := self.request.recv(1 << 16):
            *lines, rest = (rest + octets).split(b"\r\n")
            replies = b"".join(reply + b"\r\n" for line in lines for reply in self.replies(line))
            self.request.sendall(replies)
            self.server.recipients += self.kept
            self.server.last = time.monotonic() if self.kept else self.server.last
            self.kept = []

    def replies(self, line):
        """What is said to one line; nothing to a line of content."""
        if self.inside:
            if line != b".":
                return []
            done, self.recipients, self.inside = self.recipients, [], False
            self.kept += done
            return [b"250 2.0.0 kept"] * len(done)
        word = line[:4].upper()
        if word == b"RCPT":
            self.recipients.append(line.split(b"<", 1)[1].split(b">", 1)[0])
        if word == b"DATA":
            self.inside = True
            return [b"354 go on"]
        if word == b"LHLO":
            return [b"250-lmtp.example", b"250-PIPELINING", b"250-ENHANCEDSTATUSCODES", b"250 8BITMIME"]
        return [b"221 2.0.0 bye" if word == b"QUIT" else b"250 2.0.0 so be it"]


class Lmtp(socketserver.ThreadingTCPServer):
    """An LMTP service in threads of this process; it knows whom it had mail for, and when it answered last."""

    allow_reuse_address, daemon_threads, request_queue_size = True, True, 100

    def __init__(self):
        super().__init__(("127.0.0.1", mtas.LMTP_PORT), _Session)
        self.recipients, self.last = [], 0.0

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def seen(self):
        return len(self.recipients)

    def wait_for(self, count, alive):
        measure.wait_until_seen(self, count, alive, pause=0.05)
        return self.last
