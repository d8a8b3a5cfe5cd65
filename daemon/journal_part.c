/* What is known of the segments of a journal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/journal_parts.h"

void ffd_journal_part_path(const struct ffd_journal *j,
                           const struct ffd_journal_part *p,
                           char out[FFD_SEGMENT_PATH_MAX])
{
    ffd_journal_path(out, j->dir, p->number);
}

int ffd_journal_part_hold(struct ffd_journal_part *p, const char *model,
                          uint64_t n)
{
    for (size_t i = 0; i < p->n_held; i++) {
        if (strcmp(p->held[i].model, model) != 0)
            continue;
        if (p->held[i].n < n)
            p->held[i].n = n;
        return 0;
    }
    if (p->n_held == p->room_held) {
        size_t room = p->room_held ? 2 * p->room_held : 8;
        struct ffd_journal_held *more = realloc(p->held, room * sizeof(*more));

        if (!more)
            return -1;
        p->held = more;
        p->room_held = room;
    }
    snprintf(p->held[p->n_held].model, sizeof(p->held->model), "%s", model);
    p->held[p->n_held++].n = n;
    return 0;
}

static int hold(void *ctx, const char *model, uint64_t last)
{
    return ffd_journal_part_hold(ctx, model, last);
}

int ffd_journal_part_look(const struct ffd_journal *j,
                          struct ffd_journal_part *p,
                          char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_SEGMENT_PATH_MAX];
    struct ffd_segment s;
    int is;

    ffd_journal_part_path(j, p, path);
    p->bytes = ffd_journal_file_bytes(path);
    p->n_held = 0;
    is = ffd_segment_look(&s, path, why);
    if (is != FFD_SEGMENT_OK)
        return is;
    is = ffd_segment_models(&s, hold, p, why);
    ffd_segment_close(&s, false);
    return is;
}

void ffd_journal_part_forget(struct ffd_journal *j, size_t i)
{
    free(j->list[i].held);
    j->n--;
    memmove(&j->list[i], &j->list[i + 1], (j->n - i) * sizeof(*j->list));
}
