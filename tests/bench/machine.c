/*
 * machine.c -- what the figures beside it were measured on, as one JSON line.
 *
 *   bench_machine [NAME=VALUE ...]     added as they are, as in commit=1b6976d
 */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "daemon/core.h"
#include "tests/bench/measure.h"

/* A JSON string; control characters are left out. */
static void print_text(const char *text, size_t n)
{
    putchar('"');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"' || text[i] == '\\')
            putchar('\\');
        if ((unsigned char)text[i] >= ' ')
            putchar(text[i]);
    }
    putchar('"');
}

static void print_cpu(void)
{
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[512], *colon = NULL;

    while (f && !colon && fgets(line, sizeof line, f)) {
        if (strncmp(line, "model name", 10) == 0)
            colon = strchr(line, ':');
    }
    if (f)
        fclose(f);
    printf(",\"cpu\":");
    if (colon)
        print_text(colon + 2, strlen(colon + 2));
    else
        print_text("unknown", 7);
}

int main(int argc, char **argv)
{
    struct utsname os;

    ffd_choose_core(argv);
    printf("{\"bench\":\"machine\"");
    print_cpu();
    printf(",\"cores\":%ld,\"memory_mb\":%ld", sysconf(_SC_NPROCESSORS_ONLN),
           sysconf(_SC_PHYS_PAGES) / 1024 * (sysconf(_SC_PAGESIZE) / 1024));
    printf(",\"blas\":");
    print_text(openblas_get_config(), strlen(openblas_get_config()));
    printf(",\"blas_core\":");
    print_text(openblas_get_corename(), strlen(openblas_get_corename()));
    if (uname(&os) == 0) {
        printf(",\"kernel\":");
        print_text(os.release, strlen(os.release));
    }
    for (int i = 1; i < argc; i++) {
        const char *eq = strchr(argv[i], '=');

        if (!eq)
            die("arguments read NAME=VALUE");
        putchar(',');
        print_text(argv[i], (size_t)(eq - argv[i]));
        putchar(':');
        print_text(eq + 1, strlen(eq + 1));
    }
    puts("}");
    return 0;
}
