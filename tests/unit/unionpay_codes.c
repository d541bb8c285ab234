/* SPDX-License-Identifier: Apache-2.0 */
/* Every documented respCode, in each of the places it can stand in. The expected classes are typed from the
 * document's section 5 and grouped here in another way than in the table. */
#include "unionpay_mock.h"

TestSuite(unionpay_codes, .init = mock_start, .fini = mock_finish);

struct group {
    const char *codes; /* blank-separated */
    enum unionpay_result result;
    struct unionpay_handling request;
    struct unionpay_handling ask;
};

static const struct unionpay_handling unsure = { ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER };
static const struct unionpay_handling strange = { ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL };
static const struct unionpay_handling refused = { ADAPTER_REFUSED, ERR_PROVIDER_REFUSED };
static const struct unionpay_handling done = { ADAPTER_DONE, ERR_OK };
static const struct unionpay_handling ours = { ADAPTER_ALARM, ERR_PROVIDER_CONTRACT };
static const struct unionpay_handling busy = { ADAPTER_RETRY, ERR_PROVIDER_BUSY };
static const struct unionpay_handling back = { ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED };

#define REFUSALS                                                                                 \
    "01 30 33 35 36 38 39 40 41 44 60 61 62 63 64 65 66 67 68 69 71 72 73 76 77 78 79 80 81 82 " \
    "85 86 87 88 89 90 91 92 93 94 95 96"

static void
expect(struct span code, enum unionpay_result result, struct unionpay_handling request,
       struct unionpay_handling ask)
{
    struct unionpay_handling got = unionpay_handling(UNIONPAY_REQUEST, code);
    cr_expect_eq(unionpay_result(code), result, "%.*s", SPAN_ARG(code));
    cr_expect_eq(got.handling, request.handling, "%.*s", SPAN_ARG(code));
    cr_expect_eq(got.err, request.err, "%.*s", SPAN_ARG(code));
    got = unionpay_handling(UNIONPAY_ASK, code);
    cr_expect_eq(got.handling, ask.handling, "%.*s", SPAN_ARG(code));
    cr_expect_eq(got.err, ask.err, "%.*s", SPAN_ARG(code));
}

Test(unionpay_codes, every_documented_code_has_its_handling)
{
    const struct group groups[] = {
        { "00", UNIONPAY_SUCCESS, done, done },
        { "A6", UNIONPAY_SUCCESS, done, strange },
        { "03 04 05 70 83", UNIONPAY_PENDING, unsure, unsure },
        { "34", UNIONPAY_PENDING, unsure, unsure },
        { "12", UNIONPAY_PENDING, unsure, strange },
        { "06 37 99", UNIONPAY_PENDING, unsure, busy },
        { "02", UNIONPAY_FAILED, refused, busy },
        { "10 11 13 14 31 32 43", UNIONPAY_FAILED, ours, ours },
        { "45 46", UNIONPAY_FAILED, back, strange },
        { "42 74 75 98", UNIONPAY_RESULT_NONE, strange, strange },
        { REFUSALS, UNIONPAY_FAILED, refused, strange },
    };
    size_t seen = 0;
    for (size_t i = 0; i < MOCK_COUNT(groups); i++) {
        struct span rest = span_of(groups[i].codes);
        bool more = true;
        while (more) {
            struct span code;
            more = span_cut(&rest, ' ', &code);
            expect(code, groups[i].result, groups[i].request, groups[i].ask);
            seen++;
        }
    }
    static const char *const rows[] = {
#define CODE(code, class, meaning) code,
#include "unionpay_codes.def"
#undef CODE
    };
    cr_expect_eq(seen, MOCK_COUNT(rows), "%zu of %zu codes", seen, MOCK_COUNT(rows));
}

Test(unionpay_codes, no_code_stands_twice)
{
    static const char *const rows[] = {
#define CODE(code, class, meaning) code,
#include "unionpay_codes.def"
#undef CODE
    };
    for (size_t i = 0; i < MOCK_COUNT(rows); i++) {
        cr_expect_eq(strlen(rows[i]), 2, "%s", rows[i]);
        for (size_t k = 0; k < i; k++) {
            cr_expect(strcmp(rows[i], rows[k]) != 0, "%s", rows[i]);
        }
    }
}

/* Two characters of anything else, the empty code and long ones: never a failure, never a success. */
Test(unionpay_codes, an_unlisted_code_is_asked_about_again)
{
    static const char *const codes[] = {
        "",   "0",  "000", "07", "08", "09", "15", "29",  "47",
        "59", "84", "97",  "A5", "a6", "B0", "  ", "00 ", "success"
    };
    for (size_t i = 0; i < MOCK_COUNT(codes); i++) {
        expect(span_of(codes[i]), UNIONPAY_RESULT_NONE, strange, strange);
    }
}
