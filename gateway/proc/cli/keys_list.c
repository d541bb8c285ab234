/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define LIST_MAX_BYTES ((size_t)1024 * 1024)
#define DAY_BYTES      10

/* tallygate keys list: one line for each key and certificate, tab-separated: account, whose, serial, first
 * and last day (UTC), where from, whether it counts now. */

static enum err
put_day(struct wall_time t, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    if (t.us == 0) {
        return buf_text(out, "-");
    }
    TRY(wall_format(t, &text));
    return buf_append(out, span_sub(buf_span(&text), 0, DAY_BYTES));
}

static enum err
put_line(const char *account, const char *whose, struct span serial, struct wall_time from,
         struct wall_time to, const char *origin, bool counts, struct buf *out)
{
    TRY(buf_printf(out, "%s\t%s\t%.*s\t", account, whose, SPAN_ARG(serial)));
    TRY(put_day(from, out));
    TRY(buf_byte(out, '\t'));
    TRY(put_day(to, out));
    return buf_printf(out, "\t%s\t%s\n", origin, counts ? "valid" : "not-valid");
}

static struct span
or_dash(struct span text)
{
    return span_empty(text) ? SPAN_LIT("-") : text;
}

/* In a scheme with key pairs ours has dates only when there is a certificate of it. */
static enum err
put_own(const struct adapter_account *account, struct wall_time now, struct buf *out)
{
    const struct adapter_key own = { .not_before = account->application_not_before,
                                     .not_after = account->application_not_after };
    return put_line(account->name, "own", or_dash(span_of(account->application_serial)),
                    own.not_before, own.not_after, "configuration", adapter_key_is_valid(&own, now),
                    out);
}

static enum err
put_provider(const struct adapter_account *account, struct wall_time now, struct buf *out)
{
    for (size_t i = 0; i < account->key_count; i++) {
        const struct adapter_key *key = &account->keys[i];
        TRY(put_line(account->name, "provider", or_dash(key->serial), key->not_before,
                     key->not_after, key->downloaded ? "downloaded" : "configuration",
                     adapter_key_is_valid(key, now), out));
    }
    return ERR_OK;
}

static enum err
put_account(const struct adapter_account *account, struct wall_time now, struct buf *out)
{
    TRY(put_own(account, now, out));
    return put_provider(account, now, out);
}

static enum err
put_accounts(const struct cli *cli, const struct adapter_account *only, struct buf *out)
{
    struct wall_time now = clock_wall();
    for (size_t i = 0; i < accounts_count(cli->accounts); i++) {
        const struct adapter_account *account = accounts_at(cli->accounts, i);
        if (only == NULL || account == only) {
            TRY(put_account(account, now, out));
        }
    }
    return ERR_OK;
}

int
command_keys_list(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[] = { { .name = "account" } };
    const struct adapter_account *only = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(LIST_MAX_BYTES);
    if (!cli_options(cli, argc, argv, options, 1, NULL) || cli_accounts(cli) != ERR_OK
        || (options[0].value != NULL && cli_account(cli, options[0].value, &only) != ERR_OK)
        || cli_downloaded_keys(cli, cli->accounts) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = put_accounts(cli, only, &text);
    return err == ERR_OK ? cli_put(cli, buf_span(&text))
                         : cli_trouble(cli, err, "列出密钥", "list the keys");
}
