/*
 * PROTOCOL.md and the tables say the same. When a row is missing, the test
 * prints it as it should stand there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/event.h"
#include "proto/limits.h"
#include "proto/method.h"
#include "tests/proto/support.h"

static char *read_protocol_md(void)
{
    FILE *f = fopen(FFP_PROTOCOL_MD, "r");
    char *text = calloc(1, 1 << 20);

    assert_non_null(f);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
    fclose(f);
    return text;
}

static void expect_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    size_t n = strlen(line);

    while (at && (at[n] != '\n' || (at > text && at[-1] != '\n')))
        at = strstr(at + 1, line);
    if (!at)
        fail_msg("PROTOCOL.md lacks the line\n%s", line);
}

void protocol_md_holds_every_documented_message(void **state)
{
    char *text = read_protocol_md();

    (void)state;
    for (size_t i = 0; i < goldens_n; i++) {
        if (goldens[i].documented)
            expect_line(text, goldens[i].hex);
    }
    free(text);
}

void protocol_md_shows_no_other_bytes(void **state)
{
    char *text = read_protocol_md();
    char *save = NULL;
    bool inside = false;
    size_t shown = 0;

    (void)state;
    for (char *line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        bool known = false;

        if (strncmp(line, "```", 3) == 0) {
            inside = strcmp(line, "```hex") == 0;
            continue;
        }
        for (size_t i = 0; inside && i < goldens_n; i++)
            known |= goldens[i].documented && !strcmp(line, goldens[i].hex);
        if (inside && !known)
            fail_msg("PROTOCOL.md shows bytes that no test knows: %s", line);
        shown += inside;
    }
    assert_true(shown > 0);
    free(text);
}

/* "model, frame, label, [opts: ack]" */
static void parameters(const struct ffp_method_info *m, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < m->params; i++) {
        const struct ffp_param_info *p = &ffp_param_table[m->param[i]];
        const char *before = ": ";

        n += (size_t)snprintf(out + n, size - n, p->optional ? "%s[%s" : "%s%s",
                              i ? ", " : "", p->name);
        for (unsigned k = 0; k < FFP_OPTIONS; k++) {
            if (m->param[i] != FFP_P_OPTS || !(m->options >> k & 1))
                continue;
            n += (size_t)snprintf(out + n, size - n, "%s%s", before,
                                  ffp_option_table[k].name);
            before = ", ";
        }
        n += (size_t)snprintf(out + n, size - n, "%s", p->optional ? "]" : "");
    }
}

void protocol_md_lists_every_method_as_the_table_has_it(void **state)
{
    char *text = read_protocol_md();
    char takes[128];
    char row[512];

    (void)state;
    for (size_t i = 0; i < FFP_METHODS; i++) {
        const struct ffp_method_info *m = &ffp_method_table[i];

        parameters(m, takes, sizeof takes);
        snprintf(row, sizeof row, "| `%s` | %s | `%s` | %s | %s |", m->name,
                 takes, m->result, ffp_role_name(m->role), m->help);
        expect_line(text, row);
    }
    for (size_t i = 0; i < FFP_PARAMS; i++) {
        const struct ffp_param_info *p = &ffp_param_table[i];

        snprintf(row, sizeof row, "| `%s` | %s | %s |", p->name, p->type,
                 p->help);
        expect_line(text, row);
    }
    for (size_t i = 0; i < FFP_OPTIONS; i++) {
        const struct ffp_option_info *o = &ffp_option_table[i];

        snprintf(row, sizeof row, "| `%s` | %s | %s |", o->name, o->type,
                 o->help);
        expect_line(text, row);
    }
    free(text);
}

void protocol_md_lists_every_topic(void **state)
{
    char *text = read_protocol_md();
    char row[512];

    (void)state;
    for (size_t i = 0; i < FFP_TOPICS; i++) {
        const struct ffp_topic_info *t = &ffp_topic_table[i];

        snprintf(row, sizeof row, "| `%s` | `%s` | %s |", t->name, t->payload,
                 t->help);
        expect_line(text, row);
    }
    free(text);
}

void protocol_md_lists_every_error_and_limit(void **state)
{
    static const struct {
        const char *name, *help;
        long value;
    } limits[] = {
#define FFP_LIMIT(NAME, name, value, help) {#name, help, value},
#include "proto/limits.def"
    };
    char *text = read_protocol_md();
    char row[512];

    (void)state;
    for (unsigned i = 0; i < FFP_CODES; i++) {
        snprintf(row, sizeof row, "| `%s` | %s |",
                 ffp_code_name((enum ffp_code)i),
                 ffp_code_help((enum ffp_code)i));
        expect_line(text, row);
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        snprintf(row, sizeof row, "| `%s` | %ld | %s |", limits[i].name,
                 limits[i].value, limits[i].help);
        expect_line(text, row);
    }
    free(text);
}
