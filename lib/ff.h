/*
 * ff.h -- the learner: frames in, weights and answers out.
 *
 * The only header that others include; spec.h, what to build, comes with it. A
 * model is a stack of layers; every layer learns from its own goodness the
 * moment a frame passes, and nothing ever flows backward (Hinton, "The
 * Forward-Forward Algorithm", 2022; lib/README.md has our forms and their
 * figures).
 *
 * B frames, D inputs, K classes, L layers; arrays are row-major.
 *
 * Three words for memory: *borrowed* (valid for the call), *owned* (the
 * caller frees it), *moved* (the callee now owns it).
 *
 * Threads. A model belongs to one caller at a time, the holder of its baton;
 * whoever calls a function that takes a `struct ff_model *` must be that
 * caller. Two things may be used beside it:
 *   - the label table, written by one thread only (which may be another than
 *     the baton's holder) and read by any: ff_label_*;
 *   - published views: ff_view_acquire, ff_predict, ff_generate,
 *     ff_view_release.
 *
 * What moves a weight is ff_learn, ff_learn_stream and ff_sleep and nothing
 * else, but for the labels' merge and forget. Each is a function of the model,
 * its arguments and nothing more (no clock, no other thread, no global): the
 * same calls give the same bytes on the same build and BLAS kernel. That is the
 * seam for a journal: record the calls.
 *
 * After ff_model_new, learning, sleeping and predicting allocate nothing.
 */
#ifndef FF_H
#define FF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/spec.h"
#include "lib/status.h"

#define FF_LABEL_MAX 255 /* bytes, without the terminator */

/* ---- a model's life ------------------------------------------------- */

struct ff_model;

/* Owned model out of a checked spec. Errors: FF_ESPEC, FF_ENOMEM. */
int ff_model_new(struct ff_model **out, const struct ff_spec *spec);

/* No view of it may be held any more. NULL is allowed. */
void ff_model_free(struct ff_model *m);

/* Borrowed; what it was made from, with what was tuned since. */
const struct ff_spec *ff_model_spec(const struct ff_model *m);

/* Take the runtime options of a checked spec of the same structure. An event
   that moves later weights: it belongs in the journal. Error: FF_ESPEC. */
int ff_model_tune(struct ff_model *m, const struct ff_spec *spec);

/* Bytes of the model's one block. */
size_t ff_model_bytes(const struct ff_model *m);

/* ---- labels: one writer, any reader ---------------------------------- */

/* The class of a label; bound to the lowest free one on first sight. Errors:
   FF_ELABEL, FF_EFULL (nothing is lost: known labels go on). */
int ff_label_bind(struct ff_model *m, const char *name, size_t n, int *class_);

/* The class of a label, or -1. */
int ff_label_find(const struct ff_model *m, const char *name, size_t n);

/* Terminated name of a class, borrowed from the model; NULL where it is free
   (below ff_label_count: its label was merged or forgotten) or no class. */
const char *ff_label_name(const struct ff_model *m, int class_);

/* One more than the highest class that has a label. */
size_t ff_label_count(const struct ff_model *m);

/* Classes that are free, for labels not seen yet. */
size_t ff_label_room(const struct ff_model *m);

/*
 * A journal must be able to name the classes that learning meets for the first
 * time. A label is *shown* once ff_learn was given its class; snapshots hold
 * the shown labels alone, so what a snapshot holds is a function of the calls
 * that moved weights, and not of labels bound beside them. Whoever holds the
 * baton asks.
 */
bool ff_label_shown(const struct ff_model *m, int class_);

/* Bind a label to a class of the caller's choice, as when a journal is read
   again; FF_OK too if it is bound so already. What is bound otherwise and was
   not shown gives way; then nobody may read labels beside. Errors: FF_ELABEL
   (not a label or class, or one of the two is bound otherwise and was shown).
 */
int ff_label_place(struct ff_model *m, int class_, const char *name, size_t n);

