/*
 * record.h -- one thing that happened to a model, as bytes, and done again.
 *
 * What a model becomes is decided by calls of ff.h alone. Each is written as a
 * record when it is made; making them again from the beginning, or from a
 * snapshot, makes the same model to the bit (same build, same BLAS kernel).
 * Records of a model are numbered 1, 2, 3, ...; the first is CREATE. The
 * model itself keeps the number of the last (ff_model_record), so a snapshot
 * says where to go on.
 *
 * Layout, little-endian: u8 kind, u8 version (1, but for LEARN of streams),
 * then
 *   CREATE       the specification, JSON text
 *   LEARN        u32 rows n, u32 labels l, u32 frame bytes f, u32 zero;
 *                l times {u32 class, u32 bytes, name}: labels met for the
 *                first time; (n) u64 ids; (n) i32 classes; (n) u8: 1 with a
 *                frame, 0 a late label; then the frames, f bytes each
 *   LEARN        version 2, of a model with streams: the same, of samples;
 *                before these (n) u64 streams and (n) u8 FF_SAMPLE_ flags
 *   SLEEP        u32 updates, at most FFD_RECORD_UPDATES_MAX
 *   FORGIVE      nothing
 *   OWE          u64 frames
 *   TUNE         the specification, JSON text
 *   FIT_BEGIN    nothing
 *   FIT_INSTALL  nothing
 *   LOAD         a whole snapshot: rollback, import
 *   RENAME       u32 class, name
 *   MERGE        u32 from, u32 to
 *   FORGET       u32 class
 */
#ifndef FFD_RECORD_H
#define FFD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

/* A slice of sleep is short, so that nobody waits for it long; a damaged record
   must not keep a start from its end. */
#define FFD_RECORD_UPDATES_MAX 1024

/* More than this is no row for SQLite: a journal would refuse it for ever, and
   all that comes after it. */
#define FFD_RECORD_BYTES_MAX ((size_t)1000000000 - 4096)

enum ffd_record_kind {
    FFD_RECORD_CREATE = 1,
    FFD_RECORD_LEARN,
    FFD_RECORD_SLEEP,
    FFD_RECORD_FORGIVE,
    FFD_RECORD_OWE,
    FFD_RECORD_TUNE,
    FFD_RECORD_FIT_BEGIN,
    FFD_RECORD_FIT_INSTALL,
    FFD_RECORD_LOAD,
    FFD_RECORD_RENAME,
    FFD_RECORD_MERGE,
    FFD_RECORD_FORGET
};

/* Records as they are made, one behind another. All zeros: none. */
struct ffd_records {
    uint8_t *data; /* owned */
    size_t n, room;
    size_t count;
};

void ffd_records_release(struct ffd_records *r);

/* Room for one more record whose body has so many bytes, so that writing it
   cannot fail. -1: no memory. With r NULL there is nothing to do. */
int ffd_records_reserve(struct ffd_records *r, size_t bytes);

/*
 * Each takes the model's next number (ff_model_set_record); call it before the
 * call of ff.h that it tells of. -1: no memory; nothing is changed, and that
 * call must not be made. With r NULL only the number is taken, as where no
 * journal is kept.
 */
/* origins (n), or NULL: all of stream 0. */
int ffd_record_learn(struct ffd_records *r, struct ff_model *m,
                     const void *const *frames, const int *classes,
                     const uint64_t *ids, const struct ff_origin *origins,
                     size_t n);
int ffd_record_sleep(struct ffd_records *r, struct ff_model *m,
                     uint32_t updates);
int ffd_record_owe(struct ffd_records *r, struct ff_model *m, uint64_t frames);
/* FORGIVE, FIT_BEGIN, FIT_INSTALL */
int ffd_record_plain(struct ffd_records *r, struct ff_model *m,
                     enum ffd_record_kind kind);
/* CREATE and TUNE */
int ffd_record_spec(struct ffd_records *r, struct ff_model *m,
                    enum ffd_record_kind kind, const struct ff_spec *spec);
int ffd_record_load(struct ffd_records *r, struct ff_model *m,
                    const uint8_t *snapshot, size_t n);
int ffd_record_rename(struct ffd_records *r, struct ff_model *m, int class_,
                      const char *name, size_t n);
int ffd_record_merge(struct ffd_records *r, struct ff_model *m, int from,
                     int to);
int ffd_record_forget(struct ffd_records *r, struct ff_model *m, int class_);

/* The records of a block, one after another: *at is 0 first. False at its
   end. */
bool ffd_records_next(const struct ffd_records *r, size_t *at, uint64_t *n,
                      const uint8_t **body, size_t *bytes);

/* How a replay stands. */
struct ffd_replay {
    struct ff_model *ff; /* owned; NULL before CREATE or LOAD */
    bool fit_ready;      /* a fit was begun, run, and not yet taken in */
};

/* What came of doing a record again. */
enum ffd_applied {
    FFD_APPLIED,
    FFD_APPLY_DAMAGED,  /* it is no record, or not of this model's course */
    FFD_APPLY_NO_MEMORY /* the model may have half of it */
};

/* Do record n again; trusts nothing in it. why says what is wrong. */
enum ffd_applied ffd_record_apply(struct ffd_replay *p, uint64_t n,
                                  const uint8_t *body, size_t bytes,
                                  char why[FF_WHY_MAX]);

/* Whether a model's digest is to be told of after a record that took it from
   one step to another: once in every 100 steps. */
static inline bool ffd_digest_due(uint64_t before, uint64_t after)
{
    return before / 100 != after / 100;
}

#endif
