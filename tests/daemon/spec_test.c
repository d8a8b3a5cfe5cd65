#include <stdio.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/keys.h"
#include "tests/daemon/support.h"

static void refused(const char *text, const char *sentence)
{
    struct ffd_model_config m;
    char why[FFD_CONFIG_WHY_MAX] = "";

    assert_int_equal(
        ffd_model_config_parse(&m, "spec", text, strlen(text), why), -1);
    assert_string_equal(why, sentence);
}

static struct ffd_model_config accepted(const char *text)
{
    struct ffd_model_config m;
    char why[FFD_CONFIG_WHY_MAX] = "";

    if (ffd_model_config_parse(&m, "spec", text, strlen(text), why) < 0)
        fail_msg("%s", why);
    return m;
}

void spec_may_be_json(void **state)
{
    struct ffd_model_config m = accepted(
        "{\"input\": {\"shape\": [12, 12, 3], \"dtype\": \"f32\"}, "
        "\"classes\": 4, \"layers\": [{\"dense\": 64}], \"sleep\": \"off\"}");

    (void)state;
    assert_int_equal(m.spec.shape[2], 3);
    assert_true(m.spec.image);
    assert_int_equal(m.spec.dtype, FF_F32);
    assert_int_equal(m.spec.classes, 4);
    assert_int_equal(m.spec.layers, 1);
    assert_int_equal(m.spec.units[0], 64);
    assert_int_equal(m.spec.sleep.every, 0);
}

void spec_of_one_side_is_a_vector(void **state)
{
    struct ffd_model_config m = accepted("input: {shape: [100], dtype: f32}\n");

    (void)state;
    assert_false(m.spec.image);
    assert_int_equal(ff_spec_frame_bytes(&m.spec), 400);
}

void spec_needs_an_input(void **state)
{
    (void)state;
    refused("classes: 10\n",
            "spec:1: input: is missing; a model needs one, as in input: "
            "{shape: [28, 28], dtype: u8}");
    refused("input: 784\n", "spec:1: input: must be a map, as in {shape: [28, "
                            "28], dtype: u8}");
    refused("classes: 3\ninput: {dtype: u8}\n",
            "spec:2: input.shape: is missing");
    refused("", "spec:1: a model must be a map with at least input");
}

void spec_shape_is_checked(void **state)
{
    (void)state;
    refused("input:\n  shape: []\n",
            "spec:2: input.shape: must be [length], [height, width] or "
            "[height, width, channels]");
    refused("input:\n  shape: 784\n",
            "spec:2: input.shape: must be [length], [height, width] or "
            "[height, width, channels]");
    refused("input:\n  shape:\n  - 28\n  - 0\n",
            "spec:4: input.shape[1]: must be a whole number from 1 to "
            "16777216, is 0");
    refused("input:\n  shape: [16777216, 16777216, 16777216]\n",
            "spec:2: input.shape: each side must be 1 to 4194304");
}

void spec_layers_are_checked(void **state)
{
    (void)state;
    refused("input: {shape: [4]}\nlayers: 3\n",
            "spec:2: layers: must be a list of 1 to 8 layers, as in [{dense: "
            "500}, {dense: 500}]");
    refused("input: {shape: [4]}\nlayers:\n- dense: 8\n- conv: 8\n",
            "spec:4: layers[1].conv: needs a picture below it, not a dense "
            "layer");
    refused("input: {shape: [4]}\nlayers:\n- dense: 8\n- 8\n",
            "spec:4: layers[1]: must be a layer, as in {dense: 500} or {conv: "
            "32, kernel: 5, pool: 2}");
    refused("input: {shape: [4]}\nlayers:\n- dense: 8\n- dense: lots\n",
            "spec:4: layers[1].dense: must be a whole number from 1 to 65536, "
            "is lots");
}

