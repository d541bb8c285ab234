/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "unionpay_settle.h"
#include "unionpay_txn.h"

#define MERCHANT_NAME "数字证书服务" /* GBK in the file: cutting by characters would drift */
#define ACQUIRER      "88022900"
#define SENDER        "00049993"
#define CATEGORY      "5965"
#define TERMINAL      "01080209"
#define DAY_TEXT      "%04d%02d%02d"

/* Codes other than S56 are placeholders: the document knows no others (10). */
static const char *const txn_codes[UNIONPAY_KIND_COUNT] = {
    [UNIONPAY_FRONT] = "S56",
    [UNIONPAY_QR] = "S56",
    [UNIONPAY_REFUND] = "Z04",
    [UNIONPAY_CANCEL] = "Z31",
};

static const struct {
    const char *txn_type;
    const char *sub_type;
    const char *name;
} kinds[UNIONPAY_KIND_COUNT] = {
    [UNIONPAY_FRONT] = { "01", "01", "消费" },
    [UNIONPAY_QR] = { "01", "07", "二维码消费" },
    [UNIONPAY_REFUND] = { "04", "00", "退货" },
    [UNIONPAY_CANCEL] = { "31", "00", "消费撤销" },
};

const char *
unionpay_settle_mer_id(const struct unionpay_file *file)
{
    return file->wrong_merchant ? "777290000000009" : file->merchant->mer_id;
}

/* `width` digits, NUL-ended. */
static enum err
put_digits(int64_t value, size_t width, char *out)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    out[width] = '\0';
    for (size_t i = width; i > 0; i--) {
        out[i - 1] = (char)('0' + left % 10);
        left /= 10;
    }
    return left == 0 ? ERR_OK : ERR_AMOUNT_OVERFLOW;
}

/* X+n12: credit to the merchant, debit, or a blank for nothing. */
static enum err
put_signed(struct money amount, char out[14])
{
    out[0] = amount.minor > 0 ? 'C' : amount.minor < 0 ? 'D' : ' ';
    return put_digits(amount.minor, 12, out + 1);
}

/* 6.2, 35: the first 32 characters of reqReserved. */
static void
put_reserved(const struct unionpay_txn *txn, char out[33])
{
    struct span text = span_sub(span_of(txn == NULL ? NULL : txn->req_reserved), 0, 32);
    if (!span_empty(text)) {
        memcpy(out, text.at, text.len);
    }
    out[text.len] = '\0';
}

static enum err
put_row(const struct unionpay_file *file, const struct unionpay_row *row, struct buf *out)
{
    static const struct unionpay_txn stranger = { .biz_type = "000201", .channel_type = "07" };
    const struct unionpay_txn *txn = row->txn == NULL ? &stranger : row->txn;
    const struct unionpay_txn *orig = txn->orig;
    const struct unionpay_txn *payment = orig == NULL ? txn : orig;
    bool bank = unionpay_txn_is_bank(payment);
    char amount[13];
    char fee[14];
    char settle[14];
    char reserved[33];
    TRY(put_digits(row->amount.minor, 12, amount));
    TRY(put_signed(row->fee, fee));
    TRY(put_signed(row->settle, settle));
    put_reserved(txn, reserved);
    /* Numbered as in the document, from 1. */
    const char *const values[UNIONPAY_ZM_COLUMNS] = {
        [1 - 1] = txn_codes[row->kind],
        [2 - 1] = ACQUIRER,
        [3 - 1] = SENDER,
        [4 - 1] = row->trace_no,
        [5 - 1] = row->trace_time,
        [6 - 1] = bank ? NULL : UNIONPAY_CARD,
        [7 - 1] = amount,
        [8 - 1] = CATEGORY,
        [9 - 1] = payment->channel_type,
        [10 - 1] = row->query_id,
        [11 - 1] = "01",
        [12 - 1] = row->order_id,
        [13 - 1] = bank ? "00" : "01",
        [14 - 1] = orig == NULL ? NULL : orig->trace_no,
        [15 - 1] = orig == NULL ? NULL : orig->trace_time,
        [16 - 1] = fee,
        [17 - 1] = settle,
        [18 - 1] = bank ? "0201" : "0001",
        [20 - 1] = kinds[row->kind].txn_type,
        [21 - 1] = kinds[row->kind].sub_type,
        [22 - 1] = payment->biz_type,
        [27 - 1] = orig == NULL ? NULL : orig->query_id,
        [28 - 1] = unionpay_settle_mer_id(file),
        [30 - 1] = "000000000000000",
        [31 - 1] = MERCHANT_NAME,
        [32 - 1] = "000000000000",
        [33 - 1] = settle,
        [34 - 1] = TERMINAL,
        [35 - 1] = reserved,
        [36 - 1] = "000000000000",
        [37 - 1] = "000000000000",
        [38 - 1] = "00000000000",
        [40 - 1] = "7",
        [41 - 1] = orig == NULL ? NULL : orig->order_id,
    };
    return unionpay_settle_zm(values, out);
}

/* One byte of the second column's padding moves to the end of the first line. */
static void
drift(struct buf *text)
{
    size_t gap = strlen("S56 " ACQUIRER);
    size_t end = span_index(buf_span(text), '\r');
    if (end < text->len) {
        memmove(text->at + gap, text->at + gap + 1, end - gap - 1);
        text->at[end - 1] = ' ';
    }
}

enum err
unionpay_settle_detail(const struct unionpay_file *file, struct buf *out)
{
    for (size_t i = 0; i < file->count; i++) {
        TRY(put_row(file, &file->rows[i], out));
    }
    if (file->width) {
        drift(out);
    }
    if (file->cut && out->len > 300) {
        out->len -= 300; /* in the middle of the last row */
    }
    return ERR_OK;
}

