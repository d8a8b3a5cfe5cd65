/*
 * limit.h -- sees every byte before msgpack-c may allocate for it.
 *
 * Five bytes (dd 00 ff ff ff) make msgpack-c reserve 512 MiB, because it
 * believes the length that a header declares. This walker believes nothing:
 * it goes over a message as it arrives, keeps a count for each open array or
 * map, and refuses as soon as what has been declared cannot fit. Only what it
 * calls complete may be decoded.
 *
 * It allocates nothing, never looks at a byte twice, and steps over the
 * payload of a str, bin or ext at once. It can stop and go on at any byte,
 * also inside a header.
 *
 * What holds at any time: bytes walked + payload still to skip + one byte for
 * each value still owed <= cap. So `ffp_limit_need` is a true lower bound of
 * what is missing, and a reader may reserve for it.
 */
#ifndef FFP_LIMIT_H
#define FFP_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

enum ffp_walk {
    FFP_WALK_DONE,      /* the message ends within what was fed */
    FFP_WALK_MORE,      /* everything fed was used; more is needed */
    FFP_WALK_TOO_LARGE, /* what it declares does not fit under the cap */
    FFP_WALK_TOO_DEEP,  /* more than FFP_MAX_DEPTH containers open */
    FFP_WALK_TOO_MANY,  /* more than FFP_MAX_ELEMENTS values */
    FFP_WALK_BAD_BYTE   /* 0xc1, which MessagePack never uses */
};

/* Private to limit.c but for cap and seen. */
struct ffp_limit {
    enum ffp_walk walk;           /* MORE while it goes on */
    size_t cap;                   /* most bytes of one message */
    size_t seen;                  /* bytes of this message walked so far */
    size_t skip;                  /* payload bytes not yet fed */
    size_t owed;                  /* values declared and not yet begun */
    size_t elements;              /* values declared in all */
    unsigned depth;               /* containers open */
    unsigned head_n;              /* bytes of a header that came apart */
    uint8_t head[5];              /* these bytes */
    uint32_t left[FFP_MAX_DEPTH]; /* values owed by each open container */
};

/* Ready for the first byte of a message of at most cap bytes. */
void ffp_limit_init(struct ffp_limit *l, size_t cap);

/*
 * Walk n borrowed bytes that follow those fed before. *used says how many
 * belong to this message (all of them unless DONE). After DONE, l->seen is
 * the message's length and the walker needs ffp_limit_init; after an error it
 * answers that error again.
 */
enum ffp_walk ffp_limit_feed(struct ffp_limit *l, const uint8_t *bytes,
                             size_t n, size_t *used);

/* After MORE: at least so many bytes are missing (>= 1). */
size_t ffp_limit_need(const struct ffp_limit *l);

/* A sentence for an error; borrowed, static. */
const char *ffp_walk_text(enum ffp_walk walk);

#endif
