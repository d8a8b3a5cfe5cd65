/*
 * show.c -- results for people and for programs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/cli/cli.h"

void cli_print_scalar(const struct ffc_value *v)
{
    size_t n;
    const char *text;
    switch (ffc_value_kind(v)) {
    case FFC_TEXT:
        text = ffc_value_bytes(v, &n);
        printf("%.*s", (int)n, text);
        break;
    case FFC_BYTES:
        (void)ffc_value_bytes(v, &n);
        printf("(%zu bytes)", n);
        break;
    case FFC_INT:
        printf("%lld", (long long)ffc_value_int(v, 0));
        break;
    case FFC_REAL:
        printf("%.6g", ffc_value_number(v, 0));
        break;
    case FFC_BOOL:
        printf("%s", ffc_value_bool(v, false) ? "yes" : "no");
        break;
    case FFC_NIL:
    case FFC_LIST:
    case FFC_MAP:
        printf("-");
        break;
    }
}

static bool is_flat(const struct ffc_value *v)
{
    for (size_t i = 0; i < ffc_value_count(v); i++) {
        enum ffc_kind kind = ffc_value_kind(ffc_value_at(v, i));
        if (kind == FFC_LIST || kind == FFC_MAP)
            return false;
    }
    return true;
}

static void print_flat_list(const struct ffc_value *v)
{
    for (size_t i = 0; i < ffc_value_count(v); i++) {
        if (i)
            printf(", ");
        cli_print_scalar(ffc_value_at(v, i));
    }
    putchar('\n');
}

/* The depth of a result is bounded by the protocol. */
void cli_print_pair(const struct ffc_value *map, /* NOLINT(misc-no-recursion) */
                    size_t i, int indent)
{
    const struct ffc_value *one = ffc_value_at(map, i);
    enum ffc_kind kind = ffc_value_kind(one);
    printf("%*s", indent, "");
    cli_print_scalar(ffc_value_key(map, i));
    putchar(':');
    if (kind == FFC_LIST && is_flat(one)) {
        putchar(' ');
        print_flat_list(one);
    } else if (kind == FFC_MAP || kind == FFC_LIST) {
        putchar('\n');
        cli_print_value(one, indent + 2);
    } else {
        cli_print_value(one, 1);
    }
}

void cli_print_value(const struct ffc_value *v, /* NOLINT(misc-no-recursion) */
                     int indent)
{
    enum ffc_kind kind = ffc_value_kind(v);
    if (kind != FFC_MAP && kind != FFC_LIST) {
        printf("%*s", indent, "");
        cli_print_scalar(v);
        putchar('\n');
        return;
    }
    for (size_t i = 0; i < ffc_value_count(v); i++) {
        if (kind == FFC_MAP) {
            cli_print_pair(v, i, indent);
            continue;
        }
        if (i)
            putchar('\n');
        cli_print_value(ffc_value_at(v, i), indent);
    }
}

int cli_show(const struct cli *cli, struct ffc_reply *reply)
{
    int code = EXIT_DONE;
    if (!reply)
        return EXIT_DONE;
    if (cli->json) {
        char *text = ffc_value_json(ffc_reply_value(reply));
        if (text)
            puts(text);
        else
            code = cli_say(EXIT_REFUSED, "out of memory");
        ffc_text_free(text);
    } else {
        cli_print_value(ffc_reply_value(reply), 0);
    }
    ffc_reply_free(reply);
    return code;
}

void cli_print_json(json_t *j)
{
    char *text = j ? json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(9) |
                                       JSON_ENCODE_ANY)
                   : NULL;
    if (text)
        puts(text);
    else
        (void)cli_say(EXIT_REFUSED, "out of memory");
    free(text);
    json_decref(j);
}

json_t *cli_real(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}
