/*
 * screen.h -- a terminal that is drawn on as a whole, and read key by key.
 *
 * The other screen, so that what was on the terminal is there again afterwards.
 * Each picture is one write: home, every line with what was behind it erased,
 * then what was below. So nothing flickers. Whatever ends ffctl gives the
 * terminal back, but for SIGKILL.
 */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum screen_key {
    SCREEN_NONE, /* time is over */
    SCREEN_UP,
    SCREEN_DOWN,
    SCREEN_RESIZED,
    SCREEN_ENDED /* nobody is at the terminal any more */
    /* others: the character */
};

/* Whether standard output is a terminal, and wants colours: not with NO_COLOR,
   nor TERM=dumb. */
bool screen_is_terminal(void);
bool screen_has_colours(void);

/* Take the terminal. -1: it is none. */
int screen_open(void);
void screen_close(void);

/* As it is now. */
void screen_size(size_t *columns, size_t *rows);

/* Show text, lines ended by \n; what does not fit is cut off. Escapes take no
   room. */
void screen_show(const char *text);

/* The next key, or SCREEN_NONE after so many seconds. */
int screen_key(double seconds);

#endif
