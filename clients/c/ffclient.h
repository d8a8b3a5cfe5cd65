/*
 * ffclient.h -- talk to ffd from C: blocking, small, one connection.
 *
 *     struct ffc *c;
 *     char why[FFC_WHY_MAX];
 *     if (ffc_open(&c, NULL, why) < 0)        // FFD_ADDRESS or the default
 *         die(why);
 *     ffc_learn(c, "digits", pixels, 784, "7", NULL);
 *     struct ffc_answers *a;
 *     if (ffc_predict(c, "digits", pixels, 784, &a) == FFC_OK)
 *         printf("%s %.2f\n", a->label[0], a->confidence[0]);
 *     ffc_answers_free(a);
 *     ffc_close(c);
 *
 * n frames, K classes known to the model, L layers; arrays are row-major. A
 * frame is raw little-endian bytes in the model's dtype and shape, as
 * ffc_model_find tells them; n frames are n of these, one after another.
 *
 * Three words for memory: *borrowed* (valid for the call, or for the life of
 * what it came from), *owned* (the caller frees it with the function named),
 * *moved* (the callee now owns it).
 *
 * Errors. A function returns FFC_OK or one of the negative codes below, and
 * ffc_error gives the sentence, which names the mend where there is one. On an
 * error the outputs are unset. After FFC_ELOST or FFC_EPROTOCOL only ffc_close
 * is left; every other error leaves the connection usable.
 *
 * A `struct ffc` belongs to one thread at a time. ffd answers questions that
 * share a connection with a blocked stream of frames late: use one connection
 * to learn and another to ask.
 */
#ifndef FFCLIENT_H
#define FFCLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FFC_WHY_MAX      512  /* bytes of a sentence, with terminator */
#define FFC_CODE_MAX     32   /* bytes of a refusal's code, with terminator */
#define FFC_PIPELINE_MAX 64   /* requests under way; ffd takes no more */
#define FFC_TOPIC_MAX    32   /* bytes of a topic, with terminator */
#define FFC_ID_MAX       48   /* bytes of a frame's id, with terminator */
#define FFC_EVENTS_MAX   4096 /* events that wait to be taken */

enum ffc_status {
    FFC_OK = 0,
    FFC_ENOMEM = -1,
    FFC_EADDRESS = -2,  /* the address cannot be read */
    FFC_ECONNECT = -3,  /* nobody answers there */
    FFC_ELOST = -4,     /* the connection ended, or no answer in time */
    FFC_EPROTOCOL = -5, /* the peer does not speak as agreed */
    FFC_EREFUSED = -6,  /* the daemon says no: see ffc_refusal */
    FFC_EARGUMENT = -7, /* the call makes no sense; nothing was sent */
    FFC_ETIMEOUT = -8   /* no event came in time */
};

/* ---- connection ------------------------------------------------------- */

struct ffc;

struct ffc_options {
    const char *address;    /* borrowed; unix:/path, tcp:host:port or
                               tls:host:port (IPv6 in brackets); NULL:
                               ffc_default_address */
    const char *client;     /* borrowed; who is calling, for hello */
    int connect_timeout_ms; /* 0: 5 s */
    int answer_timeout_ms;  /* silence after which it is lost; 0: 60 s */

    /* All borrowed; where NULL, the environment is asked. */
    const char *ca;          /* PEM of the CAs to trust; FFD_CA, else the
                                system's */
    const char *certificate; /* PEM of the client, for a server that asks for
                                one; FFD_CERT */
    const char *key;         /* PEM; FFD_KEY */
    const char *token;       /* shown when connected; else the first line of */
    const char *token_file;  /* else FFD_TOKEN, else none is shown */
};

/* FFD_ADDRESS; else unix:/run/ffd/ffd.sock if that exists; else
   tcp:127.0.0.1:7310. Borrowed from the environment or static. */
const char *ffc_default_address(void);

/*
 * Owned connection, for ffc_close; options may be NULL. Of tls: the server's
 * certificate and its host name are verified. A token, if there is one, is
 * shown: FFC_EREFUSED if it is none of the server's. It is never sent to
 * another machine without TLS. FFC_EARGUMENT for a file that cannot be used.
 */
