/* SPDX-License-Identifier: Apache-2.0 */
#include "deposit_file.h"

#include "bill_row.h"
#include "bill_store.h"
#include "csv_read.h"
#include "money.h"

enum column {
    COLUMN_NUMBER,
    COLUMN_DAY,
    COLUMN_AMOUNT,
    COLUMN_FEE,
    COLUMN_KIND,
    COLUMN_PAYOUTS,
    COLUMN_COUNT
};

const char *
deposit_verdict_code(enum deposit_verdict verdict)
{
    static const char *const codes[DEPOSIT_VERDICT_COUNT] = {
        [DEPOSIT_STORED] = "stored",   [DEPOSIT_KNOWN] = "known",   [DEPOSIT_DIFFERS] = "differs",
        [DEPOSIT_WIDTH] = "width",     [DEPOSIT_NUMBER] = "number", [DEPOSIT_DAY] = "day",
        [DEPOSIT_AMOUNT] = "amount",   [DEPOSIT_FEE] = "fee",       [DEPOSIT_KIND] = "kind",
        [DEPOSIT_PAYOUTS] = "payouts",
    };
    return codes[verdict];
}

const char *
deposit_verdict_text(enum deposit_verdict verdict, enum language language)
{
    static const char *const texts[DEPOSIT_VERDICT_COUNT][LANGUAGE_COUNT] = {
        [DEPOSIT_STORED] = { "", "" },
        [DEPOSIT_KNOWN] = { "", "" },
        [DEPOSIT_DIFFERS] = { "同一银行流水号 deposit_no 已有另一笔，未改动",
                              "another line stands under this deposit_no, and stays" },
        [DEPOSIT_WIDTH] = { "不是 6 列", "not six columns" },
        [DEPOSIT_NUMBER] = { "银行流水号 deposit_no 有误（空、含空格，或被表格软件改写）",
                             "deposit_no is no number (empty, with blanks, or rewritten by a spreadsheet)" },
        [DEPOSIT_DAY] = { "日期 day 有误或在今天之后", "day is no day, or one to come" },
        [DEPOSIT_AMOUNT] = { "到账金额 amount_yuan 有误（须大于 0，至多一亿元）",
                             "amount_yuan is no amount above 0 and up to 100000000.00" },
        [DEPOSIT_FEE] = { "银行扣费 fee_yuan 有误（至多一亿元）",
                          "fee_yuan is no amount up to 100000000.00" },
        [DEPOSIT_KIND] = { "类型 kind 应为 deposit、return 或 transfer",
                           "kind is neither deposit nor return nor transfer" },
        [DEPOSIT_PAYOUTS] = { "提现单号 payouts 有误（付款人转账不填；或被表格软件改写）",
                              "payouts are no numbers (or rewritten by a spreadsheet), or a transfer's" },
    };
    return texts[verdict][language];
}

const char *
deposit_file_kind(const struct deposit_entry *entry)
{
    return entry->transfer ? "transfer" : entry->returned ? "return" : "deposit";
}

static bool
is_visible(struct span text, bool blanks)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (c > '~' || c < (blanks ? ' ' : '!') || c == '"' || c == ',') {
            return false;
        }
    }
    return true;
}

/* One of the numbers, parted by blanks, that a spreadsheet wrote as 2.0E+10 names no payout any more, or another one. */
static bool
any_scientific(struct span numbers)
{
    struct span number;
    bool more = true;
    bool found = false;
    while (more && !found) {
        more = span_cut(&numbers, ' ', &number);
        found = bill_row_is_scientific(number);
    }
    return found;
}

static enum deposit_verdict
read_amounts(const struct span *fields, struct deposit_entry *out)
{
    struct money amount;
    struct money fee = { 0, CURRENCY_CNY };
    if (money_parse(fields[COLUMN_AMOUNT], CURRENCY_CNY, &amount) != ERR_OK || amount.minor == 0
        || amount.minor > MONEY_MAX_MINOR) {
        return DEPOSIT_AMOUNT;
    }
    if (fields[COLUMN_FEE].len > 0
        && (money_parse(fields[COLUMN_FEE], CURRENCY_CNY, &fee) != ERR_OK
            || fee.minor > MONEY_MAX_MINOR)) {
        return DEPOSIT_FEE;
    }
    out->fen = amount.minor;
    out->fee_fen = fee.minor;
    return DEPOSIT_STORED;
}

