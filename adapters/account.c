/* SPDX-License-Identifier: Apache-2.0 */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>

#include "file.h"

#define MATERIAL_MAX_BYTES ((size_t)64 * 1024)
#define ACCOUNT_ARENA_MAX  ((size_t)1024 * 1024)

struct accounts {
    struct arena *arena; /* texts of all accounts */
    size_t count;
    struct adapter_account list[];
};

/* An empty path is an absent text. */
static enum err
read_material(const char *path, struct arena *arena, struct span *out)
{
    if (path[0] == 0) {
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(MATERIAL_MAX_BYTES + 1);
    TRY(file_read(path, MATERIAL_MAX_BYTES, &text));
    return arena_copy(arena, buf_span(&text), out);
}

static enum err
read_all_material(const struct config *config, size_t index, struct arena *arena,
                  struct adapter_material *out)
{
    static const struct {
        enum config_setting setting;
        size_t offset;
    } rows[] = {
        { CONFIG_account_provider_public_key,
          offsetof(struct adapter_material, provider_public_key) },
        { CONFIG_account_application_certificate,
          offsetof(struct adapter_material, application_certificate) },
        { CONFIG_account_provider_certificate,
          offsetof(struct adapter_material, provider_certificate) },
        { CONFIG_account_middle_certificates,
          offsetof(struct adapter_material, middle_certificates) },
        { CONFIG_account_root_certificates, offsetof(struct adapter_material, root_certificates) },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span *to = (struct span *)(void *)((unsigned char *)out + rows[i].offset);
        TRY(read_material(config_text(config, rows[i].setting, index), arena, to));
    }
    return ERR_OK;
}

static struct money
take_amount(const struct config *config, enum config_setting setting, size_t index)
{
    return (struct money){ .minor = config_int(config, setting, index), .currency = CURRENCY_CNY };
}

static void
take_settings(const struct config *config, size_t index, struct adapter_account *account)
{
    account->name = config_name(config, CONFIG_SECTION_account, index);
    account->application = config_text(config, CONFIG_account_application, index);
    account->merchant = config_text(config, CONFIG_account_merchant, index);
    account->gateway_url = config_text(config, CONFIG_account_gateway_url, index);
    account->files_url = config_text(config, CONFIG_account_files_url, index);
    account->key_scheme = config_text(config, CONFIG_account_key_scheme, index);
    account->application_serial = config_text(config, CONFIG_account_application_serial, index);
    account->payee = config_text(config, CONFIG_account_payee, index);
    account->signer_owner = config_text(config, CONFIG_account_signer_owner, index);
    account->root_serial = "";
    account->preferred_serial = "";
    account->ca_file = config_text(config, CONFIG_account_ca_file, index);
    account->allow_private_address =
        config_bool(config, CONFIG_account_allow_private_address, index);
    account->methods = config_text(config, CONFIG_account_methods, index);
    account->bill_hosts = config_text(config, CONFIG_account_bill_hosts, index);
    account->fee_rate_ppm = config_int(config, CONFIG_account_fee_rate_ppm, index);
    account->fee_rounding_monthly_max =
        take_amount(config, CONFIG_account_fee_rounding_monthly_max, index);
    account->settle_days = (int)config_int(config, CONFIG_account_settle_days, index);
    account->other_numbers = config_text(config, CONFIG_account_other_numbers, index);
    account->other_applications = config_text(config, CONFIG_account_other_applications, index);
    account->amount_max = take_amount(config, CONFIG_account_amount_max, index);
    account->late_money = config_text(config, CONFIG_account_late_money, index);
    account->duplicate_money = config_text(config, CONFIG_account_duplicate_money, index);
    account->mismatched_money = config_text(config, CONFIG_account_mismatched_money, index);
    account->refund_auto_max = take_amount(config, CONFIG_account_refund_auto_max, index);
    account->refund_daily_max = take_amount(config, CONFIG_account_refund_daily_max, index);
}

static bool
is_one_of(const char *word, const char *words)
{
    struct span rest = span_of(words);
    bool more = true;
    while (more) {
        struct span one;
        more = span_cut(&rest, ' ', &one);
        if (span_eq_cstr(one, word)) {
            return true;
        }
    }
    return false;
}

/* The books are not agreed where the amounts differ: such money goes back by people alone. */
static enum err
check_policy(const struct adapter_account *account)
{
    return is_one_of(account->late_money, "accept propose refund")
                   && is_one_of(account->duplicate_money, "accept propose refund")
                   && is_one_of(account->mismatched_money, "accept propose")
               ? ERR_OK
               : ERR_CONFIG_VALUE;
}

/* Every word of `methods` must be a method; a misspelt one would quietly not be offered. */
static enum err
check_methods(const char *methods)
{
    struct span rest = span_of(methods);
    bool more = true;
    while (more) {
        struct span word;
        enum adapter_method method;
        more = span_cut(&rest, ' ', &word);
        if (word.len > 0 && adapter_method_decode(word, &method) != ERR_OK) {
            return ERR_CONFIG_VALUE;
        }
    }
    return ERR_OK;
}

/* The first of our application's certificates is the one in use; the others lead to its root. */
static enum err
read_own_certificate(struct span pem, struct adapter_account *account)
{
    if (span_empty(pem)) {
        return ERR_OK;
    }
    DEFER(certificate_chain_fini) struct certificate_chain own = { .count = 0 };
    TRY(certificate_chain_load(pem, &own));
    account->application_not_before = crypto_certificate_not_before(own.list[0]);
    account->application_not_after = crypto_certificate_not_after(own.list[0]);
    return ERR_OK;
}

static enum err
load_account(const struct config *config, size_t index, struct wall_time now, struct arena *arena,
             struct adapter_account *account)
{
    take_settings(config, index, account);
    account->adapter = adapter_find(span_of(config_text(config, CONFIG_account_provider, index)));
    if (account->adapter == NULL) {
        return ERR_PROVIDER_UNKNOWN;
    }
    TRY(check_methods(account->methods));
    TRY(check_policy(account));
    struct adapter_material material = {
        .provider_public_key_id =
            span_of(config_text(config, CONFIG_account_provider_public_key_id, index)),
    };
    TRY(read_all_material(config, index, arena, &material));
    TRY(read_own_certificate(material.application_certificate, account));
    return account->adapter->account_prepare(&material, now, arena, account);
}

/* A contract of an account that is not there would quietly hold for nothing. */
static enum err
check_fee_accounts(const struct config *config, const struct accounts *accounts,
                   struct config_fault *fault)
{
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_fee); i++) {
        struct span name = span_of(config_text(config, CONFIG_fee_account, i));
        if (accounts_find(accounts, name) == NULL) {
            *fault = (struct config_fault){ .message = "there is no such account" };
            (void)snprintf(fault->setting, sizeof(fault->setting), "fee %s account",
                           config_name(config, CONFIG_SECTION_fee, i));
            return ERR_CONFIG_VALUE;
        }
    }
    return ERR_OK;
}

