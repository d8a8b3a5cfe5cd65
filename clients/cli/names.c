#include "clients/cli/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

void names_init(struct names *s)
{
    memset(s, 0, sizeof *s);
}

void names_release(struct names *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->text[i]);
    free(s->text);
    names_init(s);
}

static bool same(const char *have, const char *text, size_t n)
{
    return strncmp(have, text, n) == 0 && have[n] == '\0';
}

int names_put(struct names *s, const char *text, size_t n)
{
    if (s->last < s->n && same(s->text[s->last], text, n))
        return (int)s->last;
    for (size_t i = 0; i < s->n; i++) {
        if (same(s->text[i], text, n)) {
            s->last = i;
            return (int)i;
        }
    }
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 16;
        s->text = must_grow(s->text, s->room, sizeof *s->text);
    }
    s->text[s->n] = must_copy(text, n);
    s->last = s->n;
    return (int)s->n++;
}

const char *names_get(const struct names *s, int i)
{
    return i < 0 ? NULL : s->text[i];
}

static bool number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}

int names_compare(const char *a, const char *b)
{
    double x, y;
    bool nx = number(a, &x), ny = number(b, &y);
    if (nx && ny && x < y)
        return -1;
    if (nx && ny && x > y)
        return 1;
    if (nx != ny)
        return nx ? -1 : 1;
    return strcmp(a, b);
}
