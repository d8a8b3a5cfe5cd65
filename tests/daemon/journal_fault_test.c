/* A journal on a disk that refuses: what it acknowledged stays, once. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemon/journal_kit.h"

static void limit_files(rlim_t bytes)
{
    struct rlimit r;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
    r.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

void append_that_failed_may_be_made_again(void **state)
{
    struct kit k;
    uint64_t n = 0, failed = 0;

    (void)state;
    kit_begin(&k);
    k.body = 9000;
    kit_open(&k, (uint64_t)1 << 30);
    for (int round = 0; round < 5; round++) {
        limit_files(200000);
        while (kit_append(&k, "m", n + 1, n + 3) == 0)
            n += 3;
        if (!strstr(k.why, "File too large"))
            fail_msg("%s", k.why);
        failed++;
        limit_files(RLIM_INFINITY);
        assert_int_equal(kit_append(&k, "m", n + 1, n + 3), 0);
        n += 3;
    }
    assert_true(n > 3 * failed);
    assert_true(kit_segments(k.dir) > failed);
    kit_close(&k);
    kit_holds(&k, "m", n);
    kit_end(&k);
}

/* A batch that no room is enough for fills the disk with nothing else. */
void append_that_fails_at_once_leaves_no_segment(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    k.body = 90000;
    kit_open(&k, (uint64_t)1 << 30);
    limit_files(100000);
    for (int i = 0; i < 5; i++)
        assert_int_equal(kit_append(&k, "m", 1, 3), -1);
    limit_files(RLIM_INFINITY);
    assert_int_equal(kit_segments(k.dir), 0);
    assert_int_equal(ffd_journal_bytes(k.j), 0);
    assert_int_equal(kit_append(&k, "m", 1, 3), 0);
    kit_close(&k);
    kit_holds(&k, "m", 3);
    kit_end(&k);
}

/* The same record in two segments, as a flush that failed after the fact
   leaves it. */
void record_that_is_in_two_segments_is_given_once(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, (uint64_t)1 << 30);
    assert_int_equal(kit_append(&k, "m", 1, 6), 0);
    kit_close(&k);
    kit_open(&k, (uint64_t)1 << 30);
    assert_int_equal(kit_append(&k, "m", 4, 9), 0);
    kit_close(&k);
    kit_holds(&k, "m", 9);
    kit_end(&k);
}

/* Append until killed, and say each number that was acknowledged. */
_Noreturn static void append_for_ever(struct kit *k, uint64_t n, int says)
{
    if (ffd_journal_open(&k->j, k->dir, 60000, k->why) != 0)
        _exit(1);
    for (;; n++)
        if (kit_append(k, "m", n, n) != 0 ||
            write(says, &n, sizeof(n)) != (ssize_t)sizeof(n))
            _exit(1);
}

/* The last number that a child said before and while it was killed. */
static uint64_t kill_after(struct kit *k, uint64_t first, unsigned acknowledged)
{
    uint64_t n, last = first - 1;
    int ends[2], status;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        append_for_ever(k, first, ends[1]);
    close(ends[1]);
    while (read(ends[0], &n, sizeof(n)) == (ssize_t)sizeof(n)) {
        last = n;
        if (acknowledged-- == 0)
            kill(pid, SIGKILL);
    }
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    return last;
}

void what_was_acknowledged_survives_a_kill(void **state)
{
    struct kit k;
    uint64_t last = 0;

    (void)state;
    kit_begin(&k);
    k.body = 3000;
    for (unsigned round = 0; round < 20; round++) {
        uint64_t said = kill_after(&k, last + 1, round * 7 % 31);

        assert_int_equal(kit_read(&k, k.dir, "m", 0), 0);
        if (k.found.damaged)
            fail_msg("%s", k.found.what);
        assert_false(k.lies);
        assert_true(k.found.last == said || k.found.last == said + 1);
        last = k.found.last;
    }
    assert_true(kit_segments(k.dir) >= 20);
    kit_end(&k);
}

/* A disk of a megabyte that goes with this process, however it ends. */
static bool mount_small(const char *dir)
{
    if (mkdir(dir, 0750) < 0 || unshare(CLONE_NEWNS) < 0)
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", dir, "tmpfs", 0, "size=1m") == 0;
}

/* Fill it until it refuses; then room comes back. */
static void fill_and_prune(struct kit *k)
{
    struct ffd_journal_cover cover = {"m", 0};
    uint64_t n = 0;

    kit_open(k, 300000);
    while (kit_append(k, "m", n + 1, n + 2) == 0)
        n += 2;
    assert_non_null(strstr(k->why, "No space left on device; make room"));
    assert_true(n > 20);
    for (int i = 0; i < 5; i++)
        assert_int_equal(kit_append(k, "m", n + 1, n + 2), -1);
    cover.n = 20;
    if (ffd_journal_prune(k->j, &cover, 1, 0, NULL, k->why) != 0)
        fail_msg("%s", k->why);
    if (kit_append(k, "m", n + 1, n + 2) != 0)
        fail_msg("%s", k->why);
    kit_close(k);
    assert_int_equal(kit_read(k, k->dir, "m", 20), 0);
    assert_false(k->found.damaged || k->lies);
    assert_int_equal(k->found.last, n + 2);
}

void full_disk_is_named_and_pruning_mends_it(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    if (!mount_small(k.dir)) {
        kit_end(&k);
        skip();
    }
    k.body = 20000;
    fill_and_prune(&k);
    kit_close(&k);
    assert_int_equal(umount(k.dir), 0);
    kit_end(&k);
}

void read_only_disk_is_named(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    if (!mount_small(k.dir)) {
        kit_end(&k);
        skip();
    }
    kit_open(&k, 1);
    assert_int_equal(kit_append(&k, "m", 1, 2), 0);
    kit_close(&k);
    kit_open(&k, 1);
    assert_int_equal(
        mount("tmpfs", k.dir, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m"), 0);
    assert_int_equal(kit_append(&k, "m", 3, 3), -1);
    if (!strstr(k.why, "Read-only file system"))
        fail_msg("%s", k.why);
    kit_holds(&k, "m", 2);
    kit_close(&k);
    assert_int_equal(umount(k.dir), 0);
    kit_end(&k);
}
