/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_account.h"

#include <stdio.h>
#include <string.h>

#include "clock_fake.h"

#define ACCOUNTS_MAX 16
#define PATH_BYTES   256

static struct {
    const struct adapter *adapter;
    struct fuzz_account is;
} accounts[ACCOUNTS_MAX];
static size_t account_count;
static struct arena *kept;

#define TEXT(name)                                    \
    {                                                 \
#name, offsetof(struct adapter_account, name) \
    }
#define MATERIAL(name)                                 \
    {                                                  \
#name, offsetof(struct adapter_material, name) \
    }
#define ORDER(name)                                 \
    {                                               \
#name, offsetof(struct adapter_order, name) \
    }
struct word {
    const char *name;
    size_t place;
};

static const struct word texts[] = {
    TEXT(application),      TEXT(merchant), TEXT(key_scheme),   TEXT(application_serial),
    TEXT(preferred_serial), TEXT(payee),    TEXT(signer_owner), TEXT(gateway_url),
};
/* Paths below tests/vectors. */
static const struct word materials[] = {
    MATERIAL(provider_public_key),     MATERIAL(middle_certificates),
    MATERIAL(application_certificate), MATERIAL(provider_certificate),
    MATERIAL(root_certificates),
};
/* The value itself. */
static const struct word names[] = { MATERIAL(provider_public_key_id) };
static const struct word orders[] = {
    ORDER(merchant_order_no), ORDER(provider_trade_no), ORDER(refund_no),
    ORDER(key_serial),        ORDER(prepared),          ORDER(nonce),
};

static bool
find(const struct word *words, size_t count, struct span name, size_t *place)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq_cstr(name, words[i].name)) {
            *place = words[i].place;
            return true;
        }
    }
    return false;
}
#define FIND(words, name, place) find(words, sizeof(words) / sizeof((words)[0]), name, place)

static void
put(void *structure, size_t place, const void *value, size_t size)
{
    memcpy((unsigned char *)structure + place, value, size);
}

static struct span
vector(struct span path)
{
    const char *full = NULL;
    struct span copy;
    DEFER(buf_fini) struct buf name = BUF_MAX(PATH_BYTES);
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    FUZZ_DEMAND(buf_text(&name, "vectors/") == ERR_OK && buf_append(&name, path) == ERR_OK);
    FUZZ_DEMAND(buf_cstr(&name, &full) == ERR_OK && fuzz_file(full, &text));
    FUZZ_DEMAND(arena_copy(kept, buf_span(&text), &copy) == ERR_OK);
    return copy;
}

static void
take_amount(struct span value, struct adapter_order *order)
{
    FUZZ_DEMAND(money_parse(value, CURRENCY_CNY, &order->amount) == ERR_OK);
    order->total = order->amount;
}

static void
take_line(struct span line, struct fuzz_account *out, struct adapter_material *material)
{
    struct span value = line;
    struct span name;
    size_t place = 0;
    FUZZ_DEMAND(span_cut(&value, ' ', &name));
    if (FIND(texts, name, &place)) {
        const char *text = NULL;
        FUZZ_DEMAND(arena_cstr(kept, value, &text) == ERR_OK);
        put(&out->account, place, &text, sizeof(text));
    } else if (FIND(materials, name, &place)) {
        struct span pem = vector(value);
        put(material, place, &pem, sizeof(pem));
    } else if (FIND(names, name, &place)) {
        put(material, place, &value, sizeof(value));
    } else if (FIND(orders, name, &place)) {
        put(&out->order, place, &value, sizeof(value));
    } else if (span_eq_cstr(name, "amount")) {
        take_amount(value, &out->order);
    } else if (span_eq_cstr(name, "aead_key")) {
        FUZZ_DEMAND(secret_new(value, &out->aead_key) == ERR_OK);
    } else {
        FUZZ_DEMAND(span_eq_cstr(name, "now") && wall_parse(value, &out->now) == ERR_OK);
    }
}

