"""Whatever call fails, no durable frame is lost and the next start works.

Calls of our own are made to fail in turn; what is asked of each trial is said
in tests/faults/sweep.py. A trial takes about half a second, so here it is one
call in a few; the long run (scripts/faults) takes each, also lets all from each
on fail, and tries more of those that libraries make.
"""
import errno
import random
import unittest

import faults_path  # noqa: F401
import harness
from control import FOREVER
from sweep import FILE_KINDS, Sweep

LIBRARY_TRIALS = 20
FEW = {"alloc": 3, "write": 5, "sync": 4, "create": 2}  # one in so many


class EveryCall(unittest.TestCase):
    def setUp(self):
        self.sweep = Sweep()
        self.addCleanup(self.sweep.remove)

    def test_an_allocation_of_ours_may_fail(self):
        self.assertGreater(self.sweep.all("alloc", every=FEW["alloc"]), 30)

    def test_a_call_to_a_file_may_fail(self):
        for kind in FILE_KINDS:
            if self.sweep.calls(kind) > 0:
                self.assertGreater(self.sweep.all(kind, every=FEW.get(kind, 1)),
                                   0, kind)

    def test_the_disk_may_fail_for_good_at_any_write_or_flush(self):
        for kind, error in (("write", errno.ENOSPC), ("sync", errno.EIO)):
            self.assertGreater(self.sweep.all(kind, FOREVER, error, every=20),
                               1, kind)

    def test_allocations_of_libraries_may_fail(self):
        r = random.Random(1)
        last = self.sweep.calls("alloc_other")
        for _ in range(LIBRARY_TRIALS):
            self.sweep.trial("alloc_other", r.randint(1, last))


if __name__ == "__main__":
    harness.main()
