/*
 * versions, rollback, export and delete_version: the generations of a model's
 * snapshots.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/look.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "daemon/rollback.h"
#include "daemon/snapshot_file.h"
#include "proto/pack.h"
#include "proto/reply.h"

#define PIECE_BYTES ((size_t)4 << 20) /* of an export */

/* ---- versions ------------------------------------------------------------ */

/* What its header does not tell, because it is damaged, is nil. */
static void pack_version(struct ffp_buf *b, const char *dir,
                         const struct ffd_version *v)
{
    char path[FFD_PATH_MAX], text[FFD_VERSION_NAME_MAX + 1];
    char why[FFD_CONFIG_WHY_MAX];
    struct ff_snapshot_about about;
    bool known;

    ffd_model_dir_file(dir, v, path);
    ffd_version_text(v, text);
    known = ffd_snapshot_about(path, &about, why) == 0;
    ffp_pack_map(b, 8);
    ffp_kv_str(b, "version", text);
    ffp_kv_str(b, "name", v->name[0] ? v->name : NULL);
    ffp_kv_uint(b, "record", v->record);
    if (known) {
        ffp_kv_uint(b, "seq", about.seq);
        ffp_kv_uint(b, "step", about.step);
    } else {
        ffp_kv_nil(b, "seq");
        ffp_kv_nil(b, "step");
    }
    ffp_kv_uint(b, "bytes", v->bytes);
    ffp_kv_uint(b, "time", v->time);
    ffp_kv_str(b, "xxh3", known ? about.hash : NULL);
}

static void versions(struct ffd_look *l)
{
    struct ffp_buf *b = &l->call->reply;

    ffp_reply_begin(b, l->call->request.msgid);
    ffp_pack_array(b, l->n);
    for (size_t i = 0; i < l->n; i++)
        pack_version(b, l->dir, &l->list[i]);
}

void ffd_m_versions(const struct ffd_ask *ask)
{
    ffd_look_start(ask, versions, NULL);
}

/* ---- rollback ------------------------------------------------------------ */

static void nothing_more(struct ffd_look *l)
{
    (void)l; /* it is found; the rest is the loop's */
}

static void roll_back(struct ffd_look *l)
{
    const struct ffd_call *call = l->call;
    struct ffd_daemon *d = l->m->d;
    struct ffd_conn *c = ffd_conn_find(d, call->conn);
    char path[FFD_PATH_MAX];

    if (d->phase >= FFD_SAVING) {
        ffd_answer_error(d, call->conn, call->request.msgid, FFP_SHUTTING_DOWN,
                         "the server stops; this was not done");
        return;
    }
    ffd_model_dir_file(l->dir, l->found, path);
    if (c)
        ffd_conn_begin(c);
    if (ffd_model_rollback(l->m, path, call->conn, call->request.msgid) == 0)
        return;
    ffd_answer_error(d, call->conn, call->request.msgid, FFP_NO_MEMORY,
                     "no memory for the request");
    ffd_conn_end(d, call->conn);
}

void ffd_m_rollback(const struct ffd_ask *ask)
{
    ffd_look_start(ask, nothing_more, roll_back);
}

/* ---- export -------------------------------------------------------------- */

/* Bytes of the file from offset on, at most a piece; -1: errno. */
static ssize_t read_piece(const char *path, uint64_t offset, uint8_t *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), error;
    ssize_t n = 0, got;

    if (fd < 0)
        return -1;
    do {
        got = pread(fd, out + n, PIECE_BYTES - (size_t)n,
                    (off_t)(offset + (uint64_t)n));
        n += got > 0 ? got : 0;
    } while ((got < 0 && errno == EINTR) ||
             (got > 0 && n < (ssize_t)PIECE_BYTES));
    error = errno;
    close(fd);
    errno = error;
    return got < 0 ? -1 : n;
}

static void pack_piece(struct ffd_look *l, const uint8_t *data, size_t n)
{
    struct ffp_buf *b = &l->call->reply;
    char text[FFD_VERSION_NAME_MAX + 1];

    ffd_version_text(l->found, text);
    ffp_reply_begin(b, l->call->request.msgid);
    ffp_pack_map(b, 4);
    ffp_kv_str(b, "version", text);
    ffp_kv_uint(b, "bytes", n);
    ffp_kv_uint(b, "total", l->found->bytes);
    ffp_kv_bin(b, "data", data, n);
}

static void export(struct ffd_look *l)
{
    uint64_t offset = l->call->request.offset;
    uint8_t *data;
    char path[FFD_PATH_MAX];
    ssize_t n;

    if (offset > l->found->bytes) {
        snprintf(l->why, sizeof(l->why), "offset: the snapshot has %llu bytes",
                 (unsigned long long)l->found->bytes);
        ffd_look_fail(l, FFP_BAD_PARAMS, l->why);
        return;
    }
    data = malloc(PIECE_BYTES);
    if (!data) {
        ffd_look_fail(l, FFP_NO_MEMORY, "no memory for the piece");
        return;
    }
    ffd_model_dir_file(l->dir, l->found, path);
    n = read_piece(path, offset, data);
    if (n >= 0) {
        pack_piece(l, data, (size_t)n);
    } else if (errno == ENOENT) {
        ffd_look_fail(l, FFP_UNKNOWN_VERSION,
                      "the snapshot has gone meanwhile");
    } else {
        snprintf(l->why, sizeof(l->why), "cannot read %.200s: %s", path,
                 strerror(errno));
        ffd_look_fail(l, FFP_STORAGE, l->why);
    }
    free(data);
}

void ffd_m_export(const struct ffd_ask *ask)
{
    ffd_look_start(ask, export, NULL);
}

/* ---- delete_version ------------------------------------------------------ */

static void delete_version(struct ffd_look *l)
{
    struct ffp_buf *b = &l->call->reply;

    if (!l->found->name[0] ||
        !ffp_str_is(l->call->request.snapshot, l->found->name)) {
        ffd_look_fail(l, FFP_BAD_PARAMS,
                      "version: only named snapshots are deleted by hand; "
                      "others go as the configuration says");
        return;
    }
    if (ffd_model_dir_unname(l->dir, l->found, l->why) < 0) {
        ffd_look_fail(l, FFP_STORAGE, l->why);
        return;
    }
    ffp_reply_begin(b, l->call->request.msgid);
    ffp_pack_map(b, 1);
    ffp_kv_str(b, "version", l->found->name);
}

void ffd_m_delete_version(const struct ffd_ask *ask)
{
    ffd_look_start(ask, delete_version, NULL);
}
