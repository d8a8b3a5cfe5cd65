/*
 * status.h -- what may go wrong in lib, each with its sentence.
 *
 * Functions return 0 or one of these negative codes. On an error the outputs
 * are unspecified and the object is as it was before the call.
 */
#ifndef FF_STATUS_H
#define FF_STATUS_H

#define FF_STATUS_MAP(X)                                                       \
    X(FF_OK, 0, "no error")                                                    \
    X(FF_ENOMEM, -1, "out of memory")                                          \
    X(FF_ESPEC, -2, "the model's specification is not valid")                  \
    X(FF_EFULL, -3, "every class of the model has a label already")            \
    X(FF_ELABEL, -4, "a label is 1 to 255 bytes of UTF-8 text")                \
    X(FF_EFINITE, -5, "a value is not finite; nothing was learned")            \
    X(FF_EBUSY, -6, "views are being read, or a fit is on its way; try later") \
    X(FF_EMPTY, -7, "nothing is remembered yet")                               \
    X(FF_ECORRUPT, -8, "the snapshot is damaged")                              \
    X(FF_EVERSION, -9, "the snapshot is of a newer format")

enum ff_status {
#define FF_STATUS(name, value, text) name = (value),
    FF_STATUS_MAP(FF_STATUS)
#undef FF_STATUS
};

/* The sentence of a code; borrowed, static. */
const char *ff_strerror(int status);

#endif
