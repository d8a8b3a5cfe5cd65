#include "daemon/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/journal_parts.h"
#include "daemon/record.h"
#include "proto/text.h"

static int no_memory(char why[FFD_CONFIG_WHY_MAX])
{
    snprintf(why, FFD_CONFIG_WHY_MAX, "there is no memory for the journal");
    return -1;
}

/* One more at the end of the list; its number grows. */
static struct ffd_journal_part *add_part(struct ffd_journal *j, uint64_t number)
{
    struct ffd_journal_part *p;

    if (j->n == j->room) {
        size_t room = j->room ? 2 * j->room : 16;

        p = realloc(j->list, room * sizeof(*p));
        if (!p)
            return NULL;
        j->list = p;
        j->room = room;
    }
    p = &j->list[j->n++];
    memset(p, 0, sizeof(*p));
    p->number = number;
    return p;
}

static int look_at_all(struct ffd_journal *j, char why[FFD_CONFIG_WHY_MAX])
{
    uint64_t *numbers;
    size_t n;
    int is = FFD_SEGMENT_OK;

    if (ffd_journal_list(j->dir, &numbers, &n, &j->highest, why) < 0)
        return FFD_SEGMENT_FAILED;
    for (size_t i = 0; i < n && is == FFD_SEGMENT_OK; i++) {
        struct ffd_journal_part *p = add_part(j, numbers[i]);

        is = p ? ffd_journal_part_look(j, p, why) : no_memory(why);
    }
    free(numbers);
    return is;
}

/* The directory above, so that the new one's name is on the disk. */
static int make_directory(const char *dir, char why[FFD_CONFIG_WHY_MAX])
{
    char parent[FFD_PATH_MAX + 4];

    if (mkdir(dir, 0750) < 0) {
        if (errno == EEXIST)
            return 0;
        snprintf(why, FFD_CONFIG_WHY_MAX, "cannot create %.300s: %s", dir,
                 strerror(errno));
        return -1;
    }
    snprintf(parent, sizeof(parent), "%s/..", dir);
    return ffd_journal_flush(parent, why);
}

int ffd_journal_open(struct ffd_journal **out, const char *dir,
                     uint64_t segment_bytes, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_journal *j;
    int is;

    *out = NULL;
    if (strlen(dir) >= sizeof(j->dir)) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "%.300s... is too long", dir);
        return -1;
    }
    if (make_directory(dir, why) < 0)
        return -1;
    j = calloc(1, sizeof(*j));
    if (!j)
        return no_memory(why);
    snprintf(j->dir, sizeof(j->dir), "%s", dir);
    j->segment_bytes = segment_bytes;
    is = look_at_all(j, why);
    if (is != FFD_SEGMENT_OK) {
        ffd_journal_close(j);
        return is;
    }
    *out = j;
    return 0;
}

void ffd_journal_close(struct ffd_journal *j)
{
    if (!j)
        return;
    ffd_journal_end_segment(j);
    while (j->n)
        ffd_journal_part_forget(j, j->n - 1);
    free(j->list);
    free(j);
}

static void measure(struct ffd_journal *j, struct ffd_journal_part *p)
{
    char path[FFD_SEGMENT_PATH_MAX];

    ffd_journal_part_path(j, p, path);
    p->bytes = ffd_journal_file_bytes(path);
}

void ffd_journal_end_segment(struct ffd_journal *j)
{
    if (!j->writing)
        return;
    ffd_segment_close(&j->open, true);
    measure(j, &j->list[j->n - 1]);
    j->writing = false;
}

/* Nothing is written to it again, not even what its log holds. If it never
   held anything, it goes, or a full disk would fill with empty ones. */
static void abandon_segment(struct ffd_journal *j)
{
    struct ffd_journal_part *p = &j->list[j->n - 1];
    char path[FFD_SEGMENT_PATH_MAX], why[FFD_CONFIG_WHY_MAX];

    ffd_segment_close(&j->open, false);
    j->writing = false;
    measure(j, p);
    ffd_journal_part_path(j, p, path);
    if (!j->committed && ffd_journal_unlink(path, why) == 0)
        ffd_journal_part_forget(j, j->n - 1);
}

static int begin_segment(struct ffd_journal *j, char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_SEGMENT_PATH_MAX];

    if (j->highest >= FFD_SEGMENT_NUMBER_MAX) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "%.300s has given its last number to a segment", j->dir);
        return -1;
    }
    ffd_journal_path(path, j->dir, j->highest + 1);
    if (ffd_segment_create(path, why) != FFD_SEGMENT_OK)
        return -1;
    j->highest++;
    j->committed = false;
    if (!add_part(j, j->highest)) {
        ffd_journal_unlink(path, why);
        return no_memory(why);
    }
    if (ffd_segment_open(&j->open, path, why) != FFD_SEGMENT_OK) {
        abandon_segment(j);
        return -1;
    }
    j->writing = true;
    return 0;
}

static int check_rows(const struct ffd_journal_row *rows, size_t n,
                      char why[FFD_CONFIG_WHY_MAX])
{
    for (size_t i = 0; i < n; i++) {
        const struct ffd_journal_row *r = &rows[i];

        if (r->n > 0 && r->n <= INT64_MAX && r->bytes <= FFD_RECORD_BYTES_MAX &&
            ffp_model_name_valid(r->model, strlen(r->model)))
            continue;
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "record %" PRIu64 " of model %.64s, %zu bytes, is none that "
                 "a journal can hold",
                 r->n, r->model, r->bytes);
        return -1;
    }
    return 0;
}

/* Told before it is written: a write that failed may be there all the same. */
static int hold_rows(struct ffd_journal_part *p,
                     const struct ffd_journal_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ffd_journal_part_hold(p, rows[i].model, rows[i].n) < 0)
            return -1;
    return 0;
}

int ffd_journal_append(struct ffd_journal *j,
                       const struct ffd_journal_row *rows, size_t n,
                       char why[FFD_CONFIG_WHY_MAX])
{
    if (n == 0)
        return 0;
    if (check_rows(rows, n, why) < 0)
        return -1;
    if (j->writing && j->list[j->n - 1].bytes >= j->segment_bytes)
        ffd_journal_end_segment(j);
    if (!j->writing && begin_segment(j, why) < 0)
        return -1;
    if (hold_rows(&j->list[j->n - 1], rows, n) < 0)
        return no_memory(why);
    if (ffd_segment_append(&j->open, rows, n, why) != FFD_SEGMENT_OK) {
        abandon_segment(j);
        return -1;
    }
    j->committed = true;
    measure(j, &j->list[j->n - 1]);
    return 0;
}

uint64_t ffd_journal_bytes(const struct ffd_journal *j)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < j->n; i++)
        bytes += j->list[i].bytes;
    return bytes;
}
