/*
 * symbols.h -- bytes of a stream of symbols as labels, and their classes.
 *
 * A byte is its own label: the character where it is printable ASCII, else
 * \xNN. What class that label has is asked for each symbol that comes, so it is
 * kept by byte; and compared with the label table each time, since labels may
 * be renamed, merged and forgotten by hand, and a rollback brings another
 * table.
 */
#ifndef FFD_SYMBOLS_H
#define FFD_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"
#include "proto/text.h"

#define FFD_SYMBOLS     256
#define FFD_SYMBOL_TEXT 5 /* bytes of "\x0a" */
#define FFD_SYMBOLS_SEEN                                                       \
    32 /* and so the bytes of a frame (ff_symbols_frame)                       \
        */

struct ffd_symbols {
    char name[FFD_SYMBOLS][FFD_SYMBOL_TEXT];
    int class_[FFD_SYMBOLS]; /* what it was when last asked */
};

void ffd_symbols_init(struct ffd_symbols *s);

/* The label of a byte; borrowed from s. */
struct ffp_str ffd_symbol_label(const struct ffd_symbols *s, uint8_t byte);

/* Its class, or -1 while it has none. */
int ffd_symbol_find(struct ffd_symbols *s, const struct ff_model *ff,
                    uint8_t byte);

/* The byte that has this label, or -1: it came with the symbol, or was changed
   by hand. */
int ffd_symbol_byte(const char *label);

/* The frame after n bytes that came, the newest last (ff_symbols_frame). */
void ffd_symbols_frame(struct ffd_symbols *s, const struct ff_model *ff,
                       const uint8_t *bytes, size_t n, void *frame);

#endif
