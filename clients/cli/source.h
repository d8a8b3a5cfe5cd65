/*
 * source.h -- where frames come from: one reader a format.
 *
 * A source yields frames as the model wants them (its dtype and number of
 * values), one after another, until the end. It knows nothing of order,
 * limits or the daemon; input.h adds these. Of a model with streams they are
 * samples.
 *
 * Numbers become values so: a byte of an IDX file is the value of a u8 model
 * and value / 255 of an f32 model; a number of a CSV file is taken as it is,
 * and refused where a u8 or i16 model cannot hold it; a value of a WAV file is
 * that of an i16 model and value / 32768 of an f32 model.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/c/ffclient.h"
#include "clients/cli/bytes.h"
#include "clients/cli/names.h"
#include "clients/cli/order.h"
#include "clients/cli/stream.h"

#define COUNT_UNKNOWN SIZE_MAX

/* What is said of a frame; numbers are of names, -1: nothing. */
struct mark {
    int label;
    int key;       /* of its stream */
    int recording; /* the file that it is of, where each is one */
    bool end;      /* a recording ends with it */
};

#define MARK_NONE ((struct mark){-1, -1, -1, false})

struct source {
    /* Write one frame (shape->frame_bytes) and its mark. 1, 0 at the end, -1
       with the sentence in why. */
    int (*next)(struct source *s, void *frame, struct mark *mark,
                char why[WHY_MAX]);
    void (*free)(struct source *s);
    size_t count;       /* frames in all, or COUNT_UNKNOWN */
    struct bytes *live; /* borrowed: what next would wait for; or NULL */
    bool held;          /* next need not wait */
    char note[WHY_MAX]; /* what people should know; "": nothing */
};

/*
 * Owned sources, for s->free(s). What is given is borrowed for the source's
 * life; streams is NULL of a model that has none. NULL with the sentence in
 * why.
 */

/* IDX of bytes; labels may be NULL. */
struct source *idx_open(const char *images, const char *labels,
                        const struct ffc_model *shape, struct names *names,
                        char why[WHY_MAX]);

/* Each column is a number, from 1, or a name in the header; NULL: none. */
struct csv_options {
    const char *label, *stream, *end;
    const char *values; /* several, apart by comma; NULL: all others */
    const char *all;    /* no column: one label for all lines; or NULL */
};

/*
 * Numbers in lines, apart by comma, semicolon or tab. A first line that is not
 * numbers is a header. Of a model with streams each line is a sample: an empty
 * cell or nan is a value that is missing, which is refused where the model
 * takes none, and columns that hold no numbers are left out, with a note.
 */
struct source *csv_open(const char *path, const struct csv_options *o,
                        const struct ffc_model *shape,
                        const struct stream_shape *streams, struct names *names,
                        char why[WHY_MAX]);

/* Frames as they go over the wire; one label for all, or NULL. Of sound the
   last is filled up with zeros. */
struct source *raw_open(const char *path, const char *label,
                        const struct ffc_model *shape,
                        const struct stream_shape *streams, struct names *names,
                        char why[WHY_MAX]);

/* Bytes, each a symbol. */
struct source *text_open(const char *path, char why[WHY_MAX]);

struct wav_options {
    const char *const *paths; /* (n) */
    size_t n;
    const char *label;   /* of all; or NULL */
    const char *pattern; /* whose first group in a file's name is its label,
                            extended regular expression; or NULL */
    size_t offset, limit, repeat; /* files; as in input.h */
    enum order order;
    uint64_t seed;
};

/* PCM of 16 bits in WAV files, one recording each, cut into samples. */
struct source *wav_open(const struct wav_options *o,
                        const struct ffc_model *shape,
                        const struct stream_shape *streams, struct names *names,
                        char why[WHY_MAX]);

#endif