/*
 * Labels by hand. With the baton, and while nobody else reads labels or
 * predicts, nor binds. What is remembered, kept apart, learned of the class and
 * counted follows; each publishes. A class that merge or forget leaves is free
 * again, and its name is NULL until then. Frames that bear its number and were
 * not yet given to ff_learn are the caller's to change.
 *
 * merge: what was `from` is `to` from now on. Frames are at once; weights begin
 * with what both learned and are one once sleep has taught them, so it owes at
 * least sleep.every frames.
 * forget: no weight, remembered or spared frame, fitted number or count of the
 * class alone remains; frames whose class is not known (pending, or remembered
 * without a label) and what was made in advance for sleep go too. Typicality
 * is NaN until the next fit. Either makes a fit due.
 *
 * Of a label that was not shown nothing but the name goes, so that a journal
 * need not tell of it; to merge one that was shown into one that was not is
 * refused (rename does it).
 *
 * Errors: FF_ELABEL (no such label; the new name is no label, or that of a
 * label that was shown; another gives way), FF_EBUSY (a fit was begun and
 * not installed, or views are held), and FF_ESPEC (to merge or forget a symbol
 * of a sequence).
 */
int ff_label_rename(struct ff_model *m, int class_, const char *name, size_t n);
int ff_label_merge(struct ff_model *m, int from, int to);
int ff_label_forget(struct ff_model *m, int class_);

/* ---- learning ------------------------------------------------------- */

/* What became of a frame. */
enum ff_fate {
    FF_FATE_LEARNED,  /* it moved weights, or would have, had it surprised */
    FF_FATE_KEPT,     /* no label, and the objective needs one */
    FF_FATE_HELD_OUT, /* kept apart for calibration */
    FF_FATE_MISSED,   /* a late label for a frame that is not kept (any more) */
    FF_FATE_GATHERED  /* a sample that completed no window, or was only to be
                         looked at */
};

/* Where a sample comes from. */
struct ff_origin {
    uint64_t stream; /* key; 0 as good as any */
    uint8_t flags;   /* FF_SAMPLE_ */
};
enum {
    FF_SAMPLE_END = 1,    /* a recording ends with it: what is in the window
                             makes a frame, and the next sample begins anew */
    FF_SAMPLE_OBSERVE = 2 /* its frame is not learned, nor kept for a label */
};

/* Who noticed a drift, in ff_learned.drift: a set of these. */
enum {
    FF_DRIFT_ERROR_ADWIN = 1, /* more of the answers are wrong */
    FF_DRIFT_ERROR_PAGE_HINKLEY = 2,
    FF_DRIFT_LEVEL_ADWIN = 4, /* answers are less sure, labels or not */
    FF_DRIFT_LEVEL_PAGE_HINKLEY = 8
};

struct ff_learned {
    uint64_t seq;    /* frames taken since creation, these included */
    uint64_t step;   /* updates of weights since creation, this included */
    uint64_t debt;   /* frames not yet slept on */
    size_t labelled; /* of these frames, had a label, */
    size_t right;    /* and were predicted right before being learned */
    const uint8_t *judged; /* (n) 1 for those with a label, */
    const uint8_t
        *correct;        /* (n) and for those; borrowed until the next call */
    const uint8_t *fate; /* (n) enum ff_fate; borrowed likewise */
    const float *typicality; /* (n) p-value of the window that each sample
                                completed; NaN where there is none. Borrowed
                                likewise; NULL where anomalies are not judged */
    const uint8_t *alarm;    /* (n) 1 where an anomaly begins; as above */
    unsigned drift;          /* alarms of these frames; 0: none */
    double drift_error;      /* share of errors of the last 64 frames with a
                                label; NaN: none yet */
    bool tired, exhausted;   /* debt has reached sleep.every, .exhausted */
};

/*
 * One micro-batch: n (1..batch) frames as they came in (spec's dtype,
 * ff_spec_frame_bytes each), classes (n) from ff_label_bind, -1 where there is
 * no label (yet). Each frame is predicted, then learned by every layer, then
 * remembered. Wholly or not at all: FF_EFINITE (a value, a sum of squares or a
 * gradient is not finite) moves nothing.
 *
 * ids (n), or NULL: the names by which a label may come later, growing from
 * call to call, 0 for none. A frame without a label is kept under its id. A
 * NULL frame is such a late label: class and id of a frame kept before.
 */
int ff_learn(struct ff_model *m, const void *const *frames, const int *classes,
             const uint64_t *ids, size_t n, struct ff_learned *out);

