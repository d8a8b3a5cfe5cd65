/* A journal in good health: what goes in comes out, and goes when it may. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/daemon/journal_kit.h"

#define BIG ((uint64_t)1 << 30) /* never a second segment */

static void append(struct kit *k, const char *model, uint64_t first,
                   uint64_t last)
{
    if (kit_append(k, model, first, last) != 0)
        fail_msg("%s", k->why);
}

void journal_gives_back_what_was_appended(void **state)
{
    static const char *const models[] = {"a", "b", "digits", "d-1_x"};
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, 200000);
    for (uint64_t n = 1; n <= 40; n++)
        for (size_t i = 0; i < 4; i++)
            append(&k, models[i], n, n);
    kit_close(&k);
    assert_true(kit_segments(k.dir) > 5);
    for (size_t i = 0; i < 4; i++)
        kit_holds(&k, models[i], 40);
    kit_holds(&k, "nobody", 0);
    kit_end(&k);
}

void journal_is_read_from_the_record_asked_for(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, 100000);
    for (uint64_t n = 1; n <= 30; n += 3)
        append(&k, "m", n, n + 2);
    kit_close(&k);
    assert_int_equal(kit_read(&k, k.dir, "m", 17), 0);
    assert_false(k.found.damaged || k.lies);
    assert_int_equal(k.found.rows, 13);
    assert_int_equal(k.found.last, 30);
    assert_int_equal(kit_read(&k, k.dir, "m", 1000), 0);
    assert_int_equal(k.found.rows, 0);
    assert_int_equal(k.found.last, 1000);
    assert_int_equal(kit_read(&k, k.dir, "m", UINT64_MAX), 0);
    assert_int_equal(k.found.rows, 0);
    kit_end(&k);
}

void journal_that_is_not_there_has_no_records(void **state)
{
    struct kit k;
    char **names;
    size_t n;

    (void)state;
    kit_begin(&k);
    kit_holds(&k, "m", 0);
    assert_int_equal(ffd_journal_models(k.dir, &names, &n, k.why), 0);
    assert_int_equal(n, 0);
    free(names);
    kit_open(&k, BIG);
    assert_int_equal(ffd_journal_bytes(k.j), 0);
    kit_holds(&k, "m", 0);
    kit_end(&k);
}

void journal_goes_on_in_a_new_segment(void **state)
{
    struct kit k;
    uint64_t bytes;

    (void)state;
    kit_begin(&k);
    kit_open(&k, BIG);
    append(&k, "m", 1, 10);
    kit_close(&k);
    kit_open(&k, BIG);
    bytes = ffd_journal_bytes(k.j);
    assert_true(bytes > 10000);
    append(&k, "m", 11, 20);
    assert_true(ffd_journal_bytes(k.j) > bytes);
    kit_close(&k);
    assert_int_equal(kit_segments(k.dir), 2);
    kit_holds(&k, "m", 20);
    kit_end(&k);
}

void journal_names_its_models_in_order(void **state)
{
    static const char *const expect[] = {"a", "b", "c", "d"};
    struct kit k;
    char **names;
    size_t n;

    (void)state;
    kit_begin(&k);
    kit_open(&k, BIG);
    append(&k, "c", 1, 1);
    append(&k, "a", 1, 2);
    kit_close(&k);
    kit_open(&k, BIG);
    append(&k, "d", 1, 1);
    append(&k, "a", 3, 3);
    append(&k, "b", 1, 1);
    kit_close(&k);
    assert_int_equal(ffd_journal_models(k.dir, &names, &n, k.why), 0);
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(names[i], expect[i]);
        free(names[i]);
    }
    free(names);
    kit_end(&k);
}

/* What a kill -9 leaves: the files as they are, the log not folded in. */
void journal_of_a_killed_process_is_read_and_stays_as_it_is(void **state)
{
    struct kit k;
    char log[128];
    uint8_t *before, *after;
    size_t n, m;

    (void)state;
    kit_begin(&k);
    kit_open(&k, BIG);
    for (uint64_t i = 1; i <= 20; i++)
        append(&k, "m", i, i);
    kit_copy_dir(k.dir, k.archive);
    snprintf(log, sizeof(log), "%s/0000000001.db-wal", k.archive);
    before = kit_file(log, &n);
    assert_true(n > 100000);
    for (int times = 0; times < 2; times++) {
        assert_int_equal(kit_read(&k, k.archive, "m", 0), 0);
        assert_false(k.found.damaged || k.lies);
        assert_int_equal(k.found.last, 20);
    }
    after = kit_file(log, &m);
    assert_int_equal(m, n);
    assert_memory_equal(before, after, n);
    free(before);
    free(after);
    kit_end(&k);
}

