"""A Postfix instance in a folder of its own, apart from whatever Postfix the machine may have."""

import grp
import os
import pwd
import shutil

import template

MASTER = "/usr/lib/postfix/sbin/master"
# What master and its children expect below the queue folder, as `postfix check` would make it (see postfix-files).
QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"]


class PeerMissing(Exception):
    """The program that the test needs isn't installed: a failure, never a reason to skip."""


def _make(path, mode, uid=0, gid=0):
    path.mkdir(mode=mode)
    os.chmod(path, mode)
    os.chown(path, uid, gid)


def make_folders(root):
    """The queue, data and mail folders with the owners that Postfix insists on."""
    owner, drop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    nobody = pwd.getpwnam("nobody")
    _make(root / "queue", 0o755)
    for name in QUEUES:
        _make(root / "queue" / name, 0o700, owner)
    _make(root / "queue/pid", 0o755)
    # The sockets that clients may use, and the drop box of the set-gid postdrop command.
    _make(root / "queue/public", 0o710, owner, drop)
    _make(root / "queue/maildrop", 0o730, owner, drop)
    _make(root / "data", 0o700, owner)
    _make(root / "mail", 0o755, nobody.pw_uid, nobody.pw_gid)
    for name in ("tmp", "new", "cur"):
        _make(root / "mail" / name, 0o755, nobody.pw_uid, nobody.pw_gid)
    _make(root / "conf", 0o755)


def check_installed():
    """Raise PeerMissing unless Postfix is there."""
    if not os.path.exists(MASTER):
        raise PeerMissing("postfix is not installed (.ci/packages installs it)")


def check_reachable(root):
    """Postfix gives up root's rights: every folder above its own must let others pass."""
    for folder in [root, *root.parents]:
        if not folder.stat().st_mode & 0o001:
            raise PeerMissing(f"postfix cannot pass {folder}: chmod o+x it, or use another folder")


def write_config(root, main, master):
    """main.cf and master.cf, and the list of plug-in map types that every folder of configuration needs."""
    (root / "conf/main.cf").write_text(main, encoding="utf-8")
    (root / "conf/master.cf").write_text(master, encoding="utf-8")
    # Debian ships its map types as plug-ins; without their lists Postfix knows only the built-in types.
    if os.path.exists("/etc/postfix/dynamicmaps.cf"):
        shutil.copy("/etc/postfix/dynamicmaps.cf", root / "conf/dynamicmaps.cf")


def command(root):
    """What runs the instance. `-s` keeps it in the foreground; the caller gives it a session of its own."""
    return [MASTER, "-c", str(root / "conf"), "-s"]


class Postfix:
    """One role of Postfix as a peer: relay (sender), maildir or discard (next hop)."""

    def __init__(self, role, port, relay, settings):
        check_installed()
        self.role, self.port, self.relay, self.settings = role, port, relay, settings
        self.parent = None  # its folder may lie anywhere
        if (role == "relay") != bool(relay):
            raise ValueError("--relay HOST:PORT belongs to postfix-relay, and only there")

    def prepare(self, root):
        """Fill the folder; returns (argv, folder of the delivered mail, log file)."""
        check_reachable(root)
        make_folders(root)
        host, _, port = (self.relay or ":").rpartition(":")
        nobody = pwd.getpwnam("nobody")
        values = {"DIR": root, "PORT": self.port, "RELAY_HOST": host, "RELAY_PORT": port,
                  "NOBODY_UID": nobody.pw_uid, "NOBODY_GID": nobody.pw_gid}
        main = template.render("postfix-main.cf", f"postfix-{self.role}.cf", **values)
        main += "".join(f"\n# --set\n{line.replace('=', ' = ', 1)}\n" for line in self.settings)
        write_config(root, main, template.render("postfix-master.cf", **values))
        return command(root), root / "mail", root / "log"