static enum err
put_dispute(const struct unionpay_file *file, size_t index, struct buf *out)
{
    const struct unionpay_dispute *dispute = &file->disputes[index];
    const struct unionpay_txn *txn = dispute->txn;
    struct day prev = unionpay_clearing_day(txn->done);
    bool bank = unionpay_txn_is_bank(txn);
    char trace[7];
    char amount[13];
    char prev_amount[13];
    char settle[14];
    char time[11] = "0000093000"; /* of the clearing day itself */
    char prev_date[5];
    TRY(put_digits(410001 + (int64_t)index, 6, trace));
    TRY(put_digits(dispute->amount.minor, 12, amount));
    TRY(put_digits(txn->amount.minor, 12, prev_amount));
    TRY(put_signed((struct money){ -dispute->amount.minor, CURRENCY_CNY }, settle));
    TRY(put_digits(file->day.month * 100 + file->day.mday, 4, prev_date));
    memcpy(time, prev_date, 4);
    TRY(put_digits(prev.month * 100 + prev.mday, 4, prev_date));
    const char *const values[UNIONPAY_ZME_COLUMNS] = {
        [1 - 1] = "E74",
        [2 - 1] = ACQUIRER,
        [3 - 1] = SENDER,
        [4 - 1] = trace,
        [5 - 1] = time,
        [6 - 1] = bank ? NULL : UNIONPAY_CARD,
        [7 - 1] = amount,
        [8 - 1] = CATEGORY,
        [9 - 1] = txn->channel_type,
        [10 - 1] = bank ? "00" : "01",
        [11 - 1] = txn->trace_no,
        [12 - 1] = txn->trace_time,
        [13 - 1] = prev_date,
        [14 - 1] = prev_amount,
        [15 - 1] = "000000000000",
        [16 - 1] = settle,
        [18 - 1] = unionpay_settle_mer_id(file),
        [20 - 1] = "00000000000",
    };
    return unionpay_settle_zme(values, out);
}

enum err
unionpay_settle_disputes(const struct unionpay_file *file, struct buf *out)
{
    for (size_t i = 0; i < file->dispute_count; i++) {
        TRY(put_dispute(file, i, out));
    }
    return ERR_OK;
}

/* Sums of the report: what came in less what went out. */
struct totals {
    int64_t count;
    struct money amount;
    struct money fee;
    struct money settle;
};

static enum err
add_up(const struct unionpay_row *row, struct totals *totals)
{
    bool in = row->kind == UNIONPAY_FRONT || row->kind == UNIONPAY_QR;
    totals->count++;
    TRY(in ? money_add(totals->amount, row->amount, &totals->amount)
           : money_sub(totals->amount, row->amount, &totals->amount));
    TRY(money_sub(totals->fee, row->fee, &totals->fee)); /* printed as the merchant's cost */
    return money_add(totals->settle, row->settle, &totals->settle);
}

static enum err
put_totals(const char *name, const struct totals *totals, struct buf *out)
{
    TRY(buf_printf(out, "%s  笔数：%lld  交易金额：", name, (long long)totals->count));
    TRY(money_format(totals->amount, out));
    TRY(buf_text(out, "  手续费："));
    TRY(money_format(totals->fee, out));
    TRY(buf_text(out, "  清算金额："));
    TRY(money_format(totals->settle, out));
    return buf_text(out, "\r\n");
}

static const struct totals no_totals = { .count = 0,
                                         .amount = { 0, CURRENCY_CNY },
                                         .fee = { 0, CURRENCY_CNY },
                                         .settle = { 0, CURRENCY_CNY } };

static enum err
put_kinds(const struct unionpay_file *file, struct totals *all, struct buf *out)
{
    for (size_t kind = 0; kind < UNIONPAY_KIND_COUNT; kind++) {
        struct totals totals = no_totals;
        for (size_t i = 0; i < file->count; i++) {
            if (file->rows[i].kind == (enum unionpay_kind)kind) {
                TRY(add_up(&file->rows[i], &totals));
                TRY(add_up(&file->rows[i], all));
            }
        }
        if (totals.count != 0) {
            TRY(put_totals(kinds[kind].name, &totals, out));
        }
    }
    return ERR_OK;
}

static enum err
put_adjustments(const struct unionpay_file *file, struct buf *out)
{
    struct totals totals = no_totals;
    for (size_t i = 0; i < file->dispute_count; i++) {
        struct money amount = file->disputes[i].amount;
        totals.count++;
        TRY(money_sub(totals.amount, amount, &totals.amount));
        TRY(money_sub(totals.settle, amount, &totals.settle));
    }
    return put_totals("差错调整", &totals, out);
}

static enum err
report_text(const struct unionpay_file *file, struct buf *out)
{
    struct totals all = no_totals;
    TRY(buf_printf(out,
                   "中国银联商户清算汇总报表\r\n商户代码：%s\r\n商户名称：" MERCHANT_NAME
                   "\r\n清算日期：" DAY_TEXT "\r\n币种：人民币元\r\n\r\n",
                   unionpay_settle_mer_id(file), file->day.year, file->day.month, file->day.mday));
    TRY(put_kinds(file, &all, out));
    all.count += file->more_count;
    TRY(money_add(all.amount, file->more_sum, &all.amount));
    TRY(put_totals("合计", &all, out));
    return put_adjustments(file, out);
}

enum err
unionpay_settle_report(const struct unionpay_file *file, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    TRY(report_text(file, &text));
    return unionpay_settle_gbk(buf_span(&text), out);
}
