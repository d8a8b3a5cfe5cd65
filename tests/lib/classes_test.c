/*
 * Labels by hand: placed, renamed, merged, forgotten.
 *
 * Floors of accuracy are some five points below what was measured;
 * FF_TEST_SHOW=1 prints the figures.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tensors.h"
#include "tests/lib/support.h"

/* ---- which label is which class ------------------------------------------ */

static int bound(struct ff_model *m, const char *name)
{
    int class_ = -1;
    assert_int_equal(ff_label_bind(m, name, strlen(name), &class_), 0);
    return class_;
}

void a_class_that_is_left_is_the_next_to_be_bound(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    bound(m, "a");
    int b = bound(m, "b"), c = bound(m, "c");
    assert_int_equal(ff_label_room(m), TINY_CLASSES - 3);
    assert_int_equal(ff_label_forget(m, b), 0);
    assert_null(ff_label_name(m, b));
    assert_int_equal(ff_label_find(m, "b", 1), -1);
    assert_int_equal(ff_label_find(m, "c", 1), c);
    assert_int_equal(ff_label_count(m), 3);
    assert_int_equal(ff_label_room(m), TINY_CLASSES - 2);
    assert_int_equal(ff_label_forget(m, c), 0);
    assert_int_equal(ff_label_count(m), 1);
    assert_int_equal(bound(m, "d"), b);
    assert_string_equal(ff_label_name(m, b), "d");
    assert_int_equal(bound(m, "a"), 0);
    ff_model_free(m);
}

void a_label_is_placed_where_it_is_asked(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    assert_int_equal(ff_label_place(m, 2, "two", 3), 0);
    assert_int_equal(ff_label_place(m, 2, "two", 3), 0);
    assert_int_equal(ff_label_count(m), 3);
    assert_null(ff_label_name(m, 0));
    assert_int_equal(ff_label_find(m, "two", 3), 2);
    show(m, 2);
    assert_int_equal(ff_label_place(m, 2, "two", 3), 0);
    assert_int_equal(ff_label_place(m, 2, "three", 5), FF_ELABEL);
    assert_int_equal(ff_label_place(m, 1, "two", 3), FF_ELABEL);
    assert_int_equal(ff_label_place(m, -1, "x", 1), FF_ELABEL);
    assert_int_equal(ff_label_place(m, TINY_CLASSES, "x", 1), FF_ELABEL);
    assert_int_equal(ff_label_place(m, 0, "", 0), FF_ELABEL);
    assert_int_equal(ff_label_place(m, 0, "\xff", 1), FF_ELABEL);
    assert_int_equal(ff_label_room(m), TINY_CLASSES - 1);
    assert_int_equal(bound(m, "zero"), 0);
    assert_int_equal(bound(m, "one"), 1);
    assert_int_equal(bound(m, "three"), 3);
    ff_model_free(m);
}

/* A journal that is read from its beginning meets labels of which the model
   that wrote it no longer knew when it gave their class to another. */
void a_label_that_was_not_shown_gives_way(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    bound(m, "a");
    bound(m, "b");
    assert_int_equal(ff_label_place(m, 0, "c", 1), 0);
    assert_int_equal(ff_label_find(m, "a", 1), -1);
    assert_int_equal(ff_label_place(m, 0, "b", 1), 0);
    assert_null(ff_label_name(m, 1));
    assert_int_equal(ff_label_count(m), 1);
    show(m, 0);
    bound(m, "d");
    assert_int_equal(ff_label_rename(m, 0, "d", 1), 0);
    assert_int_equal(ff_label_find(m, "d", 1), 0);
    assert_int_equal(ff_label_room(m), TINY_CLASSES - 1);
    ff_model_free(m);
}

/* ---- shown ----------------------------------------------------------------
 */

