"""Exim and OpenSMTPD, each in the Debian root that .ci/roots made for it."""

import os
import pathlib
import re
import shutil

import template
from postfix import PeerMissing

ROOTS = pathlib.Path(os.environ.get("INTEROP_ROOTS", "/var/tmp/postrider-roots"))


def _account(base, name):
    """uid and gid of an account of that root: they are not this machine's."""
    found = re.search(rf"^{name}:[^:]*:(\d+):(\d+):", (base / "etc/passwd").read_text(encoding="utf-8"), re.M)
    return int(found[1]), int(found[2])


def _maildir(folder, uid, gid):
    for path in (folder, folder / "tmp", folder / "new", folder / "cur"):
        path.mkdir(mode=0o755)
        os.chown(path, uid, gid)


class _Chrooted:
    name = ""

    def __init__(self, port):
        self.base, self.port = ROOTS / self.name, port
        if not (self.base / ".postrider-complete").exists():
            raise PeerMissing(f"{self.base} is missing or half made (.ci/roots makes it)")
        # The instance's folder must lie inside the root, or the peer could not see it.
        self.parent = self.base / "srv"

    def _inside(self, path):
        return "/" + str(path.relative_to(self.base))

    def _configure(self, root, *sources, **more):
        values = {"DIR": self._inside(root), "PORT": self.port, **more}
        (root / "conf").write_text(template.render(*sources, **values), encoding="utf-8")
        return self._inside(root / "conf")


class Exim(_Chrooted):
    """Exim as a next hop that keeps everything in one maildir."""

    name = "exim"

    def prepare(self, root):
        """Fill the folder; returns (argv, folder of the delivered mail, log file)."""
        uid, gid = _account(self.base, "Debian-exim")
        conf = self._configure(root, "exim.conf")
        for name in ("spool", "log"):
            (root / name).mkdir()
            os.chown(root / name, uid, gid)
        _maildir(root / "mail", uid, gid)
        # -bdf: a daemon in the foreground. -q1s: it retries what it could not deliver after a second.
        argv = ["chroot", str(self.base), "/usr/sbin/exim4", "-C", conf, "-bdf", "-q1s"]
        return argv, root / "mail", root / "log/main"


class OpenSmtpd(_Chrooted):
    """OpenSMTPD as a next hop that keeps everything in one maildir, or as a sender that hands everything to one host."""

    name = "opensmtpd"

    def __init__(self, port, relay=None):
        super().__init__(port)
        self.relay = relay

    def prepare(self, root):
        """Fill the folder; returns (argv, folder of the delivered mail, log file)."""
        _maildir(root / "mail", *_account(self.base, "opensmtpd"))
        # What an earlier instance did not get rid of must not turn up in this one's maildir.
        shutil.rmtree(self.base / "var/spool/smtpd", ignore_errors=True)
        # -d: in the foreground, log to stderr. Its queue folder is fixed at build time: one instance at a time.
        role = "opensmtpd-relay.conf" if self.relay else "opensmtpd-maildir.conf"
        conf = self._configure(root, "opensmtpd.conf", role, RELAY=self.relay)
        argv = ["chroot", str(self.base), "/usr/sbin/smtpd", "-d", "-f", conf]
        return argv, root / "mail", root / "output"
