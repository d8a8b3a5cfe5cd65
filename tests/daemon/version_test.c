/*
 * Names of snapshots, and which of them stay.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/version.h"
#include "tests/daemon/support.h"

#define MINUTE ((uint64_t)60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOON   (20000 * DAY + 12 * HOUR)

static const struct ffd_version_policy usual = {
    .keep = 3, .hourly = 24, .daily = 7};

/* ---- names --------------------------------------------------------------- */

static void reads(const char *file, uint64_t record, uint64_t time,
                  const char *name)
{
    char again[FFD_VERSION_FILE_MAX];
    struct ffd_version v;

    if (!ffd_version_parse(file, &v))
        fail_msg("%s is not taken for a snapshot", file);
    assert_int_equal(v.record, record);
    assert_int_equal(v.time, time);
    assert_string_equal(v.name, name);
    ffd_version_file(&v, again);
    assert_string_equal(again, file);
}

void version_names_are_read_as_they_are_written(void **state)
{
    (void)state;
    reads("00000000000000000000.0.safetensors", 0, 0, "");
    reads("00000000000000004711.1764000000.safetensors", 4711, 1764000000, "");
    reads("00000000000000004711.1764000000.before-noon.safetensors", 4711,
          1764000000, "before-noon");
    reads("18446744073709551615.18446744073709551615.x.safetensors", UINT64_MAX,
          UINT64_MAX, "x");
}

void other_names_are_no_snapshots(void **state)
{
    static const char *const others[] = {
        "",
        "spec.yaml",
        "m.safetensors",
        "4711.1764000000.safetensors",
        "00000000000000004711.safetensors",
        "00000000000000004711..safetensors",
        "00000000000000004711.1764000000",
        "00000000000000004711.1764000000.safetensors.new",
        "00000000000000004711.1764000000.safetensors.corrupt-1764000001",
        "00000000000000004711.1764000000..safetensors",
        "00000000000000004711.1764000000.Noon.safetensors",
        "00000000000000004711.1764000000.12.safetensors",
        "00000000000000004711.1764000000.a.b.safetensors",
        "00000000000000004711.-1.safetensors",
        "00000000000000004711.99999999999999999999.safetensors",
        "99999999999999999999.1764000000.safetensors",
        "0000000000000000471x.1764000000.safetensors",
    };
    struct ffd_version v;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (ffd_version_parse(others[i], &v))
            fail_msg("%s is taken for a snapshot", others[i]);
    }
}

void the_longest_name_fits(void **state)
{
    struct ffd_version v = {.record = UINT64_MAX, .time = UINT64_MAX}, again;
    char file[FFD_VERSION_FILE_MAX];

    (void)state;
    memset(v.name, 'n', FFD_VERSION_NAME_MAX);
    ffd_version_file(&v, file);
    assert_true(ffd_version_parse(file, &again));
    assert_string_equal(again.name, v.name);
}

/* ---- lists --------------------------------------------------------------- */

void versions_sort_by_record_whatever_the_clock_says(void **state)
{
    struct ffd_version v[] = {
        {.record = 2, .time = NOON},
        {.record = 9, .time = NOON - DAY},
        {.record = 10, .time = 0},
        {.record = 9, .time = NOON, .name = "b"},
        {.record = 9, .time = NOON, .name = "a"},
    };

    (void)state;
    ffd_version_sort(v, 5);
    assert_int_equal(v[0].record, 10);
    assert_string_equal(v[1].name, "a");
    assert_string_equal(v[2].name, "b");
    assert_int_equal(v[3].time, NOON - DAY);
    assert_int_equal(v[4].record, 2);
}

static const struct ffd_version *find(const struct ffd_version *v, size_t n,
                                      const char *text)
{
    return ffd_version_find(v, n, text, text ? strlen(text) : 0);
}

