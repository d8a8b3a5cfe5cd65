/*
 * shim_fault.c -- makes the k-th call of a kind fail, or the disk full.
 *
 *   LD_PRELOAD=shim_fault.so FFD_FAULT=FILE ffd ...
 *
 * FILE is the control block below, made by the driver (faults.py) and mapped by
 * both, so that faults are armed and disarmed in a running daemon, and counts
 * are there however it ends.
 *
 * Memory that our own code asks for is told from what libraries ask for by the
 * return address: the executable holds lib, proto and daemon. Inline functions
 * of msgpack-c's headers are so taken for ours, and what libc allocates for us
 * (opendir) for a library's.
 *
 * File calls go straight to the kernel from here; those that libc makes inside
 * itself (stdio) are not seen. ffd writes no file with stdio.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>

#include "tests/faults/under.h"

#define EXPORT __attribute__((visibility("default")))

enum kind {
    ALLOC_OWN,
    ALLOC_OTHER,
    WRITE,
    SYNC,
    RENAME,
    UNLINK,
    CREATE, /* open with O_CREAT, mkdir */
    TRUNCATE,
    KINDS
};

/* faults.py knows this layout. */
struct control {
    uint64_t magic;
    uint64_t kind; /* which calls fail: */
    uint64_t at;   /* from the at-th on, counted from 1; 0: none */
    uint64_t many; /* so many of them */
    uint64_t error;
    uint64_t full; /* errno of every call that needs room; 0: there is room */
    _Atomic uint64_t fired;
    _Atomic uint64_t count[16];
    char who[256];   /* asked for the memory that was refused */
    char crash[256]; /* where the process died */
    char dir[UNDER_PATH_MAX];
};

#define MAGIC 0x31544c5541464646ull

static struct control *control;
static uintptr_t own_from, own_to; /* the executable's code */

/* ---- start -----------------------------------------------------------------
 */

static int find_own(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void)size;
    (void)ctx;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];

        if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
            continue;
        own_from = info->dlpi_addr + p->p_vaddr;
        own_to = own_from + p->p_memsz;
    }
    return 1; /* the executable comes first */
}

static void name_place(char out[256], const void *address)
{
    Dl_info info;
    const char *file = "?", *symbol = "?";

    if (dladdr(address, &info)) {
        file = info.dli_fname ? info.dli_fname : "?";
        symbol = info.dli_sname ? info.dli_sname : "?";
    }
    snprintf(out, 256, "%s:%s", file, symbol);
}

static void on_crash(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *u = context;

    (void)info;
    if (control->crash[0] == '\0')
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): a register is a number */
        name_place(control->crash, (void *)u->uc_mcontext.gregs[REG_RIP]);
    raise(signal); /* the handler was for once */
}

__attribute__((constructor)) static void start(void)
{
    struct sigaction on = {.sa_sigaction = on_crash,
                           .sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER};
    const char *path = getenv("FFD_FAULT");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC)
                  : -1;
    struct control *c;

    if (fd < 0)
        return;
    c = mmap(NULL, sizeof *c, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (c == MAP_FAILED || c->magic != MAGIC)
        return;
    dl_iterate_phdr(find_own, NULL);
    control = c;
    sigaction(SIGSEGV, &on, NULL);
    sigaction(SIGBUS, &on, NULL);
}

/* ---- whether this call fails -----------------------------------------------
 */

static bool must_fail(enum kind kind)
{
    uint64_t n = atomic_fetch_add(&control->count[kind], 1) + 1;
    uint64_t at = control->at;

    if (at == 0 || control->kind != kind || n < at || n - at >= control->many)
        return false;
    atomic_fetch_add(&control->fired, 1);
    errno = (int)control->error;
    return true;
}

/* Of a file that is our business. */
static bool file_fails(enum kind kind, bool needs_room)
{
    if (needs_room && control->full) {
        errno = (int)control->full;
        return true;
    }
    return must_fail(kind);
}

static bool fd_fails(enum kind kind, int fd, bool needs_room)
{
    char room[UNDER_PATH_MAX];

    return control && under_fd(control->dir, fd, room) &&
           file_fails(kind, needs_room);
}