static void same_bytes(const struct ff_model *a, const struct ff_model *b)
{
    uint8_t *bytes[2];
    size_t n[2];
    assert_int_equal(ff_model_save(a, &bytes[0], &n[0]), 0);
    assert_int_equal(ff_model_save(b, &bytes[1], &n[1]), 0);
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

void labels_bound_beside_learning_are_in_no_snapshot(void **state)
{
    (void)state;
    struct ff_model *a = new_model(tiny_spec()), *b = new_model(tiny_spec());
    bound(a, "beside");
    assert_int_equal(ff_label_place(a, 2, "learned", 7), 0);
    assert_int_equal(ff_label_place(b, 2, "learned", 7), 0);
    show(a, 2);
    show(b, 2);
    bound(a, "also beside");
    same_bytes(a, b);
    struct ff_model *copy = copy_of(a);
    same_bytes(copy, b);
    assert_int_equal(ff_label_find(copy, "learned", 7), 2);
    assert_true(ff_label_shown(copy, 2));
    assert_int_equal(ff_label_room(copy), TINY_CLASSES - 1);
    assert_int_equal(bound(copy, "anew"), 0);
    ff_model_free(copy);
    ff_model_free(a);
    ff_model_free(b);
}

void a_label_is_shown_once_learning_took_its_class(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    int a = bound(m, "a"), b = bound(m, "b");
    float x[TINY_INPUTS] = {1, NAN};
    const void *row = x;
    uint64_t id = 7;
    struct ff_learned out;
    assert_false(ff_label_shown(m, a));
    assert_int_equal(ff_learn(m, &row, &a, NULL, 1, &out), FF_EFINITE);
    assert_false(ff_label_shown(m, a));
    show(m, a);
    assert_true(ff_label_shown(m, a));
    row = NULL; /* a late label, for a frame that nobody has */
    assert_int_equal(ff_learn(m, &row, &b, &id, 1, &out), 0);
    assert_int_equal(out.fate[0], FF_FATE_MISSED);
    assert_true(ff_label_shown(m, b));
    assert_false(ff_label_shown(m, 2)); /* free */
    assert_false(ff_label_shown(m, -1));
    ff_model_free(m);
}

void what_nobody_has_learned_goes_without_a_trace(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    show(m, bound(m, "a"));
    show(m, bound(m, "b"));
    struct ff_model *before = copy_of(m);
    size_t known = ff_label_count(m);
    int x = bound(m, "x"), y = -1;
    assert_int_equal(ff_label_forget(m, x), 0);
    y = bound(m, "y");
    assert_int_equal(y, x);
    assert_int_equal(ff_label_merge(m, 0, y), FF_ELABEL);
    assert_int_equal(ff_label_merge(m, y, 0), 0);
    assert_int_equal(ff_label_count(m), known);
    assert_same_state(m, before);
    same_bytes(m, before);
    ff_model_free(before);
    ff_model_free(m);
}

/* ---- rename ----------------------------------------------------------------
 */

void a_renamed_label_is_the_same_class(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    learn_tiny(m, 0, 40, 8);
    struct ff_model *before = copy_of(m);
    int zero = class_of(m, 0);
    assert_int_equal(ff_label_rename(m, zero, "nought", 6), 0);
    assert_int_equal(ff_label_rename(m, zero, "nought", 6), 0);
    assert_int_equal(ff_label_find(m, "nought", 6), zero);
    assert_int_equal(ff_label_find(m, "0", 1), -1);
    assert_int_equal(ff_label_rename(m, zero, "1", 1), FF_ELABEL);
    assert_int_equal(ff_label_rename(m, zero, "", 0), FF_ELABEL);
    assert_int_equal(ff_label_rename(m, -1, "x", 1), FF_ELABEL);
    assert_same_state(m, before);
    struct ff_model *copy = copy_of(m);
    assert_string_equal(ff_label_name(copy, zero), "nought");
    assert_int_equal(ff_label_rename(m, zero, "n", 1), 0);
    assert_string_equal(ff_label_name(m, zero), "n");
    ff_model_free(copy);
    ff_model_free(before);
    ff_model_free(m);
}

void labels_stay_while_a_fit_is_on_its_way_or_views_are_held(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.calibration = 10;
    struct ff_model *m = new_model(s);
    const struct ff_view *held[FF_VIEWS];
    learn_tiny(m, 0, 40, 8);
    assert_int_equal(ff_fit_begin(m), 0);
    assert_int_equal(ff_label_rename(m, 0, "x", 1), FF_EBUSY);
    assert_int_equal(ff_label_merge(m, 0, 1), FF_EBUSY);
    assert_int_equal(ff_label_forget(m, 0), FF_EBUSY);
    assert_int_equal(ff_fit_install(m), FF_EMPTY); /* nobody ran it */
    for (int i = 0; i < FF_VIEWS; i++) {
        if (i > 0)
            assert_int_equal(ff_publish(m), 0);
        held[i] = ff_view_acquire(m);
    }
    struct ff_model *before = copy_of(m);
    assert_int_equal(ff_label_rename(m, 0, "x", 1), FF_EBUSY);
    assert_int_equal(ff_label_merge(m, 0, 1), FF_EBUSY);
    assert_int_equal(ff_label_forget(m, 0), FF_EBUSY);
    same_bytes(m, before);
    for (int i = 0; i < FF_VIEWS; i++)
        ff_view_release(held[i]);
    assert_int_equal(ff_label_forget(m, 0), 0);
    ff_model_free(before);
    ff_model_free(m);
}

/* ---- digits -----------------------------------------------------------------
 */

static const struct kind {
    const char *name;
    enum ff_objective_kind objective;
    enum ff_goodness_kind goodness;
    enum ff_answer_kind answer;
    enum ff_update_kind update;
    double merged; /* least share right of what was merged, others, after a */
    double others; /* little sleep */
    bool conv;     /* two convolutions, and units on top */
} kinds[] = {
    {"weighted", FF_COMPETITIVE, FF_GOODNESS_WEIGHTED, FF_ANSWER_AUTO,
     FF_UPDATE_ROW, 0.92, 0.88, false},
    {"adam", FF_COMPETITIVE, FF_GOODNESS_WEIGHTED, FF_ANSWER_AUTO,
     FF_UPDATE_ADAM, 0.75, 0.85, false},
    {"groups", FF_COMPETITIVE, FF_GOODNESS_GROUPS, FF_ANSWER_AUTO,
     FF_UPDATE_ROW, 0.55, 0.88, false},
    {"closed form", FF_COMPETITIVE, FF_GOODNESS_WEIGHTED, FF_ANSWER_CLOSED_FORM,
     FF_UPDATE_ROW, 0.92, 0.87, false},
    {"overlay", FF_LABEL_OVERLAY, FF_GOODNESS_AUTO, FF_ANSWER_AUTO,
     FF_UPDATE_ROW, 0.55, 0.86, false},
    {"hybrid", FF_HYBRID, FF_GOODNESS_AUTO, FF_ANSWER_AUTO, FF_UPDATE_ROW, 0.8,
     0.85, false},
    {"contrastive", FF_SELF_CONTRASTIVE, FF_GOODNESS_AUTO, FF_ANSWER_SOFTMAX,
     FF_UPDATE_ROW, 0.65, 0.85, false},
    {"convolutions", FF_COMPETITIVE, FF_GOODNESS_WEIGHTED, FF_ANSWER_AUTO,
     FF_UPDATE_ROW, 0.9, 0.87, true},
    {"convolutions, adam", FF_COMPETITIVE, FF_GOODNESS_WEIGHTED,
     FF_ANSWER_SOFTMAX, FF_UPDATE_ADAM, 0.75, 0.87, true},
    {"convolutions, groups", FF_COMPETITIVE, FF_GOODNESS_GROUPS, FF_ANSWER_AUTO,
     FF_UPDATE_ROW, 0.75, 0.78, true},
    {"convolutions, closed form", FF_COMPETITIVE, FF_GOODNESS_WEIGHTED,
     FF_ANSWER_CLOSED_FORM, FF_UPDATE_ROW, 0.9, 0.88, true},
    {"pattern", FF_LABEL_PATTERN, FF_GOODNESS_AUTO, FF_ANSWER_GOODNESS,
     FF_UPDATE_ROW, 0.45, 0.81, false},
    {"top down", FF_TOP_DOWN, FF_GOODNESS_AUTO, FF_ANSWER_GOODNESS,
     FF_UPDATE_ROW, 0.45, 0.81, false},
    {"convolutions, pattern", FF_LABEL_PATTERN, FF_GOODNESS_AUTO,
     FF_ANSWER_AUTO, FF_UPDATE_ROW, 0.7, 0.85, true},
    {"convolutions, contrastive", FF_SELF_CONTRASTIVE, FF_GOODNESS_AUTO,
     FF_ANSWER_SOFTMAX, FF_UPDATE_ROW, 0.85, 0.86, true},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static void fit(struct ff_model *m)
{
    if (ff_fit_begin(m))
        return;
    assert_int_equal(ff_fit_run(m), 0);
    assert_int_equal(ff_fit_install(m), 0);
}

static struct ff_model *grown_up(const struct kind *kind)
{
    struct ff_spec s = kind->conv ? conv_digits_spec() : digits_spec();
    s.objective = kind->objective;
    s.goodness = kind->goodness;
    s.answer = kind->answer;
    s.update = kind->update;
    s.classes = 11;
    s.memory = 1000;
    s.calibration = 100;
    s.pending = 8;
    if (kind->update == FF_UPDATE_ADAM)
        s.lr = 0.002f;
    if (kind->objective != FF_COMPETITIVE)
        s.lr = 0.005f;
    if (kind->objective == FF_LABEL_OVERLAY ||
        kind->objective == FF_LABEL_PATTERN) {
        s.lr = 0;
        s.peer = 0;
    }
    if (kind->goodness == FF_GOODNESS_GROUPS)
        s.units[0] = s.units[1] = 110;
    if (kind->conv) {
        s.layers = 3;
        s.units[0] = 22;
        s.units[1] = 44;
        s.units[2] = 110;
    }
    struct ff_model *m = new_model(s);
    learn_digits(m, 0, DIGITS_TRAIN, 32);
    fit(m);
    return m;
}

/* What a fresh view makes of the test digits. */
struct told {
    double one, others; /* share right of the digit asked for, and of others */
    size_t freed;       /* answers of a class that should have none */
};

static struct told ask(struct ff_model *m, int digit, const char *label,
                       int freed)
{
    struct told told = {0};
    struct ff_scratch *s;
    size_t right[2] = {0}, n[2] = {0};
    assert_int_equal(ff_publish(m), 0);
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    for (size_t i = DIGITS_TRAIN; i < DIGITS; i++) {
        int answer, is = digits_label(i);
        float scores[11], novelty, typicality;
        char name = (char)('0' + is);
        const void *row = digits_frame(i);
        struct ff_answers out = {.label = &answer,
                                 .scores = scores,
                                 .novelty = &novelty,
                                 .typicality = &typicality};
        assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
        int want = is == digit ? ff_label_find(m, label, strlen(label))
                               : ff_label_find(m, &name, 1);
        n[is != digit]++;
        right[is != digit] += answer == want && want >= 0;
        told.freed += freed >= 0 && (answer == freed || scores[freed] > 0);
    }
    ff_view_release(v);
    ff_scratch_free(s);
    told.one = (double)right[0] / (double)n[0];
    told.others = (double)right[1] / (double)n[1];
    return told;
}

static void print(const struct kind *kind, const char *when, struct told t)
{
    if (getenv("FF_TEST_SHOW"))
        printf("%s, %s: %.3f, others %.3f\n", kind->name, when, t.one,
               t.others);
}

void what_is_merged_is_known_by_one_name_after_sleep(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct ff_model *m = grown_up(&kinds[i]);
        int from = ff_label_find(m, "1", 1), to = ff_label_find(m, "7", 1);
        size_t one = ff_memory_count_of(&m->memory, from);
        size_t seven = ff_memory_count_of(&m->memory, to);
        uint64_t seen = m->memory.seen[from] + m->memory.seen[to];
        print(&kinds[i], "1 before", ask(m, 1, "1", -1));
        assert_int_equal(ff_label_merge(m, from, to), 0);
        assert_null(ff_label_name(m, from));
        assert_int_equal(ff_label_room(m), 2);
        assert_int_equal(ff_memory_count_of(&m->memory, to), one + seven);
        assert_int_equal(m->memory.seen[to], seen);
        assert_true(m->count->debt >= m->spec.sleep.every);
        ff_sleep_owe(m, 1000);
        sleep_out(m, 1);
        fit(m);
        struct told t = ask(m, 1, "7", from);
        print(&kinds[i], "1 as 7", t);
        assert_true(t.one > kinds[i].merged);
        assert_true(t.others > kinds[i].others);
        assert_int_equal(t.freed, 0);
        assert_true(ask(m, 7, "7", from).one > 0.85);
        ff_model_free(m);
    }
}

/* Digits from..to, those of 3 by another name. */
static void learn_threes_as(struct ff_model *m, const char *name, size_t from,
                            size_t to)
{
    for (size_t i = from; i < to; i++) {
        const void *row = digits_frame(i);
        int is = digits_label(i);
        int class_ = is == 3 ? bound(m, name) : class_of(m, is);
        struct ff_learned out;
        assert_int_equal(ff_learn(m, &row, &class_, NULL, 1, &out), 0);
        if (out.exhausted)
            sleep_out(m, 1);
    }
}

void what_is_forgotten_is_never_answered_and_can_be_learned_anew(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct ff_model *m = grown_up(&kinds[i]);
        int class_ = ff_label_find(m, "3", 1);
        struct told before = ask(m, 3, "3", -1);
        print(&kinds[i], "3 before", before);
        assert_int_equal(ff_label_forget(m, class_), 0);
        struct told after = ask(m, 3, "3", class_);
        print(&kinds[i], "3 forgotten", after);
        assert_int_equal(after.freed, 0);
        /* Channels drawn again speak louder than learned ones until sleep
           has taught those above them what to expect. */
        bool loud = kinds[i].conv && kinds[i].goodness == FF_GOODNESS_GROUPS;
        assert_true(after.others > before.others - (loud ? 0.35 : 0.03));
        assert_true(ff_fit_due(m) || !m->fits);
        ff_sleep_owe(m, 256);
        sleep_out(m, 1);
        fit(m);
        after = ask(m, 3, "3", class_);
        assert_int_equal(after.freed, 0);
        assert_true(after.others > before.others - 0.05);
        learn_threes_as(m, "three", 0, 640);
        fit(m);
        assert_int_equal(ff_label_find(m, "three", 5), class_);
        struct told anew = ask(m, 3, "three", -1);
        print(&kinds[i], "3 anew", anew);
        assert_true(anew.one > 0.5);
        assert_true(anew.others > before.others - 0.07);
        ff_model_free(m);
    }
}

