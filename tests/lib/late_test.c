/* Frames that come without a label, and labels that come late. */
#include <string.h>

#include "tests/lib/support.h"

static struct ff_learned learn_one(struct ff_model *m, size_t i, int class_,
                                   uint64_t id)
{
    float x[TINY_INPUTS];
    const void *row = x;
    struct ff_learned out;
    tiny_frame(x, i);
    assert_int_equal(ff_learn(m, &row, &class_, &id, 1, &out), 0);
    return out;
}

static struct ff_learned label_late(struct ff_model *m, int class_, uint64_t id)
{
    const void *row = NULL;
    struct ff_learned out;
    assert_int_equal(ff_learn(m, &row, &class_, &id, 1, &out), 0);
    return out;
}

void a_frame_without_a_label_moves_no_weight_and_waits(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    learn_tiny(m, 0, 32, 8);
    struct ff_model *before = copy_of(m);
    struct ff_learned out = learn_one(m, 40, -1, 7);
    assert_int_equal(out.fate[0], FF_FATE_KEPT);
    assert_int_equal(out.labelled, 0);
    assert_int_equal(out.seq, 33);
    assert_memory_equal(m->params, before->params, m->params_n * sizeof(float));
    assert_int_equal(m->count->step, before->count->step);
    assert_int_equal(m->count->debt, before->count->debt);
    assert_int_equal(ff_pending_count(&m->pending), 1);
    ff_model_free(m);
    ff_model_free(before);
}

void a_late_label_teaches_what_the_frame_would_have(void **state)
{
    (void)state;
    struct ff_model *late = new_model(tiny_spec());
    struct ff_model *now = new_model(tiny_spec());
    float x[TINY_INPUTS];
    learn_tiny(late, 0, 32, 8);
    learn_tiny(now, 0, 32, 8);
    int class_ = class_of(late, tiny_frame(x, 40));
    learn_one(late, 40, -1, 7);
    struct ff_learned out = label_late(late, class_, 7);
    assert_int_equal(out.fate[0], FF_FATE_LEARNED);
    learn_one(now, 40, class_, 0);
    assert_memory_equal(late->params, now->params,
                        now->params_n * sizeof(float));
    assert_int_equal(ff_memory_count_of(&late->memory, class_),
                     ff_memory_count_of(&now->memory, class_));
    assert_int_equal(ff_pending_count(&late->pending), 0);
    ff_model_free(late);
    ff_model_free(now);
}

void a_late_label_finds_its_frame_once(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    struct ff_stats stats;
    learn_tiny(m, 0, 32, 8);
    learn_one(m, 40, -1, 7);
    assert_int_equal(label_late(m, 1, 8).fate[0], FF_FATE_MISSED);
    assert_int_equal(label_late(m, 1, 7).fate[0], FF_FATE_LEARNED);
    assert_int_equal(label_late(m, 1, 7).fate[0], FF_FATE_MISSED);
    assert_int_equal(label_late(m, 1, 0).fate[0], FF_FATE_MISSED);
    ff_model_stats(m, &stats);
    assert_int_equal(stats.late, 1);
    assert_int_equal(stats.missed, 3);
    ff_model_free(m);
}

void a_label_may_come_in_the_micro_batch_of_its_frame(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    float x[TINY_INPUTS];
    const void *rows[3] = {x, NULL, x};
    const int classes[3] = {-1, class_of(m, tiny_frame(x, 40)), -1};
    const uint64_t ids[3] = {5, 5, 6};
    struct ff_learned out;
    learn_tiny(m, 0, 32, 8);
    assert_int_equal(ff_learn(m, rows, classes, ids, 3, &out), 0);
    assert_int_equal(out.fate[0], FF_FATE_KEPT);
    assert_int_equal(out.fate[1], FF_FATE_LEARNED);
    assert_int_equal(out.fate[2], FF_FATE_KEPT);
    assert_int_equal(ff_pending_count(&m->pending), 1); /* 6 */
    ff_model_free(m);
}

