#include "daemon/portrait.h"

#include <stdio.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/model.h"

#define AGAIN_MS 1000

static bool may_show(const struct ffd_model *m)
{
    return m->d->config.http_pictures == FFD_ON;
}

static bool is_due(const struct ffd_model *m)
{
    const struct ffd_portrait *p = &m->portrait;

    if (p->asked || m->d->phase != FFD_SERVING)
        return false;
    if (p->text.n == 0 || p->pictures != may_show(m))
        return true;
    return p->record != m->record && ffd_now_ms(m->d) - p->made_ms >= AGAIN_MS;
}

static void ask(struct ffd_model *m)
{
    const struct ffd_op op = {.kind = FFD_OP_PORTRAIT};

    m->portrait.pictures = may_show(m);
    m->portrait.asked = ffd_model_ask(m, &op) == 0;
}

void ffd_portrait_json(struct ffd_model *m, struct ffp_buf *out)
{
    char text[FFP_MODEL_MAX + 48];

    if (m->portrait.shows && !may_show(m))
        ffp_buf_clear(&m->portrait.text);
    if (is_due(m))
        ask(m);
    if (m->portrait.text.n > 0) {
        ffp_buf_add(out, m->portrait.text.data, m->portrait.text.n);
        return;
    }
    snprintf(text, sizeof(text), "{\"model\":\"%s\",\"ready\":false}", m->name);
    ffp_buf_add(out, text, strlen(text));
}

void ffd_portrait_home(struct ffd_model *m)
{
    struct ffp_buf *made = &m->work.reply, old = m->portrait.text;
    struct ffd_portrait *p = &m->portrait;

    p->asked = false;
    p->made_ms = ffd_now_ms(m->d);
    p->record = m->record;
    /* A reload may have come between. */
    if (!made->failed && (!p->pictures || may_show(m))) {
        p->text = *made; /* they change places */
        p->shows = p->pictures;
        *made = old;
    }
    ffp_buf_clear(made);
}

void ffd_portrait_forget(struct ffd_model *m)
{
    struct ffp_buf *const texts[] = {&m->portrait.text, &m->work.reply};

    for (int i = 0; i < 2; i++) {
        if (texts[i]->data)
            memset(texts[i]->data, 0, texts[i]->room);
        ffp_buf_clear(texts[i]);
    }
}
