#include "clients/cli/cell.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "clients/cli/columns.h"

/* Beyond it a value of a sample is none (proto/PROTOCOL.md). */
#define VALUE_MAX 1e15F

static int store_whole(void *frame, size_t i, const char *text, double v,
                       bool i16, char why[WHY_MAX])
{
    double least = i16 ? INT16_MIN : 0, most = i16 ? INT16_MAX : UINT8_MAX;
    if (!(v >= least && v <= most)) {
        snprintf(why, WHY_MAX, "%s model takes numbers from %.0f to %.0f",
                 i16 ? "an i16" : "a u8", least, most);
        return -1;
    }
    if (v != trunc(v)) {
        snprintf(why, WHY_MAX,
                 "%.20s is no whole number, and the model takes %s", text,
                 i16 ? "i16" : "u8");
        return -1;
    }
    if (i16)
        ((int16_t *)frame)[i] = (int16_t)v;
    else
        ((uint8_t *)frame)[i] = (uint8_t)v;
    return 0;
}

/* A value of a sample that is missing. */
static int store_none(void *frame, size_t i, const char *text, bool f32,
                      const struct stream_shape *streams, char why[WHY_MAX])
{
    char what[64] = "there is no number";
    if (*text)
        snprintf(what, sizeof what, "%.20s is no number that counts", text);
    if (f32 && !streams->whole) {
        ((float *)frame)[i] = NAN;
        return 0;
    }
    snprintf(why, WHY_MAX,
             "%s, and the model takes none that are missing (%sstream.missing: "
             "hold or mean would)",
             what, f32 ? "" : "input.dtype: f32 with ");
    return -1;
}

int cell_store(void *frame, size_t i, const char *text,
               const struct ffc_model *shape,
               const struct stream_shape *streams, char why[WHY_MAX])
{
    double v = (double)NAN;
    bool f32 = shape->f32, empty = streams && !*text;
    if (!empty && !fields_number(text, &v)) {
        snprintf(why, WHY_MAX,
                 "\"%.20s\" is not a number; is it the label's column?", text);
        return -1;
    }
    float x = (float)v;
    if (streams && (f32 ? !(fabsf(x) <= VALUE_MAX) : isnan(v)))
        return store_none(frame, i, text, f32, streams, why);
    if (!isfinite(v)) {
        snprintf(why, WHY_MAX, "the number is not finite");
        return -1;
    }
    if (!f32)
        return store_whole(frame, i, text, v, shape->i16, why);
    ((float *)frame)[i] = x;
    return 0;
}