void spec_of_convolutions_is_read(void **state)
{
    struct ffd_model_config m = accepted(
        "input: {shape: [28, 28, 3]}\n"
        "layers:\n"
        "- conv: 32\n"
        "- {kernel: 5, conv: 64, pool: 2, freeze: 60000}\n"
        "- {conv: 64, kernel: 4, stride: 2, pad: 0, groups: 4, grid: 2}\n"
        "- dense: 500\n"
        "- {dense: 100, freeze: 9007199254740992}\n"
        "heads: last\n");
    const struct ff_conv_spec *c = m.spec.conv;

    (void)state;
    assert_int_equal(m.spec.layers, 5);
    assert_int_equal(m.spec.units[0], 32);
    assert_int_equal(m.spec.units[1], 64);
    assert_int_equal(m.spec.units[3], 500);
    /* A kernel of 3, padded so that nothing is lost, over every pixel. */
    assert_int_equal(c[0].kernel, 3);
    assert_int_equal(c[0].pad, 1);
    assert_int_equal(c[0].stride, 1);
    assert_int_equal(c[0].pool, 1);
    assert_int_equal(c[0].groups, 1);
    assert_int_equal(c[0].grid, 3);
    assert_int_equal(c[1].kernel, 5);
    assert_int_equal(c[1].pad, 2);
    assert_int_equal(c[1].pool, 2);
    assert_int_equal(c[2].kernel, 4);
    assert_int_equal(c[2].stride, 2);
    assert_int_equal(c[2].pad, 0);
    assert_int_equal(c[2].groups, 4);
    assert_int_equal(c[2].grid, 2);
    assert_int_equal(c[3].kernel, 0);
    assert_int_equal(m.spec.freeze[0], 0);
    assert_int_equal(m.spec.freeze[1], 60000);
    assert_true(m.spec.freeze[4] == UINT64_C(1) << 53);
    assert_int_equal(m.spec.heads, FF_HEADS_LAST);
    m = accepted("input: {shape: [8, 8]}\nlayers: [{conv: 4}, {dense: 4}]\n");
    assert_int_equal(m.spec.heads, FF_HEADS_UPPER);
}

void spec_of_streams_is_read(void **state)
{
    struct ffd_model_config m =
        accepted("input: {shape: [3, 2], dtype: i16, mean: [1, 2, 3, 4, 5, 6], "
                 "scale: 2}\n"
                 "stream: {keys: 7, missing: mean, decimate: 2, standardise: "
                 "all,\n"
                 "  horizon: 99, length: 16, stride: 0}\n");

    (void)state;
    assert_int_equal(m.spec.stream.keys, 7);
    assert_int_equal(m.spec.stream.shape[0], 3);
    assert_int_equal(m.spec.stream.shape[1], 2);
    assert_int_equal(m.spec.stream.dtype, FF_I16);
    assert_int_equal(m.spec.stream.missing, FF_MISSING_MEAN);
    assert_int_equal(m.spec.stream.decimate, 2);
    assert_int_equal(m.spec.stream.standardise, FF_STANDARDISE_ALL);
    assert_int_equal(m.spec.stream.horizon, 99);
    assert_int_equal(m.spec.stream.stride, 0);
    /* Layers see windows, of channels that each have a mean. */
    assert_int_equal(m.spec.shape[0], 16);
    assert_int_equal(m.spec.shape[2], 6);
    assert_int_equal(m.spec.dtype, FF_F32);
    assert_true(m.spec.mean[5] == 6 && m.spec.scale[5] == 2);
    assert_int_equal(ff_spec_sample_bytes(&m.spec), 12);
    assert_int_equal(m.spec.sleep.jitter, 0);
    assert_true(m.spec.sleep.warp == 0);
    m = accepted("input: {shape: [1]}\nstream: {features: symbols, words: off, "
                 "orders: 3, rows: 64}\nsleep: {jitter: 1}\n");
    assert_int_equal(m.spec.objective, FF_SEQUENCE);
    assert_false(m.spec.stream.words);
    assert_int_equal(m.spec.stream.keys, 64);
    assert_int_equal(m.spec.dtype, FF_U8);
    assert_int_equal(m.spec.sleep.jitter, 1);
    assert_true(m.spec.sleep.replay == 0 && m.spec.sleep.dreams == 0.25f);
    m = accepted("input: {shape: [1]}\nobjective: sequence\n"
                 "stream: {features: symbols}\nsleep: {replay: 0.5}\n");
    assert_true(m.spec.sleep.replay == 0.5f);
    m = accepted(
        "input: {shape: [4], dtype: f32}\nstream: {length: 8, anomaly: "
        "0.01, neighbours: 3, windows: 50}\n");
    assert_true(m.spec.stream.anomaly == 0.01f);
    assert_int_equal(m.spec.stream.neighbours, 3);
    assert_int_equal(m.spec.stream.windows, 50);
    m = accepted(
        "input: {shape: [80], dtype: i16}\nstream: {sound: mfcc, rate: "
        "16000, span: auto, bands: 24, coefficients: 12}\n");
    assert_int_equal(m.spec.stream.sound, FF_SOUND_MFCC);
    assert_int_equal(m.spec.stream.span, 0);
    assert_int_equal(ff_spec_inputs(&m.spec), 12);
    m = accepted("input: {shape: [8, 8]}\nstream: ~\n");
    assert_int_equal(m.spec.stream.keys, 0);
    assert_int_equal(m.spec.sleep.jitter, 1);
}