void versions_are_found_by_record_and_by_name(void **state)
{
    const struct ffd_version v[] = {
        {.record = 30, .time = 3},
        {.record = 20, .time = 2, .name = "noon"},
        {.record = 20, .time = 2},
        {.record = 10, .time = 1, .name = "first"},
    };

    (void)state;
    assert_ptr_equal(find(v, 4, NULL), &v[0]);
    assert_ptr_equal(find(v, 4, "30"), &v[0]);
    assert_ptr_equal(find(v, 4, "noon"), &v[1]);
    assert_ptr_equal(find(v, 4, "20"), &v[2]);
    assert_ptr_equal(find(v, 4, "10"), &v[3]);
    assert_null(find(v, 4, "2"));
    assert_null(find(v, 4, "noo"));
    assert_null(find(v, 4, "010"));
    assert_null(find(v, 0, NULL));
}

void a_directory_is_listed_newest_first(void **state)
{
    static const char *const files[] = {
        "00000000000000000007.9.safetensors",
        "00000000000000000011.8.noon.safetensors",
        "00000000000000000009.7.safetensors.new", "spec.yaml"};
    char dir[] = "/tmp/ffd-test-XXXXXX", path[128];
    char why[FFD_CONFIG_WHY_MAX];
    struct ffd_version *v;
    size_t n;

    (void)state;
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < 4; i++) {
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        f = fopen(path, "we");
        assert_non_null(f);
        fputs("12345", f);
        fclose(f);
    }
    assert_int_equal(ffd_version_list(dir, &v, &n, why), 0);
    assert_int_equal(n, 2);
    assert_int_equal(v[0].record, 11);
    assert_int_equal(v[0].bytes, 5);
    assert_int_equal(v[1].record, 7);
    free(v);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
    assert_int_equal(ffd_version_list(dir, &v, &n, why), 0);
    assert_int_equal(n, 0);
    assert_null(v);
}

/* ---- which stay ---------------------------------------------------------- */

#define MOST 4096

/* A shelf of versions, newest first, that is pruned after each save as the
   daemon does. */
struct shelf {
    struct ffd_version v[MOST];
    size_t n;
    uint64_t record;
};

static size_t prune(struct shelf *s, const struct ffd_version_policy *policy)
{
    bool remove[MOST];
    size_t kept = 0;

    ffd_version_plan(s->v, s->n, policy, remove);
    for (size_t i = 0; i < s->n; i++) {
        if (!remove[i])
            s->v[kept++] = s->v[i];
    }
    s->n = kept;
    return kept;
}

static void put(struct shelf *s, uint64_t time, const char *name)
{
    struct ffd_version v = {.record = ++s->record, .time = time, .bytes = 100};

    snprintf(v.name, sizeof(v.name), "%s", name);
    assert_true(s->n < MOST);
    memmove(s->v + 1, s->v, s->n * sizeof(v));
    s->v[0] = v;
    s->n++;
}

static void save(struct shelf *s, uint64_t time)
{
    put(s, time, "");
    prune(s, &usual);
    assert_int_equal(s->v[0].record, s->record); /* the newest, always */
}

/* From then on, every minute. */
static uint64_t live(struct shelf *s, uint64_t from, uint64_t minutes)
{
    for (uint64_t i = 0; i < minutes; i++)
        save(s, from + i * MINUTE);
    return from + minutes * MINUTE;
}

static size_t older_than(const struct shelf *s, uint64_t time)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += s->v[i].time < time;
    return n;
}

