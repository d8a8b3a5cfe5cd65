/*
 * fuzz_journal_seeds DIR: a segment with its log, and one that has it folded
 * in, for fuzz_journal to begin with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal.h"

static size_t copy(FILE *to, const char *from)
{
    FILE *f = fopen(from, "rb");
    size_t n = 0;
    int c = 0;

    while (f && (c = getc(f)) != EOF) {
        putc(c, to);
        n++;
    }
    if (f)
        fclose(f);
    return n;
}

/* The log is filled up to whole blocks with zeros, which read as its end. */
static int write_seed(const char *to, const char *segment)
{
    char log[512];
    size_t n = 0;
    FILE *f = fopen(to, "wb");

    if (!f) {
        perror(to);
        return 1;
    }
    snprintf(log, sizeof log, "%s-wal", segment);
    copy(f, segment);
    for (n = copy(f, log); n % 512; n++)
        putc(0, f);
    putc((int)(n / 512 & 255), f);
    putc((int)(n / 512 >> 8), f);
    return fclose(f) != 0;
}

static int append(struct ffd_journal *j, char why[FFD_CONFIG_WHY_MAX])
{
    static const uint8_t body[3000] = "body";
    struct ffd_journal_row rows[] = {
        {"a", 1, body, sizeof body}, {"b", 1, body, 20}, {"a", 2, body, 700}};

    return ffd_journal_append(j, rows, 3, why);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/fuzz-journal-XXXXXX";
    char segment[64];
    char to[4096];
    char why[FFD_CONFIG_WHY_MAX] = "";
    struct ffd_journal *j = NULL;
    int failed = 0;

    if (argc != 2 || !mkdtemp(dir)) {
        fprintf(stderr, "usage: fuzz_journal_seeds DIR\n");
        return 2;
    }
    snprintf(segment, sizeof segment, "%s/0000000001.db", dir);
    failed = ffd_journal_open(&j, dir, (uint64_t)1 << 30, why) != 0 ||
             append(j, why) != 0;
    snprintf(to, sizeof to, "%s/journal-log", argv[1]);
    failed = failed || write_seed(to, segment);
    ffd_journal_close(j);
    snprintf(to, sizeof to, "%s/journal-file", argv[1]);
    failed = failed || write_seed(to, segment);
    if (*why)
        fprintf(stderr, "%s\n", why);
    unlink(segment);
    rmdir(dir);
    return failed;
}
