/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <iconv.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Folders of the system that libraries read while running: resolver, certificates, gconv. */
static const char *const system_folders[] = { "/etc", "/usr",  "/lib",         "/lib64",
                                              "/run", "/proc", "/dev/urandom", "/dev/null" };

/* The leak checker must be able to look at its own process. */
#ifdef TALLYGATE_SANITIZED
#define KEEP_DUMPABLE 1
#define SANITIZED     true
#else
#define KEEP_DUMPABLE 0
#define SANITIZED     false
#endif

static enum err
take_user(const char *name, struct sandbox_report *report)
{
    report->user = "kept";
    if (name[0] == 0 || geteuid() != 0) {
        return ERR_OK;
    }
    const struct passwd *user = getpwnam(name); /* NOLINT(concurrency-mt-unsafe): one thread yet */
    if (user == NULL || user->pw_uid == 0) {
        return ERR_SYSTEM;
    }
    if (setgroups(0, NULL) != 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0
        || setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) {
        return ERR_SYSTEM;
    }
    report->user = "changed";
    return ERR_OK;
}

/* The kernel clears the death signal at a change of user, so it is asked for here. */
static enum err
forbid_privileges(void)
{
    struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) {
        return ERR_SYSTEM;
    }
    return prctl(PR_SET_DUMPABLE, KEEP_DUMPABLE, 0, 0, 0) == 0 ? ERR_OK : ERR_SYSTEM;
}

/* The C library opens a converter and the time zone at first use; later there is no way to. */
static void
load_lazy_files(void)
{
    tzset();
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter != (iconv_t)-1) {
        (void)iconv_close(converter);
    }
}

/* A path that does not exist is no right to give. */
static enum err
allow(int ruleset, const char *path, uint64_t rights)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return ERR_OK;
    }
    struct landlock_path_beneath_attr rule = { .parent_fd = fd, .allowed_access = rights };
    long done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    if (done != 0 && errno == EINVAL) { /* not a folder: only the right that fits a file */
        rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
        done = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    (void)close(fd);
    return done == 0 ? ERR_OK : ERR_SYSTEM;
}

static enum err
allow_reading(int ruleset, const char *path)
{
    return allow(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
}

static enum err
allow_keeping(int ruleset, const char *path)
{
    return allow(ruleset, path,
                 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR
                     | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG
                     | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
                     | LANDLOCK_ACCESS_FS_REMOVE_DIR);
}

static enum err
allow_all(int ruleset, const struct sandbox_options *options)
{
    if (options->role == CHILD_KEYS) {
        return SANITIZED ? allow_reading(ruleset, "/proc") : ERR_OK;
    }
    for (size_t i = 0; i < sizeof(system_folders) / sizeof(system_folders[0]); i++) {
        TRY(allow_reading(ruleset, system_folders[i]));
    }
    for (size_t i = 0; i < options->readable_count; i++) {
        TRY(allow_reading(ruleset, options->readable[i]));
    }
    for (size_t i = 0; i < SANDBOX_WRITABLE_MAX && options->writable[i] != NULL; i++) {
        TRY(allow_keeping(ruleset, options->writable[i]));
    }
    return ERR_OK;
}

/* Every right of the first ABI; later ones add little to a process that may not write anyway. */
static enum err
restrict_files(const struct sandbox_options *options, struct sandbox_report *report)
{
    report->landlock_abi = 0;
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        return ERR_OK;
    }
    struct landlock_ruleset_attr attr = { .handled_access_fs =
                                              (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
    if (ruleset < 0) {
        return ERR_SYSTEM;
    }
    enum err err = allow_all(ruleset, options);
    if (err == ERR_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
        err = ERR_SYSTEM;
    }
    (void)close(ruleset);
    report->landlock_abi = err == ERR_OK ? (int)abi : 0;
    return err;
}

enum who { ALL, SERVICE, NIGHT };

static const struct {
    const char *name;
    enum who who;
} calls[] = {
#define CALL(name, who) { #name, who },
#include "sandbox.def"
#undef CALL
};

static enum err
allow_call(scmp_filter_ctx filter, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) {
        return ERR_OK;
    }
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0 ? ERR_OK : ERR_SYSTEM;
}

/* Threads yes, processes no. The flags of clone3 lie in memory, where a filter cannot look, so it
 * is denied as if unknown and the C library falls back to clone. */
static enum err
allow_threads(scmp_filter_ctx filter)
{
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
            != 0
        || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) {
        return ERR_SYSTEM;
    }
    return ERR_OK;
}

static bool
is_allowed(enum who who, enum child_role role)
{
    return who == ALL || (who == SERVICE && role != CHILD_KEYS)
           || (who == NIGHT && role == CHILD_NIGHT);
}

static enum err
fill_filter(scmp_filter_ctx filter, enum child_role role)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (is_allowed(calls[i].who, role)) {
            TRY(allow_call(filter, calls[i].name));
        }
    }
    return role == CHILD_KEYS ? ERR_OK : allow_threads(filter);
}

static enum err
restrict_calls(enum child_role role, struct sandbox_report *report)
{
#ifdef TALLYGATE_SANITIZED
    (void)role;
    (void)fill_filter; /* compiled in every build, loaded in those without sanitizers */
    report->seccomp = "left out: built with sanitizers";
    return ERR_OK;
#else
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = fill_filter(filter, role);
    if (err == ERR_OK && seccomp_load(filter) != 0) {
        err = ERR_SYSTEM;
    }
    seccomp_release(filter);
    report->seccomp = "enforced";
    return err;
#endif
}

enum err
sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report)
{
    load_lazy_files();
    TRY(take_user(options->user, report));
    TRY(forbid_privileges());
    TRY(restrict_files(options, report));
    return restrict_calls(options->role, report);
}
