#!/usr/bin/env python3
"""Looks into the inbox of a user by IMAP, on a Unix socket: `imap.py SOCKET USER [WHAT]`. The password is `secret`.

show    prints all mails, one after the other (the default); nothing is changed by it
flags   prints a line with the flags of each mail
seen    sets \\Seen for all mails
"""

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
    what = sys.argv[3] if len(sys.argv) > 3 else "show"
    with Local(sys.argv[1]) as inbox:
        inbox.login(sys.argv[2], "secret")
        inbox.select("INBOX", readonly=what != "seen")
        for number in inbox.search(None, "ALL")[1][0].split():
            if what == "show":
                sys.stdout.buffer.write(inbox.fetch(number, "(RFC822)")[1][0][1])
            elif what == "flags":
                flags = imaplib.ParseFlags(inbox.fetch(number, "(FLAGS)")[1][0])
                print(*sorted(flag.decode() for flag in flags if flag != b"\\Recent"))
            elif inbox.store(number, "+FLAGS", r"(\Seen)")[0] != "OK":
                sys.exit(f"mail {number} takes no flags")


if __name__ == "__main__":
    main()
