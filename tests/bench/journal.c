/*
 * journal.c -- what the journal costs: appended, committed, read again.
 *
 *   bench_journal DIR [NAME=VALUE ...]
 *
 * DIR is a directory on the disk that is to be measured; what is written there
 * is removed. A row is a micro-batch, `frames` of `bytes` each; `rows` of them
 * are one transaction: 50 rows of 32 frames are what a learner of 16,000
 * frames/s hands over in 100 ms. Without `rows`, a row a transaction and 50.
 *
 *   frames=32 bytes=784 rows=N mb=100 segment_mb=64 repeats=5
 *
 * Nothing but the journal runs, so `mb_s` is the most that it takes. Reading is
 * from the page cache and includes the hash of each row; every row is compared
 * with what was written. One JSON object a line: the median run by mb_s, with
 * the least and the most.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal.h"
#include "tests/bench/measure.h"

#define REPEATS_MAX 101
#define ROWS_MAX    1024

struct options {
    const char *dir;
    size_t frames, bytes, rows, mb, segment_mb, repeats;
};

/* One journal, written and read. */
struct run {
    double mb_s, commits_s, read_mb_s, disk_per_byte;
    double p50_ms, p99_ms, most_ms; /* of an append */
};

struct load {
    uint8_t *body; /* a row's; its first eight bytes are its number */
    size_t row_bytes, n;
    char dir[FFD_PATH_MAX];
    char why[FFD_CONFIG_WHY_MAX];
};

