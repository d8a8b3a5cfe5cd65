"""The control block of shim_fault.so: what fails, when, and what was counted.

    c = Control(directory / "control", below=directory / "state")
    daemon.more_env = c.environment()
    c.arm("write", at=17, error=errno.EIO)

The block is a file that the daemon maps too, so it may be armed and disarmed
while the daemon runs, and what was counted outlives it.
"""
import errno
import mmap
import os
import pathlib
import struct

from harness import BIN

KINDS = ["alloc", "alloc_other", "write", "sync", "rename", "unlink", "create",
         "truncate"]
SHIM = BIN / "shim_fault.so"
MAGIC = 0x31544c5541464646
FOREVER = (1 << 64) - 1
# struct control in shim_fault.c
KIND, AT, MANY, ERROR, FULL, FIRED, COUNT = 8, 16, 24, 32, 40, 48, 56
WHO, CRASH, DIR, SIZE = 184, 440, 696, 1720


class Control:
    def __init__(self, path, below):
        self.path = pathlib.Path(path)
        self.path.write_bytes(bytes(4096))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 4096)
        name = os.fsencode(below)
        assert len(name) < SIZE - DIR
        self.map[DIR:DIR + len(name)] = name
        self._put(0, MAGIC)

    def environment(self):
        return {"LD_PRELOAD": str(SHIM), "FFD_FAULT": str(self.path)}

    def _put(self, at, value):
        struct.pack_into("=Q", self.map, at, value)

    def _get(self, at):
        return struct.unpack_from("=Q", self.map, at)[0]

    def _text(self, at):
        return self.map[at:at + 256].split(b"\0")[0].decode(errors="replace")

    def arm(self, kind, at, many=1, error=None):
        """The at-th call from now on fails, and many - 1 more."""
        number = KINDS.index(kind)
        if error is None:
            error = errno.ENOMEM if kind.startswith("alloc") else errno.EIO
        self._put(AT, 0)
        self._put(KIND, number)
        self._put(MANY, many)
        self._put(ERROR, error)
        self._put(AT, self.count(kind) + at)

    def disarm(self):
        self._put(AT, 0)

    def clear(self):
        """As new; not while a daemon runs with it."""
        self.map[KIND:DIR] = bytes(DIR - KIND)

    def full(self, error=errno.ENOSPC):
        """From now on nothing below the directory can be written; 0: it can."""
        self._put(FULL, error)

    def count(self, kind):
        return self._get(COUNT + 8 * KINDS.index(kind))

    @property
    def fired(self):
        return self._get(FIRED)

    @property
    def who(self):
        """Library and function whose request for memory was refused."""
        return self._text(WHO)

    @property
    def crash(self):
        """Library and function in which the process died, or ""."""
        return self._text(CRASH)