static void
take_lines(struct span rest, struct fuzz_account *out, struct adapter_material *material)
{
    struct span line;
    while (span_cut(&rest, '\n', &line)) {
        if (line.len > 0 && line.at[0] != '#') {
            take_line(line, out, material);
        }
    }
}

static void
load(const struct adapter *adapter, struct fuzz_account *out)
{
    char path[PATH_BYTES];
    struct span text;
    struct adapter_material material = { .root_certificates = { .at = NULL, .len = 0 } };
    DEFER(buf_fini) struct buf file = BUF_MAX(0);
    *out = (struct fuzz_account){
        .account = { .adapter = adapter,
                     .name = "main",
                     .application = "",
                     .merchant = "",
                     .gateway_url = "https://provider.example",
                     .files_url = "",
                     .ca_file = "",
                     .key_scheme = "",
                     .application_serial = "",
                     .root_serial = "",
                     .preferred_serial = "",
                     .payee = "",
                     .signer_owner = "",
                     .methods = "",
                     .bill_hosts = "" },
        .order = { .method = ADAPTER_QR },
        .now = clock_wall(),
    };
    (void)snprintf(path, sizeof(path), "fuzz/accounts/%s", adapter->name);
    bool told = fuzz_file(path, &file);
    if (told) {
        FUZZ_DEMAND(arena_copy(kept, buf_span(&file), &text) == ERR_OK);
        take_lines(text, out, &material);
    }
    clock_fake_set_wall(out->now);
    out->order.now = out->now;
    out->order.made_at = out->now;
    out->order.expires_at = wall_add_ms(out->now, INT64_C(600000));
    out->order.bill_day = day_of(out->now, ZONE_CHINA_MIN);
    if (told) {
        FUZZ_DEMAND(adapter->account_prepare(&material, out->now, kept, &out->account) == ERR_OK);
    }
}

const struct fuzz_account *
fuzz_account(const struct adapter *adapter)
{
    size_t i = 0;
    while (i < account_count && accounts[i].adapter != adapter) {
        i++;
    }
    if (i == account_count) {
        FUZZ_DEMAND(account_count < ACCOUNTS_MAX);
        if (kept == NULL) {
            kept = fuzz_arena();
        }
        load(adapter, &accounts[i].is);
        accounts[i].adapter = adapter;
        account_count++;
    }
    clock_fake_set_wall(accounts[i].is.now);
    return &accounts[i].is;
}

void
fuzz_account_clock(const struct fuzz_account *of, const struct fuzz_message *text)
{
    struct wall_time now = of->now;
    for (size_t i = 0; i < text->message.header_count; i++) {
        if (span_eq_cstr(text->headers[i].name, "now")
            && wall_parse(text->headers[i].value, &now) == ERR_OK) {
            break;
        }
    }
    clock_fake_set_wall(now);
}

static void
put_span(struct buf *out, struct span s)
{
    fuzz_touch(s);
    FUZZ_DEMAND(buf_printf(out, "%zu:", s.len) == ERR_OK);
    FUZZ_DEMAND(buf_append(out, s) == ERR_OK);
    FUZZ_DEMAND(buf_byte(out, '\n') == ERR_OK);
}

static void
put_number(struct buf *out, int64_t number)
{
    FUZZ_DEMAND(buf_i64(out, number) == ERR_OK);
    FUZZ_DEMAND(buf_byte(out, '\n') == ERR_OK);
}

void
fuzz_account_claim(const struct evidence_claim *claim, struct buf *out)
{
    const struct span spans[] = {
        claim->application,     claim->merchant, claim->merchant_order_no, claim->provider_trade_no,
        claim->provider_status, claim->trace,    claim->refund_no,
    };
    const int64_t numbers[] = {
        claim->verdict,       claim->amount.minor,   claim->amount.currency,
        claim->paid_at.us,    claim->bill_day.year,  claim->bill_day.month,
        claim->bill_day.mday, claim->refunded.minor, claim->refunded.currency,
        claim->stated_at.us,
    };
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        put_span(out, spans[i]);
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        put_number(out, numbers[i]);
    }
    fuzz_touch(claim->raw);
}
