/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "wechatpay_daybill.h"
#include "wechatpay_gateway.h"

#define LINK_LIFE_MS (INT64_C(5) * 60 * 1000)
#define TOKEN_CHARS  48
#define MONTHS_DAYS  92                                         /* 4.7: three months at most */
#define WRONG_HASH   "da39a3ee5e6b4b0d3255bfef95601890afd80709" /* of no bytes */

/* What a download address leads to: the file as it was when the address was given. */
struct wechatpay_link {
    TAILQ_ENTRY(wechatpay_link) next;
    char token[TOKEN_CHARS + 1];
    const struct wechatpay_merchant *merchant;
    struct wall_time made;
    struct buf plain;
    bool never_gzip;
};

static void
link_free(struct wechatpay_link *link)
{
    buf_fini(&link->plain);
    free(link);
}

void
wechatpay_bill_free_links(struct wechatpay *wechatpay)
{
    while (!TAILQ_EMPTY(&wechatpay->links)) {
        struct wechatpay_link *link = TAILQ_FIRST(&wechatpay->links);
        TAILQ_REMOVE(&wechatpay->links, link, next);
        link_free(link);
    }
}

static la_ssize_t
take(struct archive *archive, void *ctx, const void *bytes, size_t len)
{
    struct buf *out = ctx;
    if (buf_append(out, span_make(bytes, len)) != ERR_OK) {
        archive_set_error(archive, 0, "full");
        return -1;
    }
    return (la_ssize_t)len;
}

/* Without the time of compression, so that a day's file is the same bytes whenever it is asked. */
static enum err
write_gzip(struct archive *archive, struct archive_entry *entry, struct span plain, struct buf *out)
{
    if (archive_write_add_filter_gzip(archive) != ARCHIVE_OK
        || archive_write_set_format_raw(archive) != ARCHIVE_OK
        || archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) != ARCHIVE_OK
        || archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK
        || archive_write_open(archive, out, NULL, take, NULL) != ARCHIVE_OK) {
        return ERR_ARCHIVE;
    }
    archive_entry_set_pathname(entry, "bill.csv");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)plain.len);
    return archive_write_header(archive, entry) == ARCHIVE_OK
                   && archive_write_data(archive, plain.at, plain.len) == (la_ssize_t)plain.len
                   && archive_write_close(archive) == ARCHIVE_OK
               ? ERR_OK
               : ERR_ARCHIVE;
}

static enum err
gzip(struct span plain, struct buf *out)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    enum err err =
        archive == NULL || entry == NULL ? ERR_NO_MEMORY : write_gzip(archive, entry, plain, out);
    archive_entry_free(entry);
    (void)archive_write_free(archive);
    return err;
}

/* 4.7, 6.4: what the call for an address is refused with; NULL when the day can have a bill. */
static const char *
day_refusal(const struct wechatpay_call *call, struct day *day)
{
    const char *text = wechatpay_call_query_value(call, "bill_date");
    struct wall_time now = world_now(call->wechatpay->world);
    struct day today = day_of(now, ZONE_CHINA_MIN);
    if (text == NULL || strlen(text) != 10 || day_parse(span_of(text), day) != ERR_OK) {
        return "PARAM_ERROR";
    }
    if (day_cmp(*day, today) >= 0 || day_cmp(*day, day_add(today, -MONTHS_DAYS)) < 0) {
        return "INVALID_REQUEST";
    }
    struct wall_time ready =
        wall_add_ms(day_start(day_add(*day, 1), ZONE_CHINA_MIN), WECHATPAY_BILL_READY_MS);
    return now.us < ready.us ? "STATEMENT_CREATING" : NULL;
}

static bool
wants_gzip(struct wechatpay_call *call, bool *gzip_wanted)
{
    const char *tar_type = wechatpay_call_query_value(call, "tar_type");
    *gzip_wanted = tar_type != NULL;
    if (tar_type != NULL && strcmp(tar_type, "GZIP") != 0) {
        (void)wechatpay_call_refuse(call, "PARAM_ERROR", "tar_type", "压缩类型不正确");
        return false;
    }
    return true;
}

static enum err
fill_link(struct wechatpay_call *call, const struct wechatpay_bill *bill,
          struct wechatpay_link *link)
{
    DEFER(buf_fini) struct buf token = BUF_MAX(TOKEN_CHARS);
    DEFER(buf_fini) struct buf text = BUF_MAX(WECHATPAY_BILL_MAX);
    link->merchant = call->merchant;
    link->made = world_now(call->wechatpay->world);
    link->never_gzip = bill->not_gzip;
    TRY(wechatpay_nonce(TOKEN_CHARS, &token));
    TRY(wechatpay_print(buf_span(&token), link->token, sizeof(link->token)));
    TRY(bill->kind == WECHATPAY_BILL_FLOW ? wechatpay_bill_flow(bill, &text)
                                          : wechatpay_bill_text(bill, &text));
    struct span whole = buf_span(&text);
    return buf_append(&link->plain, bill->cut ? span_sub(whole, 0, whole.len / 2) : whole);
}

