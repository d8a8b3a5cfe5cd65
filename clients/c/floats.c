/*
 * floats.c -- a column of numbers, in whichever of two forms it came.
 */
#include <math.h>
#include <string.h>

#include "clients/c/client.h"
#include "proto/object.h"

size_t ffc_float_count(const msgpack_object *column)
{
    const uint8_t *at;
    size_t n;
    if (ffp_as_bin(column, &at, &n))
        return n / sizeof(float);
    return ffp_size(column);
}

float ffc_float_at(const msgpack_object *column, size_t i)
{
    const uint8_t *at;
    size_t n;
    double v = (double)NAN;
    if (ffp_as_bin(column, &at, &n)) {
        float f = NAN;
        if (i < n / sizeof f)
            memcpy(&f, at + i * sizeof f, sizeof f);
        return f;
    }
    (void)ffp_as_double(ffp_at(column, i), &v);
    return (float)v;
}
