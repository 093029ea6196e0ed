#!/usr/bin/env python3
"""Prints all mails in the inbox of a user, as IMAP shows them on a Unix socket: `imap.py SOCKET USER`. The password is `secret`."""

import imaplib
import socket
import sys


class Local(imaplib.IMAP4):
    """IMAP over a socket in the file system."""

    def __init__(self, path):
        self.path = path
        super().__init__()

    def _create_socket(self, timeout=None):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(self.path)
        return stream


def main():
    with Local(sys.argv[1]) as inbox:
        inbox.login(sys.argv[2], "secret")
        inbox.select("INBOX", readonly=True)
        for number in inbox.search(None, "ALL")[1][0].split():
            sys.stdout.buffer.write(inbox.fetch(number, "(RFC822)")[1][0][1])


if __name__ == "__main__":
    main()