int ffc_open(struct ffc **out, const struct ffc_options *options,
             char why[FFC_WHY_MAX]);

/* The same over a connected stream socket; fd is moved, also on an error. */
int ffc_open_fd(struct ffc **out, int fd, const struct ffc_options *options,
                char why[FFC_WHY_MAX]);

void ffc_close(struct ffc *c); /* NULL is allowed */

/* Show another token; ffc_open has shown that of the options. The connection
   gets its role, and keeps what it had. */
int ffc_auth(struct ffc *c, const char *token);

/* The sentence of the last error; borrowed until the next call. */
const char *ffc_error(const struct ffc *c);

/* What the daemon said, after FFC_EREFUSED; borrowed until the next call. */
struct ffc_refusal {
    char code[FFC_CODE_MAX]; /* as in proto/PROTOCOL.md: BUSY, BAD_FRAME ... */
    uint64_t retry_after_ms; /* of BUSY; 0: not said */
};
const struct ffc_refusal *ffc_refusal(const struct ffc *c);

/* ---- values: results as they came ------------------------------------- */

struct ffc_reply; /* owned: one result, for ffc_reply_free */
struct ffc_value; /* borrowed from its reply: one node of the result */

enum ffc_kind {
    FFC_NIL,
    FFC_BOOL,
    FFC_INT,
    FFC_REAL,
    FFC_TEXT,
    FFC_BYTES,
    FFC_LIST,
    FFC_MAP
};

void ffc_reply_free(struct ffc_reply *reply); /* NULL is allowed */
const struct ffc_value *ffc_reply_value(const struct ffc_reply *reply);

/* A NULL value is read as nil, so that look-ups can be chained. */
enum ffc_kind ffc_value_kind(const struct ffc_value *v);
size_t ffc_value_count(const struct ffc_value *v); /* of a list or map */
const struct ffc_value *ffc_value_at(const struct ffc_value *v, size_t i);
const struct ffc_value *ffc_value_key(const struct ffc_value *v, size_t i);
const struct ffc_value *ffc_value_get(const struct ffc_value *v,
                                      const char *key);

/* Content, or `other` where the kind does not fit. Text is not terminated. */
const char *ffc_value_bytes(const struct ffc_value *v, size_t *n);
bool ffc_value_is(const struct ffc_value *v, const char *text);
int64_t ffc_value_int(const struct ffc_value *v, int64_t other);
double ffc_value_number(const struct ffc_value *v, double other);
bool ffc_value_bool(const struct ffc_value *v, bool other);

/* Owned JSON text, for ffc_text_free; NULL without memory. Bytes become
   base64, a number that is not finite becomes null. */
char *ffc_value_json(const struct ffc_value *v);
void ffc_text_free(char *text);

/* ---- calls -------------------------------------------------------------
 * An `out` that is not wanted may be NULL. Replies are owned by the caller.
 */

int ffc_ping(struct ffc *c);
int ffc_hello(struct ffc *c, struct ffc_reply **out);
int ffc_models(struct ffc *c, struct ffc_reply **out);
int ffc_status(struct ffc *c, const char *model, struct ffc_reply **out);
/* The same with `digest`, a hash of all that the model is; waits for what the
   model is doing. */
int ffc_status_digest(struct ffc *c, const char *model, struct ffc_reply **out);
int ffc_stats(struct ffc *c, const char *model_or_null, struct ffc_reply **out);
int ffc_create(struct ffc *c, const char *model, const char *spec);
int ffc_drop(struct ffc *c, const char *model);
int ffc_sleep(struct ffc *c, const char *model, uint64_t frames_or_0,
              struct ffc_reply **out);
int ffc_wake(struct ffc *c, const char *model, struct ffc_reply **out);
/* wait: answer when the snapshot is on disk, not when it was accepted. */
int ffc_save(struct ffc *c, const char *model, bool wait,
             struct ffc_reply **out);

/* The same, kept under a name until it is deleted; FFC_EREFUSED,
   VERSION_EXISTS, if another snapshot has it. */
int ffc_save_named(struct ffc *c, const char *model, const char *name,
                   bool wait, struct ffc_reply **out);

