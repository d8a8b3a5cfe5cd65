#include "daemon/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/follow.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "daemon/recover_snapshot.h"
#include "daemon/shape.h"
#include "daemon/snapshot_file.h"
#include "daemon/state_dir.h"
#include "proto/pack.h"

#define IMPORTS_MAX 16

struct ffd_import {
    struct ffd_import *next;
    struct ffd_daemon *d; /* borrowed */
    char name[FFP_MODEL_MAX + 1];
    char part[FFD_PATH_MAX];
    uint64_t got, total; /* bytes */

    /* the piece that is being written */
    struct ffd_call *call; /* owned; NULL: none is */
    uv_work_t req;         /* data: this */
    int rc;
    char why[FFD_CONFIG_WHY_MAX];
};

/* {bytes, total, name}: of a piece, and of the whole. */
static void answer(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                   uint64_t bytes, uint64_t total, const char *name)
{
    struct ffd_answer a;

    if (!ffd_answer_begin(&a, d, conn, msgid))
        return;
    ffp_pack_map(a.buf, 3);
    ffp_kv_uint(a.buf, "bytes", bytes);
    ffp_kv_uint(a.buf, "total", total);
    ffp_kv_str(a.buf, "name", name);
    ffd_answer_end(&a);
}

/* ---- the list ------------------------------------------------------------ */

static struct ffd_import *find(struct ffd_daemon *d, struct ffp_str name)
{
    for (struct ffd_import *i = d->imports; i; i = i->next) {
        if (ffp_str_is(name, i->name))
            return i;
    }
    return NULL;
}

static void end(struct ffd_import *i)
{
    struct ffd_import **at = &i->d->imports;

    while (*at != i)
        at = &(*at)->next;
    *at = i->next;
    free(i);
}

bool ffd_import_busy(const struct ffd_daemon *d)
{
    for (const struct ffd_import *i = d->imports; i; i = i->next) {
        if (i->call)
            return true;
    }
    return false;
}

void ffd_imports_release(struct ffd_daemon *d)
{
    while (d->imports)
        end(d->imports);
}

/* ---- the whole of it ----------------------------------------------------- */

/* The file is the snapshot. */
static int settle(struct ffd_work *w, const char *part)
{
    char dir[FFD_PATH_MAX], path[FFD_PATH_MAX];

    ffd_model_dir(w->state, w->name, dir);
    if (ffd_dir_make(dir, w->why) < 0)
        return -1;
    ffd_model_dir_file(dir, &w->version, path);
    return ffd_file_rename(part, path, w->why);
}

void ffd_import_take(struct ffd_work *w)
{
    char part[FFD_PATH_MAX], reason[FFD_CONFIG_WHY_MAX];
    enum ffd_snapshot_state state;
    size_t bytes;

    ffd_state_part(w->state, w->name, part);
    state = ffd_snapshot_try(part, &w->ff, reason);
    if (state != FFD_SNAPSHOT_GOOD) {
        w->status = state == FFD_SNAPSHOT_DAMAGED ? FF_ECORRUPT : FF_OK;
        snprintf(w->why, sizeof(w->why), "what came is no snapshot: %.400s",
                 reason);
        unlink(part);
        return;
    }
    bytes = ff_spec_frame_bytes(ff_model_spec(w->ff));
    if (bytes < ff_spec_sample_bytes(ff_model_spec(w->ff)))
        bytes = ff_spec_sample_bytes(ff_model_spec(w->ff));
    w->version = (struct ffd_version){.record = ff_model_record(w->ff),
                                      .time = (uint64_t)time(NULL)};
    if (bytes > FFP_MAX_MESSAGE_BYTES / 2) {
        w->status = FF_ESPEC;
        snprintf(w->why, sizeof(w->why),
                 "its frames have %zu bytes; at most %d fit in a message",
                 bytes, FFP_MAX_MESSAGE_BYTES / 2);
    }
    if (!w->why[0] && settle(w, part) == 0)
        return;
    unlink(part);
    ff_model_free(w->ff);
    w->ff = NULL;
}

