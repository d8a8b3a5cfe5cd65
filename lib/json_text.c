#include "lib/json_text.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/status.h"

#define DEPTH_MAX 64 /* ours goes three deep */

char *ff_json_text(const json_t *value)
{
    size_t n = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
    char *text = n > 0 ? ff_alloc(n + 1) : NULL;
    if (text && json_dumpb(value, text, n, JSON_COMPACT) != n) {
        ff_release(text);
        return NULL;
    }
    return text;
}

json_t *ff_json_parse(const char *text, size_t n, int *status)
{
    json_error_t error;
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
    int depth;
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

static bool eat_value(struct text *t);

static bool eat_member(struct text *t, char close)
{
    eat_space(t);
    if (close == '}') {
        if (!eat_string(t))
            return false;
        eat_space(t);
        if (!eat(t, ':'))
            return false;
    }
    return eat_value(t);
}

/* Behind the bracket that opened it. */
static bool eat_members(struct text *t, char close)
{
    bool right = ++t->depth <= DEPTH_MAX;
    eat_space(t);
    if (right && eat(t, close)) {
        t->depth--;
        return true;
    }
    do
        right = right && eat_member(t, close);
    while (right && eat(t, ','));
    t->depth--;
    return right && eat(t, close);
}

static bool eat_value(struct text *t)
{
    bool right;
    eat_space(t);
    if (eat(t, '{'))
        right = eat_members(t, '}');
    else if (eat(t, '['))
        right = eat_members(t, ']');
    else if (t->at < t->end && *t->at == '"')
        right = eat_string(t);
    else
        right = eat_word(t, "null") || eat_word(t, "true") ||
                eat_word(t, "false") || eat_number(t);
    eat_space(t);
    return right;
}

bool ff_json_well_formed(const char *text, size_t n)
{
    struct text t = {.at = text, .end = text + n};
    eat_space(&t);
    bool listed = t.at < t.end && (*t.at == '{' || *t.at == '[');
    return listed && eat_value(&t) && t.at == t.end;
}
