/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "unionpay_settle.h"
#include "vectors.h"

/* The synthetic settlement files of tests/vectors/unionpay, written again from their parsed rows. */

typedef enum err (*line_fn)(const char *const *values, struct buf *out);

static enum err
zm_line(const char *const *values, struct buf *out)
{
    return unionpay_settle_zm(values, out);
}

static enum err
zme_line(const char *const *values, struct buf *out)
{
    return unionpay_settle_zme(values, out);
}

/* The rows as lines, by the names of the layout. */
static void
write_again(const char *kind, const char *rows_name, line_fn line, struct buf *out)
{
    DEFER(json_free) struct json_t *layout = vectors_json("unionpay/settlement/layout.json");
    DEFER(json_free) struct json_t *expected = vectors_json("unionpay/settlement/expected.json");
    const struct json_t *columns = json_member(layout, kind);
    const struct json_t *rows = json_member(json_member(expected, "synthetic"), rows_name);
    cr_assert_gt(json_count(rows), 0);
    for (size_t i = 0; i < json_count(rows); i++) {
        struct buf texts[UNIONPAY_ZM_COLUMNS];
        const char *values[UNIONPAY_ZM_COLUMNS];
        size_t count = json_count(columns);
        for (size_t c = 0; c < count; c++) {
            DEFER(buf_fini) struct buf name = BUF_MAX(64);
            const char *text;
            CHECK_OK(buf_append(&name, vectors_text(json_element(columns, c), "name")));
            CHECK_OK(buf_cstr(&name, &text));
            buf_init(&texts[c], 256);
            CHECK_OK(buf_append(&texts[c], vectors_text(json_element(rows, i), text)));
            CHECK_OK(buf_cstr(&texts[c], &values[c]));
        }
        CHECK_OK(line(values, out));
        for (size_t c = 0; c < count; c++) {
            buf_fini(&texts[c]);
        }
    }
}

static void
expect_file(const char *path, const struct buf *got)
{
    DEFER(buf_fini) struct buf want = BUF_MAX(0);
    vectors_read(path, &want);
    cr_assert_eq(got->len, want.len, "%zu bytes, want %zu", got->len, want.len);
    for (size_t i = 0; i < want.len; i++) {
        cr_assert_eq(got->at[i], want.at[i], "byte %zu of %s", i, path);
    }
}

Test(unionpay_settle, detail_rows_are_laid_out_byte_for_byte)
{
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    write_again("zm", "zm_rows", zm_line, &got);
    expect_file("unionpay/settlement/INN26011388ZM_802310099990001", &got);
}

Test(unionpay_settle, dispute_rows_are_laid_out_byte_for_byte)
{
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    write_again("zme", "zme_rows", zme_line, &got);
    expect_file("unionpay/settlement/INN26011388ZME_802310099990001", &got);
}

Test(unionpay_settle, a_value_wider_than_its_column_is_refused)
{
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    const char *values[UNIONPAY_ZM_COLUMNS] = { "S567" };
    CHECK_ERR(unionpay_settle_zm(values, &got), ERR_FIELD_LENGTH);
    values[0] = "S56";
    values[15] = "D0000000075000";
    CHECK_ERR(unionpay_settle_zm(values, &got), ERR_FIELD_LENGTH);
}

Test(unionpay_settle, a_name_outside_gbk_is_refused)
{
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    CHECK_ERR(unionpay_settle_gbk(SPAN_LIT("\xF0\x9F\x92\xB0"), &got), ERR_ENCODING);
}

Test(unionpay_settle, fees_round_half_up_and_only_a_cancel_gives_them_back)
{
    /* 6.2's sample: 476800 costs 2861 and leaves 473939; 83 costs 0.498, 84 costs 0.504, 125 costs 0.75. */
    static const struct {
        enum unionpay_kind kind;
        int64_t amount;
        int64_t fee;
        int64_t settle;
    } rows[] = {
        { UNIONPAY_FRONT, 476800, -2861, 473939 },
        { UNIONPAY_QR, 125, -1, 124 },
        { UNIONPAY_FRONT, 83, 0, 83 },
        { UNIONPAY_FRONT, 84, -1, 83 },
        { UNIONPAY_CANCEL, 8800, 53, -8747 },
        { UNIONPAY_REFUND, 8800, 0, -8800 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct unionpay_row row = { .kind = rows[i].kind,
                                    .amount = { rows[i].amount, CURRENCY_CNY } };
        CHECK_OK(unionpay_settle_reckon(&row));
        cr_assert_eq(row.fee.minor, rows[i].fee);
        cr_assert_eq(row.settle.minor, rows[i].settle);
    }
}