static bool path_fails(enum kind kind, const char *path, bool needs_room)
{
    return control && under(control->dir, path) && file_fails(kind, needs_room);
}

/* ---- memory ----------------------------------------------------------------
 */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static bool no_memory(const void *caller)
{
    uintptr_t from = (uintptr_t)caller;
    enum kind kind =
        from >= own_from && from < own_to ? ALLOC_OWN : ALLOC_OTHER;

    if (!control || !must_fail(kind))
        return false;
    if (control->who[0] == '\0') {
        int error = errno;

        name_place(control->who, caller);
        errno = error;
    }
    return true;
}

EXPORT void *malloc(size_t n)
{
    return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

EXPORT void *calloc(size_t n, size_t size)
{
    return no_memory(__builtin_return_address(0)) ? NULL
                                                  : __libc_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t n)
{
    return no_memory(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

EXPORT void *aligned_alloc(size_t align, size_t n)
{
    return no_memory(__builtin_return_address(0)) ? NULL
                                                  : __libc_memalign(align, n);
}

EXPORT int posix_memalign(void **out, size_t align, size_t n)
{
    void *p;

    if (no_memory(__builtin_return_address(0)))
        return ENOMEM;
    p = __libc_memalign(align, n);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}

/* libuv ends by abort() where it has no way to say that memory ran out. */
EXPORT void abort(void)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};

    if (control && control->crash[0] == '\0')
        name_place(control->crash, __builtin_return_address(0));
    sigaction(SIGABRT, &usual, NULL);
    raise(SIGABRT);
    _exit(134);
}

/* ---- files -----------------------------------------------------------------
 */

EXPORT ssize_t write(int fd, const void *bytes, size_t n)
{
    return fd_fails(WRITE, fd, true) ? -1 : syscall(SYS_write, fd, bytes, n);
}

EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    return fd_fails(WRITE, fd, true) ? -1
                                     : syscall(SYS_pwrite64, fd, bytes, n, at);
}

EXPORT ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite64(fd, bytes, n, at);
}

EXPORT ssize_t writev(int fd, const struct iovec *v, int n)
{
    return fd_fails(WRITE, fd, true) ? -1 : syscall(SYS_writev, fd, v, n);
}

EXPORT int fsync(int fd)
{
    return fd_fails(SYNC, fd, false) ? -1 : (int)syscall(SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
    return fd_fails(SYNC, fd, false) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

EXPORT int ftruncate64(int fd, off64_t size)
{
    return fd_fails(TRUNCATE, fd, false)
               ? -1
               : (int)syscall(SYS_ftruncate, fd, size);
}

EXPORT int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

EXPORT int rename(const char *from, const char *to)
{
    return path_fails(RENAME, from, false) ? -1
                                           : (int)syscall(SYS_rename, from, to);
}

EXPORT int unlink(const char *path)
{
    return path_fails(UNLINK, path, false) ? -1
                                           : (int)syscall(SYS_unlink, path);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    return path_fails(CREATE, path, true) ? -1
                                          : (int)syscall(SYS_mkdir, path, mode);
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
    /* A file that is there needs no room to be opened. */
    bool fresh = flags & O_CREAT && faccessat(dir, path, F_OK, 0) < 0;

    if (flags & O_CREAT && path_fails(CREATE, path, fresh))
        return -1;
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}

#define OPEN(name)                                                             \
    EXPORT int name(const char *path, int flags, ...)                          \
    {                                                                          \
        mode_t mode = 0;                                                       \
        va_list ap;                                                            \
                                                                               \
        va_start(ap, flags);                                                   \
        if (flags & O_CREAT)                                                   \
            mode = va_arg(ap, mode_t);                                         \
        va_end(ap);                                                            \
        return open_at(AT_FDCWD, path, flags, mode);                           \
    }
/* NOLINTBEGIN(clang-analyzer-valist.Uninitialized): it is initialised */
OPEN(open)
OPEN(open64)
/* NOLINTEND(clang-analyzer-valist.Uninitialized) */