/*
 * The same of samples of streams (spec.stream), in the order they came;
 * origins (n), or NULL where all are of stream 0. A sample may complete a
 * window; then it is the sample's class and id that its frame has. Where each
 * sample is its own label (symbols) frames are not looked at but to tell a late
 * label, and classes is what came. On an error the streams have gone on all
 * the same, but for FF_EFINITE of a value that is to be refused.
 */
int ff_learn_stream(struct ff_model *m, const void *const *samples,
                    const int *classes, const uint64_t *ids,
                    const struct ff_origin *origins, size_t n,
                    struct ff_learned *out);

/* The newest frame of a stream (ff_spec_frame_bytes), to be asked about:
   borrowed until the model learns again; NULL while it has made none. Of
   symbols: what came last, so that the answer is what comes next. */
const void *ff_stream_newest(const struct ff_model *m, uint64_t stream);

/* The share of windows that were as strange as this newest one, its p-value
   (lib/anomaly.h); NaN where none was judged. */
float ff_stream_typicality(const struct ff_model *m, uint64_t stream);

/* ---- sleep ----------------------------------------------------------- */

struct ff_slept {
    uint64_t step;
    uint64_t debt;   /* frames still owed */
    size_t updates;  /* made in this slice */
    size_t replayed; /* remembered frames taught in this slice */
    size_t confused; /* confusions taught */
    size_t dreamt;   /* dreams taught */
};

/*
 * One slice of sleep: at most `updates` micro-batches of remembered frames,
 * confusions and dreams in the configured proportions, while frames are owed.
 * A slice is bounded by a count, never by time, so that it can be done again.
 * FF_EFINITE (what is remembered gives a gradient that is not) moves no weight
 * in the micro-batch it arose in; what was owed for that is paid.
 */
int ff_sleep(struct ff_model *m, size_t updates, struct ff_slept *out);

/* Owe so many frames, no less than now: sleep that was asked for. */
void ff_sleep_owe(struct ff_model *m, uint64_t frames);

/* Forgive what is owed. */
void ff_sleep_forgive(struct ff_model *m);

/* ---- the fit: read-out and calibration ---------------------------------- */

/*
 * Now and then a closed-form read-out, the temperature of confidence and
 * typicality are fitted to what is remembered. Three steps, so that the long
 * one runs beside learning, on a copy:
 *
 *     if (ff_fit_due(m) && ff_fit_begin(m) == 0)      with the baton
 *         ff_fit_run(m);                              any thread, no baton
 *     ff_fit_install(m);                              with the baton
 *
 * A model is due every fit_every frames, more often while young and when it
 * has slept its fill, never if nothing is to be fitted. begin publishes;
 * FF_EBUSY: try again later. run may fail with FF_EMPTY or FF_EFINITE; install
 * then leaves the last fit. When begin and install are called decides what the
 * model becomes; how long run takes does not. Between begin and install the
 * model may not be freed.
 */
bool ff_fit_due(const struct ff_model *m);
int ff_fit_begin(struct ff_model *m);
int ff_fit_run(struct ff_model *m);
int ff_fit_install(struct ff_model *m);

/* ---- answers: from a published view, beside learning ------------------- */

struct ff_view;
struct ff_scratch;

/*
 * Make the present averaged weights what answers come from. Views are a ring
 * of four; FF_EBUSY if readers hold all others (publish again later).
 */
int ff_publish(struct ff_model *m);

/* The newest view; never NULL, never blocks. Any thread. Give it back soon. */
const struct ff_view *ff_view_acquire(struct ff_model *m);
void ff_view_release(const struct ff_view *v);

/* The step and seq of the model when the view was published. */
uint64_t ff_view_step(const struct ff_view *v);
uint64_t ff_view_seq(const struct ff_view *v);

/* Owned working memory for predictions of at most `batch` frames at a time
   from views of m. One per thread that predicts. Error: FF_ENOMEM. */
int ff_scratch_new(struct ff_scratch **out, const struct ff_model *m,
                   size_t batch);
void ff_scratch_free(struct ff_scratch *s);

