/*
 * support.h -- what the tests of lib share.
 *
 * Two models: `digits`, 8x8 pictures that are learned in earnest, and `tiny`,
 * vectors of six floats in four noisy clusters, for claims that need no
 * picture. Whatever fails in here fails the running test.
 */
#ifndef FF_TEST_SUPPORT_H
#define FF_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/ff.h"
#include "lib/model.h"

#define FF_TEST(name)    void name(void **state);
#define FF_THREADS(name) void name(void **state);
#include "tests/lib/tests.def"
#undef FF_THREADS
#undef FF_TEST

#define DIGITS       1797
#define DIGITS_TRAIN 1437
#define TINY_INPUTS  6
#define TINY_CLASSES 4

/* 8x8 grey pictures; borrowed, loaded once. */
const uint8_t *digits_frame(size_t i);
int digits_label(size_t i);

/* Two layers of 100 units, 10 classes; sleeps every 256 frames. */
struct ff_spec digits_spec(void);

/* The same with two convolutions, of 20 and 40 channels, of which 2 x 2 places
   are passed up in the end. */
struct ff_spec conv_digits_spec(void);

/* Two layers of 8 units, 4 classes, batch 8, memory 16; a strict sleep every
   16 frames without confusions. */
struct ff_spec tiny_spec(void);

/* The same over a picture of 2 x 3: two convolutions, and 8 units on top. */
struct ff_spec conv_tiny_spec(void);

/* A checked spec becomes an owned model, or the test fails with why. */
struct ff_model *new_model(struct ff_spec spec);

/* A copy by way of a snapshot. */
struct ff_model *copy_of(const struct ff_model *m);

/* Bind the digit's name; its class. */
int class_of(struct ff_model *m, int digit);

/* Learn one frame of the class, so that its label is shown. */
void show(struct ff_model *m, int class_);

/* Learn one micro-batch of the digits listed in index (n). */
struct ff_learned learn_listed(struct ff_model *m, const size_t *index,
                               size_t n);

/* Learn digits from..to in micro-batches of B, with whole sleeps when
   exhausted. */
void learn_digits(struct ff_model *m, size_t from, size_t to, size_t B);

/* Learn the digits to be learned, in one pass, then fit what can be fitted to
   those that are remembered. The share of the others that is answered right. */
double learned_digits(struct ff_spec spec);

/* Share of digits from..to answered right by a freshly published view. */
double accuracy(struct ff_model *m, size_t from, size_t to);

/* Frame i of the tiny stream, into x (TINY_INPUTS); its class. */
int tiny_frame(float *x, size_t i);

/* Learn frames from..to of the tiny stream in micro-batches of B; no sleep. */
struct ff_learned learn_tiny(struct ff_model *m, size_t from, size_t to,
                             size_t B);

/* Sleep until nothing is owed; what was taught, in all. */
struct ff_slept sleep_out(struct ff_model *m, size_t slice);

/* Learn frames from..to of the tiny stream, with a whole sleep after every
   32. */
void live_tiny(struct ff_model *m, size_t from, size_t to);

/* Whether everything two models remember is equal, to the bit. */
bool same_state(const struct ff_model *a, const struct ff_model *b);

/* The same as a claim; a failure names what differs. */
void assert_same_state(const struct ff_model *a, const struct ff_model *b);

/* |a - b| <= relative |b| + absolute, or the test fails with both. */
void assert_near(double a, double b, double relative, double absolute,
                 const char *what);

/* The inner product of a and b (n). */
double dot(const float *a, const float *b, size_t n);

#endif