void journal_that_is_open_is_not_read(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, BIG);
    append(&k, "m", 1, 1);
    assert_int_equal(kit_read(&k, k.dir, "m", 0), -1);
    assert_non_null(strstr(k.why, "another process has it open"));
    kit_end(&k);
}

static int stop_at_7(void *ctx, const struct ffd_journal_row *row)
{
    (void)ctx;
    return row->n == 7 ? 42 : 0;
}

void reader_of_a_journal_may_stop(void **state)
{
    struct ffd_journal_found found;
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, 1);
    for (uint64_t n = 1; n <= 10; n++)
        append(&k, "m", n, n);
    kit_close(&k);
    assert_int_equal(
        ffd_journal_read(k.dir, "m", 0, stop_at_7, NULL, &found, k.why), 42);
    assert_int_equal(found.last, 6);
    assert_false(found.damaged);
    kit_end(&k);
}

void journal_refuses_what_it_cannot_hold(void **state)
{
    struct kit k;
    struct ffd_journal_row row = {"m", 0, NULL, 0};

    (void)state;
    kit_begin(&k);
    kit_open(&k, BIG);
    assert_int_equal(ffd_journal_append(k.j, &row, 1, k.why), -1);
    row.n = UINT64_MAX;
    assert_int_equal(ffd_journal_append(k.j, &row, 1, k.why), -1);
    row.n = 1;
    row.model = "../m";
    assert_int_equal(ffd_journal_append(k.j, &row, 1, k.why), -1);
    assert_int_equal(kit_segments(k.dir), 0);
    kit_end(&k);
}

/* 1: segments of a record or two each; a to 9, b to 3. */
static void begin_two_models(struct kit *k)
{
    kit_begin(k);
    k->body = 20000;
    kit_open(k, 1);
    for (uint64_t n = 1; n <= 9; n++) {
        append(k, "a", n, n);
        if (n <= 3)
            append(k, "b", n, n);
    }
    assert_int_equal(kit_segments(k->dir), 12);
}

void journal_is_pruned_as_far_as_it_is_covered(void **state)
{
    struct ffd_journal_cover covers[] = {{"a", 9}, {"b", 1}};
    struct kit k;
    uint64_t bytes;

    (void)state;
    begin_two_models(&k);
    bytes = ffd_journal_bytes(k.j);
    assert_int_equal(ffd_journal_prune(k.j, covers, 2, bytes, NULL, k.why), 0);
    assert_int_equal(kit_segments(k.dir), 12); /* no more than is kept */
    assert_int_equal(ffd_journal_prune(k.j, covers, 2, 0, NULL, k.why), 0);
    assert_int_equal(kit_segments(k.dir), 9); /* b 2 is not covered */
    assert_true(ffd_journal_bytes(k.j) < bytes);
    covers[1].n = 3;
    covers[0].n = 8;
    assert_int_equal(ffd_journal_prune(k.j, covers, 2, 0, NULL, k.why), 0);
    assert_int_equal(kit_segments(k.dir), 1); /* a 9 is written to */
    append(&k, "a", 10, 10);
    kit_close(&k);
    assert_int_equal(kit_read(&k, k.dir, "a", 8), 0);
    assert_false(k.found.damaged || k.lies);
    assert_int_equal(k.found.last, 10);
    kit_end(&k);
}

void model_that_is_gone_holds_no_segment_back(void **state)
{
    struct ffd_journal_cover cover = {"a", 9};
    struct kit k;

    (void)state;
    begin_two_models(&k);
    assert_int_equal(ffd_journal_prune(k.j, &cover, 1, 0, NULL, k.why), 0);
    assert_int_equal(kit_segments(k.dir), 0); /* the one written to as well */
    assert_int_equal(ffd_journal_bytes(k.j), 0);
    append(&k, "a", 10, 10);
    kit_close(&k);
    assert_int_equal(kit_read(&k, k.dir, "a", 9), 0);
    assert_int_equal(k.found.rows, 1);
    kit_end(&k);
}