/* Columns for n frames, the caller's; a NULL one is not wanted. */
struct ff_answers {
    int *label;        /* (n) class, or -1 while none has been learned */
    float *confidence; /* (n) probability given to that class */
    float *novelty;    /* (n) 0 to 1, how like a dream it looks to the
                          delusion row; NaN where no dream was ever taught */
    float *typicality; /* (n) p-value in (0, 1]: of ordinary frames a share p is
                          as strange; NaN before it is calibrated */
    float *scores;     /* (n, K) probability per class; 0 where not learned */
    float *goodness;   /* (n, L) each layer's goodness for that class */
    float *class_goodness; /* (n, L, K) and for every class; NaN where not
                              learned, and where layers judge no classes */
};

/* Who gave the label and its confidence: the goodness of the layers, or a
   read-out. Of what was asked for; goodness while nothing is fitted yet. */
enum ff_answer_kind ff_view_answers_by(const struct ff_view *v);

/*
 * Answer for n (1..batch of the scratch) frames. The same frame gets the same
 * answer within 1e-5 whatever n is. Never learns: the view is const. Error:
 * FF_EFINITE.
 */
int ff_predict(const struct ff_view *v, struct ff_scratch *s,
               const void *const *frames, size_t n, struct ff_answers *out);

/*
 * Symbols that the model writes itself: n classes, drawn one after another by
 * what it finds likely, temperature > 0 (1: as likely as it finds them; less:
 * likelier ones), with a seed of the caller's. past: a frame that they follow,
 * as of ff_stream_newest or ff_symbols_frame, or NULL. Errors: FF_ESPEC (the
 * model is not of symbols), FF_EMPTY (it has met none).
 */
int ff_generate(const struct ff_view *v, const void *past, float temperature,
                uint64_t seed, size_t n, int *classes);

/* The frame (ff_spec_frame_bytes) after n symbols; -1 among classes is one that
   the model does not know. */
void ff_symbols_frame(const int *classes, size_t n, void *frame);

/* ---- dreams to look at ------------------------------------------------ */

enum ff_dream_kind {
    FF_DREAM_HYBRID,
    FF_DREAM_CLIMB,
    FF_DREAM_WRITTEN /* a frame of symbols that the model wrote */
};

/*
 * Make n (1..batch) dreams as sleep would, with a seed of the caller's; the
 * model's own course is not touched. frames (n, frame bytes), kinds (n) and
 * goodness (n, of the first layer: mean squared activity) are the caller's.
 * Error: FF_EMPTY.
 */
int ff_dream(struct ff_model *m, uint64_t seed, size_t n, void *frames,
             enum ff_dream_kind *kinds, float *goodness);

/* ---- numbers ----------------------------------------------------------- */

struct ff_layer_stats {
    float skipped;        /* share of frames below the margin, fading */
    float goodness_real;  /* mean squared activity on real frames, fading */
    float goodness_dream; /* and on dreams; NaN where none were taught */
    size_t silent_units;  /* units off for each frame of the last update */
};

struct ff_stats {
    uint64_t seq, step, debt;
    uint64_t replayed, confused, dreamt; /* frames taught asleep, in all */
    uint64_t labelled;                   /* of the frames taken, with a label */
    uint64_t late, missed; /* late labels that found their frame, or not */
    uint64_t pseudo;       /* frames learned as the model's own answer */
    uint64_t pending;      /* frames that wait for a late label */
    uint64_t held_out;     /* frames kept apart for calibration */
    uint64_t fits;         /* of read-out and calibration */
    uint64_t error_alarms, level_alarms; /* of drift */
    uint64_t drifted; /* labelled frames up to the last error alarm; 0: none */
    double accuracy_window; /* prequential, last 1,000 frames; NaN if none */
    double accuracy_fading; /* prequential, fading by 0.999 a frame */
    double bits_window;    /* of symbols: -log2 p of each before it was learned,
                              mean of the last 1,000; NaN if none */
    double bits_fading;    /* fading by 0.999 a symbol */
    double bits_all;       /* of all */
    size_t remembered;     /* frames in the memory */
    uint64_t windows;      /* frames made out of samples, to be learned */
    size_t streams;        /* keys that are kept now */
    uint64_t streams_gone; /* keys that gave way to others */
    uint64_t anomalies;    /* alarms raised */
    size_t layers;         /* 0 of symbols, whose layers have none of these */
    struct ff_layer_stats layer[FF_LAYERS_MAX];
};

void ff_model_stats(const struct ff_model *m, struct ff_stats *out);

