/* SPDX-License-Identifier: Apache-2.0 */
#include "report_pack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificate.h"
#include "db.h"
#include "json.h"
#include "pack_export.h"
#include "progress.h"
#include "report.h"
#include "report_ageing.h"
#include "report_kept.h"
#include "report_parts.h"
#include "report_postings.h"
#include "report_signed.h"
#include "report_zip.h"
#include "run.h"

#define MANIFEST_MAX   ((size_t)4 * 1024 * 1024)
#define NAME_MAX_BYTES 256
#define MONTH_DAYS_MAX 31
#define FILE_MODE      0640

/* A pack being made. */
struct packing {
    struct db_session *session;
    const struct report_pack *pack;
    const char *folder; /* for the library that writes workbooks */
    struct report_zip *zip;
    struct json_t *files;    /* of the manifest, those of the day under way, */
    struct json_t *left_out; /* and names of what is larger than a file may be; NULL: nothing is */
};

/* The days that have a run of a kind. */
struct month {
    struct db_rows *rows;
    bool of_settlement;
};

static void
month_fini(struct month *month)
{
    db_rows_free(&month->rows);
}

typedef enum err (*month_list)(struct db_session *session, struct span account, struct day day,
                               enum language language, struct buf *out);

static enum err
add(const struct packing *p, const char *name, struct span bytes)
{
    TRY(report_zip_add(p->zip, name, bytes));
    DEFER(json_free) struct json_t *file = NULL;
    struct span sums = report_zip_sums(p->zip);
    struct span sum = span_sub(sums, sums.len - strlen(name) - 1 - 2 - 64, 64);
    TRY(json_new_object(&file));
    TRY(json_put_text(file, "name", name));
    TRY(json_put_i64(file, "bytes", (int64_t)bytes.len));
    TRY(json_put_string(file, "sha256", sum));
    struct json_t *given = file;
    file = NULL;
    return json_put(p->files, NULL, given);
}

/* "2026-11-23/v2/report.html" */
static enum err
member_name(const char *day, const char *folder, const char *file, char out[NAME_MAX_BYTES])
{
    int len = snprintf(out, NAME_MAX_BYTES, "%s/%s/%s", day, folder, file);
    return len > 0 && len < NAME_MAX_BYTES ? ERR_OK : ERR_BUF_FULL;
}

/* The run under way. */
struct packed {
    struct packing *packing;
    const char *day;
    struct day date;
    int64_t version;
    bool of_settlement;
    const struct db_rows *rows; /* of the month, and the run's among them */
    size_t at;
};

static enum err
load(const struct packed *run, struct arena *arena, struct report *out)
{
    const struct packing *p = run->packing;
    const struct report_run wanted = { .account = p->pack->account,
                                       .day = run->date,
                                       .version = run->version,
                                       .of_settlement = run->of_settlement };
    return report_kept_run(p->session, p->pack->archive_dir, &wanted, arena, out);
}

static enum err
note_left_out(struct packing *p, const char *name)
{
    if (p->left_out == NULL) {
        TRY(json_new_array(&p->left_out));
    }
    return json_put_string(p->left_out, NULL, span_of(name));
}

static enum err
add_report(const struct packed *run, const struct report *report, size_t file)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(REPORT_MAX_BYTES);
    char folder[REPORT_FOLDER_BYTES];
    char name[NAME_MAX_BYTES];
    report_folder(run->of_settlement, run->version, folder);
    TRY(member_name(run->day, folder, report_file_name(file), name));
    enum err err = report_file_make(report, file, run->packing->folder, &bytes);
    if (err == ERR_REPORT_SIZE) {
        return note_left_out(run->packing, name);
    }
    TRY(err);
    return add(run->packing, name, buf_span(&bytes));
}

static enum err
add_reports(const struct packed *run)
{
    struct report report;
    DEFER(arena_free) struct arena *arena = NULL;
    size_t max = run->packing->pack->memory_max;
    TRY(arena_new(max == 0 ? RUN_MEMORY_USUAL : max, &arena));
    TRY(load(run, arena, &report));
    for (size_t i = 0; i < report_file_count(); i++) {
        bool here = report_file_has(&report, i) || report_file_left_out(&report, i);
        TRY(here ? add_report(run, &report, i) : ERR_OK);
    }
    return ERR_OK;
}

