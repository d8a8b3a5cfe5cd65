#include "daemon/epoch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/snapshot_file.h"

int ffd_epoch_read(const char *state, uint64_t *epoch,
                   char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX], text[32] = "", *end;
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc;

    *epoch = 0;
    ffd_path(path, "%s/epoch", state);
    rc = ffd_file_read(path, &bytes, &n, why);
    if (rc != 0)
        return rc;
    memcpy(text, bytes, n < sizeof(text) ? n : sizeof(text) - 1);
    free(bytes);
    *epoch = strtoull(text, &end, 10);
    if (n > 0 && n < sizeof(text) && text[0] >= '1' && text[0] <= '9' &&
        strcmp(end, "\n") == 0 && *epoch < UINT64_MAX)
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "%.300s does not hold a number; write one there that is larger "
             "than any epoch so far",
             path);
    return -1;
}

int ffd_epoch_next(const char *state, uint64_t *epoch,
                   char why[FFD_CONFIG_WHY_MAX])
{
    char path[FFD_PATH_MAX], text[32];
    int n;

    if (ffd_epoch_read(state, epoch, why) < 0)
        return -1;
    ++*epoch;
    ffd_path(path, "%s/epoch", state);
    n = snprintf(text, sizeof(text), "%" PRIu64 "\n", *epoch);
    return ffd_file_write(path, text, (size_t)n, why);
}
