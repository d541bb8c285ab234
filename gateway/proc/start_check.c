/* SPDX-License-Identifier: Apache-2.0 */
#include "start_check.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "account.h"
#include "clients.h"
#include "clock.h"
#include "log_level.h"
#include "order.h"

static enum err
blame(struct config_fault *fault, enum err err, const char *setting, const char *message)
{
    fault->line = 0;
    (void)snprintf(fault->setting, sizeof(fault->setting), "%s", setting);
    (void)snprintf(fault->message, sizeof(fault->message), "%s", message);
    return err;
}

static enum err
check_words(const struct config *config, struct config_fault *fault)
{
    enum log_level level;
    if (log_level_decode(span_of(config_text(config, CONFIG_server_log_level, 0)), &level)
        != ERR_OK) {
        return blame(fault, ERR_CONFIG_VALUE, "log_level", "must be debug, info, warn or error");
    }
    bool certificate = config_text(config, CONFIG_listen_tls_certificate, 0)[0] != 0;
    bool key = config_text(config, CONFIG_listen_tls_key, 0)[0] != 0;
    if (certificate != key) {
        return blame(fault, ERR_CONFIG_VALUE, "tls_key",
                     "certificate and key must be given together");
    }
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_tariff); i++) {
        enum order_kind kind;
        if (order_kind_decode(span_of(config_name(config, CONFIG_SECTION_tariff, i)), &kind)
            != ERR_OK) {
            return blame(fault, ERR_CONFIG_VALUE, "tariff",
                         "the section's name must be new, replacement, change or renewal");
        }
    }
    return ERR_OK;
}

static enum err
check_user(const struct config *config, struct config_fault *fault)
{
    const char *name = config_text(config, CONFIG_server_user, 0);
    if (name[0] == 0 || geteuid() != 0) {
        return ERR_OK;
    }
    const struct passwd *user = getpwnam(name); /* NOLINT(concurrency-mt-unsafe): one thread */
    if (user == NULL || user->pw_uid == 0) {
        return blame(fault, ERR_CONFIG_VALUE, "user",
                     "must name an unprivileged user of this machine");
    }
    return ERR_OK;
}

static enum err
check_accounts(const struct config *config, struct config_fault *fault)
{
    DEFER(accounts_free) struct accounts *accounts = NULL;
    return accounts_load(config, clock_wall(), &accounts, fault);
}

static enum err
check_portal(const struct config *config, struct config_fault *fault)
{
    const char *name = config_text(config, CONFIG_portal_database_client, 0);
    return name[0] == 0 || clients_owner(config, name) != NULL
               ? ERR_OK
               : blame(fault, ERR_CONFIG_VALUE, "database_client", "must name a client section");
}

enum err
start_check(const char *path, const struct config *config, struct config_fault *fault)
{
    *fault = (struct config_fault){ .line = 0 };
    clock_wall_shift(config_int(config, CONFIG_server_clock_shift_s, 0));
    enum err err = check_words(config, fault);
    if (err == ERR_OK) {
        err = check_user(config, fault);
    }
    if (err == ERR_OK) {
        err = check_accounts(config, fault);
    }
    if (err == ERR_OK) {
        err = check_portal(config, fault);
    }
    (void)snprintf(fault->file, sizeof(fault->file), "%s", path);
    return err;
}
