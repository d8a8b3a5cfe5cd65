/*
 * files.h -- the files of clients/web, as the build found them (embed.cmake).
 */
#ifndef FFD_HTTP_FILES_H
#define FFD_HTTP_FILES_H

#include <stddef.h>

struct ffd_http_file {
    const char *path; /* "/style.css"; "/" is the page itself */
    const char *type;
    const char *etag;     /* quoted, of the content */
    unsigned char *bytes; /* (n) never written; the library takes no const */
    size_t n;
};

/* Until one without a path. */
extern const struct ffd_http_file ffd_http_files[];

#endif
