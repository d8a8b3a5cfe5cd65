#include "tests/fuzz/live.h"

#include <stdint.h>
#include <string.h>

#include "lib/layer.h"
#include "lib/snapshot.h"
#include "tests/fuzz/fuzz.h"

#define FRAME_MAX   ((size_t)1024) /* bytes */
#define WEIGHTS_MAX 4096
#define WORK_MAX    65536 /* multiplications of convolutions, a frame */
#define ROUNDS      4

bool is_small(const struct ff_spec *spec)
{
    struct ff_layer layer[FF_LAYERS_MAX];
    size_t weights = 0, work = 0;

    if (ff_spec_frame_bytes(spec) > FRAME_MAX ||
        ff_spec_sample_bytes(spec) > FRAME_MAX || spec->stream.keys > 64 ||
        spec->stream.length > 64 || spec->stream.windows > 1000 ||
        spec->stream.rows > ((size_t)1 << 18) || spec->classes > 16 ||
        spec->batch > 16 || spec->memory > 64 || spec->pending > 16 ||
        spec->calibration > 16)
        return false;
    ff_layers_size(layer, spec, 0);
    for (size_t l = 0; l < spec->layers; l++) {
        const struct ff_window *w = &layer[l].window; /* 0 of a dense layer */
        size_t n = layer[l].R * layer[l].C;

        weights += n;
        work += w->high * w->wide * n;
    }
    return weights <= WEIGHTS_MAX && work <= WORK_MAX;
}

/* Three frames, where the batch takes them: one of each class, one without;
   then a label for that. */
static void learn(struct ff_model *m, uint64_t round)
{
    static const char *const names[] = {"a", "b"};
    float frame[3][FRAME_MAX / sizeof(float)];
    const void *rows[3];
    const void *none = NULL;
    uint64_t ids[] = {0, 0, round + 1};
    int classes[] = {-1, -1, -1};
    size_t n = ff_model_spec(m)->batch < 3 ? ff_model_spec(m)->batch : 3;
    struct ff_learned learned;

    for (int i = 0; i < 3; i++) {
        memset(frame[i], (int)(16 * round) + i, sizeof frame[i]);
        rows[i] = frame[i];
        if (i < 2)
            ff_label_bind(m, names[i], 1,
                          &classes[i]); /* or there is no room */
    }
    ff_learn(m, rows, classes, ids, n, &learned);
    if (classes[0] >= 0)
        ff_learn(m, &none, classes, ids + 2, 1, &learned);
}

static void ask(struct ff_model *m)
{
    uint8_t frame[FRAME_MAX] = {1, 2, 3, 4};
    const void *row = frame;
    int label = 0;
    float confidence = 0;
    struct ff_answers out = {.label = &label, .confidence = &confidence};
    struct ff_scratch *s = NULL;
    const struct ff_view *v = NULL;

    MUST(ff_scratch_new(&s, m, 1) == FF_OK);
    v = ff_view_acquire(m);
    if (ff_predict(v, s, &row, 1, &out) == FF_OK) {
        MUST(label >= -1 && label < (int)ff_model_spec(m)->classes);
        MUST(confidence >= 0 && confidence <= 1.0001f);
    }
    ff_view_release(v);
    ff_scratch_free(s);
}

void live(struct ff_model *m)
{
    struct ff_slept slept;
    struct ff_stats stats;

    for (uint64_t round = 0; round < ROUNDS; round++)
        learn(m, round);
    ff_sleep_owe(m, 8);
    ff_sleep(m, 2, &slept);
    if (ff_fit_begin(m) == FF_OK) {
        ff_fit_run(m);
        ff_fit_install(m);
    }
    ff_publish(m);
    ask(m);
    ff_model_stats(m, &stats);
}

void put_hash_right(uint8_t *bytes, size_t n)
{
    char hash[FF_SNAPSHOT_DIGITS + 1];
    uint64_t header = 0;
    size_t digits = 0;

    for (size_t i = 0; i < 8 && i < n; i++)
        header |= (uint64_t)bytes[i] << (8 * i);
    if (n < 8 || header > n - 8)
        return;
    digits = ff_snapshot_digits(bytes, (size_t)header);
    if (digits == 0)
        return;
    ff_snapshot_hash(bytes, n, digits, hash);
    memcpy(bytes + digits, hash, FF_SNAPSHOT_DIGITS);
}