void journal_knows_what_it_holds_when_opened_again(void **state)
{
    struct ffd_journal_cover covers[] = {{"a", 9}, {"b", 2}};
    struct kit k;

    (void)state;
    begin_two_models(&k);
    kit_close(&k);
    kit_open(&k, 1);
    assert_int_equal(ffd_journal_prune(k.j, covers, 2, 0, NULL, k.why), 0);
    assert_int_equal(kit_segments(k.dir), 7); /* from b 3 on */
    kit_end(&k);
}

static size_t logs(const char *dir)
{
    char path[128];
    size_t n = 0;

    for (int i = 1; i < 40; i++) {
        snprintf(path, sizeof(path), "%s/%010d.db-wal", dir, i);
        n += access(path, F_OK) == 0;
    }
    return n;
}

/* The archive is a journal of its own, whatever numbers began anew. */
static void archive_is_whole(struct kit *k)
{
    assert_int_equal(kit_segments(k->dir), 0);
    assert_int_equal(logs(k->archive), 0);
    assert_int_equal(kit_read(k, k->archive, "m", 0), 0);
    assert_false(k->found.damaged || k->lies);
    assert_int_equal(k->found.last, 12);
}

static void fill_archive(struct kit *k)
{
    struct ffd_journal_cover cover = {"m", 12};

    k->body = 20000;
    for (uint64_t n = 1; n <= 12; n += 3) {
        kit_open(k, 1);
        append(k, "m", n, n);
        append(k, "m", n + 1, n + 2);
        if (ffd_journal_prune(k->j, &cover, 1, 0, k->archive, k->why) != 0)
            fail_msg("%s", k->why);
        kit_close(k);
    }
}

void pruned_segments_make_an_archive(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    fill_archive(&k);
    archive_is_whole(&k);
    kit_end(&k);
}

void archive_may_be_on_another_file_system(void **state)
{
    char elsewhere[] = "/dev/shm/ffd-journal-XXXXXX";
    struct kit k;
    struct stat here, there;

    (void)state;
    if (!mkdtemp(elsewhere))
        skip();
    kit_begin(&k);
    assert_int_equal(stat(k.top, &here), 0);
    assert_int_equal(stat(elsewhere, &there), 0);
    if (here.st_dev == there.st_dev) {
        kit_end(&k);
        kit_remove(elsewhere);
        skip();
    }
    snprintf(k.archive, sizeof(k.archive), "%s", elsewhere);
    fill_archive(&k);
    archive_is_whole(&k);
    kit_remove(elsewhere);
    kit_end(&k);
}

/* A log that a kill left is folded in on the way. */
void archived_segment_of_a_killed_process_is_one_file(void **state)
{
    struct ffd_journal_cover cover = {"m", 12};
    struct kit k;
    char copy[64];

    (void)state;
    kit_begin(&k);
    snprintf(copy, sizeof(copy), "%s/copy", k.top);
    kit_open(&k, BIG);
    for (uint64_t n = 1; n <= 12; n++)
        append(&k, "m", n, n);
    kit_copy_dir(k.dir, copy);
    kit_close(&k);
    kit_remove(k.dir);
    assert_int_equal(rename(copy, k.dir), 0);
    kit_open(&k, BIG);
    assert_int_equal(ffd_journal_prune(k.j, &cover, 1, 0, k.archive, k.why), 0);
    archive_is_whole(&k);
    kit_end(&k);
}

void archive_that_cannot_be_made_loses_nothing(void **state)
{
    struct ffd_journal_cover cover = {"m", 3};
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, BIG);
    append(&k, "m", 1, 3);
    assert_int_equal(
        ffd_journal_prune(k.j, &cover, 1, 0, "/nonexistent/x/y", k.why), -1);
    assert_string_equal(
        k.why, "cannot create /nonexistent/x/y: No such file or directory");
    append(&k, "m", 4, 4);
    kit_close(&k);
    kit_holds(&k, "m", 4);
    kit_end(&k);
}

/* Whether any file of the journal has these bytes. */
static bool anywhere(const struct kit *k, const uint8_t *what, size_t bytes)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    bool found = false;

    for (uint64_t i = 1; i < 20; i++)
        for (size_t s = 0; s < 4; s++) {
            char path[128];
            uint8_t *file;
            size_t n;

            kit_path(k, i, suffixes[s], path);
            if (access(path, F_OK) < 0)
                continue;
            file = kit_file(path, &n);
            found = found || memmem(file, n, what, bytes);
            free(file);
        }
    return found;
}

