/*
 * hot.h -- FF_HOT marks a loop over every number of a micro-batch.
 *
 * A package is built for any x86-64, where a vector is 16 bytes; a marked
 * function is also compiled for 32 and 64, and the one that the processor has
 * is chosen when the program is loaded. Results are the same to the bit: no
 * sum is reordered, and C11 mode contracts nothing. Sanitizers run before such
 * a choice can be made, so they get the plain form.
 */
#ifndef FF_HOT_H
#define FF_HOT_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&         \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FF_HOT                                                                 \
    __attribute__((                                                            \
        target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FF_HOT
#endif

#endif
