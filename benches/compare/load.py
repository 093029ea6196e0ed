#!/usr/bin/env python3
"""A client that sends mails to many recipients, each mail to one of them in turn: what smtp-source cannot.

It keeps its connections open, sends MAIL, RCPT and DATA at once (RFC 2920), and gives up at the first reply that is not as
it should be. When all mails are accepted it prints two times of the monotonic clock: when it began, and when the last 250 came.
"""

import argparse
import collections
import selectors
import socket
import sys
import time

GREETING, HELLO, ENVELOPE, CONTENT = "greeting", "hello", "envelope", "content"
EXPECTED = {GREETING: [b"220"], HELLO: [b"250"], ENVELOPE: [b"250", b"250", b"354"], CONTENT: [b"250"]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--mails", type=int, required=True)
    parser.add_argument("--octets", type=int, default=4096, help="size of the content")
    parser.add_argument("--to", default="user{}@box.example", help="the recipients, {} is a number")
    parser.add_argument("--numbers", type=int, default=1, help="how many recipients there are")
    return parser.parse_args()


def content(octets):
    """A mail of this size, with its final dot."""
    head = b"From: sender@source.example\r\nTo: recipients:;\r\nSubject: load\r\nMessage-ID: <load@source.example>\r\n\r\n"
    line = b"X" * 78 + b"\r\n"
    body = head + line * (octets // len(line) + 1)
    return body[:octets - 2] + b"\r\n.\r\n"


class Client:
    """One connection and what it waits for."""

    def __init__(self, port, work):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.work, self.step, self.heard, self.codes = work, GREETING, b"", []

    def hear(self):
        """Reads what came; answers whether the connection is still needed."""
        octets = self.socket.recv(65536)
        if not octets:
            raise RuntimeError(f"the connection was closed, waiting for {self.step}")
        *lines, self.heard = (self.heard + octets).split(b"\r\n")
        self.codes += [line for line in lines if line[3:4] != b"-"]
        expected = EXPECTED[self.step]
        if any(not line.startswith(code) for line, code in zip(self.codes, expected)):
            raise RuntimeError(f"{self.step}: heard {self.codes}")
        if len(self.codes) < len(expected):
            return True
        self.codes = []
        return self.go_on()

    def go_on(self):
        """The next step; at the end of a mail, the next mail."""
        if self.step == GREETING:
            self.say(HELLO, b"EHLO source.example\r\n")
        elif self.step == ENVELOPE:
            self.say(CONTENT, self.work["content"])
        else:
            if self.step == CONTENT:
                self.work["accepted"] += 1
            if not self.work["recipients"]:
                self.socket.sendall(b"QUIT\r\n")
                return False
            recipient = self.work["recipients"].popleft()
            self.say(ENVELOPE, b"MAIL FROM:<sender@source.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % recipient)
        return True

    def say(self, step, octets):
        self.step = step
        self.socket.sendall(octets)


def send(args):
    """All mails; returns when the last was accepted."""
    recipients = collections.deque(args.to.format(n % args.numbers).encode() for n in range(args.mails))
    work = {"recipients": recipients, "content": content(args.octets), "accepted": 0}
    begin, last = time.monotonic(), 0
    with selectors.DefaultSelector() as ready:
        clients = [Client(args.port, work) for _ in range(min(args.connections, args.mails))]
        for client in clients:
            ready.register(client.socket, selectors.EVENT_READ, client)
        while ready.get_map():
            for key, _ in ready.select(120) or [(None, None)]:
                if key is None:
                    raise RuntimeError("nothing was answered for 120 s")
                if not key.data.hear():
                    ready.unregister(key.data.socket)
            last = time.monotonic() if work["accepted"] == args.mails and not last else last
    if work["accepted"] != args.mails:
        raise RuntimeError(f"{work['accepted']} of {args.mails} mails were accepted")
    print(begin, last)


def main():
    try:
        send(arguments())
    except (RuntimeError, OSError) as reason:
        sys.exit(f"load.py: {reason}")


if __name__ == "__main__":
    main()
