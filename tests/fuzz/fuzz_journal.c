/*
 * A segment and its log, whatever they hold: reading ends, and what it tells of
 * is in order.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal.h"
#include "proto/text.h"
#include "tests/fuzz/fuzz.h"

static char dir[64];

static void remove_all(void)
{
    char path[128];

    snprintf(path, sizeof path, "%s/0000000001.db", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/0000000001.db-wal", dir);
    unlink(path);
    rmdir(dir);
}

static void put(const char *suffix, const uint8_t *bytes, size_t n)
{
    char path[128];
    FILE *f = NULL;

    if (!*dir) {
        snprintf(dir, sizeof dir, "/dev/shm/fuzz-journal-XXXXXX");
        MUST(mkdtemp(dir));
        MUST(atexit(remove_all) == 0);
    }
    snprintf(path, sizeof path, "%s/0000000001.db%s", dir, suffix);
    f = fopen(path, "wb");
    MUST(f);
    MUST(fwrite(bytes, 1, n, f) == n);
    MUST(fclose(f) == 0);
}

static int follows(void *ctx, const struct ffd_journal_row *row)
{
    uint64_t *last = ctx;

    MUST(row->n == *last + 1);
    MUST(row->bytes == 0 || row->body);
    *last = row->n;
    return 0;
}

static void read_model(const char *model)
{
    struct ffd_journal_found found;
    char why[FFD_CONFIG_WHY_MAX];
    uint64_t last = 0;

    if (ffd_journal_read(dir, model, 0, follows, &last, &found, why) == 0)
        MUST(found.last == last && found.rows == last);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char why[FFD_CONFIG_WHY_MAX];
    char **names = NULL;
    size_t log = 0;
    size_t count = 0;

    if (n < 2)
        return 0;
    n -= 2;
    log = 512 * ((size_t)bytes[n] | (size_t)bytes[n + 1] << 8);
    if (log > n)
        log = n;
    put("", bytes, n - log);
    put("-wal", bytes + n - log, log);
    read_model("a");
    if (ffd_journal_models(dir, &names, &count, why) < 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        MUST(ffp_model_name_valid(names[i], strlen(names[i])));
        read_model(names[i]);
        free(names[i]);
    }
    free(names);
    return 0;
}
