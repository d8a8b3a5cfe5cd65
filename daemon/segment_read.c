/* Rows out of a segment, each as it was written or not at all. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/segment_parts.h"
#include "proto/text.h"

static int prepare(struct ffd_segment *s, const char *sql, const char *model,
                   uint64_t after, sqlite3_stmt **q)
{
    int rc = sqlite3_prepare_v2(s->db, sql, -1, q, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(*q, 1, model, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(
            *q, 2, after > INT64_MAX ? INT64_MAX : (sqlite3_int64)after);
    return rc;
}

int ffd_segment_select(struct ffd_segment *s, const char *model, uint64_t after,
                       char why[FFD_CONFIG_WHY_MAX])
{
    int rc;

    snprintf(s->model, sizeof(s->model), "%s", model);
    s->after = after;
    s->n_rows = 0;
    rc = prepare(s,
                 "SELECT n, hash, body FROM records INDEXED BY records_by_n "
                 "WHERE model = ? AND n > ? ORDER BY n",
                 s->model, after, &s->rows);
    return rc == SQLITE_OK ? FFD_SEGMENT_OK
                           : ffd_segment_fail(s, rc, "read", why);
}

/* A page of the index that was lost takes its rows with it without a word; so
   the table is asked as well. This touches none of the bodies. */
static int count(struct ffd_segment *s, char why[FFD_CONFIG_WHY_MAX])
{
    sqlite3_stmt *q = NULL;
    sqlite3_int64 n = 0;
    int rc = prepare(s,
                     "SELECT count(*) FROM records NOT INDEXED "
                     "WHERE model = ? AND n > ?",
                     s->model, s->after, &q);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    if (rc != SQLITE_ROW)
        return ffd_segment_fail(s, rc, "read", why);
    if ((uint64_t)n != s->n_rows)
        return ffd_segment_damage(s, why,
                                  "its index has %" PRIu64
                                  " records of model %s, its table %" PRId64,
                                  s->n_rows, s->model, (int64_t)n);
    return FFD_SEGMENT_OK;
}

static int check_row(struct ffd_segment *s, struct ffd_journal_row *row,
                     char why[FFD_CONFIG_WHY_MAX])
{
    uint8_t hash[FFD_HASH_BYTES];
    const void *kept = sqlite3_column_blob(s->rows, 1);

    row->model = s->model;
    row->n = (uint64_t)sqlite3_column_int64(s->rows, 0);
    row->body = sqlite3_column_blob(s->rows, 2);
    row->bytes = (size_t)sqlite3_column_bytes(s->rows, 2);
    if (!row->body && row->bytes == 0)
        row->body = (const uint8_t *)"";
    if (!row->body || (!kept && sqlite3_errcode(s->db) == SQLITE_NOMEM))
        return ffd_segment_fail(s, SQLITE_NOMEM, "read", why);
    if (kept && sqlite3_column_bytes(s->rows, 1) == FFD_HASH_BYTES) {
        ffd_segment_hash(hash, row);
        if (memcmp(hash, kept, sizeof(hash)) == 0)
            return FFD_SEGMENT_OK;
    }
    return ffd_segment_damage(
        s, why, "record %" PRIu64 " of model %s does not agree with its hash",
        row->n, s->model);
}

int ffd_segment_next(struct ffd_segment *s, struct ffd_journal_row *row,
                     bool *got, char why[FFD_CONFIG_WHY_MAX])
{
    int rc = sqlite3_step(s->rows);

    *got = rc == SQLITE_ROW;
    if (*got) {
        s->n_rows++;
        return check_row(s, row, why);
    }
    sqlite3_finalize(s->rows);
    s->rows = NULL;
    return rc == SQLITE_DONE ? count(s, why)
                             : ffd_segment_fail(s, rc, "read", why);
}

static int tell(struct ffd_segment *s, sqlite3_stmt *q,
                int (*each)(void *ctx, const char *model, uint64_t last),
                void *ctx, char why[FFD_CONFIG_WHY_MAX])
{
    const char *model = (const char *)sqlite3_column_text(q, 0);
    size_t n = (size_t)sqlite3_column_bytes(q, 0);
    sqlite3_int64 last = sqlite3_column_int64(q, 1);

    if (!model || !ffp_model_name_valid(model, n) || last < 1)
        return ffd_segment_damage(s, why, "it names a model that cannot be");
    if (each(ctx, model, (uint64_t)last) == 0)
        return FFD_SEGMENT_OK;
    return ffd_segment_fail(s, SQLITE_NOMEM, "read", why);
}

int ffd_segment_models(struct ffd_segment *s,
                       int (*each)(void *ctx, const char *model, uint64_t last),
                       void *ctx, char why[FFD_CONFIG_WHY_MAX])
{
    sqlite3_stmt *q = NULL;
    int is = FFD_SEGMENT_OK;
    int rc = sqlite3_prepare_v2(s->db,
                                "SELECT model, max(n) FROM records INDEXED BY "
                                "records_by_n GROUP BY model",
                                -1, &q, NULL);

    while (rc == SQLITE_OK && is == FFD_SEGMENT_OK) {
        rc = sqlite3_step(q);
        if (rc != SQLITE_ROW)
            break;
        rc = SQLITE_OK;
        is = tell(s, q, each, ctx, why);
    }
    sqlite3_finalize(q);
    if (is == FFD_SEGMENT_OK && rc != SQLITE_DONE)
        is = ffd_segment_fail(s, rc, "read", why);
    return is;
}
