/*
 * A journal that is not what was written: reading ends before the first record
 * that is not true, whatever was done to the files, and says where.
 *
 * FFD_DAMAGES=10000 makes the random ones many.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/daemon/journal_kit.h"

/* Six segments of ten records of a and b each; the last with its log. */
#define SEGMENTS 6
#define LAST     60

static void begin(struct kit *k)
{
    char copy[64];

    kit_begin(k);
    snprintf(copy, sizeof(copy), "%s/copy", k->top);
    for (uint64_t s = 0; s < SEGMENTS; s++) {
        kit_open(k, (uint64_t)1 << 30);
        for (uint64_t n = 10 * s + 1; n <= 10 * s + 10; n += 2)
            if (kit_append(k, "a", n, n + 1) || kit_append(k, "b", n, n + 1))
                fail_msg("%s", k->why);
        if (s == SEGMENTS - 1)
            kit_copy_dir(k->dir, copy);
        kit_close(k);
    }
    kit_remove(k->dir);
    assert_int_equal(rename(copy, k->dir), 0);
}

/* Run SQL on a segment as somebody would who has the right to. */
static void tamper(const struct kit *k, uint64_t number, const char *sql)
{
    char path[128], *error = NULL;
    sqlite3 *db;

    kit_path(k, number, "", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s", error);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Reading model a gives records up to `last` and then says so. */
static void ends_at(struct kit *k, uint64_t last, const char *what)
{
    if (kit_read(k, k->dir, "a", 0) != 0)
        fail_msg("%s", k->why);
    assert_false(k->lies);
    assert_int_equal(k->found.last, last);
    assert_true(k->found.damaged);
    if (!strstr(k->found.what, what))
        fail_msg("%s", k->found.what);
}

static void refused(struct kit *k)
{
    assert_int_equal(ffd_journal_open(&k->j, k->dir, 1, k->why), 1);
    assert_null(k->j);
}

void changed_record_ends_reading(void **state)
{
    struct kit k;

    (void)state;
    begin(&k);
    tamper(&k, 3,
           "UPDATE records SET body = zeroblob(5) "
           "WHERE model = 'a' AND n = 25");
    ends_at(&k, 24,
            "0000000003.db: record 25 of model a does not agree with its hash");
    assert_int_equal(kit_read(&k, k.dir, "a", 25), 0);
    assert_false(k.found.damaged);
    assert_int_equal(k.found.last, LAST);
    kit_holds(&k, "b", LAST);
    kit_end(&k);
}

void record_that_is_missing_ends_reading(void **state)
{
    struct kit k;

    (void)state;
    begin(&k);
    tamper(&k, 2, "DELETE FROM records WHERE model = 'a' AND n = 14");
    ends_at(&k, 13,
            "0000000002.db: record 14 of model a is missing; the next "
            "is 15");
    kit_end(&k);
}

void segment_that_is_missing_ends_reading(void **state)
{
    struct kit k;
    char path[128];

    (void)state;
    begin(&k);
    kit_path(&k, 4, "", path);
    assert_int_equal(unlink(path), 0);
    ends_at(&k, 30, "0000000005.db: record 31 of model a is missing");
    kit_end(&k);
}

void record_under_another_models_name_ends_reading(void **state)
{
    struct kit k;

    (void)state;
    begin(&k);
    tamper(&k, 1,
           "UPDATE records SET model = 'c' WHERE model = 'a';"
           "UPDATE records SET model = 'a' WHERE model = 'b';"
           "UPDATE records SET model = 'b' WHERE model = 'c'");
    ends_at(&k, 0, "record 1 of model a does not agree with its hash");
    kit_end(&k);
}

void record_under_another_number_ends_reading(void **state)
{
    struct kit k;

    (void)state;
    begin(&k);
    tamper(&k, 1,
           "UPDATE records SET n = 99 WHERE model = 'a' AND n = 4;"
           "UPDATE records SET n = 4 WHERE model = 'a' AND n = 5;"
           "UPDATE records SET n = 5 WHERE model = 'a' AND n = 99");
    ends_at(&k, 3, "record 4 of model a does not agree with its hash");
    kit_end(&k);
}

/* Sixty-four thousand bytes that are nothing. */
static void put_garbage(const struct kit *k, uint64_t number)
{
    uint8_t bytes[65536];
    char path[128];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    kit_path(k, number, "", path);
    kit_put_file(path, bytes, sizeof(bytes));
}

void foreign_files_are_refused(void **state)
{
    struct kit k;
    char path[128];

    (void)state;
    begin(&k);
    put_garbage(&k, 2);
    ends_at(&k, 10, "file is not a database");
    refused(&k);
    kit_path(&k, 2, "", path);
    kit_put_file(path, (const uint8_t *)"", 0);
    ends_at(&k, 10, "is not a segment of a journal");
    tamper(&k, 2, "CREATE TABLE records(model, n, hash, body)");
    ends_at(&k, 10, "is not a segment of a journal");
    refused(&k);
    tamper(&k, 1, "PRAGMA user_version = 2");
    ends_at(&k, 0, "is of format 2; this ffd reads format 1");
    kit_end(&k);
}

void schemas_that_are_not_ours_do_nothing(void **state)
{
    static const char *const attacks[] = {
        "DROP TABLE records; CREATE VIEW records AS SELECT 'a' AS model, 31 AS "
        "n, x'00' AS hash, x'00' AS body",
        "CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; "
        "END",
        "CREATE TABLE more(x)",
        "DROP INDEX records_by_n",
        "DROP INDEX records_by_n; "
        "CREATE INDEX records_by_n ON records(n, model)",
        "ALTER TABLE records ADD COLUMN x DEFAULT 7",
        "DROP TABLE records; CREATE VIRTUAL TABLE records USING "
        "fts5(model, n, hash, body)",
    };

    struct kit k;
    char path[128];
    uint8_t *good;
    size_t n;

    (void)state;
    begin(&k);
    kit_path(&k, 4, "", path);
    good = kit_file(path, &n);
    for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++) {
        tamper(&k, 4, attacks[i]);
        ends_at(&k, 30, "its tables are not a journal's");
        refused(&k);
        kit_put_file(path, good, n);
    }
    free(good);
    kit_end(&k);
}

void names_that_could_be_paths_are_not_given(void **state)
{
    struct kit k;
    char **names;
    size_t n;

    (void)state;
    begin(&k);
    tamper(&k, 1, "UPDATE records SET model = '../../x' WHERE model = 'a'");
    assert_int_equal(ffd_journal_models(k.dir, &names, &n, k.why), 0);
    assert_int_equal(n, 2); /* from the other segments */
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    free(names[0]);
    free(names[1]);
    free(names);
    refused(&k);
    kit_end(&k);
}

/* The index tells of fewer rows than there are: nothing else would notice in
   the last segment. */
void index_that_forgets_the_last_records_is_noticed(void **state)
{
    struct kit k;

    (void)state;
    begin(&k);
    tamper(&k, SEGMENTS,
           "CREATE TEMP TABLE away AS SELECT * FROM records "
           "WHERE model = 'a' AND n > 57;"
           "CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema "
           "WHERE name = 'records_by_n';"
           "DELETE FROM records WHERE model = 'a' AND n > 57;"
           "PRAGMA writable_schema = ON;"
           "DELETE FROM sqlite_schema WHERE name = 'records_by_n';"
           "PRAGMA writable_schema = RESET;"
           "INSERT INTO records SELECT * FROM away;"
           "PRAGMA writable_schema = ON;"
           "INSERT INTO sqlite_schema SELECT * FROM kept;"
           "PRAGMA writable_schema = RESET;");
    ends_at(&k, 57, "its index has 7 records of model a, its table 10");
    kit_end(&k);
}

static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    return (random_state >> 33) % below;
}

