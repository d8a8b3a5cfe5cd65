/*
 * work.h -- what travels with a baton: one item on the pool, its orders and
 * what it brings home.
 *
 * LEARN    at most 512 frames, cut in micro-batches of at most the model's
 *          batch; publishes on its way every 20 ms
 *          (a row may be a late label: its frame is NULL)
 * INSTALL  take in what was fitted beside
 * SLEEP    a slice of 4 updates; publishes every 50 ms and when all is paid
 * PUBLISH  nothing else
 * CREATE   new weights, and their first snapshot as bytes
 * SAVE     a snapshot as bytes; the file is written later, without the baton
 * IMPORT   a model out of a file that a peer sent, which becomes its snapshot
 * DREAMS   some, as an answer
 * DIGEST   the hash of all that the model is
 * PORTRAIT what there is to look at, as JSON
 * LOAD     other weights, out of a snapshot: they take the place of these
 * DROP     removes the files and frees the weights
 *
 * ffd_work_run is called on the pool and touches the item and the weights
 * only.
 */
#ifndef FFD_WORK_H
#define FFD_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/config.h"
#include "daemon/record.h"
#include "daemon/version.h"
#include "lib/ff.h"
#include "proto/buf.h"

#define FFD_LEARN_MAX     512
#define FFD_SLICE_UPDATES 4

enum ffd_work_kind {
    FFD_WORK_LEARN,
    FFD_WORK_SLEEP,
    FFD_WORK_INSTALL,
    FFD_WORK_PUBLISH,
    FFD_WORK_CREATE,
    FFD_WORK_IMPORT,
    FFD_WORK_SAVE,
    FFD_WORK_DREAMS,
    FFD_WORK_DIGEST,
    FFD_WORK_PORTRAIT,
    FFD_WORK_LOAD,
    FFD_WORK_DROP
};

/* What became of a frame. */
struct ffd_outcome {
    uint64_t seq, step;
    bool taken;        /* false: status says why */
    int status;        /* of lib */
    enum ff_fate fate; /* of one that was */
    bool judged;       /* it had a label, that it was predicted for before it */
    bool right;        /* was learned; and right */
    float typicality;  /* of the window that it completed; NaN: of none, or
                          not judged */
    bool alarm;        /* an anomaly begins with it */
};

struct ffd_work {
    uv_work_t req; /* data: the model */
    enum ffd_work_kind kind;
    struct ff_model *ff;   /* borrowed; CREATE and IMPORT: moved home; DROP:
                              freed */
    uint64_t published_us; /* when the last view was published */
    uint64_t began_us;

    /* LEARN */
    size_t n;
    uint32_t rows[FFD_LEARN_MAX];
    const void *frames[FFD_LEARN_MAX];
    int classes[FFD_LEARN_MAX];
    uint64_t ids[FFD_LEARN_MAX]; /* by which late labels find their frames */
    struct ff_origin origins[FFD_LEARN_MAX]; /* of samples */
    const void *owner[FFD_LEARN_MAX];        /* tickets, compared only */
    struct ffd_outcome outcome[FFD_LEARN_MAX];

    /* what it did, for the journal */
    bool keeps;                 /* a journal is kept */
    struct ffd_records records; /* taken home */
    const char *name;           /* borrowed; the model's */
    const char *digests;        /* borrowed; where to tell of digests, or "" */

    /* home */
    int status;
    bool moved;     /* weights moved since the last view */
    bool published; /* a view was published, of seq: */
    uint64_t published_seq;
    struct ff_stats stats;
    bool fit_begun;     /* a fit waits to be run, beside */
    bool installed;     /* INSTALL: it is taken in */
    bool stuck;         /* a slice of sleep that could do nothing */
    unsigned drift;     /* alarms of these frames */
    double drift_error; /* share of errors at the last */

    /* CREATE and SAVE */
    const struct ff_spec *spec; /* borrowed */
    uint8_t *bytes;             /* owned by who takes it home */
    size_t bytes_n;

    /* DREAMS and PORTRAIT */
    size_t dreams;
    uint64_t dream_seed;
    uint32_t msgid;
    bool pictures;
    struct ffp_buf reply;

    /* DIGEST */
    char digest[33];

    /* LOAD */
    char from[FFD_PATH_MAX];
    struct ff_model *loaded; /* moved home */

    /* IMPORT and DROP */
    char state[FFD_STATE_MAX]; /* the directory; a reload writes over ours */
    struct ffd_version version;

    char why[FFD_CONFIG_WHY_MAX]; /* LOAD, IMPORT, DROP: "", or what failed */
};

void ffd_work_run(struct ffd_work *w);

#endif
