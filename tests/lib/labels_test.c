/* Label strings to classes. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/support.h"

void a_label_is_bound_on_first_sight_and_stays(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    int cat = -1, dog = -1, again = -1;
    assert_int_equal(ff_label_find(m, "cat", 3), -1);
    assert_int_equal(ff_label_bind(m, "cat", 3, &cat), 0);
    assert_int_equal(ff_label_bind(m, "dog", 3, &dog), 0);
    assert_int_equal(ff_label_bind(m, "cat", 3, &again), 0);
    assert_int_equal(cat, 0);
    assert_int_equal(dog, 1);
    assert_int_equal(again, cat);
    assert_int_equal(ff_label_find(m, "dog", 3), dog);
    assert_int_equal(ff_label_find(m, "do", 2), -1);
    assert_int_equal(ff_label_find(m, "dogs", 4), -1);
    assert_int_equal(ff_label_count(m), 2);
    assert_string_equal(ff_label_name(m, dog), "dog");
    ff_model_free(m);
}

void a_full_table_refuses_new_names_and_loses_none(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    int class_;
    for (int k = 0; k < TINY_CLASSES; k++)
        class_of(m, k);
    assert_int_equal(ff_label_bind(m, "9", 1, &class_), FF_EFULL);
    assert_int_equal(ff_label_count(m), TINY_CLASSES);
    for (int k = 0; k < TINY_CLASSES; k++)
        assert_int_equal(class_of(m, k), k);
    assert_int_equal(ff_label_find(m, "9", 1), -1);
    ff_model_free(m);
}

void a_label_is_1_to_255_bytes_of_text(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    char name[FF_LABEL_MAX + 1];
    int class_ = -1;
    memset(name, 'x', sizeof name);
    assert_int_equal(ff_label_bind(m, name, 0, &class_), FF_ELABEL);
    assert_int_equal(ff_label_bind(m, name, sizeof name, &class_), FF_ELABEL);
    assert_int_equal(ff_label_bind(m, "a\0b", 3, &class_), FF_ELABEL);
    assert_int_equal(ff_label_count(m), 0);
    assert_int_equal(ff_label_bind(m, name, FF_LABEL_MAX, &class_), 0);
    assert_int_equal(strlen(ff_label_name(m, class_)), FF_LABEL_MAX);
    assert_int_equal(ff_label_find(m, name, FF_LABEL_MAX), class_);
    ff_model_free(m);
}

/* Text is UTF-8: what else would a snapshot's JSON write it as? */
void a_label_that_is_bound_can_be_saved(void **state)
{
    (void)state;
    struct ff_model *m = new_model(tiny_spec());
    const char *const broken[] = {"\xff\xfe", "caf\xe9", "\xc0\xaf",
                                  "\xed\xa0\x80"};
    for (size_t i = 0; i < 4; i++) {
        int class_;
        int status = ff_label_bind(m, broken[i], strlen(broken[i]), &class_);
        if (status == 0) {
            show(m, class_);
            ff_model_free(copy_of(m));
        } else
            assert_int_equal(status, FF_ELABEL);
    }
    ff_model_free(m);
}

#define NAMES 1024

static void name_of(char name[FF_LABEL_MAX + 1], size_t k)
{
    memset(name, 'a' + (int)(k % 26), FF_LABEL_MAX);
    name[snprintf(name, 32, "%zu", k)] = '-';
    name[FF_LABEL_MAX - k % 100] = 0;
}

struct reader {
    pthread_t thread;
    const struct ff_model *m;
    size_t wrong;
};

static void *read_names(void *of)
{
    struct reader *r = of;
    const struct ff_model *m = r->m;
    char want[FF_LABEL_MAX + 1];
    size_t seen = 0;
    while (seen < NAMES) {
        size_t count = ff_label_count(m);
        r->wrong += count < seen; /* the table only grows */
        seen = count;
        if (count == 0)
            continue;
        size_t last = count - 1;
        name_of(want, last);
        r->wrong += strcmp(ff_label_name(m, (int)last), want) != 0;
        r->wrong += ff_label_find(m, want, strlen(want)) != (int)last;
    }
    return NULL;
}

void a_reader_sees_only_whole_names(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    struct reader readers[2];
    s.classes = NAMES;
    struct ff_model *m = new_model(s);
    for (int i = 0; i < 2; i++) {
        struct reader *r = &readers[i];
        *r = (struct reader){.m = m};
        assert_int_equal(pthread_create(&r->thread, NULL, read_names, r), 0);
    }
    for (size_t k = 0; k < NAMES; k++) {
        char name[FF_LABEL_MAX + 1];
        int class_ = -1;
        name_of(name, k);
        assert_int_equal(ff_label_bind(m, name, strlen(name), &class_), 0);
        assert_int_equal(class_, k);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].wrong, 0);
    }
    ff_model_free(m);
}

static void *read_holes(void *of)
{
    struct reader *r = of;
    char want[FF_LABEL_MAX + 1];
    size_t seen = 0;
    while (seen < NAMES) {
        seen = 0;
        for (size_t k = 0; k < ff_label_count(r->m); k++) {
            const char *name = ff_label_name(r->m, (int)k);
            if (!name)
                continue;
            seen++;
            name_of(want, k);
            r->wrong += strcmp(name, want) != 0;
        }
        r->wrong += ff_label_room(r->m) > NAMES - seen;
    }
    return NULL;
}

void a_reader_sees_a_whole_name_or_a_free_class(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    struct reader r;
    s.classes = NAMES;
    struct ff_model *m = new_model(s);
    r = (struct reader){.m = m};
    assert_int_equal(pthread_create(&r.thread, NULL, read_holes, &r), 0);
    for (size_t i = 0; i < NAMES; i++) { /* all over the place */
        char name[FF_LABEL_MAX + 1];
        size_t k = (i * 389 + 700) % NAMES;
        name_of(name, k);
        assert_int_equal(ff_label_place(m, (int)k, name, strlen(name)), 0);
    }
    pthread_join(r.thread, NULL);
    assert_int_equal(r.wrong, 0);
    ff_model_free(m);
}
