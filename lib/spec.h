/*
 * spec.h -- the description of a model: what to build. Part of ff.h.
 */
#ifndef FF_SPEC_H
#define FF_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FF_LAYERS_MAX   8
#define FF_CLASSES_MAX  1024
#define FF_UNITS_MAX    65536
#define FF_CHANNELS_MAX 16 /* of an input whose mean and scale are given */
#define FF_KERNEL_MAX   15 /* side of a convolution's window, and of a pool */
#define FF_GRID_MAX     16 /* cells a side in which a layer sums its squares */
#define FF_BATCH_MAX    512
#define FF_KEYS_MAX     65536 /* streams of one model that are told apart */
#define FF_LENGTH_MAX   65536 /* samples of a window; values in a spectrum */
#define FF_DECIMATE_MAX 1048576
#define FF_WINDOWS_MAX  1048576  /* remembered, to compare others with, */
#define FF_NEAR_MAX     32       /* and of these the nearest, that are heard */
#define FF_ROWS_MAX     67108864 /* contexts that are kept */
#define FF_ORDERS_MAX   8        /* symbols of a context that has a layer */
#define FF_SYMBOLS_MAX  256      /* kinds of symbols */
#define FF_SYMBOLS_NONE 255      /* in a frame of symbols: there was none */
#define FF_SAMPLE_MAX   1e15f    /* a value of a sample beyond is not finite */
#define FF_COUNT_MAX    ((uint64_t)1 << 62) /* of a snapshot; more would wrap */
#define FF_WHY_MAX      256 /* bytes of an explanation, with terminator */

enum ff_dtype { FF_U8, FF_F32, FF_I16 /* of samples of a stream alone */ };
enum ff_objective_kind {
    FF_COMPETITIVE,   /* classes compete within a layer */
    FF_LABEL_OVERLAY, /* a frame with its label against one with a wrong one */
    FF_HYBRID,        /* a frame against a hybrid of two; no labels needed */
    FF_SELF_CONTRASTIVE, /* a frame with itself against a frame with another */
    FF_LABEL_PATTERN,    /* as label_overlay, the label a pattern all over the
                            picture */
    FF_TOP_DOWN, /* the same, the label above all layers, which settle */
    FF_SEQUENCE, /* what comes next of a stream of symbols */
    FF_OBJECTIVES
};
enum ff_goodness_kind {
    FF_GOODNESS_WEIGHTED, /* learned: which squares speak for which class */
    FF_GOODNESS_GROUPS,   /* each class has units of its own */
    FF_GOODNESS_LAYER,    /* one number: the mean square of the layer */
    FF_GOODNESS_AUTO      /* weighted when competitive, else layer */
};
/* What the patterns of label_pattern are: plane waves, or their signs. */
enum ff_pattern_kind { FF_PATTERN_WAVES, FF_PATTERN_STRIPS };
enum ff_loss_kind {
    FF_LOSS_AUTO, /* softmax when weighted, symmetric for label_overlay and
                     hybrid, else softplus */
    FF_LOSS_SOFTMAX,
    FF_LOSS_SOFTPLUS,
    FF_LOSS_SYMMETRIC,
    FF_LOSS_EXP
};
enum ff_normalise_kind { FF_NORMALISE_LENGTH, FF_NORMALISE_CENTRED };
enum ff_update_kind { FF_UPDATE_ROW, FF_UPDATE_ADAM };
enum ff_awake_kind {
    FF_AWAKE_COMPETITIVE,   /* the true class against all others */
    FF_AWAKE_POSITIVE_ONLY, /* negatives come in sleep alone */
    FF_AWAKE_PAIRED,        /* what is real against one negative */
    FF_AWAKE_AUTO           /* competitive, or paired with goodness: layer */
};
enum ff_asleep_kind { FF_ASLEEP_PAIRED, FF_ASLEEP_NEGATIVE_ONLY };
enum ff_negatives_kind {
    FF_NEGATIVES_AUTO,  /* what measured best: fresh for label_overlay, banked
                           for hybrid */
    FF_NEGATIVES_FRESH, /* made for each frame as it comes */
    FF_NEGATIVES_BANKED /* those that were made asleep, when there are some */
};
enum ff_answer_kind {
    FF_ANSWER_AUTO,        /* competitive: goodness; labelled ones: softmax;
                              others: closed form */
    FF_ANSWER_GOODNESS,    /* the label that the layers find best */
    FF_ANSWER_CLOSED_FORM, /* a read-out fitted in sleep */
    FF_ANSWER_SOFTMAX      /* a read-out learned frame by frame */
};

