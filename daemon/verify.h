/*
 * verify.h -- whether a state directory is sound, and what a start would do
 * with it. Nothing there is changed. No daemon should run on it meanwhile.
 */
#ifndef FFD_VERIFY_H
#define FFD_VERIFY_H

#include <stdio.h>

enum ffd_verdict {
    FFD_SOUND,
    FFD_DAMAGED, /* a start would work, without what is damaged */
    FFD_UNUSABLE /* a start would fail */
};

/* Say what is found, a line each. */
enum ffd_verdict ffd_verify(const char *state, FILE *out);

#endif