enum deposit_verdict
deposit_file_record(const struct span *fields, size_t count, struct day today,
                    struct deposit_entry *out)
{
    struct deposit_entry made = { .fen = 0 };
    if (count != COLUMN_COUNT) {
        return DEPOSIT_WIDTH;
    }
    made.deposit_no = fields[COLUMN_NUMBER];
    made.references = fields[COLUMN_PAYOUTS];
    if (made.deposit_no.len == 0 || made.deposit_no.len > DEPOSIT_FILE_NUMBER_MAX
        || !is_visible(made.deposit_no, false) || any_scientific(made.deposit_no)) {
        return DEPOSIT_NUMBER;
    }
    if (day_parse(fields[COLUMN_DAY], &made.day) != ERR_OK || day_cmp(made.day, today) > 0) {
        return DEPOSIT_DAY;
    }
    enum deposit_verdict amounts = read_amounts(fields, &made);
    if (amounts != DEPOSIT_STORED) {
        return amounts;
    }
    made.returned = span_eq_cstr(fields[COLUMN_KIND], "return");
    made.transfer = span_eq_cstr(fields[COLUMN_KIND], "transfer");
    if (!span_eq_cstr(fields[COLUMN_KIND], deposit_file_kind(&made))) {
        return DEPOSIT_KIND;
    }
    if (made.references.len > DEPOSIT_FILE_NAMES_MAX || !is_visible(made.references, true)
        || any_scientific(made.references) || (made.transfer && made.references.len > 0)) {
        return DEPOSIT_PAYOUTS;
    }
    *out = made;
    return DEPOSIT_STORED;
}

struct reading {
    struct day today;
    deposit_file_take take;
    void *context;
};

static bool
is_header(const struct span *cells, size_t count)
{
    struct span rest = SPAN_LIT(DEPOSIT_FILE_HEADER);
    struct span name;
    bool same = count == COLUMN_COUNT;
    for (size_t i = 0; same && i < COLUMN_COUNT; i++) {
        (void)span_cut(&rest, ',', &name);
        same = span_eq(cells[i], name);
    }
    return same;
}

static enum err
take_record(void *context, int64_t number, const struct span *cells, size_t count)
{
    const struct reading *reading = context;
    struct deposit_entry entry = { .fen = 0 };
    if (number == 1) {
        return is_header(cells, count) ? ERR_OK : ERR_IMPORT_HEADER;
    }
    enum deposit_verdict verdict = deposit_file_record(cells, count, reading->today, &entry);
    return reading->take(reading->context, number, verdict, &entry);
}

enum err
deposit_file_read(struct span bytes, struct day today, deposit_file_take take, void *context,
                  int64_t *record)
{
    struct reading reading = { .today = today, .take = take, .context = context };
    DEFER(csv_read_free) struct csv_read *csv = NULL;
    TRY(csv_read_new(take_record, &reading, &csv));
    enum err err = csv_read_bytes(csv, bytes);
    if (err == ERR_OK) {
        err = csv_read_end(csv);
    }
    *record = csv_read_number(csv);
    return err == ERR_OK && *record == 1 ? ERR_IMPORT_EMPTY : err;
}

static enum err
pass_over(void *context, int64_t number, enum deposit_verdict verdict,
          const struct deposit_entry *entry)
{
    (void)context;
    (void)number;
    (void)verdict;
    (void)entry;
    return ERR_OK;
}

enum err
deposit_file_check(struct span bytes)
{
    const struct day any = { .year = 0 };
    int64_t record = 0;
    enum err err = deposit_file_read(bytes, any, pass_over, NULL, &record);
    return err == ERR_IMPORT_CSV ? ERR_OK : err;
}

enum err
deposit_file_keep(struct db_session *session, struct span account, const char *archive_dir,
                  struct span bytes, struct wall_time now, struct arena *arena, struct span *sha256)
{
    char name[BILL_STORE_NAME_BYTES];
    bool known = false;
    struct db_params params;
    struct span kept;
    TRY(bill_store_put(archive_dir, bytes, name, &known));
    TRY(arena_copy(arena, span_of(name), &kept));
    db_params_init(&params, arena);
    db_text(&params, account);
    db_text(&params, kept);
    db_i64(&params, (int64_t)bytes.len);
    db_time(&params, now);
    TRY(db_session_run(session, STATEMENT_deposit_file_insert, &params, NULL));
    *sha256 = kept;
    return ERR_OK;
}