/* Whose goodness answers, where goodness does. */
enum ff_heads_kind {
    FF_HEADS_AUTO,  /* all, or upper if the first layer is a convolution */
    FF_HEADS_ALL,   /* the mean of every layer's */
    FF_HEADS_UPPER, /* of all but the first */
    FF_HEADS_LAST   /* the last layer's alone */
};

/* What a model does of itself when its errors show that the world changed. */
enum ff_drift_reaction {
    FF_DRIFT_NONE,
    FF_DRIFT_SLEEP, /* it is exhausted at once */
    FF_DRIFT_BOOST  /* its step is larger for a while */
};

/* Amounts per frame that the model owes sleep for; see ff_sleep. */
struct ff_sleep_spec {
    uint64_t every;     /* frames owed at which it is tired; 0: never */
    uint64_t exhausted; /* frames owed at which it sleeps at once; >= every */
    float replay;       /* remembered frames taught, per frame owed; with
                           asleep: negative_only, as confusions. < 0: 1, or 0
                           of symbols */
    float confusions;   /* of these: again, with the wrong label believed */
    float dreams;       /* dreams taught, per remembered frame taught */
    int jitter;         /* pixels a remembered image is shifted by, at most */
    float warp;         /* how far it is turned, stretched and slanted */
    int flip;           /* 1: half of them are mirrored, left to right */
    float cutout;       /* side of a square that is blanked in them, a share of
                           the image's; 0: none */
};

/*
 * The window of a convolutional layer; its channels are the layer's `units`.
 * The kernel moves by `stride` over the input with `pad` pixels around it, and
 * the greatest of each pool x pool answers is passed up. With groups, the g-th
 * part of the channels sees only the g-th part of the input's. Squares are
 * averaged over grid x grid cells of what is passed up, and it is these means
 * that verdicts weigh. A frame that is one column wide is a window over time,
 * its lines steps: kernel, pad, pool and grid are then of lines alone. kernel
 * 0: the layer is dense, the rest is not looked at, or recurrent: then pool and
 * grid are of its steps.
 */
struct ff_conv_spec {
    size_t kernel, stride, pad, pool, groups, grid;
};

/* What to do about a value of a sample that is not a finite number. */
enum ff_missing_kind {
    FF_MISSING_REJECT, /* refuse the sample */
    FF_MISSING_HOLD,   /* take the last one of its channel */
    FF_MISSING_MEAN    /* take its channel's running mean */
};
/* Whose running mean and variance a channel is standardised by. */
enum ff_standardise_kind {
    FF_STANDARDISE_OFF,
    FF_STANDARDISE_KEY, /* of its own stream */
    FF_STANDARDISE_ALL  /* of all streams of the model together */
};
/* What layers see of a stream. */
enum ff_features_kind {
    FF_FEATURES_RAW,      /* the window as it is */
    FF_FEATURES_SPECTRUM, /* of each channel its mean and log power spectrum */
    FF_FEATURES_SYMBOLS   /* what came before: each sample is a symbol, its own
                             label; of objective sequence alone */
};
/* What becomes of a sample that is a piece of sound. */
enum ff_sound_kind { FF_SOUND_NONE, FF_SOUND_LOG_MEL, FF_SOUND_MFCC };

/*
 * A stream of samples that the model turns into frames (front.h). Samples that
 * bear the same key belong together; nothing of one key meets another but in
 * the weights. keys 0: there is none, frames come as layers see them.
 */
struct ff_stream_spec {
    size_t keys;         /* kept at a time, and min(keys, 64) only looked at */
    size_t shape[3];     /* of a sample */
    enum ff_dtype dtype; /* of a sample */
    enum ff_missing_kind missing;
    size_t decimate; /* samples whose mean counts as one */
    enum ff_standardise_kind standardise;
    uint64_t horizon; /* samples that mean and variance run over */
    size_t length;    /* samples of a window */
    size_t stride; /* samples from one window to the next; 0: one window, when
                      the sender says that a recording ends */
    enum ff_features_kind features;
    enum ff_sound_kind sound;
    size_t rate;         /* values of sound a second */
    size_t span;         /* of these in one spectrum; 0: 25 ms */
    size_t bands;        /* of the mel scale */
    size_t coefficients; /* of mfcc */
    float anomaly;       /* p-value at which a window is an alarm; 0: none is
                            judged (anomaly.h) */
    size_t neighbours;   /* remembered windows that it is compared with, */
    size_t windows;      /* the nearest of so many */
    /* of symbols: symbols.h */
    size_t orders; /* the longest context that has a layer, in symbols */
    bool words;    /* layers for words, too */
    size_t rows;   /* contexts that are kept, of all layers; a power of two */
};

/*
 * A plain description. ff_spec_init gives the defaults, ff_spec_check
 * validates, so that every number is known. Fields marked S are structural:
 * changing one needs a new model, so any thread may read them. The others may
 * change in a running model (ff_model_tune).
 */