/* Snapshots of a model, the newest first. A version is a record in decimal or
   a name; FFC_EREFUSED, UNKNOWN_VERSION, if there is none. */
int ffc_versions(struct ffc *c, const char *model, struct ffc_reply **out);
int ffc_rollback(struct ffc *c, const char *model, const char *version,
                 struct ffc_reply **out);
int ffc_delete_version(struct ffc *c, const char *model, const char *version);

/* A piece of a snapshot, from byte offset on: {version, bytes, total, data},
   of the newest where no version is named. */
int ffc_export(struct ffc *c, const char *model, const char *version_or_null,
               uint64_t offset, struct ffc_reply **out);

/* A piece of the snapshot that a new model is to be made of, at most 15 MiB:
   {bytes, total, name}. In order, from 0; the last piece makes the model. */
int ffc_import(struct ffc *c, const char *model, uint64_t offset,
               const void *data, size_t bytes, uint64_t total,
               struct ffc_reply **out);

/* Any method: params is one msgpack array, borrowed. */
int ffc_call(struct ffc *c, const char *method, const void *params,
             size_t params_bytes, struct ffc_reply **out);

/* What a model takes in; FFC_EREFUSED, UNKNOWN_MODEL, if there is none. */
struct ffc_model {
    size_t dims, shape[3]; /* as the daemon says them */
    bool f32;              /* else u8, or */
    bool i16;              /* which only samples of streams are */
    size_t values;         /* D: values in a frame */
    size_t frame_bytes;
    size_t labels; /* known so far */
};
int ffc_model_find(struct ffc *c, const char *model, struct ffc_model *out);

/* ---- learning -----------------------------------------------------------
 * When a request to learn, or to label, is answered is a property of the
 * connection, of use for all that is sent from then on.
 */

enum ffc_ack {
    FFC_ACK_APPLIED,  /* the frames moved the weights; how it begins */
    FFC_ACK_RECEIVED, /* they wait to be learned; no seq, step nor right yet.
                         Of ffc_label the same as applied */
    FFC_ACK_DURABLE   /* they were learned, and it is on the disk: neither
                         kill -9 nor the loss of power undoes it. The answer
                         comes up to 100 ms later, so keep requests under way.
                         FFC_EREFUSED, nothing learned: NOT_DURABLE where the
                         daemon keeps no journal, STORAGE while its disk
                         refuses */
};

/* Nothing is sent. Requests under way keep theirs. After FFC_ELOST the seq of
   ffc_status tells what was taken: proto/PROTOCOL.md, "ack: durable". */
void ffc_set_ack(struct ffc *c, enum ffc_ack ack);

struct ffc_learned {
    uint64_t n;         /* frames this answer is about */
    uint64_t seq, step; /* the model's, after them; 0: not said */
    uint64_t labelled;  /* of n, or of the windows that they completed: had
                           a label */
    uint64_t right;     /* of these, predicted right before being learned */
    bool has_right;     /* whether the daemon said so, of both */
    uint64_t dropped;   /* of n, not learned because of overload */
    char first_id[FFC_ID_MAX]; /* the first frame's; "" where not said */
    uint64_t moved; /* frames that moved weights: of samples, the windows that
                       they completed */
    bool has_moved; /* whether the daemon said so */
};

/* One frame; label NULL: not known. */
int ffc_learn(struct ffc *c, const char *model, const void *frame,
              size_t frame_bytes, const char *label_or_null,
              struct ffc_learned *out);

/* n frames, in order; labels (n), each may be NULL, or NULL for none. */
int ffc_learn_batch(struct ffc *c, const char *model, const void *frames,
                    size_t n, size_t frame_bytes, const char *const *labels,
                    struct ffc_learned *out);

/* Of a model with streams, what is said of samples (all zeros: nothing). */
struct ffc_samples {
    const char *stream;         /* whose all are, 1 to 255 bytes; NULL: of a
                                   stream without a name */
    const char *const *streams; /* (n) whose each is; NULL: as stream says */
    bool end;                   /* a recording ends with the last of them */
    bool observe;               /* the stream goes on, nothing is learned */
};

