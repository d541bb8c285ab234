/* SPDX-License-Identifier: Apache-2.0 */
#include "expiry.h"

#include "certificate_chain.h"
#include "file.h"
#include "metrics.h"

#define PEM_MAX_BYTES ((size_t)64 * 1024)
#define MS_PER_S      1000

enum err
expiry_tls(const struct config *config, struct wall_time *out)
{
    const char *path = config_text(config, CONFIG_listen_tls_certificate, 0);
    if (path[0] == 0) {
        *out = (struct wall_time){ .us = 0 };
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf pem = BUF_MAX(PEM_MAX_BYTES + 1);
    DEFER(certificate_chain_fini) struct certificate_chain chain = { .count = 0 };
    TRY(file_read(path, PEM_MAX_BYTES, &pem));
    TRY(certificate_chain_load(buf_span(&pem), &chain));
    *out = crypto_certificate_not_after(chain.list[0]);
    return ERR_OK;
}

size_t
expiry_valid_keys(const struct adapter_account *account, struct wall_time now)
{
    size_t count = 0;
    for (size_t i = 0; i < account->key_count; i++) {
        count += adapter_key_is_valid(&account->keys[i], now) ? 1 : 0;
    }
    return count;
}

static int64_t
seconds_left(struct wall_time now, struct wall_time end)
{
    return wall_ms_between(now, end) / MS_PER_S;
}

static enum err
encode_key_counts(const struct accounts *accounts, struct wall_time now, struct buf *out)
{
    TRY(metrics_gauge_head(METRIC_GAUGE_PROVIDER_KEYS, out));
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        const struct adapter_account *account = accounts_at(accounts, i);
        const struct metric_label label = { "account", span_of(account->name) };
        TRY(metrics_gauge_line(METRIC_GAUGE_PROVIDER_KEYS, &label, 1,
                               (int64_t)expiry_valid_keys(account, now), out));
    }
    return ERR_OK;
}

static enum err
encode_keys(const struct adapter_account *account, struct wall_time now, struct buf *out)
{
    for (size_t i = 0; i < account->key_count; i++) {
        const struct adapter_key *key = &account->keys[i];
        const struct metric_label labels[] = { { "account", span_of(account->name) },
                                               { "serial", key->serial } };
        if (key->not_after.us != 0) {
            TRY(metrics_gauge_line(METRIC_GAUGE_PROVIDER_KEY_EXPIRES_SECONDS, labels, 2,
                                   seconds_left(now, key->not_after), out));
        }
    }
    return ERR_OK;
}

static enum err
encode_own(const struct adapter_account *account, struct wall_time now, struct buf *out)
{
    const struct metric_label label = { "account", span_of(account->name) };
    return account->application_not_after.us == 0
               ? ERR_OK
               : metrics_gauge_line(METRIC_GAUGE_OWN_CERTIFICATE_EXPIRES_SECONDS, &label, 1,
                                    seconds_left(now, account->application_not_after), out);
}

static enum err
encode_each(const struct accounts *accounts, enum metric_gauge gauge,
            enum err (*encode)(const struct adapter_account *, struct wall_time, struct buf *),
            struct wall_time now, struct buf *out)
{
    TRY(metrics_gauge_head(gauge, out));
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        TRY(encode(accounts_at(accounts, i), now, out));
    }
    return ERR_OK;
}

enum err
expiry_encode(const struct accounts *accounts, struct wall_time tls_end, struct wall_time now,
              struct buf *out)
{
    TRY(encode_key_counts(accounts, now, out));
    TRY(encode_each(accounts, METRIC_GAUGE_PROVIDER_KEY_EXPIRES_SECONDS, encode_keys, now, out));
    TRY(encode_each(accounts, METRIC_GAUGE_OWN_CERTIFICATE_EXPIRES_SECONDS, encode_own, now, out));
    TRY(metrics_gauge_head(METRIC_GAUGE_TLS_CERTIFICATE_EXPIRES_SECONDS, out));
    return tls_end.us == 0 ? ERR_OK
                           : metrics_gauge_line(METRIC_GAUGE_TLS_CERTIFICATE_EXPIRES_SECONDS, NULL,
                                                0, seconds_left(now, tls_end), out);
}
