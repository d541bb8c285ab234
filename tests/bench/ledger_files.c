/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"

#define PATH_MAX_BYTES 4096
#define ROW_MAX_BYTES  1024
#define BUFFER_BYTES   ((size_t)1024 * 1024)

#define HEAD \
    "\xEF\xBB\xBF交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n"
#define SUMS_HEAD \
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"

#define YUAN(fen) (long long)((fen) / 100), (long long)((fen) % 100)

static FILE *
begin(const char *dir, const char *name)
{
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "we");
    if (file != NULL) {
        (void)setvbuf(file, NULL, _IOFBF, BUFFER_BYTES);
    }
    return file;
}

static enum err
end(FILE *file)
{
    bool bad = ferror(file) != 0;
    return fclose(file) == 0 && !bad ? ERR_OK : ERR_FILE_WRITE;
}

/* Half up to the fen, as the contract has it. */
static int64_t
fee_of(int64_t fen)
{
    return (fen * LEDGER_RATE_PPM + 500000) / 1000000;
}

struct sums {
    int64_t lines;
    int64_t fen;
    int64_t fee_fen;
};

static void
bill_row(const struct ledger_item *item, char row[ROW_MAX_BYTES])
{
    int64_t fee_fen = fee_of(item->bill_fen);
    (void)snprintf(
        row, ROW_MAX_BYTES,
        "`%s,`" LEDGER_APPLICATION ",`" LEDGER_MERCHANT
        ",`0,`,`%s,`%s,`%s,`NATIVE,`SUCCESS,`OTHERS,`CNY,`%lld.%02lld,`0.00,`0,`0,`0.00,`0.00,`,`,"
        "`数字证书服务费,`,`%lld.%02lld000,`0.60%%,`%lld.%02lld,`0.00,`\r\n",
        item->paid_civil, item->trade_no, item->attempt_no, item->payer, YUAN(item->bill_fen),
        YUAN(fee_fen), YUAN(item->bill_fen));
}

static void
bill_take(FILE *file, const char *row, int64_t fen, struct sums *sums)
{
    (void)fputs(row, file);
    sums->lines++;
    sums->fen += fen;
    sums->fee_fen += fee_of(fen);
}

/* A line that repeats another stands at the end of its block. */
static enum err
write_bill(const struct ledger *ledger, const char *dir, int64_t *lines)
{
    char row[ROW_MAX_BYTES];
    char again[ROW_MAX_BYTES] = "";
    int64_t again_fen = 0;
    struct sums sums = { 0 };
    struct ledger_item item;
    FILE *file = begin(dir, "bill.csv");
    if (file == NULL) {
        return ERR_FILE_WRITE;
    }
    (void)fputs(HEAD, file);
    for (int64_t i = 0; i < ledger->items; i++) {
        ledger_item(ledger, i, &item);
        if (item.kind != LEDGER_BOOK_ONLY) {
            bill_row(&item, row);
            bill_take(file, row, item.bill_fen, &sums);
        }
        if (item.kind == LEDGER_REPEATED) {
            memcpy(again, row, sizeof(again));
            again_fen = item.bill_fen;
        }
        if (again[0] != 0 && (i % ledger->every == ledger->every - 1 || i == ledger->items - 1)) {
            bill_take(file, again, again_fen, &sums);
            again[0] = 0;
        }
    }
    (void)fprintf(file,
                  SUMS_HEAD "`%lld,`%lld.%02lld,`0.00,`0.00,`%lld.%02lld000,`%lld.%02lld,`0.00\r\n",
                  (long long)sums.lines, YUAN(sums.fen), YUAN(sums.fee_fen), YUAN(sums.fen));
    *lines = sums.lines;
    return end(file);
}

static void
books_row(FILE *file, const struct ledger_item *item)
{
    bool paid = ledger_is_paid(item);
    if (ledger_in_books(item)) {
        (void)fprintf(file, "%s,%s," LEDGER_OWNER ",%s,%s,%lld,qr,%s,%s,%s,false,false\r\n",
                      item->attempt_no, ledger_trade_no(item), item->order_no,
                      paid ? "paid" : "pending", (long long)item->amount_fen,
                      paid ? item->paid_utc : "", item->created_utc, paid ? "true" : "false");
    }
}

static void
orders_row(FILE *file, const struct ledger_item *item)
{
    if (ledger_in_books(item)) {
        (void)fprintf(
            file, LEDGER_OWNER ",%s,某某单位%lld,%s,%s,%s,%lld,%lld,%lld,0,,,,,0,0,0,0,false,0\r\n",
            item->order_no, (long long)item->sequence, ledger_order_status(item),
            strcmp(ledger_order_status(item), "draft") == 0 ? "unpaid" : "paid", item->order_kind,
            (long long)item->amount_fen, (long long)item->unit_fee_fen, (long long)item->quantity);
    }
}