static enum err
add_input(void *context, struct span file, struct span bytes)
{
    const struct packed *run = context;
    DEFER(buf_fini) struct buf text = BUF_MAX(NAME_MAX_BYTES);
    const char *cstr = NULL;
    char name[NAME_MAX_BYTES];
    TRY(buf_append(&text, file));
    TRY(buf_cstr(&text, &cstr));
    TRY(member_name(run->day, run->of_settlement ? "settlement-inputs" : "inputs", cstr, name));
    return add(run->packing, name, bytes);
}

/* All that the run read, to repeat it from. */
static enum err
add_inputs(struct packed *run)
{
    const struct packing *p = run->packing;
    const struct pack_export wish = { .archive_dir = p->pack->archive_dir,
                                      .account = p->pack->account,
                                      .day = run->date,
                                      .version = run->version,
                                      .of_settlement = run->of_settlement };
    return pack_export_each(p->session, &wish, add_input, run);
}

/* "2026-11-23/signoff.txt" */
static enum err
add_of_day(const struct packed *run, const char *file, struct span bytes)
{
    char name[NAME_MAX_BYTES];
    int len = snprintf(name, sizeof(name), "%s/%s", run->day, file);
    return len > 0 && len < NAME_MAX_BYTES ? add(run->packing, name, bytes) : ERR_BUF_FULL;
}

/* What two people signed, and the certificate of it: by them the inputs are held against the signature without us. */
static enum err
add_signed(const struct packed *run)
{
    DEFER(buf_fini) struct buf file = BUF_MAX(CERTIFICATE_FILE_MAX);
    if (!report_signed_is(run->rows, run->at)) {
        return ERR_OK;
    }
    TRY(add_of_day(run, "signoff.txt", db_row_text(run->rows, run->at, "signoff")));
    if (!report_signed_has_certificate(run->rows, run->at)) {
        return ERR_OK;
    }
    TRY(report_signed_certificate(run->rows, run->at, &file));
    return add_of_day(run, "certificate.json", buf_span(&file));
}

/* Which run it is, and what made it. */
static enum err
tell_run(const struct packed *run, struct json_t *about)
{
    const struct db_rows *rows = run->rows;
    size_t at = run->at;
    DEFER(buf_fini) struct buf as_of = BUF_MAX(64);
    TRY(wall_format(db_row_time(rows, at, "as_of"), &as_of));
    TRY(json_put_text(about, "day", run->day));
    TRY(json_put_i64(about, "version", run->version));
    TRY(json_put_string(about, "as_of", buf_span(&as_of)));
    TRY(json_put_string(about, "program", db_row_text(rows, at, "program")));
    TRY(db_row_null(rows, at, "rules")
            ? json_put_null(about, "rules")
            : json_put_i64(about, "rules", db_row_i64(rows, at, "rules")));
    TRY(json_put_string(about, "input_sha256", db_row_text(rows, at, "input_hash")));
    if (run->of_settlement) {
        return ERR_OK;
    }
    TRY(json_put_bool(about, "edited", db_row_bool(rows, at, "edited")));
    TRY(json_put_bool(about, "header_accepted", db_row_bool(rows, at, "by_form")));
    return report_signed_put(rows, at, about);
}

static enum err
add_files(struct packing *p, struct packed *run, struct json_t *about)
{
    TRY(json_new_array(&p->files));
    enum err err = add_reports(run);
    if (err == ERR_OK) {
        err = add_inputs(run);
    }
    if (err == ERR_OK) {
        err = add_signed(run);
    }
    struct json_t *files = p->files;
    struct json_t *left_out = p->left_out;
    p->files = NULL;
    p->left_out = NULL;
    if (err != ERR_OK) {
        json_free(&files);
        json_free(&left_out);
        return err;
    }
    enum err told = left_out == NULL ? ERR_OK : json_put(about, "left_out", left_out);
    TRY(json_put(about, "files", files));
    return told;
}

