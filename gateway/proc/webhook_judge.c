/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook_judge.h"

#define STATUS_GONE        410
#define STATUS_TOO_MANY    429
#define STATUS_UNAVAILABLE 503

static const char *
error_of(const struct webhook_try *tried)
{
    if (tried->err == ERR_WEBHOOK_URL || tried->err == ERR_WEBHOOK_ADDRESS) {
        return "address";
    }
    if (tried->err == ERR_PROVIDER_NOT_SENT) {
        return "not_sent";
    }
    if (tried->err != ERR_OK) {
        return "no_answer";
    }
    return tried->status == STATUS_GONE ? "gone" : tried->status / 100 == 3 ? "redirect" : "status";
}

static bool
may_ask_for_time(const struct webhook_try *tried)
{
    return tried->err == ERR_OK
           && (tried->status == STATUS_TOO_MANY || tried->status == STATUS_UNAVAILABLE);
}

struct webhook_result
webhook_judge(const struct webhook_try *tried)
{
    int status = tried->err == ERR_OK ? tried->status : 0;
    struct webhook_result result = { .outcome = WEBHOOK_DELIVERED, .status = status };
    if (tried->err == ERR_OK && status / 100 == 2) {
        return result;
    }
    result.error = error_of(tried);
    result.gone = status == STATUS_GONE;
    int64_t wait_ms = webhook_wait_ms(tried->failed + 1, tried->jitter_permille);
    if (result.gone || wait_ms == 0) {
        result.outcome = WEBHOOK_DEAD;
        return result;
    }
    int64_t asked_ms =
        may_ask_for_time(tried) ? webhook_retry_after_ms(tried->retry_after, tried->now) : 0;
    result.outcome = WEBHOOK_FAILED;
    result.next_at = wall_add_ms(tried->now, asked_ms > wait_ms ? asked_ms : wait_ms);
    return result;
}