/* Whether a label and its frame, or two labels of one frame, come in the same
   micro-batch is a matter of speed; what becomes of them is not. */
void a_micro_batch_does_not_decide_what_a_late_label_finds(void **state)
{
    (void)state;
    const struct {
        int classes[3]; /* of a frame and of two late labels */
        uint64_t ids[3];
    } cases[] = {
        {{-1, 1, 2}, {5, 5, 5}}, /* labelled twice */
        {{0, 1, 2}, {5, 5, 5}},  /* it had a label */
        {{-1, 1, 2}, {0, 0, 0}}, /* nobody can name it */
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int capacity = 0; capacity <= 4; capacity += 4) {
            struct ff_spec s = tiny_spec();
            float x[TINY_INPUTS];
            struct ff_learned out;
            s.pending = (size_t)capacity;
            struct ff_model *m = new_model(s), *apart = new_model(s);
            const void *rows[3] = {x, NULL, NULL};
            tiny_frame(x, 40);
            learn_tiny(m, 0, 32, 8);
            learn_tiny(apart, 0, 32, 8);
            assert_int_equal(
                ff_learn(m, rows, cases[c].classes, cases[c].ids, 3, &out), 0);
            for (size_t i = 0; i < 3; i++) {
                struct ff_learned one;
                assert_int_equal(ff_learn(apart, &rows[i], &cases[c].classes[i],
                                          &cases[c].ids[i], 1, &one),
                                 0);
                assert_int_equal(out.fate[i], one.fate[0]);
            }
            ff_model_free(m);
            ff_model_free(apart);
        }
}

/* The oldest of a full store gets its label in the micro-batch whose other
   frame takes its place. */
void a_frame_is_not_lost_to_one_that_takes_its_place(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec()); /* 4 may wait */
    float x[TINY_INPUTS], old[TINY_INPUTS];
    learn_tiny(m, 0, 32, 8);
    int class_ = class_of(m, tiny_frame(old, 40));
    for (size_t i = 0; i < 4; i++)
        learn_one(m, 40 + i, -1, 1 + i);
    tiny_frame(x, 60);
    const void *rows[2] = {x, NULL};
    const int classes[2] = {-1, class_};
    const uint64_t ids[2] = {9, 1};
    struct ff_learned out;
    m->memory.seen[class_] = 0; /* so that it is surely remembered */
    memset(m->memory.start, 0, (m->K + 1) * sizeof *m->memory.start);
    assert_int_equal(ff_learn(m, rows, classes, ids, 2, &out), 0);
    assert_int_equal(out.fate[1], FF_FATE_LEARNED);
    assert_int_equal(ff_memory_count(&m->memory), 1);
    assert_memory_equal(m->memory.rows, old, sizeof old);
    ff_model_free(m);
}

void the_store_is_bounded_and_the_oldest_goes(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    learn_tiny(m, 0, 32, 8);
    for (size_t i = 0; i < 6; i++)
        learn_one(m, 40 + i, -1, 1 + i);
    assert_int_equal(ff_pending_count(&m->pending), 4);
    assert_int_equal(label_late(m, 0, 2).fate[0], FF_FATE_MISSED);
    assert_int_equal(label_late(m, 0, 3).fate[0], FF_FATE_LEARNED);
    ff_model_free(m);
}

void a_label_older_than_its_age_is_too_late(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.pending_age = 8;
    struct ff_model *m = new_model(s);
    for (size_t i = 0; i < 3; i++)
        learn_one(m, i, -1, 1 + i);
    learn_tiny(m, 3, 9, 6); /* the labels come as the tenth and eleventh */
    assert_int_equal(label_late(m, 0, 1).fate[0], FF_FATE_MISSED);
    assert_int_equal(label_late(m, 0, 3).fate[0], FF_FATE_LEARNED);
    ff_model_free(m);
}

