/* SPDX-License-Identifier: Apache-2.0 */
#include "day_request.h"
#include "log.h"
#include "night.h"

#define DAY_BYTES 10

/* What was paid out against what came to the bank, of accounts whose bank's lines are handed in: money that does not come has to be
 * found without anybody asking. */

static enum err
make_day(struct night *night, const struct adapter_account *account, struct day day)
{
    struct day_request request;
    struct recon_outcome outcome = { .version = 0 };
    DEFER(buf_fini) struct buf text = BUF_MAX(DAY_BYTES);
    day_request_fill(night->config, account, day, clock_wall(), &request);
    request.recon.kind = SPAN_LIT(RECON_SETTLEMENT);
    TRY(recon_run(night->session, &request.recon, &outcome));
    TRY(day_format(day, &text));
    log_event(LOG_RECONCILED, LOG_TEXT("account", account->name), LOG_SPAN("day", buf_span(&text)),
              LOG_I64("version", outcome.version),
              LOG_TEXT("new", outcome.unchanged ? "no" : "yes"),
              LOG_TEXT("bill", RECON_SETTLEMENT));
    const struct night_printed printed = {
        .account = account, .day = day, .version = outcome.version, .of_settlement = true
    };
    night_print(night, &printed);
    return ERR_OK;
}

static enum err
make_days(struct night *night, const struct adapter_account *account, struct day day)
{
    struct recon_settlement_plan plan;
    TRY(recon_settlement_plan(night->session, account, day, &plan));
    if (plan.none || !plan.lines) {
        return ERR_OK;
    }
    for (struct day next = plan.first; day_cmp(next, plan.last) <= 0 && !night_stopping(night);
         next = day_add(next, 1)) {
        TRY(make_day(night, account, next));
    }
    return ERR_OK;
}

void
night_settlement(struct night *night, const struct adapter_account *account, struct day day)
{
    enum err err = make_days(night, account, day);
    if (err != ERR_OK) {
        log_event(LOG_NIGHT_TROUBLE, LOG_TEXT("account", account->name),
                  LOG_TEXT("bill", RECON_SETTLEMENT), LOG_ERR(err));
    }
}
