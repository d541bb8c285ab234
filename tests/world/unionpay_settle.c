/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_settle.h"

#include <stdlib.h>
#include <string.h>

#include "unionpay_gateway.h"
#include "unionpay_txn.h"

#define FEE_PPM      6000
#define READY_MS     (INT64_C(9) * 60 * 60 * 1000) /* 3.7: about 09:00 of the next day */
#define DISPUTES_MAX 1000

void
unionpay_settle_fini(struct unionpay_file *file)
{
    free(file->rows);
    free(file->disputes);
    file->rows = NULL;
    file->disputes = NULL;
}

enum err
unionpay_settle_add(struct unionpay_file *file, const struct unionpay_row *row)
{
    if (file->count == UNIONPAY_ROWS_MAX) {
        return ERR_BUF_FULL;
    }
    if (file->count == file->cap) {
        size_t cap = file->cap == 0 ? 64 : file->cap * 2;
        struct unionpay_row *rows = reallocarray(file->rows, cap, sizeof(*rows));
        if (rows == NULL) {
            return ERR_NO_MEMORY;
        }
        file->rows = rows;
        file->cap = cap;
    }
    file->rows[file->count++] = *row;
    return ERR_OK;
}

enum err
unionpay_settle_dispute(struct unionpay_file *file, const struct unionpay_txn *txn,
                        struct money amount)
{
    if (file->dispute_count == DISPUTES_MAX) {
        return ERR_BUF_FULL;
    }
    struct unionpay_dispute *disputes =
        reallocarray(file->disputes, file->dispute_count + 1, sizeof(*disputes));
    if (disputes == NULL) {
        return ERR_NO_MEMORY;
    }
    file->disputes = disputes;
    file->disputes[file->dispute_count++] =
        (struct unionpay_dispute){ .txn = txn, .amount = amount };
    return ERR_OK;
}

enum err
unionpay_settle_reckon(struct unionpay_row *row)
{
    struct money fee;
    TRY(money_rate(row->amount, FEE_PPM, &fee));
    if (row->kind == UNIONPAY_REFUND) {
        fee.minor = 0;
    }
    bool in = row->kind == UNIONPAY_FRONT || row->kind == UNIONPAY_QR;
    int64_t gross = in ? row->amount.minor : -row->amount.minor;
    TRY(money_make(in ? -fee.minor : fee.minor, fee.currency, &row->fee));
    return money_make(gross + row->fee.minor, fee.currency, &row->settle);
}

/* Late money that reads as 42 was never the merchant's, nor is its way back. */
static bool
is_settled(const struct unionpay_txn *txn, const struct unionpay_file *file)
{
    bool never_ours = txn->automatic && txn->orig->status == UNIONPAY_LATE;
    return txn->merchant == file->merchant && txn->status == UNIONPAY_DONE && !never_ours
           && day_cmp(unionpay_clearing_day(txn->done), file->day) == 0;
}

static enum err
add_txn(struct unionpay_file *file, const struct unionpay_txn *txn)
{
    struct unionpay_row row = {
        .txn = txn, .kind = txn->kind, .done = txn->done, .amount = txn->amount
    };
    memcpy(row.order_id, txn->order_id, sizeof(row.order_id));
    memcpy(row.query_id, txn->query_id, sizeof(row.query_id));
    memcpy(row.trace_no, txn->trace_no, sizeof(row.trace_no));
    memcpy(row.trace_time, txn->trace_time, sizeof(row.trace_time));
    TRY(unionpay_settle_reckon(&row));
    return unionpay_settle_add(file, &row);
}

static int
by_completion(const void *a, const void *b)
{
    const struct unionpay_row *left = a;
    const struct unionpay_row *right = b;
    if (left->done.us != right->done.us) {
        return left->done.us < right->done.us ? -1 : 1;
    }
    return strcmp(left->trace_no, right->trace_no);
}

static enum err
fill(struct unionpay *unionpay, struct unionpay_file *file)
{
    const struct unionpay_txn *txn;
    TRY(unionpay_txn_expire(unionpay));
    TAILQ_FOREACH(txn, &unionpay->txns, next) {
        if (is_settled(txn, file)) {
            TRY(add_txn(file, txn));
        }
    }
    if (file->count > 1) {
        qsort(file->rows, file->count, sizeof(file->rows[0]), by_completion);
    }
    return unionpay_settle_edit_apply(unionpay, file);
}

enum err
unionpay_settle_make(struct unionpay *unionpay, const struct unionpay_merchant *merchant,
                     struct day day, struct unionpay_file *out)
{
    struct unionpay_file file = { .merchant = merchant, .day = day };
    file.more_sum = (struct money){ .minor = 0, .currency = CURRENCY_CNY };
    enum err err = fill(unionpay, &file);
    if (err != ERR_OK) {
        unionpay_settle_fini(&file);
        return err;
    }
    *out = file;
    return ERR_OK;
}

static enum err
day_in(int year, const char *month_and_day, struct day *out)
{
    DEFER(buf_fini) struct buf whole = BUF_MAX(16);
    TRY(buf_printf(&whole, "%04d%s", year, month_and_day));
    return day_parse(buf_span(&whole), out);
}

/* settleDate has no year: it is the last such day that has come. Errors: TIME. */
static enum err
read_day(const struct unionpay_call *call, struct wall_time now, struct day *out)
{
    const char *text = unionpay_form_get(call->in, "settleDate");
    struct day today = day_of(now, ZONE_CHINA_MIN);
    struct day day;
    if (day_in(today.year, text, &day) == ERR_OK && day_cmp(day, today) <= 0) {
        *out = day;
        return ERR_OK;
    }
    return day_in(today.year - 1, text, out);
}

static enum err
put_file(struct unionpay_call *call, const struct unionpay_file *file)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(64);
    DEFER(buf_fini) struct buf zip = BUF_MAX(UNIONPAY_FILE_MAX);
    DEFER(buf_fini) struct buf content = BUF_MAX(UNIONPAY_VALUE_MAX);
    TRY(unionpay_settle_name(file, &name));
    TRY(unionpay_settle_zip(file, &zip));
    TRY(unionpay_settle_content(buf_span(&zip), &content));
    TRY(unionpay_form_add(call->out, "fileName", buf_span(&name)));
    return unionpay_form_add(call->out, "fileContent", buf_span(&content));
}

/* 3.7. */
enum err
unionpay_call_file(struct unionpay_call *call)
{
    struct wall_time now = world_now(call->unionpay->world);
    struct day day;
    TRY(unionpay_form_echo(call->out, "settleDate", call->in));
    TRY(unionpay_form_echo(call->out, "fileType", call->in));
    if (read_day(call, now, &day) != ERR_OK) {
        call->code = "98";
        return ERR_OK;
    }
    struct wall_time ready = wall_add_ms(day_start(day_add(day, 1), ZONE_CHINA_MIN), READY_MS);
    DEFER(unionpay_settle_fini) struct unionpay_file file = { .count = 0 };
    TRY(unionpay_settle_make(call->unionpay, call->merchant, day, &file));
    bool nothing = file.count == 0 && file.dispute_count == 0 && !file.empty;
    if (now.us < ready.us || file.not_ready || nothing) {
        call->code = "98";
        return ERR_OK;
    }
    return put_file(call, &file);
}