enum err
deposit_file_store(struct db_session *session, struct span account,
                   const struct deposit_entry *entry, struct wall_time now, struct arena *arena,
                   enum deposit_verdict *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, arena);
    db_text(&params, account);
    db_text(&params, entry->deposit_no);
    db_day(&params, entry->day);
    db_i64(&params, entry->fen);
    db_i64(&params, entry->fee_fen);
    db_bool(&params, entry->returned);
    db_text(&params, entry->references);
    db_time(&params, now);
    db_bool(&params, entry->transfer);
    db_text_or_null(&params, entry->sha256);
    TRY(db_session_run(session, STATEMENT_deposit_insert, &params, &rows));
    if (db_rows_count(rows) != 1) {
        return ERR_DB_ROWS;
    }
    *out = db_row_bool(rows, 0, "stored")  ? DEPOSIT_STORED
           : db_row_bool(rows, 0, "known") ? DEPOSIT_KNOWN
                                           : DEPOSIT_DIFFERS;
    return ERR_OK;
}

static enum err
ask(struct db_session *session, enum statement statement, struct span account, struct arena *arena,
    struct db_rows **rows)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_text(&params, account);
    return db_session_run(session, statement, &params, rows);
}

static enum err
load_payouts(struct db_session *session, struct span account, struct arena *arena,
             struct deposit_input *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    void *memory = NULL;
    TRY(ask(session, STATEMENT_deposit_payouts, account, arena, &rows));
    TRY(arena_array(arena, db_rows_count(rows) + 1, sizeof(*out->payouts), &memory));
    struct deposit_payout *list = memory;
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(arena_copy(arena, db_row_text(rows, i, "reference"), &list[i].reference));
        TRY(day_parse(db_row_text(rows, i, "day"), &list[i].day));
        list[i].fen = db_row_i64(rows, i, "fen");
    }
    out->payouts = list;
    out->payout_count = db_rows_count(rows);
    return ERR_OK;
}

enum err
deposit_file_take_rows(const struct db_rows *rows, struct arena *arena, struct deposit_input *out)
{
    void *memory = NULL;
    TRY(arena_array(arena, db_rows_count(rows) + 1, sizeof(*out->entries), &memory));
    struct deposit_entry *list = memory;
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(arena_copy(arena, db_row_text(rows, i, "deposit_no"), &list[i].deposit_no));
        TRY(arena_copy(arena, db_row_text(rows, i, "payouts"), &list[i].references));
        TRY(arena_copy(arena, db_row_text(rows, i, "sha256"), &list[i].sha256));
        TRY(day_parse(db_row_text(rows, i, "day"), &list[i].day));
        list[i].fen = db_row_i64(rows, i, "fen");
        list[i].fee_fen = db_row_i64(rows, i, "fee_fen");
        list[i].returned = db_row_bool(rows, i, "returned");
        list[i].transfer = db_row_bool(rows, i, "transfer");
        list[i].carried_in = db_row_bool(rows, i, "carried_in");
    }
    out->entries = list;
    out->entry_count = db_rows_count(rows);
    return ERR_OK;
}

static enum err
load_entries(struct db_session *session, struct span account, struct arena *arena,
             struct deposit_input *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(ask(session, STATEMENT_deposit_list, account, arena, &rows));
    return deposit_file_take_rows(rows, arena, out);
}

static bool
is_transfer(const struct deposit_input *in, struct span voucher)
{
    bool found = false;
    for (size_t i = 0; i < in->entry_count && !found; i++) {
        found = in->entries[i].transfer && span_eq(in->entries[i].deposit_no, voucher);
    }
    return found;
}

enum err
deposit_file_load_transfers(struct db_session *session, struct span account, struct arena *arena,
                            struct deposit_input *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    void *memory = NULL;
    TRY(ask(session, STATEMENT_deposit_transfers, account, arena, &rows));
    TRY(arena_array(arena, db_rows_count(rows) + 1, sizeof(*out->transfers), &memory));
    struct deposit_transfer *list = memory;
    size_t count = 0;
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        if (is_transfer(out, db_row_text(rows, i, "voucher"))) {
            TRY(arena_copy(arena, db_row_text(rows, i, "voucher"), &list[count].voucher));
            list[count++].fen = db_row_i64(rows, i, "fen");
        }
    }
    out->transfers = list;
    out->transfer_count = count;
    return ERR_OK;
}

enum err
deposit_file_load(struct db_session *session, struct span account, struct arena *arena,
                  struct deposit_input *out)
{
    struct deposit_input made = { .payout_count = 0 };
    TRY(load_payouts(session, account, arena, &made));
    TRY(load_entries(session, account, arena, &made));
    TRY(deposit_file_load_transfers(session, account, arena, &made));
    *out = made;
    return ERR_OK;
}
