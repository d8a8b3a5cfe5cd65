#include "clients/cli/stream.h"

#include <math.h>
#include <string.h>

static size_t count(const struct ffc_value *stream, const char *key,
                    size_t other)
{
    int64_t v = ffc_value_int(ffc_value_get(stream, key), (int64_t)other);
    return v < 0 ? other : (size_t)v;
}

/* Of symbols a frame is what came before. */
static size_t context_of(const struct ffc_value *stream)
{
    const struct ffc_value *shape =
        ffc_value_get(ffc_value_get(stream, "frame"), "shape");
    int64_t n = ffc_value_int(ffc_value_at(shape, 0), 1);
    return n < 1 ? 1 : (size_t)n;
}

int stream_find(struct ffc *c, const char *model, struct stream_shape *out)
{
    struct ffc_reply *reply;
    int rc = ffc_status(c, model, &reply);
    if (rc < 0)
        return rc;
    const struct ffc_value *stream =
        ffc_value_get(ffc_reply_value(reply), "stream");
    bool is = ffc_value_kind(stream) == FFC_MAP;
    memset(out, 0, sizeof *out);
    out->rejects = ffc_value_is(
        ffc_value_get(ffc_reply_value(reply), "overload"), "reject");
    out->whole = ffc_value_is(ffc_value_get(stream, "missing"), "reject");
    out->symbols = ffc_value_is(ffc_value_get(stream, "features"), "symbols");
    out->length =
        out->symbols ? context_of(stream) : count(stream, "length", 1);
    out->stride = count(stream, "stride", 1);
    out->decimate = count(stream, "decimate", 1);
    out->rate = count(stream, "rate", 0);
    out->bits = ffc_value_number(ffc_value_get(stream, "bits"), (double)NAN);
    out->anomalies = count(stream, "anomalies", 0);
    ffc_reply_free(reply);
    return is;
}