#define TEXT "input: {shape: [1]}\nstream: {features: symbols}\n"

void spec_of_symbols_is_checked(void **state)
{
    (void)state;
    refused(TEXT "layers:\n- dense: 500\n",
            "spec:4: layers: a model of symbols (stream.features) has those "
            "that stream.orders and stream.words say; leave layers out");
    refused(TEXT "objective: hybrid\n",
            "spec:3: objective: must be sequence with stream.features: "
            "symbols, or be left out");
    refused("input: {shape: [4]}\nobjective: sequence\n",
            "spec:2: objective: sequence is of stream.features: symbols alone");
    refused("input: {shape: [1]}\nstream:\n  features: symbols\n  anomaly: "
            "0.1\n",
            "spec:4: stream.anomaly: is of windows; of symbols the bits that "
            "each took tell, so leave it out");
    refused("input: {shape: [1]}\nstream:\n  features: symbols\n  orders: 0\n",
            "spec:4: stream.orders: must be a whole number from 1 to 8, is 0");
    refused("input: {shape: [1]}\nstream:\n  features: symbols\n  rows: 100\n",
            "spec:4: stream.rows: must be a power of two, 64 to 67108864, is "
            "100");
    refused("input: {shape: [1]}\nstream:\n  features: symbols\n  words: 1\n",
            "spec:4: stream.words: must be off or on, is 1");
}

void spec_of_streams_is_checked(void **state)
{
    (void)state;
    refused("input: {shape: [4]}\nstream: yes\n",
            "spec:2: stream: must be a map, as in {length: 128, stride: 64}, "
            "or ~ for none");
    refused("input: {shape: [4]}\nstream:\n  lenth: 4\n",
            "spec:3: stream.lenth: unknown key");
    refused("input: {shape: [4]}\nstream:\n  missing: skip\n",
            "spec:3: stream.missing: must be reject, hold or mean, is skip");
    refused("input: {shape: [4]}\nstream:\n  keys: 65537\n",
            "spec:3: stream.keys: must be a whole number from 1 to 65536, is "
            "65537");
    refused(
        "input: {shape: [4], scale: 2}\nstream: {features: spectrum, length: "
        "8}\n",
        "spec:1: input.scale: and mean are of windows as they are "
        "(stream.features: raw, without sound); there is "
        "stream.standardise");
    refused("input: {shape: [4], dtype: i16}\n",
            "spec:1: input.dtype: i16 is of samples alone; it needs stream");
    refused("input: {shape: [2]}\nstream: {features: symbols}\n",
            "spec:1: input.shape: must be [1], of dtype u8, with "
            "stream.features: symbols");
    refused("input: {shape: [4000]}\nstream:\n  length: 4000\nlayers: [{dense: "
            "4}]\n",
            "spec:3: stream.length: a window holds more than 4194304 values");
}

