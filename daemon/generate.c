#include "daemon/generate.h"

#include <string.h>

#include "daemon/call.h"
#include "daemon/dispatch.h"
#include "daemon/model.h"
#include "daemon/symbols.h"
#include "proto/limits.h"
#include "proto/pack.h"
#include "proto/reply.h"

/* Keeps the seeds of pieces apart; of Steele, Lea and Flood's splitmix. */
#define PIECE UINT64_C(0x9e3779b97f4a7c15)

void ffd_generate_follow(struct ffd_model *m, struct ffd_call *call,
                         uint8_t *frame)
{
    struct ffp_str prompt = call->request.opts.prompt;
    size_t n = prompt.n < FFD_SYMBOLS_SEEN ? prompt.n : FFD_SYMBOLS_SEEN;
    uint8_t after[FFD_SYMBOLS_SEEN];

    if (n == 0)
        return;
    ffd_symbols_frame(&m->symbols, m->ff,
                      (const uint8_t *)prompt.at + prompt.n - n, n, after);
    memmove(frame, frame + n, FFD_SYMBOLS_SEEN - n);
    memcpy(frame + FFD_SYMBOLS_SEEN - n, after + FFD_SYMBOLS_SEEN - n, n);
}

/* ---- the answer -----------------------------------------------------------
 */

static const char *label(const struct ffd_call *call, const struct ff_model *ff,
                         size_t i)
{
    return ff_label_name(ff, call->writing.class_[i]);
}

/* The bytes that all of them are; false if one is none. */
static bool bytes_of(const struct ffd_call *call, const struct ff_model *ff,
                     char bytes[FFP_GENERATE_MAX])
{
    for (size_t i = 0; i < call->frames; i++) {
        const char *name = label(call, ff, i);
        int byte = name ? ffd_symbol_byte(name) : -1;

        if (byte < 0)
            return false;
        bytes[i] = (char)byte;
    }
    return true;
}

/* Labels that are no bytes, with a space between. */
static void pack_words(struct ffp_buf *b, const struct ffd_call *call,
                       const struct ff_model *ff)
{
    struct ffp_buf words;

    ffp_buf_init(&words, FFP_MAX_MESSAGE_BYTES);
    for (size_t i = 0; i < call->frames; i++) {
        const char *name = label(call, ff, i);

        ffp_buf_add(&words, " ", i > 0);
        ffp_buf_add(&words, name ? name : "?", name ? strlen(name) : 1);
    }
    b->failed = b->failed || words.failed;
    ffp_pack_strn(b, (const char *)words.data, words.n);
    ffp_buf_release(&words);
}

static void pack_text(struct ffp_buf *b, const struct ffd_call *call,
                      const struct ff_model *ff)
{
    char bytes[FFP_GENERATE_MAX];

    ffp_pack_str(b, "text");
    if (!bytes_of(call, ff, bytes))
        pack_words(b, call, ff);
    else if (ffp_text_valid(bytes, call->frames))
        ffp_pack_strn(b, bytes, call->frames);
    else
        ffp_pack_bin(b, bytes, call->frames);
}

static void encode(struct ffd_call *call, const struct ff_model *ff,
                   const struct ff_view *view)
{
    struct ffp_buf *b = &call->reply;
    bool list = call->request.opts.list;

    ffp_reply_begin(b, call->request.msgid);
    ffp_pack_map(b, list ? 3 : 2);
    pack_text(b, call, ff);
    if (list) {
        ffp_pack_str(b, "symbols");
        ffp_pack_array(b, call->frames);
        for (size_t i = 0; i < call->frames; i++)
            ffp_pack_str(b, label(call, ff, i));
    }
    ffp_kv_uint(b, "step", ff_view_step(view));
}

/* ---- writing --------------------------------------------------------------
 */

static int write_some(struct ffd_call *call, const struct ff_view *view,
                      size_t n)
{
    const struct ffp_opts *opts = &call->request.opts;
    struct ffd_writing *w = &call->writing;
    double temperature =
        opts->given & 1u << FFP_O_TEMPERATURE ? opts->temperature : 1;
    uint8_t own[FFD_SYMBOLS_SEEN];
    const void *past = call->request.frames.data;

    if (call->done == 0)
        w->seed =
            opts->given & 1u << FFP_O_SEED ? opts->seed : ff_view_step(view);
    else {
        ff_symbols_frame(w->class_, call->done, own);
        past = own;
    }
    return ff_generate(view, past, (float)temperature,
                       w->seed + call->done * PIECE, n, w->class_ + call->done);
}

void ffd_generate_some(struct ffd_call *call, const struct ff_model *ff,
                       const struct ff_view *view)
{
    size_t left = call->frames - call->done;
    size_t n = left < FFD_WRITE_MAX ? left : FFD_WRITE_MAX;
    int status = write_some(call, view, n);

    call->done += n;
    if (status == FF_EMPTY)
        ffp_reply_error(&call->reply, call->request.msgid,
                        FFP_NOTHING_REMEMBERED,
                        "the model has met no symbol yet");
    else if (status != FF_OK)
        ffp_reply_error(&call->reply, call->request.msgid, ffd_code_of(status),
                        "%s", ff_strerror(status));
    else if (call->done == call->frames)
        encode(call, ff, view);
}
