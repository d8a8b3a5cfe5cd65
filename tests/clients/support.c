#include "tests/clients/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "clients/cli/cli.h"

static char directory[64];

const char *scratch(const char *name)
{
    static char path[8][512];
    static unsigned next;
    if (!*directory) {
        snprintf(directory, sizeof directory, "/tmp/test_clients.XXXXXX");
        assert_non_null(mkdtemp(directory));
    }
    char *p = path[next++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", directory, name);
    return p;
}

void scratch_clear(void)
{
    DIR *d = *directory ? opendir(directory) : NULL;
    if (!d)
        return;
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        if (e->d_name[0] != '.')
            unlink(scratch(e->d_name));
    }
    closedir(d);
    rmdir(directory);
}

void put_file(const char *path, const void *bytes, size_t n, int gzipped)
{
    if (gzipped) {
        gzFile f = gzopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(gzwrite(f, bytes, (unsigned)n), (int)n);
        assert_int_equal(gzclose(f), Z_OK);
        return;
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

void put_idx(const char *path, size_t n, size_t h, size_t w,
             const uint8_t *bytes, int gzipped)
{
    uint8_t file[4096] = {0, 0, 8, w ? 3 : 1};
    size_t at = 4, size[3] = {n, h, w}, all = w ? n * h * w : n;
    for (int i = 0; i < (w ? 3 : 1); i++, at += 4) {
        file[at + 2] = (uint8_t)(size[i] >> 8);
        file[at + 3] = (uint8_t)size[i];
    }
    assert_true(at + all <= sizeof file);
    memcpy(file + at, bytes, all);
    put_file(path, file, at + all, gzipped);
}

struct ffc_model shape_of(size_t h, size_t w, bool f32)
{
    return (struct ffc_model){.dims = 2,
                              .shape = {h, w},
                              .f32 = f32,
                              .values = h * w,
                              .frame_bytes = h * w * (f32 ? 4 : 1)};
}

char ran_out[1 << 16], ran_err[1 << 16];

/* Point a stream at a file; the old descriptor, for restore. */
static int redirect(FILE *stream, const char *path)
{
    (void)fflush(stream);
    int old = dup(fileno(stream));
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(old >= 0 && fd >= 0);
    assert_true(dup2(fd, fileno(stream)) >= 0);
    close(fd);
    return old;
}

static void restore(FILE *stream, int old, const char *path, char *out,
                    size_t room)
{
    (void)fflush(stream);
    assert_true(dup2(old, fileno(stream)) >= 0);
    close(old);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    out[fread(out, 1, room - 1, f)] = '\0';
    (void)fclose(f);
}

int run(const char *word, ...)
{
    char *words[32], out[128], err[128];
    size_t n = 0;
    va_list list;
    va_start(list, word);
    for (const char *w = word; w; w = va_arg(list, const char *)) {
        assert_true(n < 31);
        words[n++] = (char *)w;
    }
    va_end(list);
    words[n] = NULL;
    snprintf(out, sizeof out, "%s", scratch("stdout"));
    snprintf(err, sizeof err, "%s", scratch("stderr"));
    int old_out = redirect(stdout, out), old_err = redirect(stderr, err);
    int code = cli_main(words);
    restore(stdout, old_out, out, ran_out, sizeof ran_out);
    restore(stderr, old_err, err, ran_err, sizeof ran_err);
    return code;
}
