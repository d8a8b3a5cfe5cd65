/*
 * input.h -- the stream of frames that feed, eval and predict share: a source,
 * the part of it that is wanted, its order, how often.
 *
 * First a part is chosen (offset, limit), as stored; then it is put in order;
 * then the whole is repeated, each pass with an order of its own seed. What
 * needs an order, a repetition or random access is loaded into memory; the
 * rest streams, so that standard input may never end. Of WAV files these are
 * the files, and what is in them keeps its order; so do samples of streams.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/order.h"
#include "clients/cli/source.h"

enum input_kind {
    INPUT_NONE,
    INPUT_IDX,
    INPUT_CSV,
    INPUT_RAW,
    INPUT_TEXT,
    INPUT_WAV
};

/* Strings are borrowed. */
struct input_options {
    enum input_kind kind;
    const char *path;   /* images, or the only file */
    const char *labels; /* IDX; or NULL */
    const char *label;  /* CSV, RAW, WAV: one for all; or NULL */
    struct csv_options csv;
    const char *const *files; /* (n_files) WAV */
    size_t n_files;
    const char *pattern;  /* WAV: --label-from-name; or NULL */
    const char *key;      /* of the stream that all are of; or NULL */
    bool end;             /* recordings end where the input does */
    size_t offset, limit; /* limit COUNT_UNKNOWN: all */
    size_t repeat;        /* passes, >= 1 */
    enum order order;
    uint64_t seed;
    bool load; /* keep all in memory, for input_at */
};

void input_options_init(struct input_options *o);

struct input;

struct input_frame {
    const void *data;  /* borrowed until the next call */
    const char *label; /* borrowed for the input's life; NULL: none */
    int number;        /* of the label; -1: none */
    const char *key;   /* of its stream, likewise; NULL: without a name */
    const char *file;  /* WAV: the recording it is of; or NULL */
    bool end;          /* a recording ends with it */
};

/* Owned input, for input_free; shape, and streams (NULL: the model has none),
   are borrowed for its life. NULL with the sentence in why. */
struct input *input_open(const struct input_options *o,
                         const struct ffc_model *shape,
                         const struct stream_shape *streams, char why[WHY_MAX]);
void input_free(struct input *in); /* NULL is allowed */

/* The next frame: 1, 0 at the end, -1 with why. */
int input_next(struct input *in, struct input_frame *out, char why[WHY_MAX]);

/* Wait a moment for the next frame to be there, or the end; false if it is
   not, and somebody may have time for other things. */
bool input_ready(const struct input *in);

/* Frames in all passes, or COUNT_UNKNOWN. */
size_t input_total(const struct input *in);

/* Frame i as stored, when loaded; their number. */
const void *input_at(const struct input *in, size_t i);
size_t input_loaded(const struct input *in);

#endif