static void clear(const char *dir)
{
    DIR *d = opendir(dir);

    for (const struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        char path[FFD_PATH_MAX + 300];

        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
}

static void append(struct ffd_journal *j, struct load *l, uint64_t first,
                   size_t n)
{
    static struct ffd_journal_row rows[ROWS_MAX];

    /* The rows are apart in memory, as those of a daemon are. */
    for (size_t i = 0; i < n; i++) {
        uint8_t *body = l->body + i * l->row_bytes;

        rows[i].model = "digits";
        rows[i].n = first + i;
        memcpy(body, &rows[i].n, sizeof(rows[i].n));
        rows[i].body = body;
        rows[i].bytes = l->row_bytes;
    }
    if (ffd_journal_append(j, rows, n, l->why) != 0)
        die("%s", l->why);
}

static void write_all(struct load *l, const struct options *o, struct run *r)
{
    size_t commits = (l->n + o->rows - 1) / o->rows, done = 0;
    double *took = calloc(commits, sizeof(*took));
    double total = (double)l->n * (double)l->row_bytes;
    double begin, last, now;
    struct ffd_journal *j;

    if (!took || ffd_journal_open(&j, l->dir, o->segment_mb << 20, l->why))
        die("%s", took ? l->why : "no memory");
    begin = last = measure_now();
    for (size_t i = 0; i < commits; i++) {
        size_t n = l->n - done < o->rows ? l->n - done : o->rows;

        append(j, l, done + 1, n);
        done += n;
        now = measure_now();
        took[i] = 1e3 * (now - last);
        last = now;
    }
    r->mb_s = 1e-6 * total / (last - begin);
    r->commits_s = (double)commits / (last - begin);
    ffd_journal_close(j);
    measure_sort(took, commits);
    r->p50_ms = measure_at(took, commits, .5);
    r->p99_ms = measure_at(took, commits, .99);
    r->most_ms = took[commits - 1];
    free(took);
}

static int compare(void *ctx, const struct ffd_journal_row *row)
{
    const struct load *l = ctx;
    uint64_t n;

    if (row->bytes != l->row_bytes)
        return 1;
    memcpy(&n, row->body, sizeof(n));
    return n != row->n || memcmp(row->body + sizeof(n), l->body + sizeof(n),
                                 row->bytes - sizeof(n)) != 0;
}

static void read_all(struct load *l, struct run *r)
{
    struct ffd_journal_found found;
    double begin = measure_now();

    if (ffd_journal_read(l->dir, "digits", 0, compare, l, &found, l->why))
        die("a row that was read is not what was written");
    if (found.damaged || found.rows != l->n)
        die("%s", found.damaged ? found.what : "rows are missing");
    r->read_mb_s = 1e-6 * (double)found.bytes / (measure_now() - begin);
}

static void measure_disk(struct load *l, struct run *r)
{
    struct ffd_journal *j;

    if (ffd_journal_open(&j, l->dir, 1, l->why))
        die("%s", l->why);
    r->disk_per_byte =
        (double)ffd_journal_bytes(j) / ((double)l->n * (double)l->row_bytes);
    ffd_journal_close(j);
}

static int by_rate(const void *a, const void *b)
{
    const struct run *x = a, *y = b;

    return (x->mb_s > y->mb_s) - (x->mb_s < y->mb_s);
}

static void measure(struct load *l, const struct options *o)
{
    struct run runs[REPEATS_MAX];
    const struct run *r = &runs[o->repeats / 2];
    struct meter meter;

    meter_start(&meter, -1); /* no daemon */
    for (size_t i = 0; i < o->repeats; i++) {
        write_all(l, o, &runs[i]);
        measure_disk(l, &runs[i]);
        read_all(l, &runs[i]);
        clear(l->dir);
    }
    meter_stop(&meter);
    qsort(runs, o->repeats, sizeof(*runs), by_rate);
    printf("{\"bench\":\"journal\",\"frames\":%zu,\"bytes\":%zu,\"rows\":%zu,"
           "\"mb_s\":%.1f,\"mb_s_least\":%.1f,\"mb_s_most\":%.1f,"
           "\"commits_s\":%.0f,\"append_ms_p50\":%.2f,\"append_ms_p99\":%.2f,"
           "\"append_ms_most\":%.2f,\"read_mb_s\":%.0f,\"disk_per_byte\":%.3f,"
           "\"others_cpu\":%.2f}\n",
           o->frames, o->bytes, o->rows, r->mb_s, runs[0].mb_s,
           runs[o->repeats - 1].mb_s, r->commits_s, r->p50_ms, r->p99_ms,
           r->most_ms, r->read_mb_s, r->disk_per_byte, meter.others_cpu);
    fflush(stdout);
}

/* Noise, which no file system makes smaller; the same in each row, or it would
   be the generator that is measured. */
static void make_bodies(struct load *l)
{
    uint64_t x = 88172645463325252;

    l->body = malloc(ROWS_MAX * l->row_bytes);
    if (!l->body)
        die("no memory");
    for (size_t i = 0; i < l->row_bytes; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        l->body[i] = (uint8_t)x;
    }
    for (size_t i = 1; i < ROWS_MAX; i++)
        memcpy(l->body + i * l->row_bytes, l->body, l->row_bytes);
}

static bool set(struct options *o, const char *arg)
{
    const struct {
        const char *name;
        size_t *to, least, most;
    } all[] = {{"frames", &o->frames, 1, 512},
               {"bytes", &o->bytes, 8, 65536},
               {"rows", &o->rows, 1, ROWS_MAX},
               {"mb", &o->mb, 1, 100000},
               {"segment_mb", &o->segment_mb, 1, 100000},
               {"repeats", &o->repeats, 1, REPEATS_MAX}};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        const char *value = measure_argument(arg, all[i].name);

        if (!value)
            continue;
        *all[i].to =
            measure_number(all[i].name, value, all[i].least, all[i].most);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct options o = {argc > 1 ? argv[1] : "", 32, 784, 0, 100, 64, 5};
    struct load l;
    size_t rows;

    for (int i = 2; i < argc; i++)
        if (!set(&o, argv[i]))
            die("no such argument: %s", argv[i]);
    if (argc < 2)
        die("usage: bench_journal DIR [NAME=VALUE ...]");
    l.row_bytes = o.frames * o.bytes;
    l.n = (o.mb * 1000000 + l.row_bytes - 1) / l.row_bytes;
    snprintf(l.dir, sizeof(l.dir), "%.900s/bench-journal-%ld", o.dir,
             (long)getpid());
    make_bodies(&l);
    rows = o.rows;
    for (size_t each = 1; each <= 50; each += 49) {
        o.rows = rows ? rows : each;
        measure(&l, &o);
        if (rows)
            break;
    }
    free(l.body);
    return 0;
}
