/*
 * tensors.h -- everything a model remembers, by name.
 *
 * One list serves saving, loading and the digest, so that no state can be in
 * one and not in the other. Buffers that only live within a call are not in
 * it.
 */
#ifndef FF_TENSORS_H
#define FF_TENSORS_H

#include <stddef.h>

#include "lib/model.h"

enum ff_tensor_type {
    FF_TENSOR_F32,
    FF_TENSOR_F64,
    FF_TENSOR_U64,
    FF_TENSOR_U32,
    FF_TENSOR_U8
};

struct ff_tensor {
    char name[48];
    enum ff_tensor_type type;
    size_t dims, shape[2];
    void *data; /* borrowed from the model */
};

/* Call visit for each tensor, always in the same order, until it returns
   non-zero; that is the result, else 0. */
int ff_tensors_visit(const struct ff_model *m,
                     int (*visit)(void *ctx, const struct ff_tensor *t),
                     void *ctx);

/* "F32" and so on, as safetensors writes it; bytes of one element. */
const char *ff_tensor_type_name(enum ff_tensor_type type);
size_t ff_tensor_bytes(const struct ff_tensor *t);

#endif
