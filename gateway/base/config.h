/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CONFIG_H
#define TALLYGATE_BASE_CONFIG_H

/* The configuration file: sections in brackets, one `name = value` a line, `#` comments. Rows of
 * config.def carry limits, units and manual text. Unknown or duplicate settings refuse to start. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

enum config_section {
    CONFIG_SECTION_server,
    CONFIG_SECTION_listen,
    CONFIG_SECTION_database,
    CONFIG_SECTION_keys,
    CONFIG_SECTION_payment,
    CONFIG_SECTION_portal,
    CONFIG_SECTION_client,
    CONFIG_SECTION_tariff,
    CONFIG_SECTION_account,
    CONFIG_SECTION_fee,
    CONFIG_SECTION_webhooks,
    CONFIG_SECTION_archive,
    CONFIG_SECTION_reconcile,
    CONFIG_SECTION_audit,
    CONFIG_SECTION_COUNT
};

enum config_type {
    CONFIG_TEXT,
    CONFIG_PATH,
    CONFIG_SECRET_PATH,
    CONFIG_INT,
    CONFIG_BOOL,
    CONFIG_URL,
    CONFIG_ADDRESS,
    CONFIG_AMOUNT,
    CONFIG_TYPE_COUNT
};

/* One id per row: CONFIG_server_mode, CONFIG_account_provider, … */
enum config_setting {
#define SETTING(section, name, type, fallback, min, max, unit, meaning) CONFIG_##section##_##name,
#include "config.def"
#undef SETTING
    CONFIG_SETTING_COUNT
};

struct config;

/* Where a refused file is wrong, for one clear message. */
struct config_fault {
    char file[256];
    int line; /* 0 when the fault has no line (a missing setting) */
    char setting[64];
    char message[160]; /* lower case, no full stop */
};

/* Reads and checks a whole file. Errors: FILE_OPEN, FILE_READ, CONFIG_*; *fault then says where. */
MUST_USE enum err config_load(const char *path, struct config **out, struct config_fault *fault);
void config_free(struct config **config);

/* `index` counts the sections of a repeatable kind from 0, and is 0 for the others. An absent
 * optional text is "". Asking for the wrong type is a broken invariant and aborts. */
size_t config_count(const struct config *config, enum config_section section);
const char *config_name(const struct config *config, enum config_section section, size_t index);
const char *config_text(const struct config *config, enum config_setting setting, size_t index);
int64_t config_int(const struct config *config, enum config_setting setting,
                   size_t index); /* INT, AMOUNT in fen */
bool config_bool(const struct config *config, enum config_setting setting, size_t index);

/* True when `word` is one of the blank-separated words of a text setting. */
bool config_has_word(const struct config *config, enum config_setting setting, size_t index,
                     const char *word);

/* Puts another value in the place of the one in force, for a trial: what config_print then gives can be
 * loaded as a configuration of its own. Errors: CONFIG_VALUE, also for a section that is not there. */
MUST_USE enum err config_set(struct config *config, enum config_setting setting, size_t index,
                             const char *value);

/* The whole configuration as text, every setting with its value in force; for `-T`. */
MUST_USE enum err config_print(const struct config *config, struct buf *out);

#endif
