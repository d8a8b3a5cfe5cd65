/*
 * generate.c -- symbols that a model writes.
 */
#include "clients/c/client.h"

int ffc_generate(struct ffc *c, const char *model,
                 const struct ffc_generating *how, struct ffc_reply **out)
{
    size_t options = (how->stream != NULL) + (how->prompt != NULL) +
                     (how->n > 0) + (how->temperature != 0) +
                     (how->seed != NULL) + how->list + how->fresh;
    int rc = ffc_begin(c, "generate", 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_map(&c->out, options);
    if (how->stream)
        ffp_kv_str(&c->out, "stream", how->stream);
    if (how->prompt)
        ffp_kv_bin(&c->out, "prompt", how->prompt, how->prompt_bytes);
    if (how->n > 0)
        ffp_kv_uint(&c->out, "n", how->n);
    if (how->temperature != 0)
        ffp_kv_double(&c->out, "temperature", how->temperature);
    if (how->seed)
        ffp_kv_uint(&c->out, "seed", *how->seed);
    if (how->list)
        ffp_kv_bool(&c->out, "list", true);
    if (how->fresh)
        ffp_kv_bool(&c->out, "fresh", true);
    return ffc_exchange(c, out);
}