static void
payments_row(FILE *file, const struct ledger_item *item)
{
    if (ledger_is_paid(item)) {
        (void)fprintf(file, LEDGER_OWNER ",%s,%s," LEDGER_ACCOUNT ",wechatpay,%lld,0,false,%s\r\n",
                      item->order_no, item->attempt_no, (long long)item->amount_fen,
                      item->paid_utc);
    }
}

/* What is to be found of each kind. */
static void
expected_row(FILE *file, const struct ledger_item *item)
{
    int64_t apart = item->bill_fen - item->amount_fen;
    const struct {
        const char *class;
        int64_t delta_fen;
    } kinds[LEDGER_KIND_COUNT] = {
        [LEDGER_BILL_ONLY] = { "LONG_UNKNOWN", item->bill_fen },
        [LEDGER_BOOK_ONLY] = { "SHORT_PAY", -item->amount_fen },
        [LEDGER_AMOUNT] = { apart > 0 ? "AMT_BILL_MORE" : "AMT_BILL_LESS", apart },
        [LEDGER_REPEATED] = { "DUP_BILL_LINE", item->bill_fen },
        [LEDGER_PENDING] = { "ST_LATE_SUCCESS", item->bill_fen },
        [LEDGER_NOT_ADVANCED] = { "ORD_NOT_ADVANCED", 0 },
    };
    if (item->kind != LEDGER_EQUAL) {
        (void)fprintf(file, "%s,%s,%lld\n", item->attempt_no, kinds[item->kind].class,
                      (long long)kinds[item->kind].delta_fen);
    }
}

static const struct file {
    const char *name;
    const char *head;
    bool sorted;                                             /* by attempt; else by order */
    void (*row)(FILE *file, const struct ledger_item *item); /* NULL: none of that day */
} files[] = {
    { "books.csv",
      "attempt_no,provider_trade_no,owner,order_no,state,amount_fen,method,paid_at,created_at,"
      "counted,carried_in,denied\r\n",
      true, books_row },
    { "orders.csv",
      "owner,order_no,unit_name,status,stage,kind,amount_fen,unit_fee_fen,quantity,issued_quantity,"
      "title,tax_no,invoice_kind,said_kind,said_quantity,said_unit_fee_fen,said_amount_fen,"
      "said_refunded_fen,like_paid,invoiced_fen\r\n",
      false, orders_row },
    { "payments.csv",
      "owner,order_no,attempt_no,account,provider,amount_fen,refunded_fen,refund_open,paid_at\r\n",
      true, payments_row },
    { "expected.csv", "", false, expected_row },
    { "refunds.csv",
      "refund_no,attempt_no,owner,order_no,state,amount_fen,approved,sent_at,taken_at,counted,"
      "carried_in\r\n",
      false, NULL },
    { "invoices.csv",
      "owner,invoice_id,order_no,status,red,net_fen,tax_fen,total_fen,title,tax_no,asked_at,"
      "issued_at,kind,merged,reported_under,share_fen,red_reason,confirmation,"
      "confirmation_asked_at\r\n",
      false, NULL },
    { "manual_payments.csv",
      "owner,order_no,number,out,confirmed,self,attached,amount_fen,deposit_fen,received_on,"
      "recorded_on,decided_on,voucher,payer_name\r\n",
      false, NULL },
    { "carried_lines.csv",
      "number,refund,provider_trade_no,merchant_order_no,refund_no,fen,at,pending,raw\r\n", false,
      NULL },
};

static enum err
write_list(const struct ledger *ledger, const uint32_t *sorted, const char *dir,
           const struct file *list)
{
    struct ledger_item item;
    FILE *file = begin(dir, list->name);
    if (file == NULL) {
        return ERR_FILE_WRITE;
    }
    (void)fputs(list->head, file);
    for (int64_t i = 0; list->row != NULL && i < ledger->items; i++) {
        ledger_item(ledger, list->sorted ? (int64_t)sorted[i] : i, &item);
        list->row(file, &item);
    }
    return end(file);
}

static void
drop(uint32_t **sorted)
{
    free(*sorted);
}

enum err
ledger_files(const struct ledger *ledger, const char *dir, int64_t *lines)
{
    DEFER(drop) uint32_t *sorted = NULL;
    TRY(write_bill(ledger, dir, lines));
    TRY(ledger_sort(ledger, &sorted));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        TRY(write_list(ledger, sorted, dir, &files[i]));
    }
    return ERR_OK;
}
