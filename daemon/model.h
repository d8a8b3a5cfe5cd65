/*
 * model.h -- one model as the loop sees it: its inbox, its baton, its
 * questions, its sleep, its numbers.
 *
 * The weights (ff) belong to whoever holds the baton. At home, that is the
 * loop; while an item of work is on the pool (`home` is false) it is that
 * item, and the loop touches nothing behind `ff` but labels and views, which
 * ff.h allows. Everything else here belongs to the loop's thread always,
 * except `work` and `predictor`, which belong to their item while it is out.
 *
 *   CREATING  no weights yet; only its name is taken
 *   LIVE
 *   DROPPING  refuses everything; goes when baton, predictor and files are
 *             home
 */
#ifndef FFD_MODEL_H
#define FFD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/anomaly.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/hand.h"
#include "daemon/histogram.h"
#include "daemon/history.h"
#include "daemon/inbox.h"
#include "daemon/novelty.h"
#include "daemon/portrait.h"
#include "daemon/predict.h"
#include "daemon/save.h"
#include "daemon/sleeper.h"
#include "daemon/symbols.h"
#include "daemon/work.h"
#include "lib/ff.h"
#include "proto/frames.h"

struct ffd_daemon;

enum ffd_model_life { FFD_CREATING, FFD_LIVE, FFD_DROPPING };

enum ffd_loss_reason {
    FFD_LOST_BUSY,    /* refused by overload: reject */
    FFD_LOST_OLDEST,  /* dropped by overload: drop_oldest */
    FFD_LOST_SAMPLED, /* dropped by overload: sample */
    FFD_LOST_BAD,     /* refused: not finite, no label, no class left */
    FFD_LOST_REASONS
};

#define FFD_NEVER_SAVED UINT64_MAX

/* Something somebody asked for that needs the baton, in order. */
struct ffd_op {
    struct ffd_op *next;
    enum ffd_op_kind {
        FFD_OP_CREATE,
        FFD_OP_IMPORT,
        FFD_OP_SAVE,
        FFD_OP_DREAMS,
        FFD_OP_DIGEST,
        FFD_OP_PORTRAIT,
        FFD_OP_HAND,
        FFD_OP_ROLLBACK,
        FFD_OP_DROP
    } kind;
    bool asked; /* somebody waits for an answer */
    uint64_t conn;
    uint32_t msgid;
    size_t count;                 /* DREAMS */
    char name[FFP_MODEL_MAX + 1]; /* SAVE: of the snapshot, or "" */
    bool forgets;            /* SAVE: what is older than this is to be erased */
    struct ffd_hand hand;    /* HAND */
    char path[FFD_PATH_MAX]; /* ROLLBACK */
};

/*
 * Positions in the stream of frames that came in, learned or not. Unlike seq
 * they are known as soon as a frame is in the inbox, so that a question with
 * `fresh` can wait for it. They begin at 1, so 0 is before all.
 */
struct ffd_mark {
    uint64_t in;        /* before the next that comes in */
    uint64_t settled;   /* all before are learned, or never will be */
    uint64_t published; /* the newest view holds all before */
    struct ffd_last_in {
        uint64_t conn, after;
    } * last; /* (connections) owned; behind each one's last frame */
};

struct ffd_model {
    struct ffd_model *next; /* in the daemon's list */
    struct ffd_daemon *d;   /* borrowed */
    char name[FFP_MODEL_MAX + 1];
    struct ffd_model_config config;
    struct ffp_frame_type type;  /* of what it is sent to learn */
    struct ffp_frame_type asked; /* of what it is asked about: frames */
    struct ffd_symbols symbols;  /* of a stream of them */
    enum ffd_model_life life;
    struct ff_model *ff; /* owned */

    /* one stream into several models; borrowed, see follow.h */
    struct ffd_model *leader, *followers, *next_follower;

    /* the baton */
    bool home, queued;
    bool tune; /* the configuration changed; tell the learner when home */
    bool forgive;
    struct ffd_model *next_queued;
    struct ffd_work work;
    struct ffd_op *ops, *ops_tail; /* owned */
    uint64_t owe; /* frames of sleep asked for while the baton was out */

    /* frames */
    struct ffd_inbox inbox;
    struct ffd_calls intakes; /* wait for room, in order */
    uint8_t *spare;           /* owned; one frame, to look at */
    size_t inbox_memory;      /* bytes accounted */
    struct ffd_mark marks;    /* how far its frames and views have come */
    uint64_t sample_count;

    /* the fit (ff.h): begun with the baton, run beside it */
    enum ffd_fit { FFD_FIT_NONE, FFD_FIT_RUNS, FFD_FIT_READY } fit;
    uv_work_t fit_req;          /* data: the model */
    struct ffd_model *next_fit; /* waits for its turn, as RUNS */

    /* questions */
    struct ffd_calls questions, fresh;
    struct ffd_calls writing; /* symbols, some at a time */
    struct ffd_calls now; /* about the newest frame of a stream; for when the
                             baton is home */
    struct ffd_predictor predictor;
    struct ffd_novelty novelty;    /* strange answers, to be told of */
    struct ffd_alarms alarms;      /* anomalies of streams, likewise */
    struct ffd_stream_names names; /* of streams, where anomalies are judged */

