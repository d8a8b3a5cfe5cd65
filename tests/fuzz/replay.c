/*
 * replay FILE|DIR...: each file through the target once, as libFuzzer would;
 * so that any compiler and sanitizer runs what was found before.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)
#define FILE_MAX  4096

static size_t replayed;

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rbe");
    uint8_t *bytes = malloc(INPUT_MAX);
    size_t n = 0;

    if (!f || !bytes) {
        perror(path);
        if (f)
            fclose(f);
        free(bytes);
        return 1;
    }
    n = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    /* Exactly so long, so that a byte read beyond it is noticed. */
    uint8_t *exact = realloc(bytes, n > 0 ? n : 1);
    MUST(exact);
    printf("%s\n", path); /* the last line names what it died of */
    fflush(stdout);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    replayed++;
    return 0;
}

static int replay(const char *path)
{
    char file[FILE_MAX];
    const struct dirent *e = NULL;
    DIR *dir = opendir(path);
    int failed = 0;

    if (!dir)
        return replay_file(path);
    while ((e = readdir(dir))) {
        if (*e->d_name == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        failed |= replay_file(file);
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i]);
    printf("%zu inputs\n", replayed);
    return failed || replayed == 0;
}
