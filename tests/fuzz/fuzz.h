/*
 * fuzz.h -- the one function that libFuzzer calls, and how to stop it.
 */
#ifndef FFP_FUZZ_H
#define FFP_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* An assertion that no build leaves out. */
#define MUST(what)                                                             \
    do {                                                                       \
        if (!(what))                                                           \
            abort();                                                           \
    } while (0)

#endif
