/*
 * fuzz_seeds TARGET DIR: inputs for a fuzzer to begin with, made and not kept,
 * so that they never go stale.
 *
 *   limit, message, response  the golden messages; and of message, a request
 *                             of every method with every option, found by
 *                             trying: it fails if a method has none
 *   snapshot                  a small model of each objective
 *   record                    a course of each, with a record of every kind
 *   config, spec              nothing; their corpora are text
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record.h"
#include "lib/ff.h"
#include "proto/message.h"
#include "proto/pack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/live.h"

static const struct {
    const char *name, *hex;
} goldens[] = {
#define FFP_GOLDEN(name, documented, hex, says) {#name, hex},
#include "tests/proto/golden.def"
};

static void write_seed(const char *dir, const char *name, const void *bytes,
                       size_t n)
{
    char path[4096];
    FILE *f = NULL;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "wbe");
    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static void write_goldens(const char *dir)
{
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        uint8_t bytes[4096];
        size_t n = 0;
        char *end = NULL;

        for (const char *hex = goldens[i].hex; *hex; hex = end)
            bytes[n++] = (uint8_t)strtoul(hex, &end, 16);
        write_seed(dir, goldens[i].name, bytes, n);
    }
}

/* ---- every method -------------------------------------------------------- */

/* What a parameter may be: one of these will do. */
#define VALUES 8

static void pack_value(struct ffp_buf *b, int value)
{
    switch (value) {
    case 0:
        ffp_pack_nil(b);
        break;
    case 1:
        ffp_pack_str(b, "m");
        break;
    case 2:
        ffp_pack_bin(b, "\1\2\3\4", 4);
        break;
    case 3:
        ffp_pack_uint(b, 4);
        break;
    case 4:
        ffp_pack_str(b, "1:2");
        break;
    case 5:
        ffp_pack_array(b, 1);
        ffp_pack_str(b, "drift");
        break;
    case 6:
        ffp_pack_str(b, "applied");
        break;
    default:
        ffp_pack_bool(b, true);
    }
}

/* Which value each parameter has; the last may be a map of one option. */
struct attempt {
    const struct ffp_method_info *method;
    int value[FFP_PARAMS_MAX];
    int option, option_value; /* FFP_OPTIONS: none */
};

static void pack(struct ffp_buf *b, const struct attempt *t)
{
    size_t n = t->method->params;

    ffp_pack_array(b, 4);
    ffp_pack_uint(b, 0);
    ffp_pack_uint(b, 1);
    ffp_pack_str(b, t->method->name);
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        if (t->method->param[i] != FFP_P_OPTS || t->option == FFP_OPTIONS) {
            pack_value(b, t->value[i]);
            continue;
        }
        ffp_pack_map(b, 1);
        ffp_pack_str(b, ffp_option_table[t->option].name);
        pack_value(b, t->option_value);
    }
}

static bool is_request(const struct ffp_buf *b, enum ffp_method method)
{
    struct ffp_decoder d;
    struct ffp_request r;
    struct ffp_error err;
    bool is = false;

    ffp_decoder_init(&d);
    is = ffp_decode(&d, b->data, b->n, &r, &err) == FFP_REQUEST &&
         r.method == method;
    ffp_decoder_release(&d);
    return is;
}

static bool try_it(const struct attempt *t, enum ffp_method method,
                   const char *dir)
{
    struct ffp_buf b = {0};
    char name[128];
    bool is = false;

    ffp_buf_init(&b, 4096);
    pack(&b, t);
    is = is_request(&b, method);
    snprintf(name, sizeof name, "method_%s%s%s", t->method->name,
             t->option == FFP_OPTIONS ? "" : "_",
             t->option == FFP_OPTIONS ? "" : ffp_option_table[t->option].name);
    if (is)
        write_seed(dir, name, b.data, b.n);
    ffp_buf_release(&b);
    return is;
}

/* Try every choice of values for the parameters, as one number counts up. */
static bool find(struct attempt *t, enum ffp_method method, const char *dir)
{
    int choices = 1;

    for (size_t i = 0; i < t->method->params; i++)
        choices *= VALUES;
    for (int c = choices - 1; c >= 0; c--) {
        for (int i = 0, rest = c; i < FFP_PARAMS_MAX; i++, rest /= VALUES)
            t->value[i] = rest % VALUES;
        if (try_it(t, method, dir))
            return true;
    }
    return false;
}