/* As ffc_learn_batch, of n samples; a message holds at most 65,536 values, and
   each label and each stream is one. Values of f32 may be NaN, for none, where
   the model's configuration says what to do then (stream.missing). */
int ffc_learn_samples(struct ffc *c, const char *model, const void *samples,
                      size_t n, size_t sample_bytes, const char *const *labels,
                      const struct ffc_samples *of, struct ffc_learned *out);

/* The label of a frame that was sent without; FFC_EREFUSED, UNKNOWN_ID, if no
   frame of that id waits for one. */
int ffc_label(struct ffc *c, const char *model, const char *id,
              const char *label);

/* Labels by hand, for admins: give a label another name; let all that is
   `from` be `to`; forget all that was learned, remembered and stored of one.
   Frames and questions of others wait meanwhile. FFC_EREFUSED: UNKNOWN_LABEL,
   LABEL_EXISTS; of forget STORAGE, when the model has forgotten it but the disk
   has not. The reply is {record}; of forget {record, versions}. */
int ffc_labels_rename(struct ffc *c, const char *model, const char *from,
                      const char *to, struct ffc_reply **out);
int ffc_labels_merge(struct ffc *c, const char *model, const char *from,
                     const char *to, struct ffc_reply **out);
int ffc_labels_forget(struct ffc *c, const char *model, const char *label,
                      struct ffc_reply **out);

/* The id of frame i of a request whose first has first_id. FFC_EARGUMENT if
   that is none; no connection is needed. */
int ffc_id_at(const char *first_id, size_t i, char out[FFC_ID_MAX]);

/* ---- asking -------------------------------------------------------------
 * A message holds at most 65,536 values: n * (K + L + 6) must stay below.
 */

/* Owned columns, for ffc_answers_free. */
struct ffc_answers {
    size_t n, classes, layers; /* n, K, L */
    const char **label;        /* (n) NULL while nothing has been learned */
    float *confidence;         /* (n) NaN where the daemon did not say */
    float *novelty;            /* (n) likewise */
    float *typicality;         /* (n) likewise */
    const char **class_name;   /* (K) column names of scores */
    float *scores;             /* (n, K) */
    float *goodness;           /* (n, L) */
    float *class_goodness;     /* (K, L) of one frame asked about in detail,
                                  NaN where unknown; else NULL */
    const char *by;            /* who answered: goodness, closed_form, softmax;
                                  NULL where the daemon did not say */
    uint64_t step;             /* of the weights that answered */
};

int ffc_predict(struct ffc *c, const char *model, const void *frame,
                size_t frame_bytes, struct ffc_answers **out);
/* The same with class_goodness: each layer's goodness for every class. */
int ffc_predict_detail(struct ffc *c, const char *model, const void *frame,
                       size_t frame_bytes, struct ffc_answers **out);
int ffc_predict_batch(struct ffc *c, const char *model, const void *frames,
                      size_t n, size_t frame_bytes, struct ffc_answers **out);
/* About the newest window of a stream (NULL: the one without a name), or what
   comes next after its newest symbols. fresh: of all samples that were sent on
   this connection. FFC_EREFUSED, NO_WINDOW, if there is none. */
int ffc_now(struct ffc *c, const char *model, const char *stream, bool fresh,
            struct ffc_answers **out);
void ffc_answers_free(struct ffc_answers *a); /* NULL is allowed */

/* ---- dreams ------------------------------------------------------------- */

/* Owned, for ffc_dreams_free. */
struct ffc_dreams {
    size_t n;                       /* pictures */
    size_t height, width, channels; /* of each; a vector is 1 high */
    bool f32;                       /* else u8 */
    const void *data;               /* (n, height, width, channels) */
    size_t frame_bytes;
    float *goodness;   /* (n) NaN where not said */
    const char **kind; /* (n) "" where not said */
    void *reply;       /* private: what the pointers point into */
};

int ffc_dreams(struct ffc *c, const char *model, size_t n,
               struct ffc_dreams **out);
void ffc_dreams_free(struct ffc_dreams *d); /* NULL is allowed */

/* ---- writing ------------------------------------------------------------ */

/* What a model of symbols is to write (all zeros: 200 symbols, out of
   nothing). */
