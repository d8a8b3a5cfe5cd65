#include "daemon/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/answer.h"
#include "daemon/commit.h"
#include "daemon/daemon.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"
#include "daemon/model_dir.h"
#include "daemon/snapshot_file.h"
#include "proto/pack.h"

static void put(struct ffd_save *s)
{
    char mark[FFD_PATH_MAX];

    ffd_path(mark, "%s/" FFD_FORGET_FILE, s->dir);
    if (s->forgets) {
        s->rc = ffd_dir_make(s->dir, s->why);
        if (s->rc == 0)
            s->rc = ffd_file_write(mark, "", 0, s->why);
    }
    if (s->rc == 0)
        s->rc = ffd_model_dir_put(s->dir, &s->version, s->bytes, s->n,
                                  &s->policy, s->hash, s->why);
    if (s->rc == 0 && s->forgets)
        s->rc = ffd_model_dir_forget(s->dir, &s->version, &s->forgot, s->why);
}

/* The specification first: a snapshot without it would lose its options. */
static void on_pool(uv_work_t *req)
{
    struct ffd_save *s = &((struct ffd_model *)req->data)->save;
    char spec[FFD_PATH_MAX];

    ffd_path(spec, "%s/" FFD_SPEC_FILE, s->dir);
    s->rc = 0;
    if (s->spec_text)
        s->rc = ffd_dir_make(s->dir, s->why);
    if (s->rc == 0 && s->spec_text)
        s->rc = ffd_file_write(spec, s->spec_text, s->spec_bytes, s->why);
    if (s->rc == 0)
        put(s);
    if (s->rc != 0 && s->spec_text)
        ffd_file_remove(spec);
}

static void answer(struct ffd_model *m)
{
    const struct ffd_save *s = &m->save;
    char version[FFD_VERSION_NAME_MAX + 1];
    struct ffd_answer a;

    if (s->rc != 0) {
        ffd_answer_error(m->d, s->conn, s->msgid,
                         s->rc > 0 ? FFP_VERSION_EXISTS : FFP_STORAGE, "%.200s",
                         s->why);
    } else if (s->creating) {
        ffd_answer_name(m->d, s->conn, s->msgid, m->name);
    } else if (ffd_answer_begin(&a, m->d, s->conn, s->msgid)) {
        ffd_version_text(&s->version, version);
        ffp_pack_map(a.buf, 6);
        ffp_kv_str(a.buf, "path", s->path);
        ffp_kv_str(a.buf, "version", version);
        ffp_kv_uint(a.buf, "seq", s->seq);
        ffp_kv_uint(a.buf, "step", s->step);
        ffp_kv_uint(a.buf, "bytes", s->n);
        ffp_kv_str(a.buf, "xxh3", s->hash);
        ffd_answer_end(&a);
    }
    ffd_conn_end(m->d, s->conn);
}

/* A model that could not be stored would be gone at the next start, and its
   maker would not know: it is not made at all. */
static void undo_create(struct ffd_model *m)
{
    const struct ffd_op drop = {.kind = FFD_OP_DROP};

    ffd_model_leave(m, "the model could not be stored");
    if (ffd_model_ask(m, &drop) < 0)
        ffd_log(FFD_LOG_ERROR, "model %s: no memory to drop it", m->name);
}

static void written(struct ffd_model *m)
{
    struct ffd_save *s = &m->save;

    m->saved_record = s->version.record;
    m->unsaved -= s->unsaved;
    ffd_version_text(&s->version, m->saved.version);
    ffd_log(FFD_LOG_INFO, "model %s: snapshot of seq %llu, %zu bytes", m->name,
            (unsigned long long)s->seq, s->n);
    ffd_event_snapshot(m);
    if (s->version.name[0])
        ffd_model_mark(m, "snapshot", "saved as %s", s->version.name);
    ffd_commit_saved(m->d);
}

