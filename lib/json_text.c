#include "lib/json_text.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/status.h"

#define DEPTH_MAX  64 /* ours goes three deep */
#define SPACES_MIN 64 /* more than a number takes */

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

/* No less than the bytes of any string in a text that is well formed. */
static size_t longest(const char *text, size_t n)
{
    size_t most = 0, from = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\\') {
            i++;
        } else if (text[i] == '"') {
            most = i - from + 1 > most ? i - from + 1 : most;
            from = i;
        }
    }
    return most;
}

/*
 * The text as the second of two, the first being a string as long as any in
 * it. jansson drops a character of a string whose buffer it cannot enlarge, and
 * if that was an escaped one aborts or writes elsewhere (2.14). A reader whose
 * memory runs out meets that in the first, where it does no harm: the buffer is
 * kept for those that follow.
 */
static char *behind_spaces(const char *text, size_t n, size_t *all)
{
    size_t spaces = longest(text, n) + SPACES_MIN;
    char *both = ff_alloc(spaces + n + 5);
    if (!both)
        return NULL;
    memset(both, ' ', spaces + n + 5);
    both[0] = '[';
    both[1] = both[2 + spaces] = '"';
    both[3 + spaces] = ',';
    memcpy(both + 4 + spaces, text, n);
    both[4 + spaces + n] = ']';
    *all = spaces + n + 5;
    return both;
}

/* What jansson only says of bytes that it has seen. */
static bool is_damage(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_unknown:
    case json_error_out_of_memory:
    case json_error_invalid_syntax:
        return false;
    default:
        return true;
    }
}

json_t *ff_json_parse(const char *text, size_t n, int *status)
{
    json_error_t error = {.text = ""}; /* it may be left as it is */
    size_t all;
    *status = FF_ECORRUPT;
    if (!ff_json_well_formed(text, n))
        return NULL;
    char *both = behind_spaces(text, n, &all);
    json_t *list = both ? json_loadb(both, all, 0, &error) : NULL;
    json_t *json = json_incref(json_array_get(list, 1));
    ff_release(both);
    json_decref(list);
    if (json)
        *status = 0;
    else if (!is_damage(&error))
        *status = FF_ENOMEM;
    return json;
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
