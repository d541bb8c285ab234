/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_row.h"
#include "file.h"
#include "money.h"
#include "span.h"

#define CONFIG_FILE_MAX_BYTES ((size_t)256 * 1024)
#define CONFIG_PLACES_MAX     256
#define CONFIG_NAME_MAX       40

/* One section of the file; a repeatable kind may have many. */
struct place {
    enum config_section section;
    char name[CONFIG_NAME_MAX + 1];
    char *values[CONFIG_SETTING_COUNT]; /* NULL: not given */
};

struct config {
    char folder[PATH_MAX];
    size_t count;
    struct place *places;
};

/* Where the reader stands. */
struct reading {
    struct config *config;
    struct config_fault *fault;
    struct place *place; /* NULL before the first section */
    int line;
};

static enum err
blame(struct reading *r, enum err err, const char *setting, const char *message)
{
    r->fault->line = r->line;
    (void)snprintf(r->fault->setting, sizeof(r->fault->setting), "%s", setting);
    (void)snprintf(r->fault->message, sizeof(r->fault->message), "%s", message);
    return err;
}

static enum err
put_limits(const struct config_row *row, struct buf *out)
{
    struct money least = { .minor = row->min, .currency = CURRENCY_CNY };
    struct money most = { .minor = row->max, .currency = CURRENCY_CNY };
    switch (row->type) {
    case CONFIG_AMOUNT:
        TRY(buf_text(out, ": "));
        TRY(money_format(least, out));
        TRY(buf_text(out, " to "));
        return money_format(most, out);
    case CONFIG_INT:
        return buf_printf(out, ": %lld to %lld %s", (long long)row->min, (long long)row->max,
                          row->unit);
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_SECRET_PATH:
        return buf_printf(out, ": %lld to %lld bytes", (long long)row->min, (long long)row->max);
    case CONFIG_BOOL:
    case CONFIG_URL:
    case CONFIG_ADDRESS:
    case CONFIG_TYPE_COUNT:
        break;
    }
    return ERR_OK;
}

/* A refused value: what was expected and within which limits. */
static enum err
blame_value(struct reading *r, const struct config_row *row, const char *why)
{
    DEFER(buf_fini) struct buf message = BUF_MAX(sizeof(r->fault->message) - 1);
    const char *text = why;
    TRY(buf_text(&message, why));
    TRY(put_limits(row, &message));
    message.len = span_trim(buf_span(&message), " ").len;
    TRY(buf_cstr(&message, &text));
    return blame(r, ERR_CONFIG_VALUE, row->name, text);
}

static struct place *
find_place(const struct config *config, enum config_section section, size_t index)
{
    for (size_t i = 0; i < config->count; i++) {
        if (config->places[i].section == section && index-- == 0) {
            return &config->places[i];
        }
    }
    return NULL;
}

static enum err
add_place(struct config *config, enum config_section section, struct span name)
{
    if (config->count == CONFIG_PLACES_MAX) {
        return ERR_BUF_FULL;
    }
    struct place *place = &config->places[config->count++];
    place->section = section;
    memcpy(place->name, name.at, name.len);
    return ERR_OK;
}

static bool
is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        struct span c = span_sub(s, i, 1);
        if (!span_is_alnum(c) && c.at[0] != '-' && c.at[0] != '_' && c.at[0] != '.') {
            return false;
        }
    }
    return s.len > 0 && s.len <= CONFIG_NAME_MAX;
}

/* Two sections of one kind must differ in their names. */
static enum err
check_new_place(struct reading *r, enum config_section section, struct span name)
{
    const char *kind = config_section_name(section);
    if (!config_section_repeats(section) && name.len > 0) {
        return blame(r, ERR_CONFIG_SYNTAX, kind, "the section takes no name");
    }
    if (config_section_repeats(section) && !is_name(name)) {
        return blame(r, ERR_CONFIG_SYNTAX, kind,
                     "the section needs a name of at most 40 letters, digits, '-', '_' or '.'");
    }
    const struct place *other;
    for (size_t i = 0; (other = find_place(r->config, section, i)) != NULL; i++) {
        if (span_eq_cstr(name, other->name)) {
            return blame(r, ERR_CONFIG_DUPLICATE, kind, "the section stands twice");
        }
    }
    return ERR_OK;
}