/* Whether lib refuses a value of a key by the key's name. */
static bool lib_refuses(const char *base, const struct ffd_key *key,
                        size_t value)
{
    struct ffd_model_config m = accepted(base);
    char why[FF_WHY_MAX] = "", name[64];

    memcpy((char *)&m + key->offset, &value, sizeof(value));
    snprintf(name, sizeof(name), "stream.%s: ", key->name);
    return ff_spec_check(&m.spec, why) != FF_OK &&
           strncmp(why, name, strlen(name)) == 0;
}

#define PLAIN "input: {shape: [1], dtype: f32}\nstream: {length: 8}\n"
#define SURPRISED                                                              \
    "input: {shape: [1], dtype: f32}\nstream: {length: 8, anomaly: 0.01, "     \
    "neighbours: 1}\n"
#define HEARD "input: {shape: [80], dtype: i16}\nstream: {sound: mfcc}\n"
#define READ  "input: {shape: [1]}\nstream: {features: symbols}\n"

/* So that whoever is refused is told of the same limits, too low or too high.
 */
/* The next that a key would take; rows are powers of two. */
static size_t above(const struct ffd_key *k)
{
    size_t most = (size_t)k->max;

    return strcmp(k->name, "rows") == 0 ? 2 * most : most + 1;
}

void keys_of_streams_have_the_limits_of_lib(void **state)
{
    static const struct {
        const char *base, *name;
    } keys[] = {{PLAIN, "decimate"},       {PLAIN, "horizon"},
                {PLAIN, "length"},         {PLAIN, "stride"},
                {SURPRISED, "neighbours"}, {SURPRISED, "windows"},
                {HEARD, "rate"},           {HEARD, "span"},
                {READ, "orders"},          {READ, "rows"}};

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const struct ffd_key *k =
            ffd_key_find(FFD_SECTION_STREAM, keys[i].name);
        size_t least = (size_t)k->min, most = (size_t)k->max;

        if (lib_refuses(keys[i].base, k, least) ||
            lib_refuses(keys[i].base, k, most))
            fail_msg("%s: lib takes less than its key", k->name);
        if ((least > 0 && !lib_refuses(keys[i].base, k, least - 1)) ||
            !lib_refuses(keys[i].base, k, above(k)))
            fail_msg("%s: lib takes more than its key", k->name);
    }
}

void limits_of_streams_are_told_alike(void **state)
{
    (void)state;
    refused("input: {shape: [4]}\nstream: {length: 0}\n",
            "spec:2: stream.length: must be a whole number from 1 to 65536, "
            "is 0");
    refused("input: {shape: [4]}\nstream: {length: 1000000000}\n",
            "spec:2: stream.length: must be a whole number from 1 to 65536, "
            "is 1000000000");
    refused("input: {shape: [4]}\nstream: {anomaly: 0.0001}\n",
            "spec:2: stream.anomaly: must be 0, or 0.0005 to 1, is 0.0001");
    refused("input: {shape: [4]}\nstream: {anomaly: 2}\n",
            "spec:2: stream.anomaly: must be 0, or 0.0005 to 1, is 2");
    refused("input: {shape: [4]}\nstream: {anomaly: -1}\n",
            "spec:2: stream.anomaly: must be 0, or 0.0005 to 1, is -1");
    refused("input: {shape: [4]}\nstream: {anomaly: some}\n",
            "spec:2: stream.anomaly: must be a number, is some");
    (void)accepted("{\"input\": {\"shape\": [4]}, \"stream\": {\"anomaly\": "
                   "0.0}}");
}

void spec_of_recurrent_layers_is_read(void **state)
{
    struct ffd_model_config m =
        accepted("input: {shape: [128, 1, 6], dtype: f32}\n"
                 "layers:\n"
                 "- {conv: 16, kernel: 9, pool: 2}\n"
                 "- {recurrent: 100, pool: 4, freeze: 9}\n"
                 "- {recurrent: 50, grid: 2}\n"
                 "- dense: 20\n");

    (void)state;
    assert_false(m.spec.recurrent[0]);
    assert_true(m.spec.recurrent[1]);
    assert_int_equal(m.spec.units[1], 100);
    assert_int_equal(m.spec.conv[1].pool, 4);
    assert_int_equal(m.spec.conv[1].grid, 3);
    assert_int_equal(m.spec.freeze[1], 9);
    assert_int_equal(m.spec.conv[2].pool, 1);
    assert_int_equal(m.spec.conv[2].grid, 2);
    assert_false(m.spec.recurrent[3]);
    refused("input: {shape: [8, 8]}\nlayers: [{recurrent: 9, kernel: 3}]\n",
            "spec:2: layers[0].kernel: is of conv layers alone");
    refused("input: {shape: [8, 8]}\nlayers: [{dense: 9, pool: 3}]\n",
            "spec:2: layers[0].pool: is of conv and recurrent layers alone");
    refused("input: {shape: [8]}\nlayers: [{recurrent: 9}]\n",
            "spec:2: layers[0].recurrent: needs a picture below it, not a "
            "vector");
}

