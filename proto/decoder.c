#include "proto/decoder.h"

void ffp_decoder_init(struct ffp_decoder *d)
{
    msgpack_unpacked_init(&d->unpacked);
}

void ffp_decoder_release(struct ffp_decoder *d)
{
    msgpack_unpacked_destroy(&d->unpacked);
}

int ffp_decoder_read(struct ffp_decoder *d, const uint8_t *bytes, size_t n,
                     const struct msgpack_object **out, struct ffp_error *err)
{
    size_t off = 0;

    switch (msgpack_unpack_next(&d->unpacked, (const char *)bytes, n, &off)) {
    case MSGPACK_UNPACK_SUCCESS:
    case MSGPACK_UNPACK_EXTRA_BYTES:
        break;
    case MSGPACK_UNPACK_NOMEM_ERROR:
        return ffp_error_set(err, FFP_NO_MEMORY,
                             "no memory to decode a message of %zu bytes", n);
    case MSGPACK_UNPACK_CONTINUE:
    case MSGPACK_UNPACK_PARSE_ERROR:
        return ffp_error_set(err, FFP_BAD_MESSAGE,
                             "the %zu bytes are not MessagePack", n);
    }
    if (off != n)
        return ffp_error_set(err, FFP_BAD_MESSAGE,
                             "the message ends %zu bytes early", n - off);
    *out = &d->unpacked.data;
    return 0;
}