static enum ffp_code code_of(const struct ffd_work *w)
{
    return w->status == FF_OK ? FFP_STORAGE : FFP_BAD_PARAMS;
}

/* It is on the disk, but may not be here. */
static void take_back(struct ffd_model *m)
{
    const struct ffd_op drop = {.kind = FFD_OP_DROP};

    m->ff = m->work.ff;
    ffd_model_leave(m, "the model could not be imported");
    if (ffd_model_ask(m, &drop) < 0)
        ffd_log(FFD_LOG_ERROR, "model %s: no memory to drop it", m->name);
}

static void refuse(struct ffd_model *m, const struct ffd_op *op,
                   enum ffp_code code, const char *why)
{
    ffd_answer_error(m->d, op->conn, op->msgid, code, "%.250s", why);
    ffd_conn_end(m->d, op->conn);
}

static void live(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffd_work *w = &m->work;

    m->saved_record = w->version.record;
    ffd_version_text(&w->version, m->saved.version);
    ffd_log(FFD_LOG_NOTICE, "model %s: imported, seq %llu", m->name,
            (unsigned long long)w->stats.seq);
    answer(m->d, op->conn, op->msgid, op->count, op->count, m->name);
    ffd_conn_end(m->d, op->conn);
}

bool ffd_import_home(struct ffd_model *m, const struct ffd_op *op)
{
    struct ffd_work *w = &m->work;
    char why[FFD_CONFIG_WHY_MAX];

    if (w->why[0]) {
        refuse(m, op, code_of(w), w->why);
        ffd_model_free(m);
        return false;
    }
    m->config.spec = *ff_model_spec(w->ff);
    ffd_model_type(m);
    if (ffd_follow_check_all(m->d, m->name, &m->config, why) < 0) {
        refuse(m, op, FFP_BAD_SPEC, why);
        take_back(m);
    } else if (ffd_model_live(m, w->ff) < 0) {
        refuse(m, op, FFP_NO_MEMORY,
               "no memory for the model; it is there after a restart");
        ffd_model_free(m);
        return false;
    } else {
        live(m, op);
    }
    return true;
}

/* All pieces are there: the name is taken, and the rest is an item of the new
   model's. */
static void whole(struct ffd_import *i, uint64_t conn, uint32_t msgid)
{
    struct ffd_op op = {.kind = FFD_OP_IMPORT,
                        .asked = true,
                        .conn = conn,
                        .msgid = msgid,
                        .count = (size_t)i->total};
    struct ffd_conn *c = ffd_conn_find(i->d, conn);
    struct ffd_model_config config;
    struct ffd_model *m = NULL;

    ffd_model_config_init(&config);
    if (i->d->phase >= FFD_SAVING) {
        ffd_answer_error(i->d, conn, msgid, FFP_SHUTTING_DOWN,
                         "the server stops; this was not done");
        return;
    }
    if (ffd_model_find(i->d, i->name, strlen(i->name))) {
        ffd_answer_error(i->d, conn, msgid, FFP_MODEL_EXISTS,
                         "there is a model of that name already");
        return;
    }
    m = ffd_model_new(i->d, i->name, &config);
    if (m && ffd_model_ask(m, &op) < 0) {
        ffd_model_free(m);
        m = NULL;
    }
    if (!m)
        ffd_answer_error(i->d, conn, msgid, FFP_NO_MEMORY,
                         "no memory for the model");
    else if (c)
        ffd_conn_begin(c);
}

/* ---- a piece ------------------------------------------------------------- */

static int write_piece(const struct ffd_import *i, int fd)
{
    const struct ffp_request *r = &i->call->request;
    const uint8_t *at = r->data;

    for (size_t left = r->data_bytes; left > 0;) {
        ssize_t done =
            pwrite(fd, at, left, (off_t)(i->got + (uint64_t)(at - r->data)));

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        at += done;
        left -= (size_t)done;
    }
    return i->got + r->data_bytes == i->total ? fsync(fd) : 0;
}

