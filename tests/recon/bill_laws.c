/* SPDX-License-Identifier: Apache-2.0 */
/* Columns in any order are the same bill; a byte that was changed in a bill without a hash is refused, or whoever matches
 * it sees it. */
#include "alipay.h"
#include "bill_play.h"
#include "recon.h"
#include "seed.h"

extern const struct adapter_bill wechatpay_bills[];

#define ORDERS      15
#define COLUMNS_MAX 64
#define LINES_MAX   16
#define SAY_MAX     4096

TestSuite(bill_laws, .init = play_start, .fini = play_finish);

static size_t
count_of(struct span line, unsigned char c)
{
    size_t count = 0;
    for (size_t i = 0; i < line.len; i++) {
        count += line.at[i] == c ? 1 : 0;
    }
    return count;
}

/* Every line that has as many columns as the widest, its columns in another order. */
static struct span
permuted(struct span text, uint64_t *state)
{
    size_t order[COLUMNS_MAX];
    size_t commas = 0;
    struct span rest = text;
    struct span line = { 0 };
    DEFER(buf_fini) struct buf out = BUF_MAX(PLAY_TEXT_MAX);
    while (span_cut(&rest, '\n', &line)) {
        commas = count_of(line, ',') > commas ? count_of(line, ',') : commas;
    }
    cr_assert(commas > 4 && commas < COLUMNS_MAX);
    for (size_t i = 0; i <= commas; i++) {
        size_t k = next(state) % (i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    rest = span_starts(text, SPAN_LIT("\xEF\xBB\xBF")) ? span_sub(text, 3, text.len) : text;
    while (span_cut(&rest, '\n', &line)) {
        struct span fields[COLUMNS_MAX];
        struct span left = span_trim(line, "\r");
        bool wide = count_of(left, ',') == commas;
        for (size_t i = 0; wide && i <= commas; i++) {
            (void)span_cut(&left, ',', &fields[i]);
        }
        for (size_t i = 0; wide && i <= commas; i++) {
            CHECK_OK(buf_printf(&out, "%.*s%s", SPAN_ARG(fields[order[i]]), i < commas ? "," : ""));
        }
        CHECK_OK(wide ? buf_text(&out, "\r\n") : buf_printf(&out, "%.*s\r\n", SPAN_ARG(left)));
    }
    return play_keep(buf_span(&out));
}

/* All that a line says, but for the raw line itself. */
static enum err
say_line(void *context, const struct bill_line *line)
{
    struct buf *out = context;
    return buf_printf(
        out,
        "%d|%.*s|%.*s|%.*s|%.*s|%lld|%lld|%lld|%lld|%lld|%lld|%d|%d|%d|%d%d%d%d|%lld|%lld|%.*s|%.*s|%.*s\n",
        (int)line->kind, SPAN_ARG(line->provider_trade_no), SPAN_ARG(line->merchant_order_no),
        SPAN_ARG(line->refund_no), SPAN_ARG(line->subject), (long long)line->face.minor,
        (long long)line->effective.minor, (long long)line->fee.minor,
        (long long)line->order_amount.minor, (long long)line->coupon_fen, (long long)line->rate_ppm,
        (int)line->card, (int)line->method, (int)line->flow, line->promoted, line->other_currency,
        line->other_route, line->pending, (long long)line->balance_fen, (long long)line->at.us,
        SPAN_ARG(line->application), SPAN_ARG(line->merchant), SPAN_ARG(line->status));
}

static struct span
said_of(const struct adapter_bill *bill, struct span bytes, bool *accepted)
{
    struct bill_file file;
    DEFER(buf_fini) struct buf out = BUF_MAX(PLAY_TEXT_MAX);
    CHECK_OK(bill_file_read(bill, bytes, NULL, play_any_day, say_line, &out, &file));
    *accepted = file.accepted;
    return play_keep(buf_span(&out));
}

/* The bill as it is without its archive, in UTF-8 or GB18030. */
static struct adapter_bill
bare(const struct adapter_bill *bill)
{
    struct adapter_bill plain = *bill;
    plain.container = BILL_PLAIN;
    return plain;
}

Test(bill_laws, columns_in_any_order_are_the_same_bill)
{
    static const struct {
        const struct adapter_bill *bills;
        const char *kind;
        const char *path;
    } files[] = {
        { alipay_bills, "trade", "alipay/bills/trade_detail.utf8.csv" },
        { alipay_bills, "signcustomer", "alipay/bills/signcustomer_detail.utf8.csv" },
        { wechatpay_bills, "all", "wechatpay/bills/constructed-all-2026-03-10.csv" },
        { wechatpay_bills, "success", "wechatpay/bills/constructed-success-2026-03-10.csv" },
        { wechatpay_bills, "refund", "wechatpay/bills/constructed-refund-2026-03-10.csv" },
        { wechatpay_bills, "fundflow", "wechatpay/bills/constructed-fundflow-2026-03-10.csv" },
    };
    uint64_t state = seed_start(17);
    for (size_t i = 0; i < COUNT(files); i++) {
        bool accepted = false;
        struct adapter_bill bill = bare(play_kind(files[i].bills, files[i].kind));
        bill.encoding = BILL_UTF8;
        struct span text = play_file(files[i].path);
        struct span want = said_of(&bill, text, &accepted);
        cr_assert(accepted && !span_empty(want), "%s", files[i].path);
        for (int k = 0; k < ORDERS; k++) {
            struct span got = said_of(&bill, permuted(text, &state), &accepted);
            cr_assert(accepted, "%s", files[i].path);
            cr_assert(span_eq(got, want), "%s:\n%.*s\nwant\n%.*s", files[i].path, SPAN_ARG(got),
                      SPAN_ARG(want));
        }
    }
}

/* The lines of a bill as the matcher takes them. */
struct read_lines {
    struct recon_line lines[LINES_MAX];
    size_t count;
};

static enum err
keep_line(void *context, const struct bill_line *line)
{
    struct read_lines *read = context;
    cr_assert_lt(read->count, LINES_MAX);
    read->lines[read->count++] =
        (struct recon_line){ .number = line->number,
                             .kind = line->kind,
                             .provider_trade_no = play_keep(line->provider_trade_no),
                             .merchant_order_no = play_keep(line->merchant_order_no),
                             .refund_no = play_keep(line->refund_no),
                             .face_fen = line->face.minor,
                             .effective_fen = line->effective.minor,
                             .fee_fen = line->fee.minor,
                             .coupon_fen = line->coupon_fen,
                             .at = line->at };
    return ERR_OK;
}

/* Our books as the unchanged bill has them. */
struct books {
    struct recon_member members[LINES_MAX];
    struct recon_refund refunds[LINES_MAX];
    struct recon_input in;
};

static void
book(const struct read_lines *read, struct books *books)
{
    *books = (struct books){ .in = { .account = SPAN("main"),
                                     .provider = SPAN("alipay"),
                                     .day = { 2024, 5, 5 },
                                     .cutoff_east_min = ZONE_CHINA_MIN,
                                     .fee_rate_ppm = 6000 } };
    for (size_t i = 0; i < read->count; i++) {
        const struct recon_line *line = &read->lines[i];
        if (line->kind == BILL_LINE_REFUND) {
            books->refunds[books->in.refund_count++] =
                (struct recon_refund){ .refund_no = line->refund_no,
                                       .attempt_no = line->merchant_order_no,
                                       .state = REFUND_SUCCEEDED,
                                       .amount_fen = -line->face_fen,
                                       .approved = true,
                                       .taken_at = line->at,
                                       .counted = true };
        } else {
            books->members[books->in.member_count++] =
                (struct recon_member){ .attempt_no = line->merchant_order_no,
                                       .provider_trade_no = line->provider_trade_no,
                                       .state = ATTEMPT_PAID,
                                       .amount_fen = line->face_fen,
                                       .paid_at = line->at,
                                       .counted = true };
        }
    }
    books->in.members = books->members;
    books->in.refunds = books->refunds;
}

/* Classes and findings of all results. */
static void
match_says(struct books *books, const struct read_lines *read, char out[SAY_MAX])
{
    size_t used = 0;
    struct recon_output made = { 0 };
    DEFER(arena_free) struct arena *arena = NULL;
    CHECK_OK(arena_new((size_t)1024 * 1024, &arena));
    books->in.lines = read->lines;
    books->in.line_count = read->count;
    CHECK_OK(recon_match(&books->in, arena, &made));
    for (size_t i = 0; i < made.count; i++) {
        for (size_t k = 0; k <= made.results[i].finding_count; k++) {
            enum finding finding =
                k == 0 ? made.results[i].primary : made.results[i].findings[k - 1];
            int put = snprintf(out + used, SAY_MAX - used, "%s%s", finding_name(finding),
                               k == made.results[i].finding_count ? "\n" : " ");
            cr_assert(put > 0 && (size_t)put < SAY_MAX - used);
            used += (size_t)put;
        }
    }
}

/* What says who paid, what for, how much and what it cost. A payment is known by its two numbers and a time that may be off
 * by the minutes that clocks may be, a refund by its own number alone. */
static bool
same_line(const struct recon_line *x, const struct recon_line *y)
{
    bool known = x->kind == BILL_LINE_REFUND
                     ? span_eq(x->refund_no, y->refund_no)
                     : span_eq(x->provider_trade_no, y->provider_trade_no)
                           && span_eq(x->merchant_order_no, y->merchant_order_no)
                           && llabs(wall_ms_between(x->at, y->at)) <= 300000;
    return known && x->kind == y->kind && x->face_fen == y->face_fen
           && x->effective_fen == y->effective_fen && x->fee_fen == y->fee_fen
           && x->coupon_fen == y->coupon_fen;
}

static bool
same_lines(const struct read_lines *a, const struct read_lines *b)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!same_line(&a->lines[i], &b->lines[i])) {
            return false;
        }
    }
    return a->count == b->count;
}

