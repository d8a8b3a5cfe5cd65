/* What is in a segment, and whether a file is one. */
#include <stdio.h>
#include <string.h>

#include "daemon/segment_parts.h"

/* "ffdj", and the version of what follows. */
#define APPLICATION 1717986410
#define FORMAT      1

#define TEXT_OF(x) #x
#define NUMBER(x)  TEXT_OF(x)

#define TABLE                                                                  \
    "CREATE TABLE records(model TEXT NOT NULL, n INTEGER NOT NULL, "           \
    "hash BLOB NOT NULL, body BLOB NOT NULL)"
#define INDEX "CREATE UNIQUE INDEX records_by_n ON records(model, n)"

static const struct {
    const char *type, *name, *sql;
} schema[] = {{"table", "records", TABLE}, {"index", "records_by_n", INDEX}};

#define N_SCHEMA (sizeof(schema) / sizeof(*schema))

int ffd_segment_lay_out(const struct ffd_segment *s,
                        char why[FFD_CONFIG_WHY_MAX])
{
    /* Nobody sees the file before it is flushed, so nothing is here. Pages of
       8 KiB were measured (README, "Decisions"). WAL is for life. */
    static const char sql[] =
        "PRAGMA page_size = 8192; PRAGMA synchronous = OFF;"
        "PRAGMA journal_mode = MEMORY; BEGIN;"
        "PRAGMA application_id = " NUMBER(
            APPLICATION) ";"
                         "PRAGMA user_version = " NUMBER(
                             FORMAT) ";" TABLE ";" INDEX ";"
                                     "COMMIT; PRAGMA locking_mode = EXCLUSIVE; "
                                     "PRAGMA journal_mode = WAL;";
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? FFD_SEGMENT_OK
                           : ffd_segment_fail(s, rc, "begin", why);
}

static int number(const struct ffd_segment *s, const char *pragma, int *out,
                  char why[FFD_CONFIG_WHY_MAX])
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db, pragma, -1, &q, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return rc == SQLITE_ROW ? FFD_SEGMENT_OK
                            : ffd_segment_fail(s, rc, "read", why);
}

static bool same(sqlite3_stmt *q, int column, const char *text)
{
    const unsigned char *has = sqlite3_column_text(q, column);

    return has && strcmp((const char *)has, text) == 0;
}

static int check_schema(const struct ffd_segment *s,
                        char why[FFD_CONFIG_WHY_MAX])
{
    sqlite3_stmt *q = NULL;
    size_t n = 0;
    bool ours = true;
    int rc = sqlite3_prepare_v2(
        s->db, "SELECT type, name, tbl_name, sql FROM sqlite_schema", -1, &q,
        NULL);

    while (rc == SQLITE_OK && ours) {
        rc = sqlite3_step(q);
        if (rc != SQLITE_ROW)
            break;
        ours = n < N_SCHEMA && same(q, 0, schema[n].type) &&
               same(q, 1, schema[n].name) && same(q, 2, "records") &&
               same(q, 3, schema[n].sql);
        n++;
        rc = SQLITE_OK;
    }
    sqlite3_finalize(q);
    if (ours && rc != SQLITE_DONE)
        return ffd_segment_fail(s, rc, "read", why);
    if (!ours || n != N_SCHEMA)
        return ffd_segment_damage(s, why, "its tables are not a journal's");
    return FFD_SEGMENT_OK;
}

int ffd_segment_check(const struct ffd_segment *s, char why[FFD_CONFIG_WHY_MAX])
{
    int application = 0, format = 0;
    int is = number(s, "PRAGMA application_id", &application, why);

    if (is == FFD_SEGMENT_OK)
        is = number(s, "PRAGMA user_version", &format, why);
    if (is != FFD_SEGMENT_OK)
        return is;
    if (application != APPLICATION)
        return ffd_segment_damage(s, why, "is not a segment of a journal");
    if (format != FORMAT)
        return ffd_segment_damage(s, why,
                                  "is of format %d; this ffd reads format %d",
                                  format, FORMAT);
    return check_schema(s, why);
}