static void on_pool(uv_work_t *req)
{
    struct ffd_import *i = req->data;
    int fd = open(
        i->part, O_WRONLY | O_CREAT | O_CLOEXEC | (i->got ? 0 : O_TRUNC), 0640);

    i->rc = fd < 0 ? -1 : write_piece(i, fd);
    if (i->rc < 0)
        snprintf(i->why, sizeof(i->why), "cannot write %.200s: %s", i->part,
                 strerror(errno));
    if (fd >= 0)
        close(fd);
    if (i->rc < 0)
        unlink(i->part);
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_import *i = req->data;
    struct ffd_daemon *d = i->d;
    uint64_t conn = i->call->conn;
    uint32_t msgid = i->call->request.msgid;

    (void)status; /* nothing cancels it */
    i->got += i->call->request.data_bytes;
    ffd_call_end(d, i->call);
    i->call = NULL;
    if (i->rc < 0)
        ffd_answer_error(d, conn, msgid, FFP_STORAGE, "%.250s", i->why);
    else if (i->got < i->total)
        answer(d, conn, msgid, i->got, i->total, NULL);
    else
        whole(i, conn, msgid);
    if (i->rc < 0 || i->got == i->total)
        end(i);
    ffd_stop_look(d);
}

/* The first piece of an import begins it anew. */
static struct ffd_import *begin(const struct ffd_ask *ask)
{
    struct ffd_import *i;
    size_t n = 0;

    for (i = ask->d->imports; i; i = i->next)
        n++;
    if (n >= IMPORTS_MAX) {
        ffd_refuse(ask, FFP_TOO_MANY,
                   "there are %d imports that are not finished", IMPORTS_MAX);
        return NULL;
    }
    i = calloc(1, sizeof(*i));
    if (!i) {
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the import");
        return NULL;
    }
    i->d = ask->d;
    memcpy(i->name, ask->r->model.at, ask->r->model.n);
    ffd_state_part(ask->d->config.state, i->name, i->part);
    i->next = ask->d->imports;
    ask->d->imports = i;
    return i;
}

/* The import that the piece belongs to; otherwise it is refused, and NULL. */
static struct ffd_import *belongs(const struct ffd_ask *ask)
{
    const struct ffp_request *r = ask->r;
    struct ffd_import *i = find(ask->d, r->model);
    uint64_t next = i ? i->got : 0;

    if (r->data_bytes == 0 || r->offset > r->total ||
        r->data_bytes > r->total - r->offset)
        ffd_refuse(ask, FFP_BAD_PARAMS,
                   "data: must have at least one byte and end within total");
    else if (i && i->call)
        ffd_refuse(ask, FFP_BAD_PARAMS,
                   "offset: the piece before is still being written");
    else if (r->offset == 0)
        return i ? i : begin(ask);
    else if (r->offset != next || r->total != i->total)
        ffd_refuse(ask, FFP_BAD_PARAMS,
                   "offset: the next piece begins at %llu, with the same total",
                   (unsigned long long)next);
    else
        return i;
    return NULL;
}

void ffd_m_import(const struct ffd_ask *ask)
{
    struct ffd_import *i;

    if (!ffd_may_make(ask))
        return;
    i = belongs(ask);
    if (!i)
        return;
    i->call = ffd_call_new(ask->conn, ask->message, ask->n);
    if (!i->call) {
        ffd_refuse(ask, FFP_NO_MEMORY, "no memory for the request");
        if (ask->r->offset == 0)
            end(i);
        return;
    }
    /* From here on the request is the call's: it may have moved. */
    if (i->call->request.offset == 0) {
        i->got = 0;
        i->total = i->call->request.total;
    }
    i->req.data = i;
    uv_queue_work(&ask->d->loop, &i->req, on_pool, on_home);
}
