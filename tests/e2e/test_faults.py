"""Whatever call fails, no durable frame is lost and the next start works.

Every call of our own is made to fail in turn; what is asked of each trial is
said in tests/faults/sweep.py. The long run (scripts/faults) also lets all calls
from each on fail, and tries more of those that libraries make.
"""
import errno
import random
import unittest

import faults_path  # noqa: F401
import harness
from control import FOREVER
from sweep import FILE_KINDS, Sweep

LIBRARY_TRIALS = 40


class EveryCall(unittest.TestCase):
    def setUp(self):
        self.sweep = Sweep()
        self.addCleanup(self.sweep.remove)

    def test_each_allocation_of_ours_may_fail(self):
        self.assertGreater(self.sweep.all("alloc"), 50)

    def test_each_call_to_a_file_may_fail(self):
        for kind in FILE_KINDS:
            if self.sweep.calls(kind) > 0:
                self.assertGreater(self.sweep.all(kind), 0, kind)

    def test_the_disk_may_fail_for_good_at_any_write_or_flush(self):
        for kind, error in (("write", errno.ENOSPC), ("sync", errno.EIO)):
            self.assertGreater(self.sweep.all(kind, FOREVER, error, every=3),
                               3, kind)

    def test_allocations_of_libraries_may_fail(self):
        r = random.Random(1)
        last = self.sweep.calls("alloc_other")
        for _ in range(LIBRARY_TRIALS):
            self.sweep.trial("alloc_other", r.randint(1, last))


if __name__ == "__main__":
    harness.main()