enum err
accounts_load(const struct config *config, struct wall_time now, struct accounts **out,
              struct config_fault *fault)
{
    size_t count = config_count(config, CONFIG_SECTION_account);
    DEFER(accounts_free)
    struct accounts *accounts = calloc(1, sizeof(*accounts) + count * sizeof(accounts->list[0]));
    if (accounts == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(arena_new(ACCOUNT_ARENA_MAX, &accounts->arena));
    for (size_t i = 0; i < count; i++) {
        accounts->count = i + 1;
        enum err err = load_account(config, i, now, accounts->arena, &accounts->list[i]);
        if (err == ERR_OK) {
            struct adapter_account *account = &accounts->list[i];
            TRY(fee_contract_load(config, account->name, account->fees, &account->fee_count,
                                  fault));
        }
        if (err != ERR_OK) {
            *fault = (struct config_fault){ .line = 0 };
            (void)snprintf(fault->setting, sizeof(fault->setting), "account %s",
                           config_name(config, CONFIG_SECTION_account, i));
            (void)snprintf(fault->message, sizeof(fault->message), "%s",
                           err_text(err, LANGUAGE_EN));
            return err;
        }
    }
    TRY(check_fee_accounts(config, accounts, fault));
    *out = accounts;
    accounts = NULL;
    return ERR_OK;
}

void
accounts_free(struct accounts **accounts)
{
    if (accounts == NULL || *accounts == NULL) {
        return;
    }
    for (size_t i = 0; i < (*accounts)->count; i++) {
        for (size_t k = 0; k < ADAPTER_KEYS_MAX; k++) {
            crypto_public_key_free(&(*accounts)->list[i].keys[k].key);
        }
        certificate_chain_fini(&(*accounts)->list[i].roots);
        certificate_chain_fini(&(*accounts)->list[i].helpers);
    }
    arena_free(&(*accounts)->arena);
    free(*accounts);
    *accounts = NULL;
}

size_t
accounts_count(const struct accounts *accounts)
{
    return accounts->count;
}

const struct adapter_account *
accounts_at(const struct accounts *accounts, size_t index)
{
    return index < accounts->count ? &accounts->list[index] : NULL;
}

const struct adapter_account *
accounts_find(const struct accounts *accounts, struct span name)
{
    for (size_t i = 0; i < accounts->count; i++) {
        if (span_eq_cstr(name, accounts->list[i].name)) {
            return &accounts->list[i];
        }
    }
    return NULL;
}

bool
account_offers(const struct adapter_account *account, enum adapter_method method)
{
    struct span rest = span_of(account->methods);
    bool more = true;
    while (more) {
        struct span word;
        more = span_cut(&rest, ' ', &word);
        if (word.len > 0 && span_eq_cstr(word, adapter_method_code(method))) {
            return true;
        }
    }
    return false;
}

bool
account_can_verify(const struct adapter_account *account)
{
    return account->key_count > 0 || account->roots.count > 0
           || account->scheme == CRYPTO_KEYED_SHA256 || account->scheme == CRYPTO_KEYED_SM3;
}

size_t
account_downloaded_keys(const struct adapter_account *account)
{
    size_t count = 0;
    for (size_t i = 0; i < account->key_count; i++) {
        count += account->keys[i].downloaded ? 1 : 0;
    }
    return count;
}

const struct adapter_account *
accounts_choose(const struct accounts *accounts, struct span provider, enum adapter_method method,
                struct money amount)
{
    for (size_t i = 0; i < accounts->count; i++) {
        const struct adapter_account *account = &accounts->list[i];
        if (span_eq_cstr(provider, account->adapter->name) && account_offers(account, method)
            && account_can_verify(account) && amount.currency == account->amount_max.currency
            && amount.minor <= account->amount_max.minor) {
            return account;
        }
    }
    return NULL;
}

/* The one that ends first; a key without an end outlasts all. */
static size_t
key_to_replace(const struct adapter_account *account)
{
    size_t first = 0;
    for (size_t i = 1; i < account->key_count; i++) {
        int64_t end = account->keys[i].not_after.us;
        int64_t least = account->keys[first].not_after.us;
        if (end != 0 && (least == 0 || end < least)) {
            first = i;
        }
    }
    return first;
}

static bool
has_serial(const struct adapter_account *account, struct span serial)
{
    for (size_t i = 0; i < account->key_count; i++) {
        if (span_eq(account->keys[i].serial, serial)) {
            return true;
        }
    }
    return false;
}

static enum err
add_key(struct accounts *accounts, struct adapter_account *account, struct adapter_key *key)
{
    if (has_serial(account, key->serial)) {
        crypto_public_key_free(&key->key);
        return ERR_OK;
    }
    TRY(arena_copy(accounts->arena, key->serial, &key->serial));
    size_t at = account->key_count;
    if (at == ADAPTER_KEYS_MAX) {
        at = key_to_replace(account);
        crypto_public_key_free(&account->keys[at].key);
    } else {
        account->key_count++;
    }
    account->keys[at] = *key;
    account->keys[at].downloaded = true;
    key->key = NULL;
    return ERR_OK;
}

enum err
accounts_key_add(struct accounts *accounts, struct span name, struct adapter_key key)
{
    enum err err = ERR_PROVIDER_UNKNOWN;
    for (size_t i = 0; i < accounts->count; i++) {
        if (span_eq_cstr(name, accounts->list[i].name)) {
            err = add_key(accounts, &accounts->list[i], &key);
        }
    }
    crypto_public_key_free(&key.key);
    return err;
}
