/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#define SLOTS       1000
#define FIRST_S     1200 /* 00:20, and 23:40: nothing is near the cut-off */
#define SPAN_S      84000
#define DAY_S       86400
#define EAST_S      28800
#define CREATED_S   60 /* before it is paid */
#define QUANTITIES  9
#define LETTERS     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
#define PAYER_CHARS 28

static const struct ledger_tariff tariffs[] = {
    { "new", 28000 },
    { "renewal", 20000 },
    { "change", 10000 },
    { "replacement", 5000 },
};
#define TARIFFS (int)(sizeof(tariffs) / sizeof(tariffs[0]))

int
ledger_tariffs(const struct ledger_tariff **out)
{
    *out = tariffs;
    return TARIFFS;
}

/* SplitMix64 (Steele, Lea, Flood 2014), of a place instead of a sequence. */
static uint64_t
mix(uint64_t seed, int64_t place)
{
    uint64_t z = seed + ((uint64_t)place + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* First four bytes of SHA-256 over owner, 0x00 and order number, mod 1000. */
static int
slot_of(const char *order_no)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char text[128];
    int length = snprintf(text, sizeof(text), LEDGER_OWNER "%c%s", 0, order_no);
    (void)SHA256((const unsigned char *)text, (size_t)length, digest);
    uint32_t head = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8
                    | (uint32_t)digest[3];
    return (int)(head % SLOTS);
}

static enum ledger_kind
kind_of(const struct ledger *ledger, int64_t number)
{
    int64_t block = number / ledger->every;
    uint64_t differs = mix(~ledger->seed, block) % (uint64_t)ledger->every;
    if ((uint64_t)(number % ledger->every) != differs) {
        return LEDGER_EQUAL;
    }
    return (enum ledger_kind)(LEDGER_BILL_ONLY + block % (LEDGER_KIND_COUNT - 1));
}

/* The check digit of a payment number: Luhn's, over the digits before it. */
static int
luhn(const char *digits)
{
    int sum = 0;
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        int digit = digits[length - 1 - i] - '0';
        digit *= i % 2 == 0 ? 2 : 1;
        sum += digit / 10 + digit % 10;
    }
    return (10 - sum % 10) % 10;
}

/* `second` of the day in China; before eight o'clock it is the day before in UTC. */
static void
put_utc(int second, char *out, size_t size)
{
    int there = (second + DAY_S - EAST_S) % DAY_S;
    (void)snprintf(out, size, "%sT%02d:%02d:%02d.000000Z",
                   second < EAST_S ? LEDGER_DAY_BEFORE : LEDGER_DAY, there / 3600, there / 60 % 60,
                   there % 60);
}

static void
put_numbers(const struct ledger *ledger, struct ledger_item *out)
{
    char body[48];
    (void)snprintf(out->order_no, sizeof(out->order_no), "CA-20261123-%09lld",
                   (long long)out->sequence);
    out->slot = slot_of(out->order_no);
    uint64_t dice = mix(ledger->seed ^ UINT64_C(0x70617965), out->number);
    (void)snprintf(body, sizeof(body), "261123%03d%09lld", out->slot, (long long)out->sequence);
    (void)snprintf(out->payment_no, sizeof(out->payment_no), "%s%d", body, luhn(body));
    (void)snprintf(out->attempt_no, sizeof(out->attempt_no), "%s%d01", body, luhn(body));
    (void)snprintf(out->trade_no, sizeof(out->trade_no), "420000286020261123%010lld",
                   (long long)out->sequence);
    for (int i = 0; i < PAYER_CHARS; i++) {
        out->payer[i] = LETTERS[dice % (sizeof(LETTERS) - 1)];
        dice = dice >> 2 | dice << 62;
    }
    out->payer[PAYER_CHARS] = 0;
}

static void
put_money(const struct ledger *ledger, struct ledger_item *out)
{
    uint64_t dice = mix(ledger->seed, out->number);
    const struct ledger_tariff *tariff = &tariffs[dice % (uint64_t)TARIFFS];
    out->order_kind = tariff->kind;
    out->unit_fee_fen = tariff->unit_fee_fen;
    out->quantity = 1 + (int64_t)(dice / 16 % QUANTITIES);
    out->amount_fen = out->unit_fee_fen * out->quantity;
    out->bill_fen = out->amount_fen;
    if (out->kind == LEDGER_AMOUNT) {
        int64_t by = 1 + (int64_t)(dice / 1024 % (uint64_t)(out->amount_fen / 2));
        out->bill_fen += (dice & UINT64_C(8)) != 0 ? by : -by;
    }
}

void
ledger_item(const struct ledger *ledger, int64_t number, struct ledger_item *out)
{
    int second = FIRST_S + (int)(number * SPAN_S / ledger->items);
    *out = (struct ledger_item){ .number = number,
                                 .sequence = number + 1,
                                 .kind = kind_of(ledger, number) };
    put_numbers(ledger, out);
    put_money(ledger, out);
    (void)snprintf(out->paid_civil, sizeof(out->paid_civil), "%s %02d:%02d:%02d", LEDGER_DAY,
                   second / 3600, second / 60 % 60, second % 60);
    put_utc(second, out->paid_utc, sizeof(out->paid_utc));
    put_utc(second - CREATED_S, out->created_utc, sizeof(out->created_utc));
}

enum err
ledger_sort(const struct ledger *ledger, uint32_t **out)
{
    size_t starts[SLOTS + 1] = { 0 };
    struct ledger_item item;
    *out = calloc((size_t)ledger->items + 1, sizeof(**out));
    uint16_t *slots = calloc((size_t)ledger->items + 1, sizeof(*slots));
    if (*out == NULL || slots == NULL) {
        free(slots);
        return ERR_NO_MEMORY;
    }
    for (int64_t i = 0; i < ledger->items; i++) {
        ledger_item(ledger, i, &item);
        slots[i] = (uint16_t)item.slot;
        starts[item.slot + 1]++;
    }
    for (int slot = 0; slot < SLOTS; slot++) {
        starts[slot + 1] += starts[slot];
    }
    for (int64_t i = 0; i < ledger->items; i++) {
        (*out)[starts[slots[i]]++] = (uint32_t)i;
    }
    free(slots);
    return ERR_OK;
}

bool
ledger_in_books(const struct ledger_item *item)
{
    return item->kind != LEDGER_BILL_ONLY;
}

bool
ledger_is_paid(const struct ledger_item *item)
{
    return item->kind != LEDGER_BILL_ONLY && item->kind != LEDGER_PENDING;
}

const char *
ledger_order_status(const struct ledger_item *item)
{
    return item->kind == LEDGER_PENDING || item->kind == LEDGER_NOT_ADVANCED ? "draft" : "paid";
}

const char *
ledger_trade_no(const struct ledger_item *item)
{
    return ledger_is_paid(item) ? item->trade_no : "";
}
