#include "daemon/guard.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/tls.h"
#include "proto/reply.h"

#define BAD_TOKENS_MAX 3

/* ---- what files say ------------------------------------------------------ */

void ffd_keys_held_release(struct ffd_keys_held *k)
{
    ffd_tokens_release(&k->tokens);
    ffd_tls_context_free(k->tls);
    k->tls = NULL;
}

int ffd_keys_held_load(struct ffd_keys_held *k, const struct ffd_config *config,
                       char why[FFD_CONFIG_WHY_MAX])
{
    memset(k, 0, sizeof(*k));
    if (config->tokens[0] &&
        ffd_tokens_load(&k->tokens, config->tokens, why) < 0)
        return -1;
    if (!config->tls.certificate[0] ||
        ffd_tls_context_new(&k->tls, &config->tls, why) == 0)
        return 0;
    ffd_keys_held_release(k);
    return -1;
}

int ffd_guard_start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_guard *g = &d->guard;

    if (ffd_keys_held_load(&g->held, &d->config, why) < 0)
        return -1;
    if (d->config.tokens[0])
        ffd_log(FFD_LOG_NOTICE, "%zu tokens read from %s", g->held.tokens.n,
                d->config.tokens);
    g->timer.data = d;
    return uv_timer_init(&d->loop, &g->timer);
}

void ffd_guard_stop(struct ffd_daemon *d)
{
    uv_close((uv_handle_t *)&d->guard.timer, NULL);
}

void ffd_guard_release(struct ffd_daemon *d)
{
    ffd_keys_held_release(&d->guard.held);
}

/* ---- the line of the new ------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* Watch the head of the line. */
static void watch(struct ffd_daemon *d)
{
    struct ffd_guard *g = &d->guard;
    uint64_t now_ms = ffd_now_ms(d);

    if (!g->first)
        uv_timer_stop(&g->timer);
    else if (!uv_is_closing((uv_handle_t *)&g->timer))
        uv_timer_start(
            &g->timer, on_timer,
            g->first->until_ms > now_ms ? g->first->until_ms - now_ms : 0, 0);
}

static void stand_in_line(struct ffd_conn *c)
{
    struct ffd_guard *g = &c->d->guard;

    c->is_new = true;
    c->until_ms = ffd_now_ms(c->d) + FFP_MAX_AUTH_MS;
    c->prev_new = g->last;
    c->next_new = NULL;
    if (g->last) {
        g->last->next_new = c;
        g->last = c;
        return; /* the head is watched */
    }
    g->first = g->last = c;
    watch(c->d);
}

void ffd_guard_left(struct ffd_conn *c)
{
    struct ffd_guard *g = &c->d->guard;
    bool head = g->first == c;

    if (!c->is_new)
        return;
    c->is_new = false;
    if (c->prev_new)
        c->prev_new->next_new = c->next_new;
    else
        g->first = c->next_new;
    if (c->next_new)
        c->next_new->prev_new = c->prev_new;
    else
        g->last = c->prev_new;
    if (head)
        watch(c->d);
}

static void too_late(struct ffd_conn *c)
{
    char text[FFD_PEER_TEXT_MAX];
    bool shaking = c->tls && c->tls->state == FFD_TLS_SHAKING;

    ffd_count_refused(c->d, FFP_NOT_ALLOWED);
    ffd_log_some(FFD_LOG_NOTICE, "too-late", ffd_now_ms(c->d),
                 "connection %" PRIu64 " (%s): %s within %d ms; closed",
                 c->number, ffd_peer_text(c, text),
                 shaking ? "no TLS handshake" : "no token", FFP_MAX_AUTH_MS);
    if (shaking) {
        ffd_conn_close(c);
        return;
    }
    ffp_reply_error(&c->out, 0, FFP_NOT_ALLOWED,
                    "no token came within %d ms; the connection is closed",
                    FFP_MAX_AUTH_MS);
    ffd_guard_left(c);
    ffd_conn_close_after(c);
}

static void on_timer(uv_timer_t *timer)
{
    struct ffd_daemon *d = timer->data;
    uint64_t now_ms = ffd_now_ms(d);

    while (d->guard.first && d->guard.first->until_ms <= now_ms)
        too_late(d->guard.first);
    watch(d);
}