void spec_of_patterns_is_read(void **state)
{
    struct ffd_model_config m =
        accepted("input: {shape: [28, 28]}\nobjective: label_pattern\n");

    (void)state;
    assert_int_equal(m.spec.objective, FF_LABEL_PATTERN);
    assert_int_equal(m.spec.pattern, FF_PATTERN_WAVES);
    assert_true(m.spec.pattern_weight == 0.35f);
    m = accepted("input: {shape: [28, 28]}\nobjective: label_pattern\n"
                 "layers: [{conv: 8}]\npattern: strips\n"
                 "pattern_weight: 0.5\n");
    assert_int_equal(m.spec.pattern, FF_PATTERN_STRIPS);
    assert_true(m.spec.pattern_weight == 0.5f);
    refused("input: {shape: [8, 8]}\npattern: dots\n",
            "spec:2: pattern: must be waves or strips, is dots");
    refused("input: {shape: [8, 8]}\npattern_weight: 0\n",
            "spec:2: pattern_weight: must be 0.001 to 10, is 0");
    refused("input: {shape: [64]}\nobjective: label_pattern\n",
            "spec:1: input.shape: must be [height, width] or [height, width, "
            "channels] with objective: label_pattern");
    refused("input: {shape: [4, 4]}\nobjective: label_pattern\n",
            "spec:1: input.shape: must have a side of at least 5 with "
            "objective: label_pattern, for waves of two periods");
    refused("input: {shape: [8, 8]}\nobjective: label_pattern\n"
            "pattern: strips\nclasses: 41\n",
            "spec:3: pattern: strips are for at most 40 classes at this "
            "input.shape, are 41; take waves");
}

#define PICTURE "input: {shape: [8, 8]}\nlayers:\n"

void spec_of_convolutions_is_checked(void **state)
{
    (void)state;
    refused(PICTURE "- {conv: 4, kernal: 3}\n",
            "spec:3: layers[0].kernal: is not known; a layer has dense, conv "
            "or recurrent, and may have freeze, a conv layer kernel, stride, "
            "pad, pool, groups, grid, a recurrent one pool, grid");
    refused(PICTURE "- dense: 8\n  kernel: 3\n",
            "spec:4: layers[0].kernel: is of conv layers alone");
    refused(PICTURE "- {dense: 8, conv: 3}\n",
            "spec:3: layers[0]: must be of one kind, dense, conv or "
            "recurrent, as in "
            "{dense: 500} or {conv: 32, kernel: 5, pool: 2}");
    refused(PICTURE "- freeze: 3\n",
            "spec:3: layers[0]: must be of one kind, dense, conv or "
            "recurrent, as in "
            "{dense: 500} or {conv: 32, kernel: 5, pool: 2}");
    refused(PICTURE "- conv: 4\n- conv: many\n",
            "spec:4: layers[1].conv: must be a whole number from 1 to 65536, "
            "is many");
    refused(PICTURE "- conv: 4\n  kernel: 16\n",
            "spec:4: layers[0].kernel: must be a whole number from 1 to 15, "
            "is 16");
    refused(PICTURE "- conv: 4\n  kernel: 0\n",
            "spec:4: layers[0].kernel: must be a whole number from 1 to 15, "
            "is 0");
    refused(PICTURE "- conv: 4\n  stride: 0\n",
            "spec:4: layers[0].stride: must be a whole number from 1 to 15, "
            "is 0");
    refused(PICTURE "- conv: 4\n  pad: -1\n",
            "spec:4: layers[0].pad: must be a whole number from 0 to 15, is "
            "-1");
    refused(PICTURE "- conv: 4\n  grid: 17\n",
            "spec:4: layers[0].grid: must be a whole number from 1 to 16, is "
            "17");
    refused(PICTURE "- dense: 4\n- dense: 4\n  freeze: 0\n",
            "spec:5: layers[1].freeze: must be a whole number from 1 to "
            "9007199254740992, is 0");
    /* What the learner finds wrong. */
    refused(PICTURE "- conv: 4\n  pad: 3\n",
            "spec:4: layers[0].pad: must be 0 to 2, is 3");
    refused(PICTURE "- conv: 4\n  grid: 9\n",
            "spec:4: layers[0].grid: must be 1 to 8 with an output of 8 x 8, "
            "is 9");
    refused(PICTURE "- conv: 4\n- conv: 6\n  groups: 4\n",
            "spec:5: layers[1].groups: must divide the channels of its input "
            "(4) and its own (6), is 4");
    refused(PICTURE "- conv: 4\n  pool: 3\n- conv: 6\n  pool: 3\n",
            "spec:5: layers[1].conv: nothing is left of an input of 2 x 2; "
            "take a smaller kernel or pool, more pad, or fewer layers");
    refused("input: {shape: [64]}\nlayers:\n- conv: 4\n",
            "spec:3: layers[0].conv: needs a picture below it, not a vector");
    refused("input: {shape: [8, 8]}\nheads: first\n",
            "spec:2: heads: must be auto, all, upper or last, is first");
}

