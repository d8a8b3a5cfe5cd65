/*
 * labelset.h -- the distinct labels of a batch that have no class yet.
 *
 * To refuse a batch whole one must know that all its new labels fit before
 * the first is bound. A small hash set of borrowed text; labels live as long
 * as the message.
 */
#ifndef FFD_LABELSET_H
#define FFD_LABELSET_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/ff.h"
#include "proto/text.h"

#define FFD_LABEL_PLACES ((size_t)4 * FF_CLASSES_MAX)

struct ffd_label_set {
    size_t n;
    struct ffp_str place[FFD_LABEL_PLACES];
};

/* NULL if there is no memory; free with free(). */
struct ffd_label_set *ffd_label_set_new(void);

/* Number of labels with this one among them. Not to be called once it is over
   FF_CLASSES_MAX. */
size_t ffd_label_set_add(struct ffd_label_set *s, struct ffp_str label);

#endif
