#include "daemon/symbols.h"

#include <stdio.h>
#include <string.h>

#define SEEN 256 /* more than any frame holds */

void ffd_symbols_init(struct ffd_symbols *s)
{
    for (unsigned byte = 0; byte < FFD_SYMBOLS; byte++) {
        bool printable = byte >= 0x20 && byte < 0x7f;

        snprintf(s->name[byte], FFD_SYMBOL_TEXT, printable ? "%c" : "\\x%02x",
                 byte);
        s->class_[byte] = -1;
    }
}

struct ffp_str ffd_symbol_label(const struct ffd_symbols *s, uint8_t byte)
{
    return (struct ffp_str){s->name[byte], strlen(s->name[byte])};
}

int ffd_symbol_find(struct ffd_symbols *s, const struct ff_model *ff,
                    uint8_t byte)
{
    struct ffp_str label = ffd_symbol_label(s, byte);
    const char *is = ff_label_name(ff, s->class_[byte]);

    if (!is || strcmp(is, label.at) != 0)
        s->class_[byte] = ff_label_find(ff, label.at, label.n);
    return s->class_[byte];
}

static int nibble(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

int ffd_symbol_byte(const char *label)
{
    if (label[0] && !label[1])
        return (unsigned char)label[0];
    if (strlen(label) != FFD_SYMBOL_TEXT - 1 || memcmp(label, "\\x", 2) != 0 ||
        nibble(label[2]) < 0 || nibble(label[3]) < 0)
        return -1;
    return 16 * nibble(label[2]) + nibble(label[3]);
}

void ffd_symbols_frame(struct ffd_symbols *s, const struct ff_model *ff,
                       const uint8_t *bytes, size_t n, void *frame)
{
    int classes[SEEN];

    if (n > SEEN) {
        bytes += n - SEEN;
        n = SEEN;
    }
    for (size_t i = 0; i < n; i++)
        classes[i] = ffd_symbol_find(s, ff, bytes[i]);
    ff_symbols_frame(classes, n, frame);
}