/* Something that disks and people do to files. */
static size_t damage(uint8_t *bytes, size_t n)
{
    size_t at = draw(n), span = draw(5000);

    if (span > n - at)
        span = n - at;
    switch (draw(8)) {
    case 0: /* cut */
        return at;
    case 1: /* a stretch that never reached the disk */
        memset(bytes + at, 0, span);
        return n;
    case 2: /* a stretch in a wrong place */
        memmove(bytes + draw(n - span + 1), bytes + at, span);
        return n;
    case 3: /* in the part that says how the rest is to be read */
        bytes[draw(n < 200 ? n : 200)] ^= (uint8_t)(1u << draw(8));
        return n;
    default:
        for (uint64_t i = draw(8) + 1; i > 0; i--)
            bytes[draw(n)] ^= (uint8_t)(1u << draw(8));
        return n;
    }
}

/* Each record that is given is true and in its place; the rest may be lost,
   and if something before the last segment is, it is said. */
static void read_damaged(struct kit *k, uint64_t where, size_t *noticed)
{
    static const char *const models[] = {"a", "b"};
    char **names;
    size_t n;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(kit_read(k, k->dir, models[i], 0), 0);
        if (k->lies)
            fail_msg("a false record of %s: %s", models[i], k->found.what);
        assert_true(k->found.last <= LAST);
        assert_true(k->found.last >= 10 * (where - 1));
        if (k->found.last < LAST && where < SEGMENTS)
            assert_true(k->found.damaged);
        *noticed += k->found.damaged;
    }
    assert_int_equal(ffd_journal_models(k->dir, &names, &n, k->why), 0);
    while (n)
        free(names[--n]);
    free(names);
    if (ffd_journal_open(&k->j, k->dir, 1, k->why) >= 0)
        kit_close(k);
}

static void damage_once(struct kit *k, size_t *noticed)
{
    uint64_t where = draw(SEGMENTS) + 1;
    char path[128];
    uint8_t *good, *bad;
    size_t n, m;

    kit_path(k, where, where == SEGMENTS && draw(2) ? "-wal" : "", path);
    good = kit_file(path, &n);
    bad = malloc(n);
    assert_non_null(bad);
    memcpy(bad, good, n);
    m = damage(bad, n);
    kit_put_file(path, bad, m);
    read_damaged(k, where, noticed);
    kit_put_file(path, good, n);
    free(good);
    free(bad);
}

void random_damage_never_gives_a_false_record(void **state)
{
    const char *asked = getenv("FFD_DAMAGES");
    const char *seed = getenv("FFD_SEED");
    unsigned long times = asked ? strtoul(asked, NULL, 10) : 200;
    size_t noticed = 0;
    struct kit k;

    (void)state;
    random_state = seed ? strtoull(seed, NULL, 10) : 1;
    begin(&k);
    for (unsigned long i = 0; i < times; i++)
        damage_once(&k, &noticed);
    kit_holds(&k, "a", LAST); /* and reading changed nothing */
    kit_holds(&k, "b", LAST);
    if (asked)
        printf("%zu of %lu readings were told as damaged\n", noticed,
               2 * times);
    kit_end(&k);
}
