#include "tests/daemon/journal_kit.h"

#include <dirent.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void kit_begin(struct kit *k)
{
    memset(k, 0, sizeof(*k));
    snprintf(k->top, sizeof(k->top), "/tmp/ffd-journal-XXXXXX");
    assert_non_null(mkdtemp(k->top));
    snprintf(k->dir, sizeof(k->dir), "%s/j", k->top);
    snprintf(k->archive, sizeof(k->archive), "%s/archive", k->top);
}

void kit_end(struct kit *k)
{
    kit_close(k);
    kit_remove(k->top);
}

void kit_open(struct kit *k, uint64_t segment_bytes)
{
    if (ffd_journal_open(&k->j, k->dir, segment_bytes, k->why) != 0)
        fail_msg("%s", k->why);
}

void kit_close(struct kit *k)
{
    ffd_journal_close(k->j);
    k->j = NULL;
}

uint8_t *kit_body(const struct kit *k, const char *model, uint64_t n,
                  size_t *bytes)
{
    uint64_t x = n * UINT64_C(0x9e3779b97f4a7c15);
    uint8_t *body;

    for (const char *at = model; *at; at++)
        x = (x ^ (uint8_t)*at) * UINT64_C(0xff51afd7ed558ccd);
    *bytes = k->body ? k->body : (size_t)(n * 997 % 30000);
    body = malloc(*bytes + 1);
    assert_non_null(body);
    for (size_t i = 0; i < *bytes; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        body[i] = (uint8_t)(x >> 32);
    }
    return body;
}

int kit_append(struct kit *k, const char *model, uint64_t first, uint64_t last)
{
    struct ffd_journal_row rows[KIT_ROWS_MAX];
    uint8_t *bodies[KIT_ROWS_MAX];
    size_t n = (size_t)(last - first + 1);
    int rc;

    assert_true(n <= KIT_ROWS_MAX);
    for (size_t i = 0; i < n; i++) {
        rows[i].model = model;
        rows[i].n = first + i;
        bodies[i] = kit_body(k, model, first + i, &rows[i].bytes);
        rows[i].body = bodies[i];
    }
    rc = ffd_journal_append(k->j, rows, n, k->why);
    for (size_t i = 0; i < n; i++)
        free(bodies[i]);
    return rc;
}

struct given {
    struct kit *k;
    const char *model;
    uint64_t last;
};

static int compare(void *ctx, const struct ffd_journal_row *row)
{
    struct given *g = ctx;
    size_t n;
    uint8_t *body = kit_body(g->k, g->model, row->n, &n);

    if (strcmp(row->model, g->model) != 0 || row->n != g->last + 1 ||
        row->bytes != n || memcmp(row->body, body, n) != 0)
        g->k->lies = true;
    g->last = row->n;
    free(body);
    return 0;
}

int kit_read(struct kit *k, const char *dir, const char *model, uint64_t after)
{
    struct given g = {k, model, after};
    int rc =
        ffd_journal_read(dir, model, after, compare, &g, &k->found, k->why);

    k->after = after;
    if (rc == 0 && k->found.last != g.last)
        k->lies = true;
    return rc;
}

void kit_holds(struct kit *k, const char *model, uint64_t last)
{
    if (kit_read(k, k->dir, model, 0) != 0)
        fail_msg("%s", k->why);
    if (k->found.damaged)
        fail_msg("%s", k->found.what);
    assert_false(k->lies);
    assert_int_equal(k->found.last, last);
    assert_int_equal(k->found.rows, last);
}

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n >= m && strcmp(name + n - m, end) == 0;
}

size_t kit_segments(const char *dir)
{
    DIR *d = opendir(dir);
    size_t n = 0;

    if (!d)
        return 0;
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        n += ends_in(e->d_name, ".db");
    closedir(d);
    return n;
}

uint8_t *kit_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes;
    long end;

    if (!f)
        fail_msg("no %s", path);
    fseek(f, 0, SEEK_END);
    end = ftell(f);
    assert_true(end >= 0);
    rewind(f);
    *n = (size_t)end;
    bytes = malloc(*n + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    fclose(f);
    return bytes;
}

void kit_put_file(const char *path, const uint8_t *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

void kit_copy_dir(const char *from, const char *to)
{
    DIR *d = opendir(from);

    assert_non_null(d);
    mkdir(to, 0750);
    for (const struct dirent *e = readdir(d); e; e = readdir(d)) {
        char a[512], b[512];
        uint8_t *bytes;
        size_t n;

        if (e->d_name[0] == '.')
            continue;
        snprintf(a, sizeof(a), "%s/%.200s", from, e->d_name);
        snprintf(b, sizeof(b), "%s/%.200s", to, e->d_name);
        bytes = kit_file(a, &n);
        kit_put_file(b, bytes, n);
        free(bytes);
    }
    closedir(d);
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void kit_remove(const char *dir)
{
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void kit_path(const struct kit *k, uint64_t number, const char *suffix,
              char out[128])
{
    snprintf(out, 128, "%s/%010" PRIu64 ".db%s", k->dir, number, suffix);
}