static bool find_option(struct attempt *t, int option, enum ffp_method method,
                        const char *dir)
{
    t->option = option;
    for (t->option_value = 0; t->option_value < VALUES; t->option_value++) {
        if (try_it(t, method, dir))
            return true;
    }
    return false;
}

static int write_methods(const char *dir)
{
    for (int m = 0; m < FFP_METHODS; m++) {
        struct attempt t = {.method = &ffp_method_table[m],
                            .option = FFP_OPTIONS};

        if (!find(&t, (enum ffp_method)m, dir)) {
            fprintf(stderr, "fuzz_seeds: found no request of %s\n",
                    t.method->name);
            return 1;
        }
        for (int o = 0; o < FFP_OPTIONS; o++) {
            if (!(t.method->options & 1u << o) ||
                find_option(&t, o, (enum ffp_method)m, dir))
                continue;
            fprintf(stderr, "fuzz_seeds: found no request of %s with %s\n",
                    t.method->name, ffp_option_table[o].name);
            return 1;
        }
    }
    return 0;
}

/* ---- models -------------------------------------------------------------- */

/* Of each objective, after the last a stack that convolves and recurs, and
   streams. */
#define SPECS        (FF_OBJECTIVES + 2)
#define SMALL_VALUES 25 /* of the largest frame */

static struct ff_spec small_spec(int objective)
{
    bool conv = objective == FF_OBJECTIVES, streams = objective == SPECS - 1;
    struct ff_spec spec;
    char why[FF_WHY_MAX];

    ff_spec_init(&spec);
    /* A pattern needs a side that a wave of two periods fits. */
    spec.shape[0] = spec.shape[1] = objective == FF_LABEL_PATTERN ? 5 : 2;
    spec.shape[2] = 1;
    spec.image = true;
    spec.dtype = objective % 2 ? FF_F32 : FF_U8;
    spec.objective =
        conv || streams ? FF_COMPETITIVE : (enum ff_objective_kind)objective;
    spec.classes = 2;
    spec.layers = conv ? 4 : 1;
    for (size_t l = 0; l < spec.layers; l++)
        spec.units[l] = 4;
    if (objective == FF_SEQUENCE) {
        spec.stream.features = FF_FEATURES_SYMBOLS;
        spec.stream.keys = 2;
        spec.stream.shape[0] = spec.stream.shape[1] = spec.stream.shape[2] = 1;
        spec.stream.dtype = FF_U8;
        spec.stream.rows = 64;
    }
    if (streams) {
        spec.stream.keys = 2;
        spec.stream.shape[0] = 2;
        spec.stream.shape[1] = spec.stream.shape[2] = 1;
        spec.stream.dtype = FF_I16;
        spec.stream.length = 3;
    }
    if (conv) {
        spec.conv[0] = (struct ff_conv_spec){.kernel = 2, .pad = 1};
        spec.conv[1] = (struct ff_conv_spec){
            .kernel = 3, .stride = 2, .pad = 1, .pool = 2, .groups = 2};
        spec.recurrent[2] = true;
        spec.freeze[0] = 8;
        spec.mean[0] = spec.scale[0] = 0.5f;
        spec.sleep.flip = 1;
        spec.sleep.cutout = 0.5f;
    }
    spec.batch = 2;
    spec.memory = spec.pending = spec.calibration = 4;
    MUST(ff_spec_check(&spec, why) == FF_OK);
    return spec;
}

static void write_snapshot(const char *dir, int objective)
{
    struct ff_spec spec = small_spec(objective);
    struct ff_model *m = NULL;
    uint8_t *bytes = NULL;
    size_t n = 0;
    char name[64];

    MUST(ff_model_new(&m, &spec) == FF_OK);
    live(m);
    MUST(ff_model_save(m, &bytes, &n) == FF_OK);
    snprintf(name, sizeof name, "objective_%d", objective);
    write_seed(dir, name, bytes, n);
    free(bytes);
    ff_model_free(m);
}

/* As fuzz_record reads them: u16 bytes, body. */
static void write_records(const char *dir, const char *name,
                          const struct ffd_records *r)
{
    static uint8_t out[65536];
    const uint8_t *body = NULL;
    uint64_t number = 0;
    size_t at = 0, bytes = 0, n = 0;

    while (ffd_records_next(r, &at, &number, &body, &bytes)) {
        MUST(n + 2 + bytes <= sizeof out && bytes < 65536);
        out[n++] = (uint8_t)bytes;
        out[n++] = (uint8_t)(bytes >> 8);
        memcpy(out + n, body, bytes);
        n += bytes;
    }
    write_seed(dir, name, out, n);
}