static enum err
open_section(struct reading *r, struct span line)
{
    if (line.len < 3 || line.at[line.len - 1] != ']') {
        return blame(r, ERR_CONFIG_SYNTAX, "", "a section line must end with ']'");
    }
    struct span rest = span_trim(span_sub(line, 1, line.len - 2), " \t");
    struct span kind;
    (void)span_cut(&rest, ' ', &kind);
    struct span name = span_trim(rest, " \t");
    enum config_section section;
    if (!config_section_find(kind, &section)) {
        return blame(r, ERR_CONFIG_UNKNOWN, "", "unknown section");
    }
    TRY(check_new_place(r, section, name));
    if (add_place(r->config, section, name) != ERR_OK) {
        return blame(r, ERR_CONFIG_SYNTAX, "", "too many sections");
    }
    r->place = &r->config->places[r->config->count - 1];
    return ERR_OK;
}

/* Relative paths are meant from the file's own folder. */
static enum err
resolve(const struct config *config, const struct config_row *row, struct span value, char **out)
{
    bool path = row->type == CONFIG_PATH || row->type == CONFIG_SECRET_PATH;
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)2 * PATH_MAX);
    if (path && value.len > 0 && value.at[0] != '/') {
        TRY(buf_printf(&text, "%s/", config->folder));
    }
    TRY(buf_append(&text, value));
    const char *plain = NULL;
    TRY(buf_cstr(&text, &plain));
    *out = strdup(plain);
    return *out == NULL ? ERR_NO_MEMORY : ERR_OK;
}

static enum err
take_setting(struct reading *r, struct span line)
{
    struct span rest = line;
    struct span name;
    if (r->place == NULL || !span_cut(&rest, '=', &name)) {
        return blame(r, ERR_CONFIG_SYNTAX, "",
                     r->place == NULL ? "a setting stands before the first section"
                                      : "expected `name = value`");
    }
    name = span_trim(name, " \t");
    struct span value = span_trim(rest, " \t");
    char shown[CONFIG_NAME_MAX + 1] = { 0 };
    memcpy(shown, name.at, name.len < CONFIG_NAME_MAX ? name.len : CONFIG_NAME_MAX);
    enum config_setting setting;
    if (!config_row_find(r->place->section, name, &setting)) {
        return blame(r, ERR_CONFIG_UNKNOWN, shown, "unknown setting in this section");
    }
    if (r->place->values[setting] != NULL) {
        return blame(r, ERR_CONFIG_DUPLICATE, shown, "the setting is given twice");
    }
    const char *why = "";
    if (config_row_check(config_row(setting), value, &why) != ERR_OK) {
        return blame_value(r, config_row(setting), why);
    }
    return resolve(r->config, config_row(setting), value, &r->place->values[setting]);
}

static enum err
take_line(struct reading *r, struct span line)
{
    line = span_trim(line, " \t\r");
    if (line.len == 0 || line.at[0] == '#') {
        return ERR_OK;
    }
    if (!span_is_utf8(line)) {
        return blame(r, ERR_CONFIG_SYNTAX, "", "the line is not valid UTF-8");
    }
    return line.at[0] == '[' ? open_section(r, line) : take_setting(r, line);
}

static enum err
take_text(struct reading *r, struct span text)
{
    struct span line;
    bool more = true;
    while (more) {
        more = span_cut(&text, '\n', &line);
        r->line++;
        TRY(take_line(r, line));
    }
    return ERR_OK;
}

static enum err
blame_missing(struct reading *r, const struct place *place, const struct config_row *row)
{
    char message[CONFIG_NAME_MAX * 2 + 64];
    (void)snprintf(message, sizeof(message), "a required setting of [%s%s%s] is missing",
                   config_section_name(place->section), place->name[0] == 0 ? "" : " ",
                   place->name);
    return blame(r, ERR_CONFIG_MISSING, row->name, message);
}

