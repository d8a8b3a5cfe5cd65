/* Rows into a segment, and out of it for good. */
#include <string.h>

#define XXH_STATIC_LINKING_ONLY /* a state on the stack cannot fail */
#include <xxhash.h>

#include "daemon/segment_parts.h"

void ffd_segment_hash(uint8_t out[FFD_HASH_BYTES],
                      const struct ffd_journal_row *row)
{
    XXH3_state_t state;
    XXH128_canonical_t hash;
    uint8_t n[8];

    for (unsigned i = 0; i < sizeof(n); i++)
        n[i] = (uint8_t)(row->n >> 8 * i);
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, row->model, strlen(row->model) + 1);
    XXH3_128bits_update(&state, n, sizeof(n));
    XXH3_128bits_update(&state, row->body, row->bytes);
    XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(&state));
    memcpy(out, hash.digest, FFD_HASH_BYTES);
}

static int run(const struct ffd_segment *s, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static int put(sqlite3_stmt *q, const struct ffd_journal_row *row)
{
    uint8_t hash[FFD_HASH_BYTES];
    int rc = sqlite3_bind_text(q, 1, row->model, -1, SQLITE_STATIC);

    ffd_segment_hash(hash, row);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(q, 2, (sqlite3_int64)row->n);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob(q, 3, hash, sizeof(hash), SQLITE_STATIC);
    if (rc == SQLITE_OK) /* NULL would be no blob */
        rc = sqlite3_bind_blob64(q, 4, row->bytes ? row->body : hash,
                                 row->bytes, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    sqlite3_reset(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put_all(const struct ffd_segment *s,
                   const struct ffd_journal_row *rows, size_t n)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db, "INSERT INTO records VALUES(?,?,?,?)",
                                -1, &q, NULL);

    for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
        rc = put(q, &rows[i]);
    sqlite3_finalize(q);
    return rc;
}

int ffd_segment_append(struct ffd_segment *s,
                       const struct ffd_journal_row *rows, size_t n,
                       char why[FFD_CONFIG_WHY_MAX])
{
    int is, rc = run(s, "BEGIN IMMEDIATE");

    if (rc == SQLITE_OK)
        rc = put_all(s, rows, n);
    if (rc == SQLITE_OK)
        rc = run(s, "COMMIT");
    if (rc == SQLITE_OK)
        return FFD_SEGMENT_OK;
    is = ffd_segment_fail(s, rc, "append to", why);
    if (!sqlite3_get_autocommit(s->db))
        run(s, "ROLLBACK");
    return is;
}

static int delete_rows(const struct ffd_segment *s, const char *model,
                       uint64_t n)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(
        s->db, "DELETE FROM records WHERE model=? AND n<=?", -1, &q, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(q, 1, model, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(q, 2,
                                n > INT64_MAX ? INT64_MAX : (sqlite3_int64)n);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Deleting overwrites what was in the file; VACUUM leaves behind whatever else
   was copied about in its pages; then the log goes. */
int ffd_segment_erase(struct ffd_segment *s, const char *model, uint64_t n,
                      char why[FFD_CONFIG_WHY_MAX])
{
    int rc = run(s, "PRAGMA secure_delete = ON");

    if (rc == SQLITE_OK)
        rc = delete_rows(s, model, n);
    if (rc == SQLITE_OK)
        rc = run(s, "VACUUM");
    if (rc == SQLITE_OK)
        rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                       NULL, NULL);
    return rc == SQLITE_OK ? FFD_SEGMENT_OK
                           : ffd_segment_fail(s, rc, "erase from", why);
}