    /* sleep and views */
    struct ffd_sleeper sleeper;
    bool told_asleep; /* the last event of sleep */
    bool unpublished;
    uint64_t retry_publish_ms; /* every view was being read */
    uint64_t published_us, published_seq;

    /* files */
    struct ffd_save save;
    uint64_t saved_record; /* of the newest snapshot on disk */
    struct ffd_saved saved;
    size_t looks; /* items that look at its directory; it waits for them */
    /* how many records the journal was given of it, and has on the disk */
    uint64_t recorded, committed;
    uint64_t recovered;         /* records that this start did again */
    uint64_t unsaved;           /* bytes of them since the newest snapshot */
    uint64_t record;            /* its last, when the baton was last home */
    struct ffd_records records; /* made by the loop, not yet handed over */
    struct ffd_block *block;    /* owned; for what is handed over next */
    struct ffd_forgetting forgetting;
    char *spec_text; /* owned; as create_model brought it */
    size_t spec_bytes;

    /* to be looked at */
    struct ffd_portrait portrait;
    struct ffd_history history;

    /* numbers */
    struct ff_stats stats; /* when the baton was last home */
    uint64_t learned, lost[FFD_LOST_REASONS];
    uint64_t rate_since_us, rate_frames;
    double frames_per_second;
    struct ffd_histogram predict_us, learn_us;
};

/* A model in the daemon's list, without weights. NULL: no memory. */
struct ffd_model *ffd_model_new(struct ffd_daemon *d, const char *name,
                                const struct ffd_model_config *config);

/* What it takes, by its configuration. */
void ffd_model_type(struct ffd_model *m);

/* Moves ff in; the model is LIVE and at home. -1: no memory; ff is freed. */
int ffd_model_live(struct ffd_model *m, struct ff_model *ff);

/* DROPPING: whoever waits is answered, who waited for its room goes on. */
void ffd_model_leave(struct ffd_model *m, const char *why);

/* Out of the list, and gone. Nothing of it may be out. */
void ffd_model_free(struct ffd_model *m);

struct ffd_model *ffd_model_find(struct ffd_daemon *d, const char *name,
                                 size_t n);

/* One op more; -1: no memory. */
int ffd_model_ask(struct ffd_model *m, const struct ffd_op *op);

/* The same, before all that waits: it belongs to an op that was done. Not while
   the baton is out. */
int ffd_model_ask_first(struct ffd_model *m, const struct ffd_op *op);

/* Do what waited for the baton, now that it is home. */
void ffd_model_at_home(struct ffd_model *m);

/* Take runtime options of another configuration of the same structure. */
void ffd_model_retune(struct ffd_model *m,
                      const struct ffd_model_config *config);

/* Frames lost for a reason: count, and say so at most once a second. */
void ffd_model_lost(struct ffd_model *m, enum ffd_loss_reason reason, size_t n);

/* Its numbers are new: they may be a point of its history. */
void ffd_model_remember(struct ffd_model *m);

/* Something happened now, that its history is to tell. kind: see history.h. */
void ffd_model_mark(struct ffd_model *m, const char *kind, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));

/* n frames more were learned. */
void ffd_model_learned(struct ffd_model *m, size_t n, uint64_t now_us);
double ffd_model_rate(const struct ffd_model *m, uint64_t now_us);

/* A frame of a connection came in. */
void ffd_model_took(struct ffd_model *m, uint64_t conn);

/* The position that a view must hold to show a connection all that was
   acknowledged to anybody, and all of its own frames that came in. */
uint64_t ffd_model_fresh_after(const struct ffd_model *m, uint64_t conn);

/* Bytes of it, whatever comes in: weights, views, what it remembers, and the
   names of its streams. */
size_t ffd_model_bytes(const struct ffd_model *m);

/* Bytes of frames held, for the account of memory. */
void ffd_model_account(struct ffd_model *m);

/* Run the fit that was begun, on the pool: one of all models at a time, or the
   threads that answers need would all be at fits. */
void ffd_model_fit(struct ffd_model *m);

/* Nothing waits and nothing is out. */
bool ffd_model_idle(const struct ffd_model *m);

/* Whether a snapshot has something to do: it is not as the newest has it, or
   what was forgotten is still stored. */
static inline bool ffd_model_unsaved(const struct ffd_model *m)
{
    return m->saved_record != m->record ||
           (m->forgetting.owed && !m->forgetting.on);
}

/* Whether its options are the configuration's. */
bool ffd_model_is_tuned(const struct ffd_model *m);

/* A snapshot that is not asked for by anybody, if the newest does not hold all
   and none is on its way. */
void ffd_model_want_snapshot(struct ffd_model *m);

/* Answer and end every call that waits: the model goes, or the daemon. */
void ffd_model_refuse_waiting(struct ffd_model *m, enum ffp_code code,
                              const char *why);

#endif