void spec_mean_and_scale_are_read(void **state)
{
    struct ffd_model_config m = accepted(
        "input: {shape: [8, 8, 3], mean: 0.5, scale: [0.25, 2, 1e-3]}\n");

    (void)state;
    for (int c = 0; c < 3; c++)
        assert_true(m.spec.mean[c] == 0.5f);
    assert_true(m.spec.scale[0] == 0.25f && m.spec.scale[1] == 2 &&
                m.spec.scale[2] == 1e-3f);
    assert_true(m.spec.mean[3] == 0 && m.spec.scale[3] == 0);
    m = accepted("input: {shape: [8, 8], mean: -2}\n");
    assert_true(m.spec.mean[0] == -2 && m.spec.scale[0] == 1);
    m = accepted("input: {shape: [9], scale: [3]}\n"); /* of a vector, too */
    assert_true(m.spec.mean[0] == 0 && m.spec.scale[0] == 3);
    m = accepted("input: {shape: [8, 8, 3], mean: [], scale: []}\n");
    assert_true(m.spec.mean[0] == 0 && m.spec.scale[0] == 0);
}

void spec_mean_and_scale_are_checked(void **state)
{
    (void)state;
    refused("input:\n  shape: [8, 8, 3]\n  mean: [1, 2]\n",
            "spec:3: input.mean: must be a number, or a list of one for each "
            "of the 3 channels, at most 16");
    refused("input:\n  shape: [8, 8, 3]\n  scale: [1, 2, 3, 4]\n",
            "spec:3: input.scale: must be a number, or a list of one for each "
            "of the 3 channels, at most 16");
    refused("input:\n  shape: [8, 8, 17]\n  scale: 1\n",
            "spec:3: input.scale: must be a number, or a list of one for each "
            "of the 17 channels, at most 16");
    refused("input:\n  shape: [8, 8, 2]\n  scale:\n  - 1\n  - 0\n",
            "spec:5: input.scale: must be a number from 1e-09 to 1e+09, is 0");
    refused("input:\n  shape: [8, 8]\n  mean: grey\n",
            "spec:3: input.mean: must be a number from -1e+09 to 1e+09, is "
            "grey");
    refused("objective: label_overlay\n"
            "input:\n  shape: [8, 8]\n  scale: 2\n",
            "spec:4: input.scale: cannot be given with objective: "
            "label_overlay, whose first layer sees more than values");
}