/* Sections that may stand once exist even when the file leaves them out; their defaults then hold. */
static enum err
complete(struct reading *r)
{
    r->line = 0;
    for (int i = 0; i < CONFIG_SECTION_COUNT; i++) {
        enum config_section section = (enum config_section)i;
        if (!config_section_repeats(section) && find_place(r->config, section, 0) == NULL) {
            TRY(add_place(r->config, section, SPAN_LIT("")));
        }
    }
    for (size_t i = 0; i < r->config->count; i++) {
        struct place *place = &r->config->places[i];
        for (int k = 0; k < CONFIG_SETTING_COUNT; k++) {
            const struct config_row *row = config_row((enum config_setting)k);
            if (row->section != place->section || place->values[k] != NULL) {
                continue;
            }
            if (row->fallback == NULL) {
                return blame_missing(r, place, row);
            }
            TRY(resolve(r->config, row, span_of(row->fallback), &place->values[k]));
        }
    }
    return ERR_OK;
}

static enum err
need_https(struct reading *r, enum config_setting setting, size_t index)
{
    if (span_starts(span_of(config_text(r->config, setting, index)), SPAN_LIT("https://"))) {
        return ERR_OK;
    }
    return blame(r, ERR_CONFIG_VALUE, config_row(setting)->name, "must be https in production");
}

/* Rules between settings that need only this file. */
static enum err
check_mode(struct reading *r)
{
    const struct config *config = r->config;
    struct span mode = span_of(config_text(config, CONFIG_server_mode, 0));
    if (span_eq_cstr(mode, "development")) {
        return ERR_OK;
    }
    if (!span_eq_cstr(mode, "production")) {
        return blame(r, ERR_CONFIG_VALUE, "mode", "must be production or development");
    }
    if (config_int(config, CONFIG_server_clock_shift_s, 0) != 0) {
        return blame(r, ERR_CONFIG_VALUE, "clock_shift_s", "is for development only");
    }
    static const enum config_setting needed[] = {
        CONFIG_listen_tls_certificate, CONFIG_listen_tls_key, CONFIG_listen_public_checkout_url,
        CONFIG_listen_public_callback_url, CONFIG_server_user
    };
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (config_text(config, needed[i], 0)[0] == 0) {
            return blame(r, ERR_CONFIG_MISSING, config_row(needed[i])->name,
                         "is required in production");
        }
    }
    TRY(need_https(r, CONFIG_listen_public_checkout_url, 0));
    TRY(need_https(r, CONFIG_listen_public_callback_url, 0));
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_account); i++) {
        if (config_bool(config, CONFIG_account_allow_private_address, i)) {
            return blame(r, ERR_CONFIG_VALUE, "allow_private_address", "is for development only");
        }
        TRY(need_https(r, CONFIG_account_gateway_url, i));
    }
    return ERR_OK;
}

static enum err
set_folder(struct config *config, const char *path)
{
    char copy[PATH_MAX];
    int len = snprintf(copy, sizeof(copy), "%s", path);
    if (len < 0 || (size_t)len >= sizeof(copy) || realpath(dirname(copy), config->folder) == NULL) {
        return ERR_FILE_OPEN;
    }
    return ERR_OK;
}

static enum err
config_new(struct config **out)
{
    struct config *config = calloc(1, sizeof(*config));
    if (config == NULL) {
        return ERR_NO_MEMORY;
    }
    config->places = calloc(CONFIG_PLACES_MAX, sizeof(struct place));
    if (config->places == NULL) {
        free(config);
        return ERR_NO_MEMORY;
    }
    *out = config;
    return ERR_OK;
}