/* ---- no byte remains -------------------------------------------------------
 */

#define PIECE 12 /* bytes or numbers that cannot be there by chance */

/* Pixels that no digit has. */
static void draw_secret(uint8_t secret[64])
{
    struct ff_rng g;
    ff_rng_init(&g, 99);
    for (int i = 0; i < 64; i++)
        secret[i] = (uint8_t)(17 + ff_rng_below(&g, 200));
}

/* Places in a snapshot that hold a piece of the frame, as bytes or numbers. */
static size_t find_secret(const struct ff_model *m, const uint8_t secret[64])
{
    uint8_t *bytes;
    float values[64];
    size_t n, found = 0;
    for (int i = 0; i < 64; i++)
        values[i] = (float)secret[i] / 255;
    assert_int_equal(ff_model_save(m, &bytes, &n), 0);
    for (size_t i = 0; i + PIECE <= 64; i++) {
        found += memmem(bytes, n, secret + i, PIECE) != NULL;
        found += memmem(bytes, n, values + i, PIECE * sizeof *values) != NULL;
    }
    free(bytes);
    return found;
}

/* The secret with its label, with a late one, and waiting for one. */
static void learn_secret(struct ff_model *m, const uint8_t secret[64])
{
    const void *rows[2] = {secret, secret};
    int classes[2] = {bound(m, "secret"), -1};
    struct ff_learned out;
    for (uint64_t i = 1; i <= 120; i++) {
        uint64_t ids[2] = {0, i};
        assert_int_equal(ff_learn(m, rows, classes, ids, 2, &out), 0);
        if (i % 2)
            continue;
        const void *late = NULL;
        assert_int_equal(ff_learn(m, &late, classes, &i, 1, &out), 0);
    }
    sleep_out(m, 4);
}

void no_byte_of_what_is_forgotten_is_in_a_snapshot(void **state)
{
    (void)state;
    uint8_t secret[64];
    draw_secret(secret);
    for (size_t i = 0; i < KINDS; i++) {
        struct ff_model *m = grown_up(&kinds[i]);
        learn_secret(m, secret);
        assert_true(find_secret(m, secret) > 0);
        assert_true(ff_memory_count(&m->spared) > 0);
        int class_ = ff_label_find(m, "secret", 6);
        assert_int_equal(ff_label_forget(m, class_), 0);
        assert_int_equal(find_secret(m, secret), 0);
        for (size_t n = ff_memory_count(&m->memory) * 64; n < 1000 * 64UL; n++)
            assert_int_equal(m->memory.rows[n], 0);
        struct ff_model *copy = copy_of(m); /* it can be gone on with */
        ff_sleep_owe(m, 64);
        ff_sleep_owe(copy, 64);
        learn_digits(m, 0, 64, 32);
        learn_digits(copy, 0, 64, 32);
        sleep_out(m, 4);
        sleep_out(copy, 4);
        assert_same_state(copy, m);
        ff_model_free(copy);
        ff_model_free(m);
    }
}