struct ffc_generating {
    const char *stream; /* goes on from what it last said; NULL: from nothing */
    const void *prompt; /* symbols that follow that; NULL: none */
    size_t prompt_bytes;
    size_t n;             /* symbols, at most 4096; 0: 200 */
    double temperature;   /* 0: 1 */
    const uint64_t *seed; /* NULL: the model's step */
    bool list;            /* each symbol's label, too */
    bool fresh;           /* by all that was sent on this connection */
};

/* {text, symbols, step}; text is bytes, which ffc_value_bytes gives. */
int ffc_generate(struct ffc *c, const char *model,
                 const struct ffc_generating *how, struct ffc_reply **out);

/* ---- pipeline: many requests under way --------------------------------
 * Waiting for each answer costs a round trip. Send up to FFC_PIPELINE_MAX
 * requests, then collect answers in whatever order they come, told apart by
 * the id that sending gave. Sending keeps reading, so it cannot lock up
 * against a daemon that waits for us to read. Other calls may be made while
 * requests are under way.
 */

/* As ffc_learn_batch and ffc_predict_batch, without the answer. n == 1 is sent
   as the single form. FFC_EARGUMENT when FFC_PIPELINE_MAX are under way. */
int ffc_learn_send(struct ffc *c, const char *model, const void *frames,
                   size_t n, size_t frame_bytes, const char *const *labels,
                   uint32_t *id);
int ffc_learn_samples_send(struct ffc *c, const char *model,
                           const void *samples, size_t n, size_t sample_bytes,
                           const char *const *labels,
                           const struct ffc_samples *of, uint32_t *id);
int ffc_predict_send(struct ffc *c, const char *model, const void *frames,
                     size_t n, size_t frame_bytes, uint32_t *id);
int ffc_now_send(struct ffc *c, const char *model, const char *stream,
                 bool fresh, uint32_t *id);
int ffc_predict_detail_send(struct ffc *c, const char *model, const void *frame,
                            size_t frame_bytes, uint32_t *id);

/* As ffc_label; the answer holds nothing, or is FFC_EREFUSED. */
int ffc_label_send(struct ffc *c, const char *model, const char *id,
                   const char *label, uint32_t *request);

size_t ffc_pending(const struct ffc *c); /* sent and not collected */

/*
 * The next answer, waiting for it; id says whose. FFC_OK with an owned reply;
 * FFC_EREFUSED, with id set, when the daemon refused that request. NULL may
 * not be given. FFC_EARGUMENT when nothing is pending.
 */
int ffc_collect(struct ffc *c, uint32_t *id, struct ffc_reply **out);

/* Read a collected reply as its typed form; n is of the request. */
int ffc_learned_read(const struct ffc_reply *reply, size_t n,
                     struct ffc_learned *out);
int ffc_answers_read(const struct ffc_reply *reply, size_t n,
                     struct ffc_answers **out);

/* ---- events -------------------------------------------------------------
 * What happens to the models, told as it happens, on this connection. Events
 * that come while other calls wait for answers are kept, the newest
 * FFC_EVENTS_MAX of them. A subscriber that does not read is closed by ffd.
 */

/* Be told of these topics too, or no longer: sleep, novelty, drift, anomaly,
   snapshot, stats. An unknown one is FFC_EREFUSED, and nothing changes. */
int ffc_subscribe(struct ffc *c, const char *const *topics, size_t n);
int ffc_unsubscribe(struct ffc *c, const char *const *topics, size_t n);

struct ffc_event {
    char topic[FFC_TOPIC_MAX];
    const struct ffc_value *payload; /* borrowed until the release */
    struct ffc_reply *reply;         /* private: what payload points into */
};

/* The next event, for ffc_event_release; timeout_ms below 0 waits for ever.
   FFC_ETIMEOUT when none came, or when a signal was caught first. */
int ffc_next_event(struct ffc *c, int timeout_ms, struct ffc_event *out);
void ffc_event_release(struct ffc_event *event);

/* Events that were not taken soon enough to be kept. */
uint64_t ffc_events_lost(const struct ffc *c);

#ifdef __cplusplus
}
#endif

#endif