void without_labels_layers_learn_all_frames_and_remember_them(void **state)
{
    (void)state;
    const enum ff_objective_kind kinds[] = {FF_HYBRID, FF_SELF_CONTRASTIVE};
    for (int i = 0; i < 2; i++) {
        struct ff_spec s = tiny_spec();
        s.objective = kinds[i];
        struct ff_model *m = new_model(s);
        learn_one(m, 0, -1, 1);
        struct ff_model *before = copy_of(m);
        struct ff_learned out = learn_one(m, 1, -1, 2);
        assert_int_equal(out.fate[0], FF_FATE_LEARNED);
        assert_memory_not_equal(m->params, before->params,
                                m->layer[0].H * m->layer[0].D * sizeof(float));
        assert_int_equal(ff_memory_count_of(&m->memory, (int)m->K), 2);
        assert_int_equal(out.debt, 2);
        ff_model_free(m);
        ff_model_free(before);
    }
}

/* Its layers have had the frame already; only who reads labels gets more. */
void a_late_label_teaches_no_layer_that_needs_none(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.objective = FF_HYBRID;
    struct ff_model *m = new_model(s);
    for (size_t i = 0; i < 4; i++)
        learn_one(m, i, -1, 1 + i);
    int class_ = class_of(m, 0);
    struct ff_model *before = copy_of(m);
    assert_int_equal(label_late(m, class_, 2).fate[0], FF_FATE_LEARNED);
    assert_memory_equal(m->params, before->params, m->params_n * sizeof(float));
    assert_int_equal(ff_memory_count_of(&m->memory, class_), 1);
    ff_model_free(m);
    ff_model_free(before);
}

/* The read-out learns, though no layer does; who asks is to notice. */
void labels_that_come_when_no_frame_does_change_the_answers(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    s.objective = FF_HYBRID;
    s.answer = FF_ANSWER_SOFTMAX;
    s.pending = 64;
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, 32, 8); /* all classes are known */
    for (size_t i = 32; i < 96; i++)
        learn_one(m, i, -1, i);
    assert_int_equal(ff_publish(m), 0);
    size_t at = m->readout.b, bytes = m->K * sizeof(float);
    float before[TINY_CLASSES];
    const struct ff_view *v = ff_view_acquire(m);
    memcpy(before, v->params + at, bytes);
    ff_view_release(v);
    for (size_t i = 32; i < 96; i++)
        label_late(m, 1, i);
    assert_int_equal(ff_publish(m), 0);
    v = ff_view_acquire(m);
    float moved = v->params[at + 1] - before[1];
    assert_true(moved > 0.1f * (m->params[at + 1] - before[1]));
    ff_view_release(v);
    ff_model_free(m);
}

void a_sure_answer_is_learned_as_a_label_when_asked_for(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    struct ff_stats stats;
    s.pseudo_label = 0.3f; /* of four classes: soon sure enough */
    struct ff_model *m = new_model(s);
    learn_tiny(m, 0, 256, 8);
    struct ff_model *before = copy_of(m);
    size_t learned = 0, kept = 0;
    for (size_t i = 300; i < 340; i++) {
        struct ff_learned out = learn_one(m, i, -1, i);
        learned += out.fate[0] == FF_FATE_LEARNED;
        kept += out.fate[0] == FF_FATE_KEPT;
        assert_int_equal(out.labelled, 0);
    }
    ff_model_stats(m, &stats);
    assert_true(learned > 20);
    assert_int_equal(learned + kept, 40);
    assert_int_equal(stats.pseudo, learned);
    assert_memory_not_equal(m->params, before->params,
                            m->params_n * sizeof(float));
    /* It is not remembered as if somebody had said so. */
    assert_memory_equal(m->memory.seen, before->memory.seen,
                        m->K * sizeof *m->memory.seen);
    ff_model_free(m);
    ff_model_free(before);
}
