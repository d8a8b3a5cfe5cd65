/*
 * sandbox POLICY PROGRAM ARGUMENT...: confine ourselves as systemd confines a
 * service, and become the program.
 *
 * What the unit says is worked out by sandbox.py; this only does it. POLICY has
 * a line a fact, in the order in which they are done:
 *
 *   umask OCTAL
 *   nofile N
 *   proc              mount /proc afresh with processes alone in it
 *   readonly DIR      all files are read-only but those below DIR
 *   nocaps            empty the bounding set
 *   user UID          become that user, and the group of that number
 *   nonewprivs
 *   known NAME        a system call that exists: EPERM unless allowed; all
 *   allow NAME        others are ENOSYS
 *   family N          sockets of this family may be made, and no others
 *   mdwe              no memory is both writable and executable
 *   nonamespaces, nosuid, nopersonality
 *
 * The filters are loaded at the end, one each, as systemd does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACES                                                             \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET |             \
     CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS)
#define FAMILIES 64

struct policy {
    scmp_filter_ctx calls;
    bool may[FAMILIES], families;
    bool mdwe, nonamespaces, nosuid, nopersonality;
};

static void must(long rc, const char *what)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "sandbox: %s: %s\n", what,
            strerror(rc < -1 ? (int)-rc : errno));
    exit(125);
}

/* ---- what needs no filter ----------------------------------------------- */

static void limit_files(rlim_t n)
{
    const struct rlimit r = {n, n};

    must(setrlimit(RLIMIT_NOFILE, &r), "nofile");
}

static void own_mounts(void)
{
    static bool done;

    if (done)
        return;
    must(unshare(CLONE_NEWNS), "unshare");
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
    done = true;
}

static void fresh_proc(void)
{
    own_mounts();
    must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
               "hidepid=invisible,subset=pid"),
         "/proc");
}

static void read_only_but(const char *dir)
{
    struct mount_attr ro = {.attr_set = MOUNT_ATTR_RDONLY};
    struct mount_attr rw = {.attr_clr = MOUNT_ATTR_RDONLY};

    own_mounts();
    must(mount(dir, dir, NULL, MS_BIND, NULL), dir);
    must(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &ro,
                 sizeof(ro)),
         "read-only");
    must(syscall(SYS_mount_setattr, AT_FDCWD, dir, 0, &rw, sizeof(rw)), dir);
}

static void drop_capabilities(void)
{
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0;
         cap++)
        must(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), "bounding set");
}

static void become(unsigned id)
{
    must(setresgid(id, id, id), "group");
    must(setresuid(id, id, id), "user"); /* all capabilities go with it */
}

/* ---- filters ------------------------------------------------------------- */

static scmp_filter_ctx filter(uint32_t otherwise)
{
    scmp_filter_ctx f = seccomp_init(otherwise);

    must(f ? 0 : -ENOMEM, "seccomp");
    /* no_new_privs is a line of the policy, and not the library's to set */
    must(seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 0), "seccomp");
    return f;
}

static void load(scmp_filter_ctx f)
{
    must(seccomp_load(f), "seccomp_load");
    seccomp_release(f);
}

static void call(struct policy *p, const char *name, uint32_t action)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR || number < 0)
        return; /* of another machine or a newer kernel: ENOSYS */
    if (!p->calls)
        p->calls = filter(SCMP_ACT_ERRNO(ENOSYS));
    must(seccomp_rule_add(p->calls, action, number, 0), name);
}

static void deny_masked(scmp_filter_ctx f, int error, int number, unsigned arg,
                        uint64_t mask, uint64_t value)
{
    must(seccomp_rule_add(f, SCMP_ACT_ERRNO(error), number, 1,
                          SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, mask, value)),
         "rule");
}

static void deny_families(const struct policy *p)
{
    scmp_filter_ctx f = filter(SCMP_ACT_ALLOW);

    for (unsigned i = 0; i < FAMILIES; i++) {
        if (!p->may[i])
            must(seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT),
                                  SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, i)),
                 "families");
    }
    must(seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                          SCMP_A0(SCMP_CMP_GE, FAMILIES)),
         "families");
    load(f);
}

static void deny_write_execute(void)
{
    const uint64_t both = PROT_WRITE | PROT_EXEC;
    scmp_filter_ctx f = filter(SCMP_ACT_ALLOW);

    deny_masked(f, EPERM, SCMP_SYS(mmap), 2, both, both);
    deny_masked(f, EPERM, SCMP_SYS(mprotect), 2, PROT_EXEC, PROT_EXEC);
    deny_masked(f, EPERM, SCMP_SYS(pkey_mprotect), 2, PROT_EXEC, PROT_EXEC);
    deny_masked(f, EPERM, SCMP_SYS(shmat), 2, SHM_EXEC, SHM_EXEC);
    load(f);
}

