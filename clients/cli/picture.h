/*
 * picture.h -- frames as a grid of small pictures, and that as a PNG file.
 */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "clients/c/ffclient.h"
#include "clients/cli/bytes.h"

struct picture {
    size_t width, height;
    size_t channels; /* 1: grey, 3: RGB */
    uint8_t *pixels; /* (height, width, channels) owned */
};

/*
 * n frames in a grid as square as may be, a line of mid-grey between them,
 * each pixel enlarged by a whole number so that small frames can be seen.
 * u8 is taken as it is; f32 is scaled so that the least value of all frames
 * is black and the greatest white. Frames of 3 channels become RGB, of any
 * other number grey, by their first channel.
 */
void picture_grid(struct picture *p, const struct ffc_dreams *d);
void picture_release(struct picture *p);

/* 0, or -1 with the sentence in why. */
int picture_write(const struct picture *p, const char *path, char why[WHY_MAX]);

#endif
