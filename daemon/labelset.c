#include "daemon/labelset.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct ffd_label_set *ffd_label_set_new(void)
{
    return calloc(1, sizeof(struct ffd_label_set));
}

size_t ffd_label_set_add(struct ffd_label_set *s, struct ffp_str label)
{
    size_t i = (size_t)XXH3_64bits(label.at, label.n);

    for (;; i++) {
        struct ffp_str *p = &s->place[i % FFD_LABEL_PLACES];

        if (!p->at) {
            *p = label;
            return ++s->n;
        }
        if (p->n == label.n && memcmp(p->at, label.at, label.n) == 0)
            return s->n;
    }
}
