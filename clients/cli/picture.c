#include "clients/cli/picture.h"

#include <errno.h>
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

#define APART      1
#define BACKGROUND 128
#define TILE       64 /* pixels that a frame is enlarged to, about */

/* What f32 becomes: (v - low) * scale. */
struct scale {
    float low, scale;
};

static struct scale find_scale(const struct ffc_dreams *d)
{
    struct scale s = {0, 1};
    if (!d->f32)
        return s;
    float low = INFINITY, high = -INFINITY;
    size_t n = d->n * d->frame_bytes / sizeof(float);
    for (size_t i = 0; i < n; i++) {
        float v;
        memcpy(&v, (const char *)d->data + i * sizeof v, sizeof v);
        if (isfinite(v)) {
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
    }
    if (high > low)
        s = (struct scale){low, 255.0F / (high - low)};
    return s;
}

/* Value i of all frames as a byte. */
static uint8_t value(const struct ffc_dreams *d, struct scale s, size_t i)
{
    if (!d->f32)
        return ((const uint8_t *)d->data)[i];
    float v;
    memcpy(&v, (const char *)d->data + i * sizeof v, sizeof v);
    v = (v - s.low) * s.scale;
    return (uint8_t)(v >= 0 ? (v <= 255 ? lrintf(v) : 255) : 0);
}

/* Frame i, its upper left corner at x, y, each pixel zoom by zoom. */
static void draw(struct picture *p, const struct ffc_dreams *d, struct scale s,
                 size_t i, size_t x, size_t y, size_t zoom)
{
    size_t C = p->channels;
    for (size_t r = 0; r < d->height * zoom; r++) {
        uint8_t *to = p->pixels + ((y + r) * p->width + x) * C;
        size_t row = (i * d->height + r / zoom) * d->width;
        for (size_t q = 0; q < d->width * zoom; q++) {
            size_t from = (row + q / zoom) * d->channels;
            for (size_t c = 0; c < C; c++)
                *to++ = value(d, s, from + c);
        }
    }
}

void picture_grid(struct picture *p, const struct ffc_dreams *d)
{
    size_t columns = (size_t)ceil(sqrt((double)d->n));
    if (d->height == 1)
        columns = 1; /* vectors are rows already */
    size_t rows = (d->n + columns - 1) / columns;
    size_t side = d->height > d->width ? d->height : d->width;
    size_t zoom = side < TILE ? TILE / side : 1;
    size_t across = d->width * zoom + APART, down = d->height * zoom + APART;
    p->channels = d->channels == 3 ? 3 : 1;
    p->width = columns * across + APART;
    p->height = rows * down + APART;
    p->pixels = must_alloc(p->height * p->width, p->channels);
    memset(p->pixels, BACKGROUND, p->height * p->width * p->channels);
    struct scale s = find_scale(d);
    for (size_t i = 0; i < d->n; i++)
        draw(p, d, s, i, APART + i % columns * across,
             APART + i / columns * down, zoom);
}

void picture_release(struct picture *p)
{
    free(p->pixels);
}

int picture_write(const struct picture *p, const char *path, char why[WHY_MAX])
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)p->width,
                       .height = (png_uint_32)p->height,
                       .format =
                           p->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY};
    errno = 0;
    if (png_image_write_to_file(&image, path, 0, p->pixels, 0, NULL))
        return 0;
    snprintf(why, WHY_MAX, "cannot write %s: %s", path,
             errno ? strerror(errno) : image.message);
    return -1;
}