Test(bill_laws, a_changed_byte_of_the_trades_is_refused_or_seen_by_the_match)
{
    static const unsigned char masks[] = { 0x01, 0x04, 0x10 };
    struct adapter_bill bill = bare(play_kind(alipay_bills, "trade"));
    struct bill_file file;
    struct books books;
    struct read_lines good = { .count = 0 };
    char want[SAY_MAX];
    size_t seen = 0;
    DEFER(buf_fini) struct buf text = BUF_MAX(PLAY_TEXT_MAX);
    CHECK_OK(buf_append(&text, play_file("alipay/bills/trade_detail.gbk.csv")));
    CHECK_OK(bill_file_read(&bill, buf_span(&text), NULL, play_any_day, keep_line, &good, &file));
    cr_assert(file.accepted && good.count == 5);
    book(&good, &books);
    match_says(&books, &good, want);
    for (size_t i = 0; i < text.len * COUNT(masks); i++) {
        char got[SAY_MAX];
        struct read_lines read = { .count = 0 };
        text.at[i / COUNT(masks)] ^= masks[i % COUNT(masks)];
        CHECK_OK(
            bill_file_read(&bill, buf_span(&text), NULL, play_any_day, keep_line, &read, &file));
        if (file.accepted && !same_lines(&good, &read)) {
            match_says(&books, &read, got);
            cr_assert_str_neq(got, want, "byte %zu of the bill is another and nobody sees it",
                              i / COUNT(masks));
            seen++;
        }
        text.at[i / COUNT(masks)] ^= masks[i % COUNT(masks)];
    }
    cr_assert_gt(seen, 0);
}
