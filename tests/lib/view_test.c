/* Published views, alone and among threads. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/lib/support.h"

#define ASKED ((size_t)32)

/* Everything that can be answered about frames 0..n of the tiny stream, n at
   a time. */
struct columns {
    int label[ASKED];
    float confidence[ASKED], novelty[ASKED];
    float scores[ASKED * TINY_CLASSES], goodness[ASKED * 2];
};

static void ask(const struct ff_view *v, struct ff_scratch *s, size_t n,
                struct columns *c)
{
    for (size_t i = 0; i < ASKED; i += n) {
        float x[ASKED][TINY_INPUTS];
        const void *rows[ASKED];
        struct ff_answers out = {.label = c->label + i,
                                 .confidence = c->confidence + i,
                                 .novelty = c->novelty + i,
                                 .scores = c->scores + i * TINY_CLASSES,
                                 .goodness = c->goodness + i * 2};
        for (size_t j = 0; j < n; j++) {
            tiny_frame(x[j], i + j);
            rows[j] = x[j];
        }
        assert_int_equal(ff_predict(v, s, rows, n, &out), 0);
    }
}

static void check_alike(const struct columns *a, const struct columns *b)
{
    assert_memory_equal(a->label, b->label, sizeof a->label);
    for (size_t i = 0; i < ASKED; i++) {
        assert_near((double)a->confidence[i], (double)b->confidence[i], 0, 1e-5,
                    "confidence");
        assert_near((double)a->novelty[i], (double)b->novelty[i], 0, 1e-5,
                    "novelty");
    }
    for (size_t i = 0; i < ASKED * TINY_CLASSES; i++)
        assert_near((double)a->scores[i], (double)b->scores[i], 0, 1e-5,
                    "score");
    for (size_t i = 0; i < ASKED * 2; i++)
        assert_near((double)a->goodness[i], (double)b->goodness[i], 1e-5, 1e-5,
                    "goodness");
}

static struct ff_model *slept_model(void)
{
    struct ff_model *m = new_model(tiny_spec());
    learn_tiny(m, 0, 64, 8);
    sleep_out(m, 10);
    assert_int_equal(ff_publish(m), 0);
    return m;
}

void an_answer_is_the_same_alone_or_among_others(void **state)
{
    (void)state;
    struct ff_model *m = slept_model();
    struct ff_scratch *s;
    struct columns alone, few, all;
    assert_int_equal(ff_scratch_new(&s, m, ASKED), 0);
    const struct ff_view *v = ff_view_acquire(m);
    ask(v, s, 1, &alone);
    ask(v, s, 4, &few);
    ask(v, s, ASKED, &all);
    check_alike(&few, &alone);
    check_alike(&all, &alone);
    ff_view_release(v);
    ff_scratch_free(s);
    ff_model_free(m);
}

void scores_are_probabilities_and_the_label_the_greatest(void **state)
{
    (void)state;
    struct ff_model *m = slept_model();
    struct ff_scratch *s;
    struct columns c;
    assert_int_equal(ff_scratch_new(&s, m, ASKED), 0);
    const struct ff_view *v = ff_view_acquire(m);
    ask(v, s, 8, &c);
    for (size_t i = 0; i < ASKED; i++) {
        const float *p = c.scores + i * TINY_CLASSES;
        double sum = 0;
        for (int k = 0; k < TINY_CLASSES; k++) {
            sum += (double)p[k];
            assert_true(p[k] >= 0 && p[k] <= c.confidence[i]);
        }
        assert_near(sum, 1, 0, 1e-5, "sum of scores");
        assert_true(p[c.label[i]] == c.confidence[i]);
        assert_true(c.novelty[i] >= 0 && c.novelty[i] <= 1);
    }
    ff_view_release(v);
    ff_scratch_free(s);
    ff_model_free(m);
}

void the_view_acquired_is_the_one_published_last(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_view_seq(v), 0);
    ff_view_release(v);
    for (size_t i = 0; i < 10; i++) {
        learn_tiny(m, i * 8, i * 8 + 8, 8);
        assert_int_equal(ff_publish(m), 0);
        v = ff_view_acquire(m);
        assert_int_equal(ff_view_step(v), i + 1);
        assert_int_equal(ff_view_seq(v), i * 8 + 8);
        ff_view_release(v);
    }
    ff_model_free(m);
}

void a_held_view_does_not_change(void **state)
{
    (void)state;
    struct ff_model *m = slept_model();
    const struct ff_view *v = ff_view_acquire(m);
    size_t bytes = m->params_n * sizeof(float);
    float *before = test_malloc(bytes);
    uint64_t step = ff_view_step(v);
    memcpy(before, v->params, bytes);
    for (size_t i = 0; i < 12; i++) {
        learn_tiny(m, i * 8, i * 8 + 8, 8);
        assert_int_equal(ff_publish(m), 0);
    }
    assert_memory_equal(v->params, before, bytes);
    assert_int_equal(ff_view_step(v), step);
    ff_view_release(v);
    test_free(before);
    ff_model_free(m);
}