static void failed(struct ffd_model *m)
{
    struct ffd_save *s = &m->save;
    char key[FFP_MODEL_MAX + 8];

    if (s->rc > 0) {
        snprintf(s->why, sizeof(s->why),
                 "there is a snapshot of the name %s; delete that version, or "
                 "choose another name",
                 s->version.name);
        return; /* who asked is told */
    }
    m->d->stop.failed = m->d->stop.failed || m->d->phase == FFD_SAVING;
    snprintf(key, sizeof(key), "save/%s", m->name);
    ffd_log_some(FFD_LOG_ERROR, key, ffd_now_ms(m->d),
                 "model %s: snapshot not written: %s", m->name, s->why);
}

/* m->save has come to an end, rc says which. */
static void finish(struct ffd_model *m)
{
    struct ffd_save *s = &m->save;

    s->busy = false;
    free(s->bytes);
    s->bytes = NULL;
    m->saved.at_ms = ffd_now_ms(m->d);
    if (s->rc == 0)
        written(m);
    else
        failed(m);
    if (s->forgets)
        ffd_hand_saved(m, s->forgot, s->rc, s->why);
    if (s->asked)
        answer(m);
    if (s->rc != 0 && s->creating)
        undo_create(m);
    ffd_scheduler_want(m);
}

static void on_home(uv_work_t *req, int status)
{
    struct ffd_model *m = req->data;
    struct ffd_daemon *d = m->d;

    (void)status; /* nothing cancels it */
    d->writers.running--;
    finish(m);
    ffd_save_look(d);
    ffd_stop_look(d);
}

static void write_now(struct ffd_model *m)
{
    m->d->writers.running++;
    m->save.req.data = m;
    uv_queue_work(&m->d->loop, &m->save.req, on_pool, on_home);
}

static void push(struct ffd_writers *w, struct ffd_model *m)
{
    m->save.next = NULL;
    if (w->tail)
        w->tail->save.next = m;
    else
        w->head = m;
    w->tail = m;
}

static struct ffd_model *pop(struct ffd_writers *w)
{
    struct ffd_model *m = w->head;

    w->head = m->save.next;
    if (!w->head)
        w->tail = NULL;
    return m;
}

static void fail(struct ffd_model *m, const char *why)
{
    m->save.rc = -1;
    snprintf(m->save.why, sizeof(m->save.why), "%s", why);
    finish(m);
}

/* Each that waits is looked at once; who must wait on is put back, in order. */
static void look(struct ffd_daemon *d, bool give_up)
{
    struct ffd_writers *w = &d->writers, waiting = *w;
    bool hurry = false;

    w->head = w->tail = NULL;
    while (waiting.head) {
        struct ffd_model *m = pop(&waiting);
        bool held = ffd_commit_holds(m, m->save.version.record);

        hurry = hurry || !held;
        if (m->life == FFD_DROPPING)
            fail(m, "the model was dropped");
        else if (!held && give_up)
            fail(m, "the journal did not take what it holds");
        else if (held && w->running < FFD_WRITERS)
            write_now(m);
        else
            push(w, m);
    }
    if (hurry && !give_up)
        ffd_commit_hurry(d);
}

void ffd_save_look(struct ffd_daemon *d)
{
    look(d, false);
}

void ffd_save_give_up(struct ffd_daemon *d)
{
    look(d, true);
    ffd_stop_look(d);
}

void ffd_save_start(struct ffd_model *m)
{
    const struct ffd_config *c = &m->d->config;
    struct ffd_save *s = &m->save;

    s->busy = true;
    s->version.time = (uint64_t)time(NULL);
    s->policy = c->snapshots.policy;
    ffd_model_dir(c->state, m->name, s->dir);
    ffd_model_dir_file(s->dir, &s->version, s->path);
    s->spec_text = s->creating ? m->spec_text : NULL;
    s->spec_bytes = m->spec_bytes;
    push(&m->d->writers, m);
    ffd_save_look(m->d);
}
