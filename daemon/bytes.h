/*
 * bytes.h -- numbers to little-endian bytes and back, wherever they lie.
 */
#ifndef FFD_BYTES_H
#define FFD_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline void ffd_put_u32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static inline void ffd_put_u64(uint8_t *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t ffd_get_u32(const uint8_t *at)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++)
        v |= (uint32_t)at[i] << (8 * i);
    return v;
}

static inline uint64_t ffd_get_u64(const uint8_t *at)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

#endif