/* Any 24 bytes in a row of a model's bodies. */
static bool traces_of(struct kit *k, const char *model, uint64_t last)
{
    bool found = false;

    for (uint64_t n = 1; n <= last; n++) {
        size_t bytes;
        uint8_t *body = kit_body(k, model, n, &bytes);

        for (size_t at = 0; at + 24 <= bytes; at += bytes / 3)
            found = found || anywhere(k, body + at, 24);
        free(body);
    }
    return found;
}

void erased_records_leave_no_bytes(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    k.body = 700; /* many in a page, which are moved about */
    kit_open(&k, 60000);
    for (uint64_t n = 1; n <= 90; n += 3) {
        append(&k, "secret", n, n + 2);
        append(&k, "kept", n, n + 2);
    }
    assert_true(kit_segments(k.dir) > 2);
    assert_true(traces_of(&k, "secret", 80));
    assert_int_equal(ffd_journal_erase(k.j, "secret", 80, k.why), 0);
    assert_false(traces_of(&k, "secret", 80));
    append(&k, "kept", 91, 91);
    append(&k, "secret", 91, 91);
    kit_close(&k);
    assert_false(traces_of(&k, "secret", 80));
    kit_holds(&k, "kept", 91);
    assert_int_equal(kit_read(&k, k.dir, "secret", 80), 0);
    assert_false(k.found.damaged || k.lies);
    assert_int_equal(k.found.last, 91);
    kit_end(&k);
}

void model_that_was_erased_may_begin_again(void **state)
{
    struct kit k;

    (void)state;
    kit_begin(&k);
    kit_open(&k, 50000);
    append(&k, "m", 1, 9);
    append(&k, "m", 10, 12);
    assert_int_equal(ffd_journal_erase(k.j, "m", UINT64_MAX, k.why), 0);
    append(&k, "m", 1, 2);
    kit_close(&k);
    kit_holds(&k, "m", 2);
    kit_end(&k);
}

void journal_set_aside_keeps_its_files(void **state)
{
    struct kit k;
    char first[FFD_CONFIG_WHY_MAX];

    (void)state;
    kit_begin(&k);
    assert_int_equal(ffd_journal_set_aside(k.dir, k.why), 0);
    assert_string_equal(k.why, "");
    kit_open(&k, BIG);
    append(&k, "m", 1, 3);
    kit_close(&k);
    assert_int_equal(ffd_journal_set_aside(k.dir, first), 0);
    assert_int_equal(strncmp(first, k.dir, strlen(k.dir)), 0);
    kit_holds(&k, "m", 0);
    kit_open(&k, BIG);
    append(&k, "m", 1, 1);
    kit_close(&k);
    assert_int_equal(ffd_journal_set_aside(k.dir, k.why), 0);
    assert_string_not_equal(k.why, first); /* within the same second */
    assert_int_equal(kit_read(&k, first, "m", 0), 0);
    assert_int_equal(k.found.last, 3);
    kit_end(&k);
}

/* In a child, since it takes another user's rights for good. */
static int read_as_nobody(struct kit *k, const char *expect)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (setgid(65534) < 0 || setuid(65534) < 0)
            _exit(2);
        if (expect)
            _exit(kit_read(k, k->dir, "m", 0) != -1 || !strstr(k->why, expect));
        _exit(kit_read(k, k->dir, "m", 0) != 0 || k->found.damaged || k->lies ||
              k->found.last != 5);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void let_others_read(const struct kit *k)
{
    static const char *const suffixes[] = {"", "-wal"};
    char path[128];

    chmod(k->top, 0755);
    chmod(k->dir, 0755);
    for (size_t s = 0; s < 2; s++) {
        kit_path(k, 1, suffixes[s], path);
        chmod(path, 0644);
    }
}

void journal_is_read_where_nothing_may_be_written(void **state)
{
    struct kit k;
    char path[128];

    (void)state;
    if (geteuid() != 0)
        skip();
    kit_begin(&k);
    kit_open(&k, BIG);
    append(&k, "m", 1, 5);
    kit_copy_dir(k.dir, k.archive);
    kit_close(&k);
    let_others_read(&k);
    assert_int_equal(read_as_nobody(&k, NULL), 0);
    kit_remove(k.dir);
    assert_int_equal(rename(k.archive, k.dir), 0);
    kit_path(&k, 1, "-wal", path);
    assert_int_equal(access(path, F_OK), 0);
    let_others_read(&k);
    assert_int_equal(read_as_nobody(&k, "write ahead log"), 0);
    kit_end(&k);
}
