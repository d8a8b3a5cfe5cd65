/*
 * riff.h -- a WAV file of 16-bit PCM, read strictly.
 *
 *     "RIFF" size "WAVE", then chunks: a name of 4 bytes, a size, as many
 *     bytes, and one more where the size is odd. "fmt " says what is in "data";
 *     other chunks are passed over. Numbers are little-endian.
 *
 * What is written to a pipe has a data chunk of size 0xffffffff: it goes to the
 * end of the file.
 */
#ifndef CLI_RIFF_H
#define CLI_RIFF_H

#include <stddef.h>
#include <stdint.h>

#include "clients/cli/bytes.h"

#define RIFF_BYTES_MAX (1u << 30) /* of a recording: 18 hours of 8 kHz */

struct riff {
    size_t rate, channels;
    int16_t *pcm; /* (n) owned: the first channel */
    size_t n;
};

/* -1 with the sentence in why. Release in either case. */
int riff_read(struct riff *r, const char *path, char why[WHY_MAX]);
void riff_release(struct riff *r);

#endif
