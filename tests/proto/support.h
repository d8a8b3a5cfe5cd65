/*
 * support.h -- what the tests of proto share.
 */
#ifndef FFP_TEST_SUPPORT_H
#define FFP_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/buf.h"
#include "proto/decoder.h"
#include "proto/event.h"
#include "proto/message.h"

#define FFP_TEST(name) void name(void **state);
#include "tests/proto/tests.def"

struct golden {
    const char *name;
    int documented;
    const char *hex, *says;
};

extern const struct golden goldens[];
extern const size_t goldens_n;

#define SAYS_MAX 512

/* Bytes of "94 00 01"; owned, exactly as long as they are, so that a read
   past their end is seen. */
uint8_t *from_hex(const char *hex, size_t *n);

/* One complete message as one line, for either end. */
const char *describe(struct ffp_decoder *d, const uint8_t *bytes, size_t n,
                     char out[SAYS_MAX]);

/* Frames out of one MessagePack value, as predict or predict_batch reads
   them. */
struct parsed {
    struct ffp_decoder decoder;
    struct ffp_buf bytes;
    struct ffp_request request;
    struct ffp_error err; /* of the last check */
    size_t n;             /* frames, after a check that passed */
};

void parse(struct parsed *p, bool many, const char *hex);
void parse_value(struct parsed *p, bool many, const void *value, size_t n);
void parsed_release(struct parsed *p);

/* That these frames fit: n of them, with these rows in the model's bytes. */
void expect_frames(struct parsed *p, const struct ffp_frame_type *type,
                   size_t n, const void *rows);

/* That they do not, and this sentence of BAD_FRAME. */
void expect_misfit(struct parsed *p, const struct ffp_frame_type *type,
                   const char *why);

/* Both, from hex and gone again. */
void fits(bool many, const char *hex, const struct ffp_frame_type *type,
          size_t n, const void *rows);
void misfits(bool many, const char *hex, const struct ffp_frame_type *type,
             const char *why);

/* A seeded generator: the same numbers in every run. */
uint32_t next_random(uint64_t *seed);

/* Let ffp_realloc fail from its k-th call on, counted from 1; 0: never. */
void fail_allocation(unsigned k);
unsigned allocations(void); /* calls since fail_allocation */

#endif
