"""A Dovecot instance in a folder of its own: takes mail by LMTP, shows it by IMAP.

Its users are `one` and `two`, and `full`, whose mailbox has room for hardly anything. Their password is `secret`.
"""

import os
import pwd
import shutil

import postfix
import template

DOVECOT = "/usr/sbin/dovecot"
USERS = ["one", "two", "full"]


class Dovecot:
    """Dovecot as a local service."""

    def __init__(self, port):
        if not os.path.exists(DOVECOT):
            raise postfix.PeerMissing("dovecot is not installed (.ci/packages installs it)")
        if not os.path.exists("/usr/lib/dovecot/lmtp"):
            raise postfix.PeerMissing("dovecot-lmtpd is not installed (.ci/packages installs it)")
        self.port = port
        # The path of a Unix socket has at most 107 octets.
        self.parent = "/tmp"

    def prepare(self, root):
        """Writes its configuration; says what runs it, where its mail is and where it logs."""
        nobody = pwd.getpwnam("nobody")
        for name in USERS:
            os.makedirs(root / "mail" / name)
            shutil.chown(root / "mail" / name, nobody.pw_uid, nobody.pw_gid)
        users = [f"{name}:{{PLAIN}}secret:{nobody.pw_uid}:{nobody.pw_gid}::{root}/mail/{name}::" for name in USERS]
        users[-1] += "userdb_quota_rule=*:bytes=100"
        (root / "users").write_text("\n".join(users) + "\n", encoding="utf-8")
        os.chmod(root / "users", 0o644)
        text = template.render("dovecot.conf", ROOT=root, PORT=self.port)
        (root / "dovecot.conf").write_text(text, encoding="utf-8")
        return [DOVECOT, "-F", "-c", str(root / "dovecot.conf")], root / "mail/one", root / "log"
