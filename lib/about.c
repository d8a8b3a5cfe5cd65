/*
 * about.c -- what a snapshot says of itself, for who chooses among many.
 */
#include <stdio.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/head.h"
#include "lib/json_text.h"
#include "lib/mat.h"
#include "lib/snapshot.h"

/* An array of texts and nulls, as it stands there. */
static int copy_labels(const struct ff_head *h, char **labels)
{
    const char *text = ff_head_text(h, "labels");
    size_t n = strlen(text);
    int status;
    json_t *list = ff_json_parse(text, n, &status);
    if (!status && !json_is_array(list))
        status = FF_ECORRUPT;
    for (size_t k = 0; k < json_array_size(list) && !status; k++) {
        const json_t *name = json_array_get(list, k);
        if (!json_is_string(name) && !json_is_null(name))
            status = FF_ECORRUPT;
    }
    json_decref(list);
    if (!status && !(*labels = ff_alloc(n + 1)))
        status = FF_ENOMEM;
    if (!status)
        memcpy(*labels, text, n + 1);
    return status;
}

static int copy_hash(const struct ff_head *h, char hash[33])
{
    const char *text = ff_head_text(h, "xxh3");
    if (strlen(text) != FF_SNAPSHOT_DIGITS ||
        strspn(text, "0123456789abcdef") != FF_SNAPSHOT_DIGITS)
        return FF_ECORRUPT;
    memcpy(hash, text, FF_SNAPSHOT_DIGITS + 1);
    return 0;
}

const char *ff_core(void)
{
    return ff_mat_core();
}

const char *ff_core_better(void)
{
    return ff_mat_core_better();
}

int ff_snapshot_about(const uint8_t *bytes, size_t n,
                      struct ff_snapshot_about *out, char **labels,
                      char why[FF_WHY_MAX])
{
    struct ff_head h;
    int status = ff_head_read(&h, bytes, n, why);
    if (status)
        return status;
    if (ff_head_number(&h, "record", &out->record) ||
        ff_head_number(&h, "seq", &out->seq) ||
        ff_head_number(&h, "step", &out->step) || copy_hash(&h, out->hash))
        status = ff_refuse(why, FF_ECORRUPT, "its numbers are not readable");
    snprintf(out->core, sizeof out->core, "%.31s", ff_head_text(&h, "core"));
    if (!status && labels && (status = copy_labels(&h, labels)))
        ff_refuse(why, status, "its labels are not readable");
    ff_head_release(&h);
    return status;
}
