/* Which models have records in a journal. */
#include <stdlib.h>
#include <string.h>

#include "daemon/journal_dir.h"

struct names {
    char **list; /* owned, in order */
    size_t n;
};

/* Where the name is, or would be. */
static size_t find(const struct names *s, const char *name, bool *there)
{
    size_t i = 0;

    while (i < s->n && strcmp(s->list[i], name) < 0)
        i++;
    *there = i < s->n && strcmp(s->list[i], name) == 0;
    return i;
}

static int add(void *ctx, const char *model, uint64_t last)
{
    struct names *s = ctx;
    bool there;
    size_t at = find(s, model, &there);
    char **more, *name;

    (void)last;
    if (there)
        return 0;
    more = realloc(s->list, (s->n + 1) * sizeof(*more));
    if (!more)
        return -1;
    s->list = more;
    name = strdup(model);
    if (!name)
        return -1;
    memmove(&more[at + 1], &more[at], (s->n - at) * sizeof(*more));
    more[at] = name;
    s->n++;
    return 0;
}

static int add_of(struct names *s, const char *path,
                  char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_segment segment;
    int is = ffd_segment_look(&segment, path, why);

    if (is == FFD_SEGMENT_OK) {
        is = ffd_segment_models(&segment, add, s, why);
        ffd_segment_close(&segment, false);
    }
    return is == FFD_SEGMENT_FAILED ? -1 : 0;
}

int ffd_journal_models(const char *dir, char ***names, size_t *n,
                       char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_SEGMENT_PATH_MAX];
    struct names s = {NULL, 0};
    uint64_t *numbers, highest;
    size_t count;
    int rc = ffd_journal_list(dir, &numbers, &count, &highest, why);

    for (size_t i = 0; i < count && rc == 0; i++) {
        ffd_journal_path(path, dir, numbers[i]);
        rc = add_of(&s, path, why);
    }
    free(numbers);
    if (rc < 0) {
        while (s.n)
            free(s.list[--s.n]);
        free(s.list);
        s.list = NULL;
    }
    *names = s.list;
    *n = s.n;
    return rc;
}
