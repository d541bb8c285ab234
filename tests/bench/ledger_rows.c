/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_rows.h"

#include <stdio.h>
#include <string.h>

#include "wire.h"

#define ROW_MAX_BYTES 1024
#define DIGEST        "\\\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Each writes one row in the text form of COPY, or nothing; returns its length. */
typedef int (*put_row)(const struct ledger_item *item, char *out, size_t size);

static int
put_order(const struct ledger_item *item, char *out, size_t size)
{
    return snprintf(out, size,
                    "%d\t" LEDGER_OWNER "\t%s\t%s\tsupplier\t某某单位%lld\tU%lld\t%lld\t%lld\t%lld"
                    "\tCNY\t{}\t" DIGEST "\t%s\t%s\t%d\t%s\n",
                    item->slot, item->order_no, item->order_kind, (long long)item->sequence,
                    (long long)item->sequence, (long long)item->quantity,
                    (long long)item->unit_fee_fen, (long long)item->amount_fen,
                    ledger_order_status(item), item->paid_utc, ledger_is_paid(item) ? 1 : 0,
                    item->created_utc);
}

static int
put_payment(const struct ledger_item *item, char *out, size_t size)
{
    return snprintf(out, size,
                    "%d\t%s\t" LEDGER_OWNER "\t%s\t%s\t%lld\tCNY\thttps://portal.example/\tt%lld"
                    "\t1\t%s\t%s\n",
                    item->slot, item->payment_no, item->order_no,
                    ledger_is_paid(item) ? "paid" : "open", (long long)item->amount_fen,
                    (long long)item->sequence, item->created_utc, "2026-11-24T00:00:00Z");
}

static int
put_attempt(const struct ledger_item *item, char *out, size_t size)
{
    bool paid = ledger_is_paid(item);
    return snprintf(out, size,
                    "%d\t%s\t%s\twechatpay\t" LEDGER_ACCOUNT "\t" LEDGER_APPLICATION
                    "\t" LEDGER_MERCHANT "\tqr\t%s\t%lld\tCNY\t%s\t%s\t%s\t2026-11-24T00:00:00Z"
                    "\t%s\t%lld\n",
                    item->slot, item->attempt_no, item->payment_no, paid ? "paid" : "pending",
                    (long long)item->amount_fen, paid ? item->trade_no : "\\N",
                    paid ? item->paid_utc : "\\N", paid ? LEDGER_DAY : "\\N", item->created_utc,
                    (long long)(paid ? item->amount_fen : 0));
}

static int
put_event(const struct ledger_item *item, char *out, size_t size)
{
    if (!ledger_is_paid(item)) {
        return 0;
    }
    return snprintf(out, size,
                    "%d\t%s\t1\t%s\tattempt\tpending\tpaid\tpaid\tmove\t" DIGEST "\t%s\t" DIGEST
                    "\n",
                    item->slot, item->payment_no, item->attempt_no, item->paid_utc);
}

static const struct {
    const char *copy;
    put_row put;
} tables[] = {
    { "COPY ca_order (slot, owner, order_no, kind, applicant, unit_name, uscc, quantity,"
      " unit_fee_fen, amount_fen, currency, invoice_profile, content_hash, status, status_at,"
      " success_count, created_at) FROM STDIN",
      put_order },
    { "COPY payment (slot, payment_no, owner, order_no, state, amount_fen, currency, return_url,"
      " checkout_token, attempt_count, created_at, expires_at) FROM STDIN",
      put_payment },
    { "COPY attempt (slot, attempt_no, payment_no, provider, account, application, merchant,"
      " method, state, amount_fen, currency, provider_trade_no, paid_at, bill_day, expires_at,"
      " created_at, refundable_fen) FROM STDIN",
      put_attempt },
    { "COPY event (slot, payment_no, seq, attempt_no, machine, from_state, event, to_state,"
      " effect, evidence_digest, at, hash) FROM STDIN",
      put_event },
};

static enum err
put_table(const struct ledger *ledger, PGconn *conn, const char *copy, put_row put)
{
    char row[ROW_MAX_BYTES];
    struct ledger_item item;
    TRY(wire_copy_in(conn, copy));
    for (int64_t i = 0; i < ledger->items; i++) {
        ledger_item(ledger, i, &item);
        int len = ledger_in_books(&item) ? put(&item, row, sizeof(row)) : 0;
        TRY(len == 0 ? ERR_OK : wire_put(conn, row, (size_t)len));
    }
    return wire_copy_end(conn);
}

/* A run of a day without a bill: every number is nought. */
#define RUN                                                                                        \
    "INSERT INTO recon_run OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(NULL::recon_run," \
    " (SELECT jsonb_object_agg(column_name, 0) FROM information_schema.columns"                    \
    "   WHERE table_schema = 'tallygate' AND table_name = 'recon_run'"                             \
    "     AND (column_name LIKE '%\\_count' OR column_name LIKE '%\\_fen'))"                       \
    " || '{\"run_id\": 1, \"account\": \"main\", \"provider\": \"wechatpay\","                     \
    "      \"kind\": \"trade\", \"bill_day\": \"" LEDGER_DAY "\", \"version\": 1,"                 \
    "      \"state\": \"complete\", \"codes\": [\"FILE_NONE_OK\"], \"cutoff_east_min\": 480,"      \
    "      \"as_of\": \"2026-11-24T02:00:00Z\", \"program\": \"bench\", \"rules\": 1}'"            \
    " || jsonb_build_object('input_hash', '\\x' || repeat('00', 32)))).*"

enum err
ledger_rows(const struct ledger *ledger, PGconn *conn)
{
    TRY(wire_run(conn, "TRUNCATE ca_order, payment, attempt, event, recon_run, bill_line,"
                       " recon_population CASCADE"));
    TRY(wire_run(conn, RUN));
    TRY(wire_run(conn, "SET session_replication_role = replica"));
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        TRY(put_table(ledger, conn, tables[i].copy, tables[i].put));
    }
    TRY(wire_run(conn, "SET session_replication_role = origin"));
    return wire_run(conn, "VACUUM ANALYZE");
}
