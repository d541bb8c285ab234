/* SPDX-License-Identifier: Apache-2.0 */
/* What clients send about webhooks: an id that is read stands for what it says, in one way only; an address that may be called
 * has nothing in it that another program could read differently. */
#include "webhook.h"

#include "fuzz.h"
#include "webhook_url.h"

static void
check_message(struct span text)
{
    int slot = -1;
    struct webhook_key key;
    DEFER(buf_fini) struct buf again = BUF_MAX(WEBHOOK_ID_MAX);
    fuzz_fill(&key, sizeof(key));
    if (webhook_message_id_read(text, &key, &slot) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&key, sizeof(key)));
        return;
    }
    FUZZ_DEMAND(slot >= 0 && slot < 1000);
    FUZZ_DEMAND(webhook_message_id(&key, &again) == ERR_OK);
    FUZZ_DEMAND(span_eq(buf_span(&again), text));
    FUZZ_DEMAND(span_index(text, '.')
                == text.len); /* it ends at the first full stop of the signed text */
}

static void
check_delivery(struct span text)
{
    int slot = -1;
    struct span hex;
    struct webhook_key key;
    DEFER(buf_fini) struct buf endpoint = BUF_MAX(WEBHOOK_ID_MAX);
    DEFER(buf_fini) struct buf again = BUF_MAX(WEBHOOK_ID_MAX);
    fuzz_fill(&key, sizeof(key));
    if (webhook_delivery_id_read(text, &key, &slot, &hex) != ERR_OK) {
        FUZZ_DEMAND(fuzz_untouched(&key, sizeof(key)));
        return;
    }
    FUZZ_DEMAND(buf_text(&endpoint, "we_") == ERR_OK && buf_append(&endpoint, hex) == ERR_OK);
    FUZZ_DEMAND(webhook_endpoint_id_valid(buf_span(&endpoint)));
    FUZZ_DEMAND(webhook_delivery_id(&key, buf_span(&endpoint), &again) == ERR_OK);
    FUZZ_DEMAND(span_eq(buf_span(&again), text));
}

static void
check_url(struct span text)
{
    const struct webhook_url_rules strict = { .allow_http = false, .allow_private = false };
    const struct webhook_url_rules in_house = { .allow_http = false, .allow_private = true };
    if (webhook_url_check(text, strict) != ERR_OK) {
        return;
    }
    FUZZ_DEMAND(webhook_url_check(text, in_house) == ERR_OK);
    FUZZ_DEMAND(span_starts(text, SPAN_LIT("https://")) && text.len <= WEBHOOK_URL_MAX);
    struct span rest = span_sub(text, 8, text.len);
    struct span authority = span_sub(rest, 0, span_index(rest, '/'));
    authority = span_sub(authority, 0, span_index(authority, '?'));
    FUZZ_DEMAND(authority.len > 0 && span_index(authority, '@') == authority.len);
    FUZZ_DEMAND(span_index(authority, '%') == authority.len);
    for (size_t i = 0; i < text.len; i++) {
        FUZZ_DEMAND(text.at[i] > ' ' && text.at[i] < 0x7F && text.at[i] != '\\'
                    && text.at[i] != '#');
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make(data, size);
    int64_t wait_ms =
        webhook_retry_after_ms(text, (struct wall_time){ .us = INT64_C(784111777000000) });
    FUZZ_DEMAND(wait_ms >= 0 && wait_ms <= WEBHOOK_RETRY_AFTER_MAX_MS);
    check_message(text);
    check_delivery(text);
    check_url(text);
    return 0;
}