void plan_keeps_the_newest(void **state)
{
    struct shelf s = {0};

    (void)state;
    for (int i = 0; i < 10; i++)
        save(&s, NOON + (uint64_t)i);
    assert_int_equal(s.n, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(s.v[i].record, 10 - i);
}

void plan_keeps_one_an_hour_and_one_a_day(void **state)
{
    static struct shelf s;
    uint64_t now;

    (void)state;
    s.n = 0;
    now = live(&s, NOON, 10 * DAY / MINUTE) - MINUTE;
    /* 3 of these minutes, 24 hours of which this is one, and the last of each
       of 7 days, of which 2 are among the hours. */
    assert_int_equal(s.n, 2 + 24 + 5);
    for (size_t i = 3; i < 26; i++) {
        assert_int_equal(s.v[i].time % HOUR, 59 * MINUTE);
        assert_in_range(now - s.v[i].time, 0, 24 * HOUR);
    }
    for (size_t i = 26; i < s.n; i++)
        assert_int_equal(s.v[i].time % DAY, DAY - MINUTE);
    assert_in_range(now - s.v[s.n - 1].time, 5 * DAY, 6 * DAY);
}

void plan_never_removes_what_has_a_name(void **state)
{
    static struct shelf s;

    (void)state;
    s.n = 0;
    put(&s, NOON, "first");
    live(&s, NOON + MINUTE, 600);
    put(&s, NOON + 601 * MINUTE, "second");
    live(&s, NOON + 602 * MINUTE, 30 * DAY / MINUTE);
    assert_non_null(find(s.v, s.n, "first"));
    assert_non_null(find(s.v, s.n, "second"));
}

/* Names do not use up the places of those without. */
void plan_counts_those_without_a_name(void **state)
{
    struct shelf s = {0};

    (void)state;
    for (int i = 0; i < 4; i++)
        save(&s, NOON);
    put(&s, NOON, "a");
    put(&s, NOON, "b");
    put(&s, NOON, "c");
    put(&s, NOON, "d");
    assert_int_equal(prune(&s, &usual), 4 + 3);
}

void plan_outlives_a_clock_that_jumps_ahead(void **state)
{
    static struct shelf s;
    uint64_t now;
    size_t old;

    (void)state;
    s.n = 0;
    now = live(&s, NOON, 8 * DAY / MINUTE);
    old = s.n;
    live(&s, now + 365 * DAY, 10);
    /* What it had, but for places that those of a new hour and day took. */
    assert_in_range(older_than(&s, now), old - 5, old);
}

void plan_outlives_a_clock_that_jumps_back(void **state)
{
    static struct shelf s;
    uint64_t now;
    size_t old;

    (void)state;
    s.n = 0;
    now = live(&s, NOON, 8 * DAY / MINUTE);
    old = s.n;
    live(&s, NOON - 365 * DAY, 10);
    assert_int_equal(s.v[0].time, NOON - 365 * DAY + 9 * MINUTE);
    assert_in_range(s.n - older_than(&s, NOON - 364 * DAY), old - 5, old);
    /* And what is of the future does not stay for ever. */
    live(&s, NOON - 364 * DAY, 8 * DAY / MINUTE);
    assert_int_equal(s.n, older_than(&s, now - 300 * DAY));
}

void plan_of_a_clock_that_stands_keeps_the_newest(void **state)
{
    struct shelf s = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        save(&s, NOON);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.v[0].record, 100);
}

/* However wildly it goes, the shelf is no longer than the policy says. */
void plan_is_bounded_whatever_the_clock_does(void **state)
{
    static struct shelf s;
    uint64_t x = 1;

    (void)state;
    s.n = 0;
    for (int i = 0; i < 20000; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        save(&s, x >> 33);
        assert_true(s.n <= 3 + 24 + 7);
    }
}

void plan_keeps_to_the_limit(void **state)
{
    const struct ffd_version_policy tight = {
        .keep = 10, .hourly = 24, .daily = 7, .limit = 350};
    struct shelf s = {0};

    (void)state;
    put(&s, NOON, "named");
    for (uint64_t i = 1; i < 8; i++)
        put(&s, NOON + i, "");
    assert_int_equal(prune(&s, &tight), 3);
    assert_int_equal(s.v[0].record, 8);
    assert_int_equal(s.v[1].record, 7);
    assert_string_equal(s.v[2].name, "named");
}

void plan_over_the_limit_still_keeps_the_newest(void **state)
{
    const struct ffd_version_policy tight = {.keep = 3, .limit = 1};
    struct shelf s = {0};

    (void)state;
    for (uint64_t i = 0; i < 5; i++)
        put(&s, NOON + i, i == 1 ? "named" : "");
    assert_int_equal(prune(&s, &tight), 2);
    assert_int_equal(s.v[0].record, 5);
    assert_string_equal(s.v[1].name, "named");
}

void plan_of_nothing_is_nothing(void **state)
{
    (void)state;
    ffd_version_plan(NULL, 0, &usual, NULL);
}
