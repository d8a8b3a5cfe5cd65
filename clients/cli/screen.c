#include "clients/cli/screen.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER     "\033[?1049h\033[?25l"
#define LEAVE     "\033[?25h\033[?1049l"
#define HOME      "\033[H"
#define LINE_REST "\033[K"
#define REST      "\033[J"

static struct termios before;
static volatile sig_atomic_t is_open, resized;

bool screen_is_terminal(void)
{
    return isatty(STDOUT_FILENO);
}

bool screen_has_colours(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return screen_is_terminal() && (!no || !*no) && term && *term &&
           strcmp(term, "dumb") != 0;
}

static void put(const char *text, size_t n)
{
    while (n > 0) {
        ssize_t some = write(STDOUT_FILENO, text, n);
        if (some <= 0)
            return;
        text += some;
        n -= (size_t)some;
    }
}

void screen_close(void)
{
    if (!is_open)
        return;
    is_open = 0;
    put(LEAVE, strlen(LEAVE));
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* All of it may be called in a handler. */
static void on_end(int number)
{
    screen_close();
    signal(number, SIG_DFL);
    raise(number);
}

static void on_resize(int number)
{
    (void)number;
    resized = 1;
}

int screen_open(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction end = {.sa_handler = on_end},
                     resize = {.sa_handler = on_resize};
    struct termios raw;
    if (!screen_is_terminal() || tcgetattr(STDIN_FILENO, &before) < 0)
        return -1;
    sigemptyset(&end.sa_mask);
    sigemptyset(&resize.sa_mask);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        sigaction(ends[i], &end, NULL);
    sigaction(SIGWINCH, &resize, NULL);
    atexit(screen_close);
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    is_open = 1;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    put(ENTER, strlen(ENTER));
    return 0;
}

void screen_size(size_t *columns, size_t *rows)
{
    struct winsize size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *columns = size.ws_col > 0 ? size.ws_col : 80;
    *rows = size.ws_row > 0 ? size.ws_row : 24;
}

/* Bytes of a line, up to its end, that fit into so many columns: an escape
   takes none, nor do the later bytes of a character. */
static size_t fitting(const char *line, size_t columns)
{
    size_t i = 0, used = 0;
    while (line[i] && line[i] != '\n') {
        if (line[i] == '\033') {
            while (line[i] && line[i] != 'm')
                i++;
            i += line[i] != '\0';
            continue;
        }
        used += ((unsigned char)line[i] & 0xC0) != 0x80;
        if (used > columns)
            break;
        i++;
    }
    return i;
}

void screen_show(const char *text)
{
    size_t columns, rows, size;
    char *whole = NULL;
    FILE *out = open_memstream(&whole, &size);
    if (!out)
        return;
    screen_size(&columns, &rows);
    fputs(HOME, out);
    for (size_t row = 0; row < rows && *text; row++) {
        size_t n = fitting(text, columns);
        if (row > 0)
            fputs("\r\n", out);
        fwrite(text, 1, n, out);
        fputs("\033[0m" LINE_REST, out);
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    fputs(REST, out);
    if (fclose(out) == 0)
        put(whole, size);
    free(whole);
}

/* What came, of which an arrow is three bytes. */
static int read_key(void)
{
    char key[8];
    ssize_t n = read(STDIN_FILENO, key, sizeof key);
    if (n <= 0)
        return SCREEN_ENDED;
    if (n >= 3 && key[0] == '\033' && key[1] == '[')
        return key[2] == 'A'   ? SCREEN_UP
               : key[2] == 'B' ? SCREEN_DOWN
                               : SCREEN_NONE;
    return (unsigned char)key[n - 1];
}

int screen_key(double seconds)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    int rc = resized ? 0 : poll(&in, 1, (int)(1000 * seconds));
    if (resized) {
        resized = 0;
        return SCREEN_RESIZED;
    }
    return rc > 0 ? read_key() : SCREEN_NONE;
}
