/*
 * versions.c -- the snapshots of a model: listed, gone back to, carried away.
 */
#include "clients/c/client.h"

/* A method of a model and one of its versions. */
static int with_version(struct ffc *c, const char *method, const char *model,
                        const char *version, struct ffc_reply **out)
{
    int rc = ffc_begin(c, method, 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_str(&c->out, version);
    return ffc_exchange(c, out);
}

int ffc_save_named(struct ffc *c, const char *model, const char *name,
                   bool wait, struct ffc_reply **out)
{
    int rc = ffc_begin(c, "save", 2);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_map(&c->out, 2);
    ffp_kv_str(&c->out, "name", name);
    ffp_kv_bool(&c->out, "wait", wait);
    return ffc_exchange(c, out);
}

int ffc_versions(struct ffc *c, const char *model, struct ffc_reply **out)
{
    int rc = ffc_begin(c, "versions", 1);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    return ffc_exchange(c, out);
}

int ffc_rollback(struct ffc *c, const char *model, const char *version,
                 struct ffc_reply **out)
{
    return with_version(c, "rollback", model, version, out);
}

int ffc_delete_version(struct ffc *c, const char *model, const char *version)
{
    return with_version(c, "delete_version", model, version, NULL);
}

int ffc_export(struct ffc *c, const char *model, const char *version_or_null,
               uint64_t offset, struct ffc_reply **out)
{
    int rc = ffc_begin(c, "export", 3);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_str(&c->out, version_or_null);
    ffp_pack_uint(&c->out, offset);
    return ffc_exchange(c, out);
}

int ffc_import(struct ffc *c, const char *model, uint64_t offset,
               const void *data, size_t bytes, uint64_t total,
               struct ffc_reply **out)
{
    int rc = ffc_begin(c, "import", 4);
    if (rc < 0)
        return rc;
    ffp_pack_str(&c->out, model);
    ffp_pack_uint(&c->out, offset);
    ffp_pack_bin(&c->out, data, bytes);
    ffp_pack_uint(&c->out, total);
    return ffc_exchange(c, out);
}
