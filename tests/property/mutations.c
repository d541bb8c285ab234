/* SPDX-License-Identifier: Apache-2.0 */
/* A golden day of each provider; one field changed gives exactly what the table says, and nothing else. The fields of the
 * table are those of recon.h, each. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "golden.h"
#include "vectors.h"

enum {
    ALIPAY = 1 << GOLDEN_ALIPAY,
    WECHATPAY = 1 << GOLDEN_WECHATPAY,
    UNIONPAY = 1 << GOLDEN_UNIONPAY
};
#define OTHERS (ALIPAY | WECHATPAY) /* but UnionPay */
#define ALL    (OTHERS | UNIONPAY)

struct mutation {
    const char *record;
    const char *field;
    size_t offset; /* in struct golden */
    size_t size;
    const void *value;
    unsigned providers;
    size_t at;
    const char *says;
};

#define MUTATION(record_, list, who, at_, name, says_, ...)                      \
    {                                                                            \
        .record = #record_,                                                      \
        .field = #name,                                                          \
        .offset = offsetof(struct golden, list) + (at_) * sizeof(struct record_) \
                  + offsetof(struct record_, name),                              \
        .size = sizeof(((struct record_ *)NULL)->name),                          \
        .value = &(const __typeof__(((struct record_ *)NULL)->name))__VA_ARGS__, \
        .providers = (who),                                                      \
        .at = (at_),                                                             \
        .says = (says_),                                                         \
    },
#define LINE(who, at, name, says, ...) MUTATION(recon_line, lines, who, at, name, says, __VA_ARGS__)
#define MEMBER(who, at, name, says, ...) \
    MUTATION(recon_member, members, who, at, name, says, __VA_ARGS__)
#define REFUND(who, at, name, says, ...) \
    MUTATION(recon_refund, refunds, who, at, name, says, __VA_ARGS__)
#define ORDER(who, at, name, says, ...) \
    MUTATION(recon_order, orders, who, at, name, says, __VA_ARGS__)
#define PAYMENT(who, at, name, says, ...) \
    MUTATION(recon_payment, payments, who, at, name, says, __VA_ARGS__)
#define INVOICE(who, at, name, says, ...) \
    MUTATION(recon_invoice, invoices, who, at, name, says, __VA_ARGS__)
#define ITEM(who, at, name, says, ...) \
    MUTATION(recon_invoice_item, items, who, at, name, says, __VA_ARGS__)
#define MANUAL(who, at, name, says, ...) \
    MUTATION(recon_manual, manuals, who, at, name, says, __VA_ARGS__)

/* Of another sum. */
static const struct recon_invoice_item other_items[2];

static const struct mutation mutations[] = {
#include "mutations.def"
};
#define MUTATIONS (sizeof(mutations) / sizeof(mutations[0]))

/* By the taxonomy: nothing of severity 1 to 3, no delta. The seventh line of UnionPay is of 23:00:01. */
#define GOLDEN_SAYS(seventh)                                            \
    "11=A1 PAY_OK INV_OK FEE_OK\n"                                      \
    "12=A2 PAY_OK AMT_COUPON INV_OK INV_MERGED FEE_OK\n"                \
    "13=R3 REF_OK REF_PARTIAL INV_OK_NET FEE_OK\n"                      \
    "14=A4 ST_REVOKED_OK\n"                                             \
    "15=R5 REF_IN_PROGRESS REF_PARTIAL INV_PENDING FEE_OK\n"            \
    "17=A7 PAY_OK DAY_SHIFT_LATE" seventh " INV_OK INV_MERGED FEE_OK\n" \
    "18=R8 REF_FAIL_OK INV_OK INV_RED_WAIT\n"                           \
    "19 OUT_OF_SCOPE\n"                                                 \
    "20=A10 PAY_OK INV_OK FEE_SMALL_ZERO\n"                             \
    "21=A11 PAY_OK DAY_SHIFT_EARLY INV_OK\n"                            \
    "M6 MAN_OK INV_OK\n"

static const char *const golden_says[] = {
    [GOLDEN_ALIPAY] = GOLDEN_SAYS(""),
    [GOLDEN_WECHATPAY] = GOLDEN_SAYS(""),
    [GOLDEN_UNIONPAY] = GOLDEN_SAYS(" DAY_SETTLE_CUT"),
};