static enum err
add_day(struct packing *p, const struct month *month, size_t at, struct json_t *days)
{
    DEFER(json_free) struct json_t *about = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    struct packed run = { .packing = p,
                          .version = db_row_i64(month->rows, at, "version"),
                          .of_settlement = month->of_settlement,
                          .rows = month->rows,
                          .at = at };
    TRY(buf_append(&text, db_row_text(month->rows, at, "day")));
    TRY(buf_cstr(&text, &run.day));
    TRY(day_parse(buf_span(&text), &run.date));
    TRY(json_new_object(&about));
    TRY(tell_run(&run, about));
    TRY(add_files(p, &run, about));
    struct json_t *given = about;
    about = NULL;
    return json_put(days, NULL, given);
}

struct day
report_pack_next_month(struct day first)
{
    struct day day = day_add(first, MONTH_DAYS_MAX);
    day.mday = 1;
    return day;
}

/* Days of the month that nothing was published for are named as well: what is missing is no accident. */
static enum err
put_missing(const struct packing *p, const struct month *month, struct json_t *manifest)
{
    const struct db_rows *rows = month->rows;
    DEFER(json_free) struct json_t *missing = NULL;
    struct day end = report_pack_next_month(p->pack->month);
    size_t at = 0;
    TRY(json_new_array(&missing));
    for (struct day d = p->pack->month; day_cmp(d, end) < 0; d = day_add(d, 1)) {
        DEFER(buf_fini) struct buf day = BUF_MAX(32);
        TRY(day_format(d, &day));
        if (at < db_rows_count(rows) && span_eq(db_row_text(rows, at, "day"), buf_span(&day))) {
            at++;
        } else {
            TRY(json_put_string(missing, NULL, buf_span(&day)));
        }
    }
    struct json_t *given = missing;
    missing = NULL;
    return json_put(manifest, month->of_settlement ? "days_without_settlement" : "days_without_run",
                    given);
}

static enum err
add_days(struct packing *p, const struct month *month, struct json_t *manifest)
{
    DEFER(json_free) struct json_t *days = NULL;
    TRY(json_new_array(&days));
    progress_begin(p->pack->progress, PROGRESS_PACK, (int64_t)db_rows_count(month->rows));
    for (size_t i = 0; i < db_rows_count(month->rows); i++) {
        TRY(add_day(p, month, i, days));
        progress_add(p->pack->progress, 1);
    }
    struct json_t *given = days;
    days = NULL;
    return json_put(manifest, month->of_settlement ? "settlement" : "days", given);
}

/* A list of the month in both languages; of a month that is not over there is none, and the manifest says so. */
static enum err
add_list(struct packing *p, const char *stem, month_list list, struct day day,
         struct json_t *manifest)
{
    DEFER(json_free) struct json_t *files = NULL;
    enum err err = ERR_OK;
    TRY(json_new_array(&files));
    p->files = files;
    for (int i = 0; i < LANGUAGE_COUNT && err == ERR_OK; i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(REPORT_MAX_BYTES);
        char name[NAME_MAX_BYTES];
        (void)snprintf(name, sizeof(name), "%s%s.csv", stem, i == LANGUAGE_EN ? ".en" : "");
        err = list(p->session, p->pack->account, day, (enum language)i, &text);
        err = err == ERR_OK ? add(p, name, buf_span(&text)) : err;
    }
    p->files = NULL;
    if (err == ERR_TIME) {
        return json_put_null(manifest, stem);
    }
    TRY(err);
    struct json_t *given = files;
    files = NULL;
    return json_put(manifest, stem, given);
}

/* What waited when the last day of the month ended, and what was posted in the month. */
static enum err
add_lists(struct packing *p, struct json_t *manifest)
{
    struct day last = day_add(report_pack_next_month(p->pack->month), -1);
    TRY(add_list(p, "ageing", report_ageing, last, manifest));
    return add_list(p, "postings", report_postings, p->pack->month, manifest);
}