enum err
config_load(const char *path, struct config **out, struct config_fault *fault)
{
    *fault = (struct config_fault){ .line = 0 };
    (void)snprintf(fault->file, sizeof(fault->file), "%s", path);
    DEFER(config_free) struct config *config = NULL;
    TRY(config_new(&config));
    struct reading r = { .config = config, .fault = fault };
    DEFER(buf_fini) struct buf text = BUF_MAX(CONFIG_FILE_MAX_BYTES + 1);
    enum err err = set_folder(config, path);
    if (err == ERR_OK) {
        err = file_read(path, CONFIG_FILE_MAX_BYTES, &text);
    }
    if (err != ERR_OK) {
        return blame(&r, err, "", err_text(err, LANGUAGE_EN));
    }
    TRY(take_text(&r, buf_span(&text)));
    TRY(complete(&r));
    TRY(check_mode(&r));
    *out = config;
    config = NULL;
    return ERR_OK;
}

void
config_free(struct config **config)
{
    if (config == NULL || *config == NULL) {
        return;
    }
    for (size_t i = 0; i < (*config)->count; i++) {
        for (int k = 0; k < CONFIG_SETTING_COUNT; k++) {
            free((*config)->places[i].values[k]);
        }
    }
    free((*config)->places);
    free(*config);
    *config = NULL;
}

size_t
config_count(const struct config *config, enum config_section section)
{
    size_t count = 0;
    for (size_t i = 0; i < config->count; i++) {
        count += config->places[i].section == section ? 1 : 0;
    }
    return count;
}

const char *
config_name(const struct config *config, enum config_section section, size_t index)
{
    const struct place *place = find_place(config, section, index);
    return place == NULL ? "" : place->name;
}

static const char *
value_of(const struct config *config, enum config_setting setting, size_t index)
{
    const struct place *place = find_place(config, config_row(setting)->section, index);
    if (place == NULL) {
        abort(); /* asked for a section that config_count does not count */
    }
    return place->values[setting];
}

const char *
config_text(const struct config *config, enum config_setting setting, size_t index)
{
    enum config_type type = config_row(setting)->type;
    if (type == CONFIG_INT || type == CONFIG_AMOUNT || type == CONFIG_BOOL) {
        abort();
    }
    return value_of(config, setting, index);
}

int64_t
config_int(const struct config *config, enum config_setting setting, size_t index)
{
    int64_t value = 0;
    if (config_row_number(config_row(setting), span_of(value_of(config, setting, index)), &value)
        != ERR_OK) {
        abort(); /* values were checked when they were read */
    }
    return value;
}

bool
config_bool(const struct config *config, enum config_setting setting, size_t index)
{
    if (config_row(setting)->type != CONFIG_BOOL) {
        abort();
    }
    return strcmp(value_of(config, setting, index), "yes") == 0;
}

bool
config_has_word(const struct config *config, enum config_setting setting, size_t index,
                const char *word)
{
    struct span rest = span_of(value_of(config, setting, index));
    struct span one;
    bool more = true;
    while (more) {
        more = span_cut(&rest, ' ', &one);
        if (one.len > 0 && span_eq_cstr(one, word)) {
            return true;
        }
    }
    return false;
}

enum err
config_set(struct config *config, enum config_setting setting, size_t index, const char *value)
{
    const struct config_row *row = config_row(setting);
    const char *why = "";
    TRY(config_row_check(row, span_of(value), &why));
    if (index >= config_count(config, row->section) || strpbrk(value, "\r\n") != NULL) {
        return ERR_CONFIG_VALUE;
    }
    char *fresh = NULL;
    TRY(resolve(config, row, span_of(value), &fresh));
    struct place *place = find_place(config, row->section, index);
    free(place->values[setting]);
    place->values[setting] = fresh;
    return ERR_OK;
}

static enum err
print_place(const struct place *place, struct buf *out)
{
    const char *gap = place->name[0] == 0 ? "" : " ";
    TRY(buf_printf(out, "[%s%s%s]\n", config_section_name(place->section), gap, place->name));
    for (int k = 0; k < CONFIG_SETTING_COUNT; k++) {
        if (place->values[k] != NULL) {
            TRY(buf_printf(out, "%s = %s\n", config_row((enum config_setting)k)->name,
                           place->values[k]));
        }
    }
    return buf_byte(out, '\n');
}

enum err
config_print(const struct config *config, struct buf *out)
{
    for (size_t i = 0; i < config->count; i++) {
        TRY(print_place(&config->places[i], out));
    }
    return ERR_OK;
}
