#include "daemon/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/answer.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"
#include "daemon/snapshot_file.h"
#include "proto/pack.h"

static void on_pool(uv_work_t *req)
{
    struct ffd_save *s = &((struct ffd_model *)req->data)->save;

    s->rc = 0;
    if (s->spec_path[0])
        s->rc =
            ffd_file_write(s->spec_path, s->spec_text, s->spec_bytes, s->why);
    if (s->rc == 0)
        s->rc = ffd_snapshot_write(s->path, s->bytes, s->n, s->hash, s->why);
    if (s->rc != 0 && s->creating)
        ffd_file_remove(s->spec_path);
}

static void answer(struct ffd_model *m)
{
    const struct ffd_save *s = &m->save;
    struct ffd_answer a;

    if (s->rc != 0) {
        ffd_answer_error(m->d, s->conn, s->msgid, FFP_STORAGE, "%.200s",
                         s->why);
    } else if (s->creating) {
        ffd_answer_name(m->d, s->conn, s->msgid, m->name);
    } else if (ffd_answer_begin(&a, m->d, s->conn, s->msgid)) {
        ffp_pack_map(a.buf, 5);
        ffp_kv_str(a.buf, "path", s->path);
        ffp_kv_uint(a.buf, "seq", s->seq);
        ffp_kv_uint(a.buf, "step", s->step);
        ffp_kv_uint(a.buf, "bytes", s->n);
        ffp_kv_str(a.buf, "xxh3", s->hash);
        ffd_answer_end(&a);
    }
    ffd_conn_end(m->d, s->conn);
}

static void next_writer(struct ffd_daemon *d);

/* A model that could not be stored would be gone at the next start, and its
   maker would not know: it is not made at all. */
static void undo_create(struct ffd_model *m)
{
    const struct ffd_op drop = {.kind = FFD_OP_DROP};

    ffd_model_leave(m, "the model could not be stored");
    if (ffd_model_ask(m, &drop) < 0)
        ffd_log(FFD_LOG_ERROR, "model %s: no memory to drop it", m->name);
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_model *m = req->data;
    struct ffd_save *s = &m->save;
    struct ffd_daemon *d = m->d;

    (void)status; /* nothing cancels it */
    d->writers.running--;
    s->busy = false;
    free(s->bytes);
    s->bytes = NULL;
    if (s->rc != 0) {
        d->stop.failed = d->stop.failed || d->phase == FFD_SAVING;
        ffd_log(FFD_LOG_ERROR, "model %s: snapshot not written: %s", m->name,
                s->why);
    } else {
        m->saved_seq = s->seq;
        m->saved_step = s->step;
        ffd_log(FFD_LOG_INFO, "model %s: snapshot of seq %llu, %zu bytes",
                m->name, (unsigned long long)s->seq, s->n);
        ffd_event_snapshot(m);
    }
    if (s->asked)
        answer(m);
    if (s->rc != 0 && s->creating)
        undo_create(m);
    next_writer(d);
    ffd_scheduler_want(m);
    ffd_stop_look(d);
}

static void next_writer(struct ffd_daemon *d)
{
    struct ffd_writers *w = &d->writers;

    while (w->head && w->running < FFD_WRITERS) {
        struct ffd_model *m = w->head;

        w->head = m->save.next;
        if (!w->head)
            w->tail = NULL;
        w->running++;
        m->save.req.data = m;
        uv_queue_work(&d->loop, &m->save.req, on_pool, on_home);
    }
}

void ffd_save_start(struct ffd_model *m)
{
    struct ffd_writers *w = &m->d->writers;
    struct ffd_save *s = &m->save;

    s->busy = true;
    s->next = NULL;
    ffd_model_path(m, ".safetensors", s->path);
    s->spec_path[0] = '\0';
    if (s->creating && m->spec_text) {
        ffd_model_path(m, ".yaml", s->spec_path);
        s->spec_text = m->spec_text;
        s->spec_bytes = m->spec_bytes;
    }
    if (w->tail)
        w->tail->save.next = m;
    else
        w->head = m;
    w->tail = m;
    next_writer(m->d);
}
