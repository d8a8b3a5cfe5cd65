/*
 * bytes.h -- a file, a gzipped file or standard input, read as one stream.
 *
 * zlib looks at the first two bytes itself, so no name needs to end in .gz.
 */
#ifndef CLI_BYTES_H
#define CLI_BYTES_H

#include <stddef.h>
#include <zlib.h>

#define WHY_MAX 512 /* bytes of an explanation, with terminator */

struct bytes {
    gzFile file;
    char name[128]; /* for sentences */
    char *line;     /* of bytes_line */
    size_t room;
};

/* Open path, "-" for standard input; -1 with the sentence in why. */
int bytes_open(struct bytes *b, const char *path, char why[WHY_MAX]);
void bytes_release(struct bytes *b);

/* Fill `to`; how many bytes came, fewer only at the end; -1 with why. */
long bytes_read(struct bytes *b, void *to, size_t n, char why[WHY_MAX]);

/* The next line without its end, terminated, borrowed until the next call.
   1, 0 at the end, -1 with why. */
int bytes_line(struct bytes *b, char **line, char why[WHY_MAX]);

#endif
