/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_WEBHOOK_JUDGE_H
#define TALLYGATE_PROC_WEBHOOK_JUDGE_H

/* What the answer of an endpoint means for a delivery, and when it is tried again. Pure. */

#include "webhook_store.h"

struct webhook_try {
    enum err err;            /* of the call; ERR_OK when an answer came */
    int status;              /* of the answer */
    struct span retry_after; /* its Retry-After; empty when it has none */
    int64_t failed;          /* tries that failed before this one */
    int jitter_permille;
    struct wall_time now;
};

/* 2xx: delivered. 410: given up, and the endpoint is gone. Everything else fails, redirects too: waited for by the
 * schedule, at 429 and 503 at least as long as Retry-After says, and given up behind the schedule's end. The
 * error is one of status, redirect, gone, address, not_sent, no_answer. */
struct webhook_result webhook_judge(const struct webhook_try *tried);

#endif
