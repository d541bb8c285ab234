/* SPDX-License-Identifier: Apache-2.0 */
#include "config_row.h"

#include "money.h"

static const struct config_row rows[CONFIG_SETTING_COUNT] = {
#define SETTING(section, name, type, fallback, min, max, unit, meaning)                   \
    [CONFIG_##section##_##name] = {                                                       \
        CONFIG_SECTION_##section, #name, CONFIG_##type, fallback, min, max, unit, meaning \
    },
#include "config.def"
#undef SETTING
};

static const struct {
    const char *name;
    bool repeats;
} sections[CONFIG_SECTION_COUNT] = {
    [CONFIG_SECTION_server] = { "server", false },
    [CONFIG_SECTION_listen] = { "listen", false },
    [CONFIG_SECTION_database] = { "database", false },
    [CONFIG_SECTION_keys] = { "keys", false },
    [CONFIG_SECTION_payment] = { "payment", false },
    [CONFIG_SECTION_portal] = { "portal", false },
    [CONFIG_SECTION_client] = { "client", true },
    [CONFIG_SECTION_tariff] = { "tariff", true },
    [CONFIG_SECTION_account] = { "account", true },
    [CONFIG_SECTION_fee] = { "fee", true },
    [CONFIG_SECTION_webhooks] = { "webhooks", false },
    [CONFIG_SECTION_archive] = { "archive", false },
    [CONFIG_SECTION_reconcile] = { "reconcile", false },
    [CONFIG_SECTION_audit] = { "audit", false },
};

const struct config_row *
config_row(enum config_setting setting)
{
    return &rows[setting];
}

bool
config_row_find(enum config_section section, struct span name, enum config_setting *out)
{
    for (int i = 0; i < CONFIG_SETTING_COUNT; i++) {
        if (rows[i].section == section && span_eq_cstr(name, rows[i].name)) {
            *out = (enum config_setting)i;
            return true;
        }
    }
    return false;
}

const char *
config_section_name(enum config_section section)
{
    return sections[section].name;
}

bool
config_section_find(struct span name, enum config_section *out)
{
    for (int i = 0; i < CONFIG_SECTION_COUNT; i++) {
        if (span_eq_cstr(name, sections[i].name)) {
            *out = (enum config_section)i;
            return true;
        }
    }
    return false;
}

bool
config_section_repeats(enum config_section section)
{
    return sections[section].repeats;
}

enum err
config_row_number(const struct config_row *row, struct span value, int64_t *out)
{
    int64_t number = 0;
    if (row->type == CONFIG_AMOUNT) {
        struct money money;
        if (money_parse(value, CURRENCY_CNY, &money) != ERR_OK) {
            return ERR_CONFIG_VALUE;
        }
        number = money.minor;
    } else if (row->type != CONFIG_INT
               || span_to_i64(value, INT64_MIN, INT64_MAX, &number) != ERR_OK) {
        return ERR_CONFIG_VALUE;
    }
    if (number < row->min || number > row->max) {
        return ERR_CONFIG_VALUE;
    }
    *out = number;
    return ERR_OK;
}

static bool
is_visible(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] <= ' ' || value.at[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

/* host:port; an IPv6 host stands in brackets. */
static bool
is_address(struct span value)
{
    size_t colon = value.len;
    while (colon > 0 && value.at[colon - 1] != ':') {
        colon--;
    }
    uint64_t port;
    struct span host = span_sub(value, 0, colon == 0 ? 0 : colon - 1);
    bool bracketed = span_starts(host, SPAN_LIT("[")) && span_ends(host, SPAN_LIT("]"));
    return host.len > 0 && is_visible(value) && (bracketed || span_index(host, ':') == host.len)
           && span_to_u64(span_sub(value, colon, value.len), 0, UINT16_MAX, &port) == ERR_OK;
}

static bool
is_url(struct span value)
{
    bool known =
        span_starts(value, SPAN_LIT("https://")) || span_starts(value, SPAN_LIT("http://"));
    return known && is_visible(value) && !span_ends(value, SPAN_LIT("/"));
}

static bool
has_length(const struct config_row *row, struct span value)
{
    return (int64_t)value.len >= row->min && (int64_t)value.len <= row->max;
}

enum err
config_row_check(const struct config_row *row, struct span value, const char **why)
{
    int64_t number;
    bool fits = false;
    switch (row->type) {
    case CONFIG_INT:
    case CONFIG_AMOUNT:
        *why = "is not a number in the allowed range";
        return config_row_number(row, value, &number);
    case CONFIG_BOOL:
        *why = "must be yes or no";
        fits = span_eq_cstr(value, "yes") || span_eq_cstr(value, "no");
        break;
    case CONFIG_URL:
        *why = "must be an http or https address without a final slash";
        fits = has_length(row, value) && (value.len == 0 || is_url(value));
        break;
    case CONFIG_ADDRESS:
        *why = "must be host:port";
        fits = has_length(row, value) && is_address(value);
        break;
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_SECRET_PATH:
        *why = "is too short or too long";
        fits = has_length(row, value);
        break;
    case CONFIG_TYPE_COUNT:
        *why = "has no type";
        break;
    }
    return fits ? ERR_OK : ERR_CONFIG_VALUE;
}