static enum err
new_link(struct wechatpay_call *call, const struct wechatpay_bill *bill,
         const struct wechatpay_link **out)
{
    struct wechatpay_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        return ERR_NO_MEMORY;
    }
    buf_init(&link->plain, WECHATPAY_BILL_MAX);
    enum err err = fill_link(call, bill, link);
    if (err != ERR_OK) {
        link_free(link);
        return err;
    }
    TAILQ_INSERT_TAIL(&call->wechatpay->links, link, next);
    *out = link;
    return ERR_OK;
}

static enum err
answer_link(struct wechatpay_call *call, const struct wechatpay_bill *bill, bool zipped)
{
    DEFER(buf_fini) struct buf hash = BUF_MAX(64);
    DEFER(buf_fini) struct buf url = BUF_MAX(512);
    const struct wechatpay_link *link;
    TRY(new_link(call, bill, &link));
    if (bill->wrong_hash) {
        TRY(buf_text(&hash, WRONG_HASH));
    } else {
        TRY(wechatpay_sha1(buf_span(&link->plain), &hash));
    }
    TRY(buf_printf(&url, "https://127.0.0.1:%u/v3/billdownload/file?token=%s%s",
                   (unsigned)call->wechatpay->port, link->token, zipped ? "&tartype=gzip" : ""));
    TRY(json_put_text(call->out, "hash_type", "SHA1"));
    TRY(json_put_string(call->out, "hash_value", buf_span(&hash)));
    return json_put_string(call->out, "download_url", buf_span(&url));
}

static enum err
answer_bill(struct wechatpay_call *call, enum wechatpay_bill_kind kind)
{
    DEFER(wechatpay_bill_fini) struct wechatpay_bill bill = { .count = 0 };
    struct day day;
    bool zipped;
    if (!wants_gzip(call, &zipped)) {
        return ERR_OK;
    }
    const char *refusal = day_refusal(call, &day);
    if (refusal != NULL) {
        return wechatpay_call_refuse(call, refusal, "bill_date", "账单日期不符合要求");
    }
    TRY(wechatpay_bill_make(call->wechatpay, call->merchant, kind, day, &bill));
    if (bill.not_ready) {
        return wechatpay_call_refuse(call, "STATEMENT_CREATING", NULL, NULL);
    }
    return bill.count == 0 || bill.empty
               ? wechatpay_call_refuse(call, "NO_STATEMENT_EXIST", NULL, NULL)
               : answer_link(call, &bill, zipped);
}

enum err
wechatpay_call_tradebill(struct wechatpay_call *call)
{
    static const struct {
        const char *name;
        enum wechatpay_bill_kind kind;
    } types[] = { { "ALL", WECHATPAY_BILL_ALL },
                  { "SUCCESS", WECHATPAY_BILL_SUCCESS },
                  { "REFUND", WECHATPAY_BILL_REFUND } };
    const char *type = wechatpay_call_query_value(call, "bill_type");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type == NULL ? "ALL" : type, types[i].name) == 0) {
            return answer_bill(call, types[i].kind);
        }
    }
    return wechatpay_call_refuse(call, "PARAM_ERROR", "bill_type", "账单类型不正确");
}

/* All money of this world goes through the basic account. */
enum err
wechatpay_call_fundflowbill(struct wechatpay_call *call)
{
    const char *type = wechatpay_call_query_value(call, "account_type");
    if (type == NULL || strcmp(type, "BASIC") == 0) {
        return answer_bill(call, WECHATPAY_BILL_FLOW);
    }
    return strcmp(type, "OPERATION") == 0 || strcmp(type, "FEES") == 0
               ? wechatpay_call_refuse(call, "NO_STATEMENT_EXIST", NULL, NULL)
               : wechatpay_call_refuse(call, "PARAM_ERROR", "account_type", "账户类型不正确");
}

static const struct wechatpay_link *
find_link(const struct wechatpay *wechatpay, const char *token)
{
    const struct wechatpay_link *link;
    TAILQ_FOREACH(link, &wechatpay->links, next) {
        if (token != NULL && strcmp(link->token, token) == 0) {
            return link;
        }
    }
    return NULL;
}

enum err
wechatpay_call_download(struct wechatpay_call *call)
{
    const char *tartype = wechatpay_call_query_value(call, "tartype");
    const struct wechatpay_link *link =
        find_link(call->wechatpay, wechatpay_call_query_value(call, "token"));
    if (link == NULL
        || wall_ms_between(link->made, world_now(call->wechatpay->world)) > LINK_LIFE_MS
        || (tartype != NULL && strcmp(tartype, "gzip") != 0)) {
        return wechatpay_call_refuse(call, "INVALID_REQUEST", "token", "下载地址已失效");
    }
    if (link->merchant != call->merchant) {
        return wechatpay_call_refuse(call, "NO_AUTH", NULL, NULL);
    }
    bool zipped = tartype != NULL && !link->never_gzip;
    call->file_type = zipped ? "application/x-gzip" : "text/plain; charset=utf-8";
    return zipped ? gzip(buf_span(&link->plain), call->file)
                  : buf_append(call->file, buf_span(&link->plain));
}