Test(mutations, there_is_nothing_to_do_on_a_golden_day)
{
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        static struct golden g;
        char says[GOLDEN_SAY_MAX];
        golden_make(&g, (enum golden_provider)i);
        golden_say(&g, says);
        cr_expect_str_eq(says, golden_says[i], "%s says\n%s", golden_name((enum golden_provider)i),
                         says);
    }
}

static void
check_mutation(const struct mutation *mutation, enum golden_provider provider)
{
    static struct golden g;
    char before[GOLDEN_SAY_MAX];
    char now[GOLDEN_SAY_MAX];
    char changed[GOLDEN_SAY_MAX];
    golden_make(&g, provider);
    golden_say(&g, before);
    unsigned char *field = (unsigned char *)&g + mutation->offset;
    cr_assert_neq(memcmp(field, mutation->value, mutation->size), 0, "%s %s is that already",
                  mutation->record, mutation->field);
    memcpy(field, mutation->value, mutation->size);
    golden_say(&g, now);
    golden_changed(before, now, changed);
    cr_expect_str_eq(changed, mutation->says, "%s: %s %zu, %s:\n  got  %s\n  want %s",
                     golden_name(provider), mutation->record, mutation->at, mutation->field,
                     changed, mutation->says);
}

Test(mutations, each_field_changed_is_what_the_table_says_and_nothing_else)
{
    for (size_t i = 0; i < MUTATIONS; i++) {
        for (size_t k = 0; k < GOLDEN_COUNT; k++) {
            if ((mutations[i].providers & 1U << k) != 0) {
                check_mutation(&mutations[i], (enum golden_provider)k);
            }
        }
    }
}

static bool
is_changed_somewhere(const char *record, struct span field)
{
    for (size_t i = 0; i < MUTATIONS; i++) {
        if (strcmp(mutations[i].record, record) == 0 && span_eq_cstr(field, mutations[i].field)) {
            return true;
        }
    }
    return false;
}

/* The name that a declaration ends with. */
static struct span
name_of(struct span declaration)
{
    size_t from = declaration.len;
    while (
        from > 0
        && (declaration.at[from - 1] == '_' || span_is_alnum(span_sub(declaration, from - 1, 1)))) {
        from--;
    }
    return span_sub(declaration, from, declaration.len);
}

/* Without the comments. */
static void
strip(struct span text, struct buf *out)
{
    while (!span_empty(text)) {
        size_t comment = span_find(text, SPAN_LIT("/*"));
        CHECK_OK(buf_append(out, span_sub(text, 0, comment)));
        text = span_sub(text, comment, text.len);
        text = span_sub(text, span_find(text, SPAN_LIT("*/")) + 2, text.len);
    }
}

Test(mutations, no_field_of_a_record_is_left_out)
{
    static const char *const records[] = { "recon_line",   "recon_member",      "recon_refund",
                                           "recon_order",  "recon_payment",     "recon_invoice",
                                           "recon_manual", "recon_invoice_item" };
    DEFER(buf_fini) struct buf header = BUF_MAX(0);
    DEFER(buf_fini) struct buf text = BUF_MAX((size_t)1024 * 1024);
    vectors_read("../../reconcile/recon.h", &header);
    strip(buf_span(&header), &text);
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        char begin[64];
        size_t count = 0;
        (void)snprintf(begin, sizeof(begin), "\nstruct %s {", records[i]);
        size_t at = span_find(buf_span(&text), span_of(begin));
        cr_assert_lt(at, text.len, "there is no %s", records[i]);
        struct span rest = span_sub(buf_span(&text), at + strlen(begin), text.len);
        rest = span_sub(rest, 0, span_find(rest, SPAN_LIT("\n};")));
        for (struct span field = { 0 }; span_cut(&rest, ';', &field); count++) {
            cr_expect(is_changed_somewhere(records[i], name_of(field)),
                      "%s: %.*s is not in the table", records[i], SPAN_ARG(name_of(field)));
        }
        cr_assert_gt(count, 5);
    }
}