static void deny_namespaces(void)
{
    static const uint64_t kinds[] = {
        CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET,
        CLONE_NEWPID, CLONE_NEWUSER,   CLONE_NEWUTS};
    scmp_filter_ctx f = filter(SCMP_ACT_ALLOW);

    /* Its flags are in memory, which a filter cannot see. */
    must(seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0),
         "clone3");
    must(seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setns), 0),
         "setns");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        deny_masked(f, EPERM, SCMP_SYS(clone), 0, kinds[i], kinds[i]);
        deny_masked(f, EPERM, SCMP_SYS(unshare), 0, kinds[i], kinds[i]);
    }
    load(f);
}

static void deny_suid(void)
{
    static const struct {
        int call;
        unsigned mode; /* which argument */
    } calls[] = {
        {SCMP_SYS(chmod), 1},   {SCMP_SYS(fchmod), 1},  {SCMP_SYS(fchmodat), 2},
        {SCMP_SYS(mkdir), 1},   {SCMP_SYS(mkdirat), 2}, {SCMP_SYS(mknod), 1},
        {SCMP_SYS(mknodat), 2}, {SCMP_SYS(creat), 1},   {SCMP_SYS(open), 2},
        {SCMP_SYS(openat), 3},
    };
    static const uint64_t bits[] = {S_ISUID, S_ISGID};
    scmp_filter_ctx f = filter(SCMP_ACT_ALLOW);

    must(seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0),
         "openat2");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (size_t k = 0; k < 2; k++)
            deny_masked(f, EPERM, calls[i].call, calls[i].mode, bits[k],
                        bits[k]);
    }
    load(f);
}

static void deny_personality(void)
{
    scmp_filter_ctx f = filter(SCMP_ACT_ALLOW);

    must(seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1,
                          SCMP_A0(SCMP_CMP_NE, PER_LINUX)),
         "personality");
    load(f);
}

/* ---- the policy ---------------------------------------------------------- */

static void line(struct policy *p, const char *key, const char *value)
{
    if (strcmp(key, "umask") == 0)
        umask((mode_t)strtoul(value, NULL, 8));
    else if (strcmp(key, "nofile") == 0)
        limit_files(strtoul(value, NULL, 10));
    else if (strcmp(key, "proc") == 0)
        fresh_proc();
    else if (strcmp(key, "readonly") == 0)
        read_only_but(value);
    else if (strcmp(key, "nocaps") == 0)
        drop_capabilities();
    else if (strcmp(key, "user") == 0)
        become((unsigned)strtoul(value, NULL, 10));
    else if (strcmp(key, "nonewprivs") == 0)
        must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), key);
    else if (strcmp(key, "known") == 0)
        call(p, value, SCMP_ACT_ERRNO(EPERM));
    else if (strcmp(key, "allow") == 0)
        call(p, value, SCMP_ACT_ALLOW);
    else if (strcmp(key, "family") == 0)
        p->may[strtoul(value, NULL, 10) % FAMILIES] = p->families = true;
    else if (strcmp(key, "mdwe") == 0)
        p->mdwe = true;
    else if (strcmp(key, "nonamespaces") == 0)
        p->nonamespaces = true;
    else if (strcmp(key, "nosuid") == 0)
        p->nosuid = true;
    else if (strcmp(key, "nopersonality") == 0)
        p->nopersonality = true;
    else
        must(-EINVAL, key);
}

static void load_all(const struct policy *p)
{
    if (p->families)
        deny_families(p);
    if (p->mdwe)
        deny_write_execute();
    if (p->nonamespaces)
        deny_namespaces();
    if (p->nosuid)
        deny_suid();
    if (p->nopersonality)
        deny_personality();
    if (p->calls)
        load(p->calls);
}

int main(int argc, char **argv)
{
    struct policy p = {0};
    char key[64], value[4096];
    FILE *f;

    if (argc < 3) {
        fprintf(stderr, "usage: sandbox POLICY PROGRAM ARGUMENT...\n");
        return 2;
    }
    f = fopen(argv[1], "re");
    must(f ? 0 : -1, argv[1]);
    while (fscanf(f, "%63s %4095s", key, value) == 2)
        line(&p, key, value);
    fclose(f);
    load_all(&p);
    execv(argv[2], argv + 2);
    must(-1, argv[2]);
}