/* What the learner finds wrong has the line of the key it names. */
void spec_check_is_given_its_line(void **state)
{
    (void)state;
    refused("input: {shape: [4]}\nclasses: 10\ngoodness: groups\nlayers:\n"
            "- dense: 500\n- dense: 512\n",
            "spec:6: layers[1].units: must be a multiple of classes (10) with "
            "goodness: groups, is 512");
    refused("input: {shape: [4]}\nsleep:\n  every: 10\n  exhausted: 5\n",
            "spec:4: sleep.exhausted: must be at least sleep.every (10), is "
            "5");
    refused("input: {shape: [4]}\nawake: positive_only\n",
            "spec:2: awake: positive_only needs goodness: groups and loss: "
            "softplus or exp, which judge a class alone");
    refused("input: {shape: [4]}\nlr: 5\n",
            "spec:2: lr: must be 1e-08 to 1, is 5");
}

void spec_sleep_is_checked(void **state)
{
    (void)state;
    refused("input: {shape: [4]}\nsleep: never\n",
            "spec:2: sleep: must be a map, as in {every: 512}, or off");
    refused("input: {shape: [4]}\nsleep: {every: 0}\n",
            "spec:2: sleep.every: must be a whole number from 1 to "
            "9007199254740992, is 0");
}

void spec_mirrors_and_cuts_when_asked(void **state)
{
    struct ffd_model_config m =
        accepted("input: {shape: [8, 8]}\nsleep: {flip: on, cutout: 0.25}\n");

    (void)state;
    assert_int_equal(m.spec.sleep.flip, 1);
    assert_true(m.spec.sleep.cutout == 0.25f);
    m = accepted("input: {shape: [8, 8]}\n");
    assert_int_equal(m.spec.sleep.flip, 0);
    assert_true(m.spec.sleep.cutout == 0);
    refused("input: {shape: [8, 8]}\nsleep:\n  cutout: 2\n",
            "spec:3: sleep.cutout: must be 0 to 1, is 2");
    refused("input: {shape: [8, 8]}\nsleep:\n  flip: twice\n",
            "spec:3: sleep.flip: must be off or on, is twice");
}

void spec_every_alone_sets_exhaustion(void **state)
{
    struct ffd_model_config m =
        accepted("input: {shape: [4]}\nsleep: {every: 4096}\n");

    (void)state;
    assert_int_equal(m.spec.sleep.every, 4096);
    assert_int_equal(m.spec.sleep.exhausted, 16384);
}

void spec_auto_leaves_the_choice(void **state)
{
    struct ffd_model_config a = accepted(
        "input: {shape: [4]}\nlr: auto\nvlr: auto\nmargin: auto\nloss: auto\n"
        "inbox: auto\n");
    struct ffd_model_config b = accepted("input: {shape: [4]}\n");

    (void)state;
    assert_true(a.spec.lr == b.spec.lr && a.spec.lr > 0);
    assert_true(a.spec.margin == b.spec.margin && a.spec.margin >= 0);
    assert_int_equal(a.inbox, 0);
}

/* A cycle of aliases must not lead round and round. */
void spec_with_a_cycle_is_refused(void **state)
{
    (void)state;
    refused("input: &a {shape: *a}\n",
            "spec:1: input.shape: must be [length], [height, width] or "
            "[height, width, channels]");
    refused("input: {shape: &a [*a, *a]}\n",
            "spec:1: input.shape[0]: must be a whole number from 1 to "
            "16777216, is a list");
    refused("input: {shape: [*a]}\n",
            "spec:1: not YAML: found undefined alias");
}

void spec_of_random_bytes_is_refused_or_read(void **state)
{
    uint32_t seed = 12345;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        static const char part[] = "{}[]:,-?&*!|>'\"%@` \n\tinput shape 28";
        struct ffd_model_config m;
        char text[64], why[FFD_CONFIG_WHY_MAX] = "";
        size_t n;

        for (n = 0; n < sizeof(text); n++) {
            seed = seed * 1664525u + 1013904223u;
            text[n] = part[(seed >> 16) % (sizeof(part) - 1)];
        }
        if (ffd_model_config_parse(&m, "spec", text, n, why) < 0)
            assert_memory_equal(why, "spec:", 5);
    }
}
