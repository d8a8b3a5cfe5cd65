#include "lib/json_text.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/status.h"

#define DEPTH_MAX 64 /* ours goes three deep */

char *ff_json_text(const json_t *value, size_t *n)
{
    size_t most = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
    char *text = most > 0 ? ff_alloc(most + 1) : NULL;
    if (n)
        *n = most;
    if (text && json_dumpb(value, text, most, JSON_COMPACT) != most) {
        ff_release(text);
        return NULL;
    }
    return text;
}

json_t *ff_json_parse(const char *text, size_t n, int *status)
{
    json_error_t error = {.text = ""}; /* it may be left as it is */
    json_t *json = json_loadb(text, n, 0, &error);
    *status = 0;
    if (json)
        return json;
    switch (json_error_code(&error)) {
    case json_error_unknown:
    case json_error_out_of_memory:
    case json_error_invalid_syntax:
        *status = ff_json_well_formed(text, n) ? FF_ENOMEM : FF_ECORRUPT;
        break;
    default: /* what it only says of bytes that it has seen */
        *status = FF_ECORRUPT;
    }
    return NULL;
}

/* ---- the grammar: each eats what it can, or says no -----------------------
 */

struct text {
    const char *at, *end;
    char open[DEPTH_MAX]; /* what closes those that are open */
    size_t depth;
};

static bool eat(struct text *t, char c)
{
    bool is = t->at < t->end && *t->at == c;
    t->at += is;
    return is;
}

static bool eat_word(struct text *t, const char *word)
{
    size_t n = strlen(word);
    bool is = (size_t)(t->end - t->at) >= n && memcmp(t->at, word, n) == 0;
    t->at += is ? n : 0;
    return is;
}

static void eat_space(struct text *t)
{
    while (t->at < t->end && *t->at && strchr(" \t\r\n", *t->at))
        t->at++;
}

static size_t eat_digits(struct text *t)
{
    const char *from = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
        t->at++;
    return (size_t)(t->at - from);
}

static bool eat_number(struct text *t)
{
    eat(t, '-');
    if (!eat(t, '0') && eat_digits(t) == 0)
        return false;
    if (eat(t, '.') && eat_digits(t) == 0)
        return false;
    if (!eat(t, 'e') && !eat(t, 'E'))
        return true;
    if (!eat(t, '+'))
        eat(t, '-');
    return eat_digits(t) > 0;
}

/* Halves of pairs (U+D800 on) are refused: nobody here writes them. */
static bool eat_escape(struct text *t)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    if (t->at == t->end || !*t->at)
        return false;
    char c = *t->at++;
    if (c != 'u')
        return strchr("\"\\/bfnrt", c) != NULL;
    if (t->end - t->at < 4)
        return false;
    bool half = (t->at[0] == 'd' || t->at[0] == 'D') && t->at[1] > '7';
    for (int i = 0; i < 4; i++, t->at++)
        if (!*t->at || !strchr(hex, *t->at))
            return false;
    return !half;
}

static bool eat_string(struct text *t)
{
    if (!eat(t, '"'))
        return false;
    while (t->at < t->end && *t->at != '"') {
        unsigned char c = (unsigned char)*t->at++;
        if (c < ' ' || (c == '\\' && !eat_escape(t)))
            return false;
    }
    return eat(t, '"');
}

/* A key and its colon, where the innermost is an object. */
static bool eat_key(struct text *t)
{
    if (t->open[t->depth - 1] == ']')
        return true;
    eat_space(t);
    if (!eat_string(t))
        return false;
    eat_space(t);
    return eat(t, ':');
}

/* A value that is whole at once; of an array or object its beginning, up to
   where its first value is due: *begun. */
static bool eat_value(struct text *t, bool *begun)
{
    eat_space(t);
    char close = 0;
    if (eat(t, '{'))
        close = '}';
    else if (eat(t, '['))
        close = ']';
    *begun = false;
    if (close) {
        eat_space(t);
        if (eat(t, close))
            return true;
        if (t->depth == DEPTH_MAX)
            return false;
        t->open[t->depth++] = close;
        *begun = true;
        return eat_key(t);
    }
    if (t->at < t->end && *t->at == '"')
        return eat_string(t);
    return eat_word(t, "null") || eat_word(t, "true") || eat_word(t, "false") ||
           eat_number(t);
}

/* Behind a value: what it was the last of is closed; *more: another follows. */
static bool eat_end(struct text *t, bool *more)
{
    for (*more = false; t->depth > 0; t->depth--) {
        eat_space(t);
        if (eat(t, ',')) {
            *more = true;
            return eat_key(t);
        }
        if (!eat(t, t->open[t->depth - 1]))
            return false;
    }
    return true;
}

bool ff_json_well_formed(const char *text, size_t n)
{
    struct text t = {.at = text, .end = text + n};
    eat_space(&t);
    if (t.at == t.end || (*t.at != '{' && *t.at != '['))
        return false;
    for (bool more = true; more;)
        if (!eat_value(&t, &more) || (!more && !eat_end(&t, &more)))
            return false;
    eat_space(&t);
    return t.at == t.end;
}