/* ---- roles --------------------------------------------------------------- */

bool ffd_guard_needs_token(const struct ffd_daemon *d, const struct ffd_conn *c)
{
    return c->way != FFD_WAY_UNIX && d->config.tokens[0] != '\0';
}

/* What the way it came by gives. */
static enum ffp_role role_of_way(const struct ffd_conn *c)
{
    int fd;

    if (ffd_guard_needs_token(c->d, c))
        return FFP_ROLE_NONE;
    if (c->way != FFD_WAY_UNIX || uv_fileno(&c->uv.handle, &fd) < 0)
        return FFP_ROLE_FEED;
    return ffd_peer_role(&c->peer, fd, &c->d->config);
}

static void admit(struct ffd_conn *c, enum ffp_role role)
{
    if (role > c->role)
        c->role = role;
    ffd_guard_left(c);
    ffp_stream_set_cap(&c->in, FFP_MAX_MESSAGE_BYTES);
}

void ffd_guard_came(struct ffd_conn *c)
{
    char text[FFD_PEER_TEXT_MAX];
    int fd;

    if (c->way == FFD_WAY_UNIX && uv_fileno(&c->uv.handle, &fd) == 0)
        ffd_peer_read(&c->peer, fd);
    if (c->d->config.log >= FFD_LOG_DEBUG)
        ffd_log(FFD_LOG_DEBUG, "connection %" PRIu64 ": %s", c->number,
                ffd_peer_text(c, text));
    stand_in_line(c);
    if (!c->tls)
        ffd_guard_opened(c);
}

void ffd_guard_opened(struct ffd_conn *c)
{
    enum ffp_role role = role_of_way(c);

    if (role > FFP_ROLE_NONE)
        admit(c, role);
}

bool ffd_guard_auth(struct ffd_conn *c, const char *token, size_t n)
{
    const struct ffd_token *line =
        ffd_tokens_find(&c->d->guard.held.tokens, token, n);
    char text[FFD_PEER_TEXT_MAX];

    if (line) {
        c->has_token = true;
        c->token = *line;
        admit(c, line->role);
        ffd_log(FFD_LOG_DEBUG,
                "connection %" PRIu64 " (%s): the token of line %u, %s",
                c->number, ffd_peer_text(c, text), line->line,
                ffp_role_name(line->role));
        return true;
    }
    c->bad_tokens++;
    ffd_log_some(FFD_LOG_WARNING, "bad-token", ffd_now_ms(c->d),
                 "connection %" PRIu64 " (%s): a bad token%s", c->number,
                 ffd_peer_text(c, text),
                 c->bad_tokens >= BAD_TOKENS_MAX ? ", the third; closed" : "");
    if (c->bad_tokens >= BAD_TOKENS_MAX) {
        ffd_guard_left(c);
        ffd_conn_close_after(c);
    }
    return false;
}

/* ---- reload -------------------------------------------------------------- */

/* Whether it may stay under the new keys, and with which role. */
static bool judge(struct ffd_conn *c)
{
    enum ffp_role role;

    if (c->has_token && !ffd_tokens_hold(&c->d->guard.held.tokens, &c->token))
        return false;
    role = role_of_way(c);
    if (c->has_token && c->token.role > role)
        role = c->token.role;
    if (c->is_new) {
        if (!c->tls || c->tls->state == FFD_TLS_OPEN)
            ffd_guard_opened(c);
        return true;
    }
    c->role = role;
    return role > FFP_ROLE_NONE;
}

void ffd_guard_reload(struct ffd_daemon *d, struct ffd_keys_held *k)
{
    size_t closed = 0;

    ffd_keys_held_release(&d->guard.held);
    d->guard.held = *k;
    ffd_http_readers_end(d); /* who showed which token is not known */
    for (size_t i = 0; i < FFP_MAX_CONNECTIONS; i++) {
        struct ffd_conn *c = d->conns.slot[i];

        if (!c || c->closing || judge(c))
            continue;
        ffd_conn_close(c);
        closed++;
    }
    if (closed)
        ffd_log(FFD_LOG_NOTICE,
                "%zu connections closed: their tokens are no longer there, or "
                "they would need one",
                closed);
}
