/* SPDX-License-Identifier: Apache-2.0 */
#include "bills.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bill_drift.h"
#include "json.h"

#define READ_BYTES ((size_t)65536)

static void
close_file(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

enum err
bills_target(struct cli *cli, const char *account, const char *day, const char *kind,
             struct acquire_target *out)
{
    TRY(cli_day(cli, day, &out->day));
    TRY(cli_account(cli, account, &out->account));
    out->bill = kind == NULL ? bill_of_trades(out->account->adapter)
                             : bill_find(out->account->adapter, span_of(kind));
    if (out->bill == NULL) {
        cli_say(cli, "渠道 %s 没有 %s 账单", "the provider %s has no bill %s",
                out->account->adapter->name, kind == NULL ? "trade" : kind);
        return ERR_FIELD_VALUE;
    }
    return ERR_OK;
}

static enum err
read_file(const char *path, struct buf *out)
{
    DEFER(close_file) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_FILE_OPEN;
    }
    for (;;) {
        unsigned char *room = NULL;
        TRY(buf_reserve(out, READ_BYTES, &room));
        ssize_t got = read(fd, room, READ_BYTES);
        if (got < 0 && errno != EINTR) {
            return ERR_FILE_READ;
        }
        if (got == 0) {
            return ERR_OK;
        }
        buf_grew(out, got < 0 ? 0 : (size_t)got);
    }
}

enum err
bills_load(const struct cli *cli, const char *path, struct buf *out)
{
    enum err err = read_file(path, out);
    if (err == ERR_BUF_FULL) {
        cli_say(cli, "文件超过 64 MiB：%s", "the file is larger than 64 MiB: %s", path);
    } else if (err != ERR_OK) {
        (void)cli_unreadable(cli, path, err);
    }
    return err;
}

static enum err
put_codes(const struct bill_file *file, struct json_t *object)
{
    struct json_t *codes = NULL;
    TRY(json_new_array(&codes));
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < FINDING_COUNT; i++) {
        if (file->found[i]) {
            err = json_put_text(codes, NULL, finding_name((enum finding)i));
        }
    }
    if (err != ERR_OK) {
        json_free(&codes);
        return err;
    }
    return json_put(object, "codes", codes);
}

/* A summary prints no balance, and a day without movements has none: then nothing is known of it. */
static enum err
put_balance(const struct bill_totals *totals, const char *name, int64_t fen, struct json_t *object)
{
    return totals->has_balance ? json_put_i64(object, name, fen) : json_put_null(object, name);
}

static enum err
put_flow(const struct bill_totals *totals, struct json_t *object)
{
    TRY(put_balance(totals, "opening_fen", totals->opening_fen, object));
    TRY(put_balance(totals, "closing_fen", totals->closing_fen, object));
    TRY(json_put_i64(object, "in_fen", totals->in_fen));
    return json_put_i64(object, "out_fen", totals->out_fen);
}

static enum err
put_column(const struct bill_drift_column *column, struct json_t *columns)
{
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(columns, NULL, object));
    TRY(column->position == 0 ? json_put_null(object, "position")
                              : json_put_i64(object, "position", (int64_t)column->position));
    TRY(json_put_string_or_null(object, "came", column->came));
    TRY(json_put_string_or_null(object, "known", span_of(column->known)));
    return json_put_text(object, "what", bill_drift_word(column->what));
}

static enum err
put_drift(const struct bill_drift *drift, struct json_t *parent)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    struct json_t *object = NULL;
    struct json_t *list = NULL;
    size_t count = bill_drift_columns(drift, columns);
    if (count == 0) {
        return ERR_OK;
    }
    TRY(json_new_object(&object));
    TRY(json_put(parent, "drift", object));
    TRY(json_put_i64(object, "line", (int64_t)drift->number));
    TRY(json_new_array(&list));
    TRY(json_put(object, "columns", list));
    for (size_t i = 0; i < count; i++) {
        TRY(put_column(&columns[i], list));
    }
    return ERR_OK;
}

static enum err
put_all(const struct bill_file *file, struct json_t *object)
{
    const struct bill_totals *totals = &file->by_lines;
    TRY(json_put_text(object, "verdict", file->accepted ? "accept" : "reject"));
    TRY(put_codes(file, object));
    TRY(json_put_i64(object, "rows", file->rows));
    TRY(json_put_i64(object, "pay_rows", totals->pay_count));
    TRY(json_put_i64(object, "refund_rows", totals->refund_count));
    TRY(json_put_i64(object, "pay_fen", totals->pay_fen));
    TRY(json_put_i64(object, "refund_fen", totals->refund_fen));
    TRY(json_put_i64(object, "fee_fen", totals->fee_fen));
    TRY(totals->is_flow ? put_flow(totals, object) : ERR_OK);
    return put_drift(&file->drift, object);
}

enum err
bills_json(const struct bill_file *file, struct buf *out)
{
    DEFER(json_free) struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(put_all(file, object));
    return json_encode_pretty(object, out);
}

static void
say_column(const struct cli *cli, const struct bill_drift_column *column)
{
    if (column->what == BILL_DRIFT_UNKNOWN) {
        cli_say(cli, "  第 %zu 列 %.*s：未知", "  column %zu, %.*s: unknown", column->position,
                SPAN_ARG(column->came));
    } else if (column->what == BILL_DRIFT_REPEATED) {
        cli_say(cli, "  第 %zu 列 %.*s：重复", "  column %zu, %.*s: there twice", column->position,
                SPAN_ARG(column->came));
    } else if (column->what == BILL_DRIFT_MISSING) {
        cli_say(cli, "  缺少 %s", "  %s is missing", column->known);
    }
}

static void
say_drift(const struct cli *cli, const struct bill_drift *drift)
{
    struct bill_drift_column columns[BILL_DRIFT_COLUMNS_MAX];
    size_t count = bill_drift_columns(drift, columns);
    for (size_t i = 0; i < count; i++) {
        say_column(cli, &columns[i]);
    }
}

void
bills_say_faults(const struct cli *cli, const struct bill_file *file)
{
    for (size_t i = 0; i < file->fault_count; i++) {
        const struct bill_fault *fault = &file->faults[i];
        const char *text = finding_text(fault->finding, cli->language);
        if (fault->number > 0) {
            cli_say(cli, "%s %s，第 %zu 行：%s", "%s %s, line %zu: %s",
                    finding_name(fault->finding), text, fault->number, fault->detail);
        } else {
            cli_say(cli, "%s %s：%s", "%s %s: %s", finding_name(fault->finding), text,
                    fault->detail);
        }
    }
    say_drift(cli, &file->drift);
    if (file->faults_seen > file->fault_count) {
        cli_say(cli, "另有 %zu 处问题未列出", "%zu further faults are not listed",
                file->faults_seen - file->fault_count);
    }
}
