/* SQLite, told to trust nothing. */
#include "daemon/segment_parts.h"

#define ROW_BYTES_MAX (1 << 30) /* Debian's SQLite stops at 1e9 itself */

static void limit(sqlite3 *db)
{
    static const struct {
        int what, most;
    } limits[] = {{SQLITE_LIMIT_LENGTH, ROW_BYTES_MAX},
                  {SQLITE_LIMIT_SQL_LENGTH, 4096},
                  {SQLITE_LIMIT_COLUMN, 16},
                  {SQLITE_LIMIT_EXPR_DEPTH, 16},
                  {SQLITE_LIMIT_COMPOUND_SELECT, 4},
                  {SQLITE_LIMIT_ATTACHED, 1}, /* VACUUM needs one */
                  {SQLITE_LIMIT_VARIABLE_NUMBER, 8},
                  {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
                  {SQLITE_LIMIT_WORKER_THREADS, 0}};

    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
        sqlite3_limit(db, limits[i].what, limits[i].most);
}

int ffd_segment_harden(const struct ffd_segment *s,
                       char why[FFD_CONFIG_WHY_MAX])
{
    static const struct {
        int what, on;
    } switches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}};
    int rc = sqlite3_extended_result_codes(s->db, 1);

    limit(s->db);
    for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
        if (rc == SQLITE_OK)
            rc = sqlite3_db_config(s->db, switches[i].what, switches[i].on,
                                   NULL);
    if (rc == SQLITE_OK) /* a mapped file would fault where it is cut */
        rc = sqlite3_exec(s->db,
                          "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0",
                          NULL, NULL, NULL);
    return rc == SQLITE_OK ? FFD_SEGMENT_OK
                           : ffd_segment_fail(s, rc, "open", why);
}