static enum err
fill(struct packing *p, const struct month *bills, const struct month *settlement)
{
    DEFER(json_free) struct json_t *manifest = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(MANIFEST_MAX);
    DEFER(buf_fini) struct buf month = BUF_MAX(32);
    TRY(day_format(p->pack->month, &month));
    TRY(json_new_object(&manifest));
    TRY(json_put_text(manifest, "format", "tallygate-month-pack/1"));
    TRY(json_put_string(manifest, "account", p->pack->account));
    TRY(json_put_string(manifest, "month", span_sub(buf_span(&month), 0, 7)));
    TRY(add_days(p, bills, manifest));
    TRY(put_missing(p, bills, manifest));
    TRY(add_days(p, settlement, manifest));
    TRY(put_missing(p, settlement, manifest));
    TRY(add_lists(p, manifest));
    TRY(json_encode_pretty(manifest, &text));
    TRY(report_zip_add(p->zip, "manifest.json", buf_span(&text)));
    buf_reset(&text);
    TRY(buf_append(&text, report_zip_sums(p->zip)));
    return report_zip_add(p->zip, "SHA256SUMS", buf_span(&text));
}

static enum err
load_days(struct db_session *session, const struct report_pack *pack, struct month *month)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct db_params params;
    TRY(arena_new(MANIFEST_MAX, &arena));
    db_params_init(&params, arena);
    db_text(&params, pack->account);
    db_day(&params, pack->month);
    db_day(&params, report_pack_next_month(pack->month));
    db_bool(&params, month->of_settlement);
    return db_session_run(session, STATEMENT_report_month, &params, &month->rows);
}

static enum err
write_zip(struct packing *p, const struct month *bills, const struct month *settlement, int fd)
{
    DEFER(report_zip_free) struct report_zip *zip = NULL;
    TRY(report_zip_open(fd, &zip));
    p->zip = zip;
    TRY(fill(p, bills, settlement));
    TRY(report_zip_close(&zip));
    return fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

/* A folder beside the file for all that is unfinished; `draft` is the ZIP in it. */
static enum err
write_draft(struct packing *p, const struct month *bills, const struct month *settlement,
            const char *draft)
{
    int fd = open(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return ERR_FILE_WRITE;
    }
    enum err err = write_zip(p, bills, settlement, fd);
    if (close(fd) != 0 && err == ERR_OK) {
        err = ERR_FILE_WRITE;
    }
    if (err == ERR_OK && rename(draft, p->pack->path) != 0) {
        err = ERR_FILE_WRITE;
    }
    if (err != ERR_OK) {
        (void)unlink(draft);
    }
    return err;
}

enum err
report_pack(struct db_session *session, const struct report_pack *pack, struct report_packed *out)
{
    DEFER(month_fini) struct month bills = { .of_settlement = false };
    DEFER(month_fini) struct month settlement = { .of_settlement = true };
    char folder[REPORT_PATH_MAX];
    char draft[REPORT_PATH_MAX + 8];
    int len = snprintf(folder, sizeof(folder), "%s.draft-XXXXXX", pack->path);
    if (len < 0 || (size_t)len >= sizeof(folder)) {
        return ERR_FILE_WRITE;
    }
    TRY(load_days(session, pack, &bills));
    TRY(load_days(session, pack, &settlement));
    if (db_rows_count(bills.rows) + db_rows_count(settlement.rows) == 0) {
        return ERR_RUN_UNKNOWN;
    }
    if (mkdtemp(folder) == NULL) {
        return ERR_FILE_WRITE;
    }
    (void)snprintf(draft, sizeof(draft), "%s/zip", folder);
    struct packing packing = { .session = session, .pack = pack, .folder = folder };
    enum err err = write_draft(&packing, &bills, &settlement, draft);
    if (rmdir(folder) != 0 && err == ERR_OK) {
        err = ERR_FILE_WRITE;
    }
    if (err == ERR_OK) {
        *out = (struct report_packed){ .bills = db_rows_count(bills.rows),
                                       .settlement = db_rows_count(settlement.rows) };
    }
    return err;
}

enum err
report_pack_month(struct span text, struct day *out)
{
    DEFER(buf_fini) struct buf first = BUF_MAX(32);
    if (text.len != 7) {
        return ERR_TIME;
    }
    TRY(buf_append(&first, text));
    TRY(buf_text(&first, "-01"));
    return day_parse(buf_span(&first), out);
}
