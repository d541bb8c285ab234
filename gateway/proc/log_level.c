/* SPDX-License-Identifier: Apache-2.0 */
#include "log_level.h"

static const char *const words[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_ERROR] = "error",
};

enum err
log_level_decode(struct span s, enum log_level *out)
{
    for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (span_eq_cstr(s, words[i])) {
            *out = (enum log_level)i;
            return ERR_OK;
        }
    }
    return ERR_CONFIG_VALUE;
}

enum log_level
log_level_of(const struct config *config)
{
    enum log_level level = LOG_LEVEL_INFO;
    enum err err =
        log_level_decode(span_of(config_text(config, CONFIG_server_log_level, 0)), &level);
    return err == ERR_OK ? level : LOG_LEVEL_INFO;
}
