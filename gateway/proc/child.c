/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "log_level.h"
#include "metrics.h"
#include "sandbox.h"

#define HOME_PATH_MAX 512

void
child_refuse_config(enum err err, const struct config_fault *fault)
{
    log_event(LOG_CONFIG_REFUSED, LOG_ERR(err), LOG_TEXT("file", fault->file),
              LOG_I64("line", fault->line), LOG_TEXT("setting", fault->setting),
              LOG_TEXT("message", fault->message));
}

/* Ctrl-C reaches the whole terminal group; only the parent answers, and drains us in order. */
static void
set_signals(void)
{
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_NAME, "tallygated", 0, 0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
}

enum err
child_open(const struct child_plan *plan, struct config **out)
{
    set_signals();
    log_open(child_role_name(plan->role), LOG_LEVEL_INFO);
    DEFER(config_free) struct config *config = NULL;
    struct config_fault fault;
    enum err err = config_load(plan->config, &config, &fault);
    if (err != ERR_OK) {
        child_refuse_config(err, &fault);
        return err;
    }
    log_open(child_role_name(plan->role), log_level_of(config));
    clock_wall_shift(config_int(config, CONFIG_server_clock_shift_s, 0));
    if (plan->metrics_fd >= 0) {
        TRY(metrics_attach(plan->metrics_fd, plan->row));
    }
    *out = config;
    config = NULL;
    return ERR_OK;
}

/* libpq's own files in the home folder, unless the environment names others. */
static const struct {
    const char *variable;
    const char *file;
} home_files[] = {
    { "PGPASSFILE", ".pgpass" },
    { "PGSERVICEFILE", ".pg_service.conf" },
    { "PGSSLROOTCERT", ".postgresql" },
};
#define HOME_FILES (sizeof(home_files) / sizeof(home_files[0]))

/* libpq looks below HOME, which must be that of the user we are about to become. */
static void
take_home(const struct config *config)
{
    const char *name = config_text(config, CONFIG_server_user, 0);
    if (name[0] != 0 && geteuid() == 0) {
        const struct passwd *user = getpwnam(name); /* NOLINT(concurrency-mt-unsafe): one thread */
        (void)setenv("HOME", user == NULL ? "/" : user->pw_dir,
                     1); /* NOLINT(concurrency-mt-unsafe) */
    }
}

static void
add_readable(struct sandbox_options *options, const char *path)
{
    if (path != NULL && path[0] != 0 && options->readable_count < SANDBOX_READABLE_MAX) {
        options->readable[options->readable_count++] = path;
    }
}

static enum err
add_home_files(struct sandbox_options *options, struct buf paths[HOME_FILES])
{
    const char *home = getenv("HOME"); /* NOLINT(concurrency-mt-unsafe): one thread yet */
    for (size_t i = 0; i < HOME_FILES; i++) {
        add_readable(options, getenv(home_files[i].variable)); /* NOLINT(concurrency-mt-unsafe) */
        const char *path = NULL;
        TRY(buf_printf(&paths[i], "%s/%s", home == NULL ? "" : home, home_files[i].file));
        TRY(buf_cstr(&paths[i], &path));
        add_readable(options, path);
    }
    return ERR_OK;
}

/* The roots of each provider and of the portal are read at every connection; keys and certificates are in memory. */
static enum err
enter(const struct child_plan *plan, const struct config *config, struct buf paths[HOME_FILES],
      struct sandbox_report *report)
{
    struct sandbox_options options = { .role = plan->role,
                                       .user = config_text(config, CONFIG_server_user, 0) };
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_account); i++) {
        add_readable(&options, config_text(config, CONFIG_account_ca_file, i));
    }
    add_readable(&options, config_text(config, CONFIG_webhooks_ca_file, 0));
    if (plan->role == CHILD_WORKER) {
        add_readable(&options, config_text(config, CONFIG_archive_dir, 0)); /* printed files */
    }
    if (plan->role == CHILD_NIGHT) {
        options.writable[0] = config_text(config, CONFIG_archive_dir, 0);
        options.writable[1] = config_text(config, CONFIG_archive_reports_dir, 0);
    }
    take_home(config);
    TRY(add_home_files(&options, paths));
    return sandbox_enter(&options, report);
}

enum err
child_confine(const struct child_plan *plan, const struct config *config)
{
    struct buf paths[HOME_FILES] = { BUF_MAX(HOME_PATH_MAX), BUF_MAX(HOME_PATH_MAX),
                                     BUF_MAX(HOME_PATH_MAX) };
    struct sandbox_report report = { .user = "", .seccomp = "" };
    enum err err = enter(plan, config, paths, &report);
    for (size_t i = 0; i < HOME_FILES; i++) {
        buf_fini(&paths[i]);
    }
    if (err != ERR_OK) {
        log_event(LOG_INTERNAL, LOG_ERR(err), LOG_TEXT("message", "could not give up rights"));
        return err;
    }
    log_event(LOG_SANDBOX, LOG_TEXT("user", report.user), LOG_I64("landlock", report.landlock_abi),
              LOG_TEXT("seccomp", report.seccomp));
    return ERR_OK;
}