void a_held_view_answers_the_same_after_tuning(void **state)
{
    (void)state;
    struct ff_model *m = slept_model();
    struct ff_spec s = *ff_model_spec(m);
    struct ff_scratch *scratch;
    struct columns before, after;
    assert_int_equal(ff_scratch_new(&scratch, m, ASKED), 0);
    const struct ff_view *v = ff_view_acquire(m);
    ask(v, scratch, 8, &before);
    s.temperature = 3;
    assert_int_equal(ff_model_tune(m, &s), 0);
    ask(v, scratch, 8, &after);
    check_alike(&after, &before);
    ff_view_release(v);
    ff_scratch_free(scratch);
    ff_model_free(m);
}

void publishing_is_refused_while_all_others_are_read(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    const struct ff_view *held[FF_VIEWS];
    for (int i = 0; i < FF_VIEWS; i++) {
        if (i > 0)
            assert_int_equal(ff_publish(m), 0);
        held[i] = ff_view_acquire(m);
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(held[i], held[j]);
    }
    assert_int_equal(ff_publish(m), FF_EBUSY);
    const struct ff_view *v = ff_view_acquire(m);
    assert_ptr_equal(v, held[FF_VIEWS - 1]);
    ff_view_release(v);
    ff_view_release(held[1]);
    assert_int_equal(ff_publish(m), 0);
    v = ff_view_acquire(m);
    assert_ptr_equal(v, held[1]);
    ff_view_release(v);
    for (int i = 0; i < FF_VIEWS; i++)
        if (i != 1)
            ff_view_release(held[i]);
    ff_model_free(m);
}

struct shared {
    struct ff_model *m;
    atomic_bool done;
    atomic_size_t reads, wrong;
};

/* Each view is filled with the number of its step. */
static void *read_views(void *of)
{
    struct shared *s = of;
    uint64_t last = 0;
    while (!s->done) {
        const struct ff_view *v = ff_view_acquire(s->m);
        uint64_t step = ff_view_step(v);
        s->wrong += step < last;
        for (size_t i = 0; i < s->m->params_n; i++)
            s->wrong += v->params[i] != (float)step;
        s->wrong += ff_view_step(v) != step;
        ff_view_release(v);
        last = step;
        s->reads++;
    }
    return NULL;
}

void no_reader_ever_sees_a_torn_view(void **state)
{
    (void)state;
    struct shared s = {.m = new_model(tiny_spec())};
    pthread_t readers[3];
    memset(s.m->average, 0, s.m->params_n * sizeof(float));
    memset(s.m->params, 0, s.m->params_n * sizeof(float));
    assert_int_equal(ff_publish(s.m), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_views, &s), 0);
    size_t published = 0;
    while (published < 2000 || s.reads < 2000) {
        uint64_t step = ++s.m->count->step;
        for (size_t i = 0; i < s.m->params_n; i++)
            s.m->params[i] = (float)step;
        published += ff_publish(s.m) == 0;
    }
    s.done = true;
    for (int i = 0; i < 3; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(s.wrong, 0);
    ff_model_free(s.m);
}

static void *ask_on(void *of)
{
    struct shared *s = of;
    struct ff_scratch *scratch;
    float x[TINY_INPUTS];
    const void *row = x;
    if (ff_scratch_new(&scratch, s->m, 1))
        return NULL;
    for (size_t i = 0; !s->done; i++) {
        int label;
        float confidence;
        struct ff_answers out = {.label = &label, .confidence = &confidence};
        tiny_frame(x, i);
        const struct ff_view *v = ff_view_acquire(s->m);
        s->wrong +=
            ff_predict(v, scratch, &row, 1, &out) != 0 || !isfinite(confidence);
        ff_view_release(v);
        s->reads++;
    }
    ff_scratch_free(scratch);
    return NULL;
}

/* What a thread sanitizer is for. */
void questions_are_answered_beside_learning_and_tuning(void **state)
{
    (void)state;
    struct shared s = {.m = slept_model()};
    pthread_t readers[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, ask_on, &s), 0);
    for (size_t i = 0; i < 100 || s.reads < 100; i++) {
        struct ff_spec spec = *ff_model_spec(s.m);
        learn_tiny(s.m, i * 8, i * 8 + 8, 8);
        sleep_out(s.m, 2);
        ff_publish(s.m); /* may be busy */
        spec.lr *= 0.99f;
        assert_int_equal(ff_model_tune(s.m, &spec), 0);
    }
    s.done = true;
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(s.wrong, 0);
    ff_model_free(s.m);
}

void a_question_that_is_no_number_is_refused(void **state)
{
    (void)state;
    struct ff_model *m = slept_model();
    struct ff_scratch *s;
    int label;
    struct ff_answers out = {.label = &label};
    float x[TINY_INPUTS] = {0, NAN};
    const void *row = x;
    assert_int_equal(ff_scratch_new(&s, m, 1), 0);
    const struct ff_view *v = ff_view_acquire(m);
    assert_int_equal(ff_predict(v, s, &row, 1, &out), FF_EFINITE);
    x[1] = -INFINITY;
    assert_int_equal(ff_predict(v, s, &row, 1, &out), FF_EFINITE);
    x[1] = 1;
    assert_int_equal(ff_predict(v, s, &row, 1, &out), 0);
    ff_view_release(v);
    ff_scratch_free(s);
    ff_model_free(m);
}
