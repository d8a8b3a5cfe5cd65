"""What a power cut leaves, from the log of shim_power.so.

    log = Log(path)
    cut = log.points()[123]
    Disk(log, cut).build(directory, Dropped())      nothing that was not flushed
    Disk(log, cut).build(directory, Chosen(seed))   some of it, torn

What a disk owes us is little. Of a file: what was written before a flush of it
began that has returned. Of a directory: files made, renamed and removed before
a flush of the directory likewise. All else may be there or not; of one
directory's changes a later one is not kept without the earlier (a journalling
file system writes them in order), but data knows no order: any write since the
last flush may be kept or not, in pieces of 512 bytes.

SQLite's -shm is mapped, so it is not in the log, and a reader makes it anew:
it is left out.
"""
import os
import random
import struct

HEAD = struct.Struct("<IcQQHH")
SECTOR = 512


class Record:
    __slots__ = ("at", "kind", "a", "path", "path2", "data")

    def __init__(self, at, kind, a, path, path2, data):
        self.at, self.kind, self.a = at, kind, a
        self.path, self.path2, self.data = path, path2, data


def pack_marker(value):
    """A marker of the driver's, to be appended to the log in one write."""
    return HEAD.pack(HEAD.size, b"M", value, 0, 0, 0)


class Log:
    """All of it; markers are (position, value)."""

    def __init__(self, path):
        self.records = []
        self.end = 0
        data = path.read_bytes()
        while len(data) - self.end >= HEAD.size:
            size, kind, a, _, n1, n2 = HEAD.unpack_from(data, self.end)
            if size > len(data) - self.end:
                break  # the writer was killed in the middle
            at = self.end + HEAD.size
            self.records.append(Record(
                self.end, kind.decode(), a, os.fsdecode(data[at:at + n1]),
                os.fsdecode(data[at + n1:at + n1 + n2]),
                data[at + n1 + n2:self.end + size]))
            self.end += size

    def points(self):
        """Where the power may go: before each record, and at the end."""
        return [r.at for r in self.records] + [self.end]

    def marked(self, cut):
        """The greatest marker before the cut; 0: none."""
        return max((r.a for r in self.records if r.kind == "M" and r.at < cut),
                   default=0)


class Dropped:
    """Nothing that is not owed is there."""

    def names(self, changes):
        return 0

    def piece(self):
        return False

    def size(self):
        return False


class Chosen:
    """A throw of the dice for all of it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.share = self.random.choice([0.1, 0.5, 0.9, 1.0])

    def names(self, changes):
        return self.random.randint(0, changes)

    def piece(self):
        return self.random.random() < self.share

    def size(self):
        return self.random.random() < self.share


class File:
    """An inode: what was done to it, and up to where it was flushed."""

    def __init__(self):
        self.changes = []
        self.flushed = 0

    def content(self, choice):
        data = bytearray()
        for r in self.changes:
            sure = r.at < self.flushed
            if r.kind == "T":
                if sure or choice.size():
                    if len(data) < r.a:
                        data.extend(bytes(r.a - len(data)))
                    del data[r.a:]
                continue
            for first, piece in pieces(r, sure):
                if sure or choice.piece():
                    if len(data) < first:
                        data.extend(bytes(first - len(data)))
                    data[first:first + len(piece)] = piece
        return bytes(data)


def pieces(r, whole):
    """A write, cut at the sectors of the disk."""
    if whole:
        yield r.a, r.data
        return
    at = 0
    while at < len(r.data):
        n = min(SECTOR - (r.a + at) % SECTOR, len(r.data) - at)
        yield r.a + at, r.data[at:at + n]
        at += n


def parent(path):
    return os.path.dirname(path)


class Disk:
    """The state at a cut: live names, and which changes of names are owed."""

    def __init__(self, log, cut):
        self.names = {}          # path -> File, as the daemon saw it
        self.folders = {}        # of directories: end of what is flushed
        self.changes = []        # (Record, File or None): of names, in order
        for r in log.records:
            if r.at >= cut:
                break
            self.take(r)

    def take(self, r):
        if r.kind == "C":
            self.names[r.path] = File()
            self.changes.append((r, self.names[r.path]))
        elif r.kind in "WT":
            # A file that was there before the log began is not ours.
            self.names[r.path].changes.append(r)
        elif r.kind == "R":
            moved = [p for p in self.names
                     if p == r.path or p.startswith(r.path + "/")]
            for p in moved:
                self.names[r.path2 + p[len(r.path):]] = self.names.pop(p)
            self.changes.append((r, None))
        elif r.kind == "U":
            self.names.pop(r.path, None)
            self.changes.append((r, None))
        elif r.kind == "D":
            self.changes.append((r, None))
        elif r.kind == "S":
            file = self.names.get(r.path)
            if file:
                file.flushed = max(file.flushed, r.a)
            else:
                self.folders[r.path] = max(self.folders.get(r.path, 0), r.a)

    def owed(self, r):
        ends = [parent(r.path)] + ([parent(r.path2)] if r.kind == "R" else [])
        return all(r.at < self.folders.get(folder, 0) for folder in ends)

    def kept_changes(self, choice):
        """Those owed, and of each directory's others the first few."""
        loose = {}
        for r, _ in self.changes:
            if not self.owed(r):
                loose.setdefault(parent(r.path), []).append(r.at)
        kept = set()
        for ats in loose.values():
            kept.update(ats[:choice.names(len(ats))])
        return [(r, file) for r, file in self.changes
                if self.owed(r) or r.at in kept]

    def build(self, directory, choice):
        names = {}
        os.makedirs(directory)
        for r, file in self.kept_changes(choice):
            if r.kind == "D":
                os.makedirs(directory / r.path, exist_ok=True)
            elif r.kind == "C":
                names[r.path] = file
            elif r.kind == "U":
                names.pop(r.path, None)
            elif r.kind == "R":
                self.rename(names, directory, r)
        for path, file in names.items():
            if path.endswith("-shm"):
                continue
            # Its directory's own making may have been lost.
            if (directory / path).parent.is_dir():
                (directory / path).write_bytes(file.content(choice))

    @staticmethod
    def rename(names, directory, r):
        moved = [p for p in names
                 if p == r.path or p.startswith(r.path + "/")]
        for p in moved:
            names[r.path2 + p[len(r.path):]] = names.pop(p)
        if (directory / r.path).is_dir():
            os.makedirs((directory / r.path2).parent, exist_ok=True)
            os.rename(directory / r.path, directory / r.path2)