struct ff_spec {
    struct ff_stream_spec stream; /* S; with keys, ff_spec_check finds shape,
                                     image and dtype out of it */
    size_t shape[3];              /* S: height, width, channels; or length,
                                     1, 1 of a vector */
    bool image;                   /* S: shape is of an image */
    /* S: values become (x - mean) / scale, by channel; scale 0: as they are */
    float mean[FF_CHANNELS_MAX], scale[FF_CHANNELS_MAX];
    enum ff_objective_kind objective; /* S */
    enum ff_dtype dtype;              /* S */
    enum ff_goodness_kind goodness;   /* S */
    enum ff_pattern_kind pattern;     /* S: of label_pattern, and */
    float pattern_weight;        /* S: its mean square beside the frame's */
    size_t classes;              /* S: capacity, K */
    size_t layers;               /* S: L */
    size_t units[FF_LAYERS_MAX]; /* S: of each layer: H, or channels */
    struct ff_conv_spec conv[FF_LAYERS_MAX]; /* S */
    bool recurrent[FF_LAYERS_MAX];  /* S: goes line by line, and hears what it
                                       answered before */
    uint64_t freeze[FF_LAYERS_MAX]; /* S: frames after which a layer learns no
                                       more; 0: never */
    enum ff_heads_kind heads;       /* S */
    enum ff_update_kind update;     /* S */
    size_t batch;                   /* S: most frames in one update */
    size_t memory;                  /* S: remembered frames; 0: none */
    uint64_t seed;                  /* S */
    /* S: what a layer forgets of its input: its length, or its mean as well */
    enum ff_normalise_kind normalise;
    enum ff_answer_kind answer; /* S */
    size_t pending;             /* S: unlabelled frames kept for a late label */
    size_t calibration; /* S: labelled frames kept apart for calibration; 0:
                           none */
    /* from here on, what may change */
    enum ff_loss_kind loss;
    enum ff_awake_kind awake;
    enum ff_asleep_kind asleep;
    enum ff_negatives_kind negatives; /* of frames awake, when paired */
    float lr;           /* step size of W and b at 32 frames; 0: by goodness */
    float vlr;          /* step size of V and c at 32 frames; 0: lr / 4 */
    float margin;       /* largest |dL/dG| a layer ignores; < 0: by goodness */
    float theta;        /* threshold of goodness, > 0 */
    float theta_false;  /* the one of negative data; 0: the same */
    float temperature;  /* T of softmax with groups, > 0 */
    float peer;         /* pull of a unit's mean activity to its layer's */
    float average;      /* decay a 32 frames of the weights answers come from */
    float anneal;       /* the step shrinks by 1 / (1 + frames / anneal) with
                           the frames learned; 0: never */
    float weight_decay; /* share of W lost, per lr */
    size_t recent;      /* frames back in which a class still competes awake */
    float pseudo_label; /* confidence from which an unlabelled frame is learned
                           as the model's own answer; 0: never */
    uint64_t pending_age; /* frames after which such a label is too late; 0:
                             as long as there is room */
    uint64_t fit_every;   /* frames learned between two fits of read-out and
                             calibration */
    enum ff_drift_reaction drift;
    float drift_boost;     /* the step's factor after a drift */
    uint64_t drift_frames; /* for so many frames */
    struct ff_sleep_spec sleep;
};

/* The defaults: everything but the input's shape. */
void ff_spec_init(struct ff_spec *spec);

/*
 * Validate, and fill in what was left to choose. FF_ESPEC leaves in why one
 * sentence that begins with the option's name, as in "layers[1].units: must
 * be a multiple of classes (10) with goodness: groups, is 512".
 */
int ff_spec_check(struct ff_spec *spec, char why[FF_WHY_MAX]);

/* Whether a model of `a` can go on as `b`: all fields marked S are equal.
   If not, why names the first that differs. Both have been checked. */
bool ff_spec_same_structure(const struct ff_spec *a, const struct ff_spec *b,
                            char why[FF_WHY_MAX]);

/* Values in one frame, D, and its bytes. */
size_t ff_spec_inputs(const struct ff_spec *spec);
size_t ff_spec_frame_bytes(const struct ff_spec *spec);

/* The same of what comes in: a sample of the stream, or where there is none a
   frame. */
size_t ff_spec_sample_values(const struct ff_spec *spec);
size_t ff_spec_sample_bytes(const struct ff_spec *spec);

/* A specification as text (JSON, owned: free()), and back, checked. Errors:
   FF_ENOMEM; FF_ESPEC and why. */
int ff_spec_to_text(const struct ff_spec *spec, char **text);
int ff_spec_from_text(struct ff_spec *spec, const char *text, size_t n,
                      char why[FF_WHY_MAX]);

#endif
