/* Segments that snapshots hold all of, and records that must go. */
#include <string.h>

#include "daemon/journal_parts.h"

static bool covered(const struct ffd_journal_held *held,
                    const struct ffd_journal_cover *covers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(covers[i].model, held->model) == 0)
            return covers[i].n >= held->n;
    return true; /* a model that is gone */
}

static bool all_covered(const struct ffd_journal_part *p,
                        const struct ffd_journal_cover *covers, size_t n)
{
    for (size_t i = 0; i < p->n_held; i++)
        if (!covered(&p->held[i], covers, n))
            return false;
    return true;
}

static int remove_first(struct ffd_journal *j, const char *archive,
                        char why[FFD_CONFIG_WHY_MAX])
{
    const struct ffd_journal_part *p = &j->list[0];
    char path[FFD_SEGMENT_PATH_MAX];
    int rc;

    if (j->writing && j->n == 1)
        ffd_journal_end_segment(j);
    ffd_journal_part_path(j, p, path);
    rc = archive ? ffd_journal_archive(path, p->number, archive, why)
                 : ffd_journal_unlink(path, why);
    if (rc == 0)
        ffd_journal_part_forget(j, 0);
    return rc;
}

int ffd_journal_prune(struct ffd_journal *j,
                      const struct ffd_journal_cover *covers, size_t n,
                      uint64_t keep_bytes, const char *archive,
                      char why[FFD_CONFIG_WHY_MAX])
{
    bool any = false;

    while (j->n && ffd_journal_bytes(j) > keep_bytes &&
           all_covered(&j->list[0], covers, n)) {
        if (remove_first(j, archive, why) < 0)
            return -1;
        any = true;
    }
    return any ? ffd_journal_flush(j->dir, why) : 0;
}

static bool may_hold(const struct ffd_journal_part *p, const char *model)
{
    for (size_t i = 0; i < p->n_held; i++)
        if (strcmp(p->held[i].model, model) == 0)
            return true;
    return false;
}

static int erase_from(struct ffd_journal *j, struct ffd_journal_part *p,
                      const char *model, uint64_t n,
                      char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_SEGMENT_PATH_MAX];
    struct ffd_segment s;
    int is;

    ffd_journal_part_path(j, p, path);
    is = ffd_segment_open(&s, path, why);
    if (is != FFD_SEGMENT_OK)
        return -1;
    is = ffd_segment_erase(&s, model, n, why);
    ffd_segment_close(&s, is == FFD_SEGMENT_OK);
    if (is == FFD_SEGMENT_OK)
        is = ffd_journal_part_look(j, p, why);
    return is == FFD_SEGMENT_OK ? 0 : -1;
}

int ffd_journal_erase(struct ffd_journal *j, const char *model, uint64_t n,
                      char why[FFD_CONFIG_WHY_MAX])
{
    ffd_journal_end_segment(j);
    for (size_t i = 0; i < j->n; i++)
        if (may_hold(&j->list[i], model) &&
            erase_from(j, &j->list[i], model, n, why) < 0)
            return -1;
    return 0;
}