/* ---- what lately happened, to be looked at ------------------------------ */

#define FF_RECENT_GOODNESS 512  /* values of a kind and layer */
#define FF_RECENT_ANSWERS  1000 /* as many as prequential accuracy looks at */
#define FF_RECENT_PICTURES 16

enum ff_recent_kind {
    FF_RECENT_REAL,     /* by_class: of a frame for its own class */
    FF_RECENT_NEGATIVE, /* by_class: of the same for the best other class that
                           competes; else of negative data */
    FF_RECENT_DREAM,    /* by_class: of a dream for the best class; else none */
    FF_RECENT_KINDS
};

struct ff_recent_frame {
    const void *bytes; /* as it came in */
    int label, answer; /* classes, -1: none; answered before it was learned */
    float confidence;  /* of the answer */
};

/*
 * The newest goodness that each layer found (as the layers' loss sees it: mean
 * squared activity, or where classes compete the logit c + h^2 V'), answers,
 * and frames. All since the model was made, loaded or told to forget a label.
 */
struct ff_recent {
    bool by_class; /* layers judge classes */
    struct {
        const float *at; /* (n) in no order */
        size_t n;
    } goodness[FF_LAYERS_MAX][FF_RECENT_KINDS];
    const struct ff_recent_answer {
        int label, answer;
    } * answer; /* (answers) of labelled frames, in no order */
    size_t answers;
    struct ff_recent_frame frame[FF_RECENT_PICTURES],
        mistake[FF_RECENT_PICTURES]; /* the newest first */
    size_t frames, mistakes;
    float range[2]; /* least and greatest value of any frame */
};

/* With the baton; what out points to is borrowed until it is given on. */
void ff_model_recent(const struct ff_model *m, struct ff_recent *out);

/* ---- snapshots ------------------------------------------------------------
 * The whole model as bytes in the safetensors layout (lib/README.md); files
 * are the caller's business. */

/* Owned bytes (free()) of the whole model. Error: FF_ENOMEM. */
int ff_model_save(const struct ff_model *m, uint8_t **bytes, size_t *n);

/* Owned model out of borrowed bytes, verified before use; goes on bit for bit
   like the one saved. Errors: FF_ECORRUPT, FF_EVERSION, FF_ENOMEM; why says
   what was found. */
int ff_model_load(struct ff_model **out, const uint8_t *bytes, size_t n,
                  char why[FF_WHY_MAX]);

/* The xxh3 that a snapshot of the model as it is would hold, without making
   one: two models with the same digest are the same to the bit. FF_ENOMEM. */
int ff_model_digest(const struct ff_model *m, char hash[33]);

/* A number of the caller's that goes with the model into its snapshots: how
   many records of a journal it has taken in. 0 in a new one and in snapshots
   that know none. */
uint64_t ff_model_record(const struct ff_model *m);
void ff_model_set_record(struct ff_model *m, uint64_t record);

/* The kernels of BLAS in use, as "Zen"; static. Digests compare only among
   models of the same. */
const char *ff_core(void);

/*
 * Kernels that suit this processor better than those in use, or NULL. An
 * OpenBLAS older than its processor does not know it and takes those that any
 * x86-64 can run, a tenth as fast as it could be. It chooses when it is loaded
 * and cannot be told later: start again with OPENBLAS_CORETYPE set to this.
 */
const char *ff_core_better(void);

/* What a snapshot says of itself, without making its model. Nothing is
   verified, so the bytes may be the beginning of a file, as long as the header
   is whole. labels (or NULL): JSON array of its labels, null where a class has
   none, owned: free(). Errors: FF_ECORRUPT, FF_EVERSION, FF_ENOMEM and why. */
struct ff_snapshot_about {
    uint64_t record, seq, step;
    char hash[33]; /* as it claims */
    char core[32]; /* the kernels of BLAS it was saved with, or "" */
};
int ff_snapshot_about(const uint8_t *bytes, size_t n,
                      struct ff_snapshot_about *out, char **labels,
                      char why[FF_WHY_MAX]);

/* XXH3-128 of the snapshot's content, from its header; hex. FF_ECORRUPT if
   the bytes do not verify. */
int ff_snapshot_verify(const uint8_t *bytes, size_t n, char hash[33],
                       char why[FF_WHY_MAX]);

#endif