static void record_learn(struct ffd_records *r, struct ff_model *m, int round)
{
    float frame[2][SMALL_VALUES];
    const void *rows[2] = {frame[0], frame[1]};
    const void *none = NULL;
    int classes[2] = {-1, -1};
    uint64_t ids[2] = {2 * (uint64_t)round + 1, 2 * (uint64_t)round + 2};
    const struct ff_origin origins[2] = {
        {7, round == 2 ? FF_SAMPLE_END : 0},
        {8 + (uint64_t)round / 2, round == 1 ? FF_SAMPLE_OBSERVE : 0}};
    struct ff_learned out;

    memset(frame, 17 * round + 3, sizeof frame);
    MUST(ff_label_bind(m, round % 2 ? "a" : "b", 1, &classes[0]) == FF_OK);
    MUST(ffd_record_learn(r, m, rows, classes, ids, origins, 2) == 0);
    ff_learn_stream(m, rows, classes, ids, origins, 2, &out);
    MUST(ffd_record_learn(r, m, &none, classes, ids + 1, NULL, 1) == 0);
    ff_learn(m, &none, classes, ids + 1, 1, &out);
}

/* One record of each kind but LOAD, in an order that can be. */
static void write_course(const char *dir, int objective)
{
    struct ff_spec spec = small_spec(objective);
    struct ffd_records r = {0};
    struct ff_model *m = NULL;
    char name[64];

    MUST(ff_model_new(&m, &spec) == FF_OK);
    MUST(ffd_record_spec(&r, m, FFD_RECORD_CREATE, &spec) == 0);
    for (int round = 0; round < 4; round++)
        record_learn(&r, m, round);
    MUST(ffd_record_owe(&r, m, 4) == 0);
    MUST(ffd_record_sleep(&r, m, 2) == 0);
    MUST(ffd_record_plain(&r, m, FFD_RECORD_FIT_BEGIN) == 0);
    MUST(ffd_record_plain(&r, m, FFD_RECORD_FIT_INSTALL) == 0);
    spec.lr = 0.01f;
    MUST(ffd_record_spec(&r, m, FFD_RECORD_TUNE, &spec) == 0);
    MUST(ffd_record_plain(&r, m, FFD_RECORD_FORGIVE) == 0);
    MUST(ffd_record_rename(&r, m, 1, "c", 1) == 0);
    MUST(ffd_record_merge(&r, m, 1, 0) == 0);
    MUST(ffd_record_forget(&r, m, 0) == 0);
    snprintf(name, sizeof name, "course_%d", objective);
    write_records(dir, name, &r);
    ffd_records_release(&r);
    ff_model_free(m);
}

static void write_load(const char *dir)
{
    struct ff_spec spec = small_spec(0);
    struct ffd_records r = {0};
    struct ff_model *m = NULL;
    uint8_t *bytes = NULL;
    size_t n = 0;

    MUST(ff_model_new(&m, &spec) == FF_OK);
    live(m);
    MUST(ff_model_save(m, &bytes, &n) == FF_OK);
    MUST(ffd_record_load(&r, m, bytes, n) == 0);
    record_learn(&r, m, 0);
    write_records(dir, "load", &r);
    free(bytes);
    ffd_records_release(&r);
    ff_model_free(m);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: fuzz_seeds TARGET DIR\n");
        return 2;
    }
    if (strcmp(argv[1], "config") == 0 || strcmp(argv[1], "spec") == 0 ||
        strcmp(argv[1], "tokens") == 0)
        return 0;
    for (int o = 0; o < SPECS; o++) {
        if (strcmp(argv[1], "snapshot") == 0)
            write_snapshot(argv[2], o);
        if (strcmp(argv[1], "record") == 0)
            write_course(argv[2], o);
    }
    if (strcmp(argv[1], "record") == 0)
        write_load(argv[2]);
    if (strcmp(argv[1], "record") == 0 || strcmp(argv[1], "snapshot") == 0)
        return 0;
    write_goldens(argv[2]);
    return strcmp(argv[1], "message") == 0 ? write_methods(argv[2]) : 0;
}
