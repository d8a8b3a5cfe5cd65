/*
 * fuzz_seeds DIR: the golden messages as files, for a fuzzer to begin with.
 */
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *hex;
} goldens[] = {
#define FFP_GOLDEN(name, documented, hex, says) {#name, hex},
#include "tests/proto/golden.def"
};

static int write_seed(const char *dir, const char *name, const char *hex)
{
    char path[4096];
    FILE *f = NULL;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "wb");
    if (!f) {
        perror(path);
        return 1;
    }
    for (char *end = NULL; *hex; hex = end)
        fputc((int)strtoul(hex, &end, 16), f);
    return fclose(f) != 0;
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: fuzz_seeds DIR\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++)
        failed |= write_seed(argv[1], goldens[i].name, goldens[i].hex);
    return failed;
}
