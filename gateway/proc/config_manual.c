/* SPDX-License-Identifier: Apache-2.0 */
#include "config_manual.h"

#include <stdbool.h>

#include "config_row.h"
#include "money.h"

static const char head[] =
    ".\\\" SPDX-License-Identifier: Apache-2.0\n"
    ".\\\" Written by tallygated --manual from gateway/base/config.def.\n"
    ".TH TALLYGATE.CONF 5 \"\" \"Tallygate " TALLYGATE_VERSION "\" \"File formats\"\n"
    ".SH NAME\n"
    "tallygate.conf \\- configuration of the payment and reconciliation gateway\n"
    ".SH DESCRIPTION\n"
    "The file is read by\n"
    ".BR tallygated (8)\n"
    "and\n"
    ".BR tallygate (8).\n"
    "It is UTF-8 text: sections in brackets, one\n"
    ".IB name \" = \" value\n"
    "a line. A line that begins with # is a comment. An unknown section or setting, and a setting\n"
    "given twice, are refused. Relative paths are meant from the folder of the file. Secrets are\n"
    "named by path and never stand in the file; a secret file that others can read, or that the\n"
    "group can write, is refused.\n"
    ".PP\n"
    ".B tallygated -n\n"
    "checks a file,\n"
    ".B tallygated -T\n"
    "prints it with every value in force. A running service reads it again on SIGHUP; addresses,\n"
    "worker counts and the folders need a new start.\n"
    ".PP\n"
    "Files that the\n"
    ".I conninfo\n"
    "of the database names must lie below /etc, or be the pass and service files of the service's\n"
    "user: workers may read nothing else. Private keys should belong to root with mode 0600: they\n"
    "are read before the service gives up its rights.\n";

static const char tail[] = ".SH SEE ALSO\n"
                           ".BR tallygated (8),\n"
                           ".BR tallygate (8)\n";

static const char *const type_names[CONFIG_TYPE_COUNT] = {
    [CONFIG_TEXT] = "text",
    [CONFIG_PATH] = "path",
    [CONFIG_SECRET_PATH] = "path of a secret file",
    [CONFIG_INT] = "whole number",
    [CONFIG_BOOL] = "yes or no",
    [CONFIG_URL] = "http or https address",
    [CONFIG_ADDRESS] = "host:port",
    [CONFIG_AMOUNT] = "amount in yuan",
};

/* A backslash and a leading dot or quote mean something to roff; a hyphen in a word typed by the
 * reader must stay a plain one. */
static enum err
put_text(struct buf *out, const char *text)
{
    bool bold = false;
    for (const char *c = text; *c != 0; c++) {
        switch (*c) {
        case '\\':
            TRY(buf_text(out, "\\e"));
            break;
        case '-':
            TRY(buf_text(out, "\\-"));
            break;
        case '`':
            bold = !bold;
            TRY(buf_text(out, bold ? "\\fB" : "\\fR"));
            break;
        default:
            TRY(buf_byte(out, (unsigned char)*c));
            break;
        }
    }
    return ERR_OK;
}

static enum err
put_amount(struct buf *out, int64_t fen)
{
    return money_format((struct money){ .minor = fen, .currency = CURRENCY_CNY }, out);
}

static enum err
put_limits(struct buf *out, const struct config_row *row)
{
    if (row->type == CONFIG_INT) {
        return buf_printf(out, ", %lld to %lld%s%s", (long long)row->min, (long long)row->max,
                          row->unit[0] == 0 ? "" : " ", row->unit);
    }
    if (row->type == CONFIG_AMOUNT) {
        TRY(buf_text(out, ", "));
        TRY(put_amount(out, row->min));
        TRY(buf_text(out, " to "));
        return put_amount(out, row->max);
    }
    return ERR_OK;
}

static enum err
put_setting(struct buf *out, const struct config_row *row)
{
    TRY(buf_printf(out, ".TP\n.B %s\n", row->name));
    TRY(put_text(out, row->meaning));
    TRY(buf_printf(out, ".\n(%s", type_names[row->type]));
    TRY(put_limits(out, row));
    if (row->fallback == NULL) {
        return buf_text(out, "; required)\n");
    }
    if (row->fallback[0] == 0) {
        return buf_text(out, "; optional)\n");
    }
    TRY(buf_text(out, "; default "));
    TRY(put_text(out, row->fallback));
    return buf_text(out, ")\n");
}

static enum err
put_section(struct buf *out, enum config_section section)
{
    const char *name = config_section_name(section);
    bool repeats = config_section_repeats(section);
    TRY(buf_printf(out, ".SH [%s%s]\n", name, repeats ? " NAME" : ""));
    if (repeats) {
        TRY(buf_text(out, "May stand several times, with different names.\n"));
    }
    for (int i = 0; i < CONFIG_SETTING_COUNT; i++) {
        const struct config_row *row = config_row((enum config_setting)i);
        if (row->section == section) {
            TRY(put_setting(out, row));
        }
    }
    return ERR_OK;
}

enum err
config_manual(struct buf *out)
{
    TRY(buf_text(out, head));
    for (int i = 0; i < CONFIG_SECTION_COUNT; i++) {
        TRY(put_section(out, (enum config_section)i));
    }
    return buf_text(out, tail);
}
