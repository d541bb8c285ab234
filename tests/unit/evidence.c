/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include <string.h>

#include "check.h"
#include "clock_fake.h"
#include "evidence_seal.h"

/* SHA-256 of "abc", FIPS 180-4. */
static const unsigned char abc_digest[SHA256_BYTES] = {
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
};

Test(evidence, it_outlives_and_ignores_what_it_was_made_from)
{
    char raw[] = "abc";
    char trade[] = "2026030422001";
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider = SPAN("alipay"),
        .account = SPAN("main"),
        .application = SPAN("app"),
        .merchant = SPAN("2088"),
        .merchant_order_no = SPAN("A1"),
        .provider_trade_no = span_of(trade),
        .provider_status = SPAN("TRADE_SUCCESS"),
        .amount = { .minor = 8800, .currency = CURRENCY_CNY },
        .paid_at = { .us = 5 },
        .stated_at = { .us = 6 },
        .signer = SPAN("serial"),
        .raw = span_of(raw),
    };
    struct evidence *evidence = NULL;
    clock_fake_set_wall((struct wall_time){ .us = 77 });
    CHECK_OK(evidence_seal(&claim, &evidence));
    memset(raw, 'x', 3);
    memset(trade, 'x', 3);
    claim.amount.minor = 1;
    const struct evidence_claim *kept = evidence_claim(evidence);
    CHECK_TEXT(kept->raw, "abc");
    CHECK_TEXT(kept->provider_trade_no, "2026030422001");
    CHECK_TEXT(kept->provider, "alipay");
    CHECK_TEXT(kept->account, "main");
    CHECK_TEXT(kept->application, "app");
    CHECK_TEXT(kept->merchant, "2088");
    CHECK_TEXT(kept->merchant_order_no, "A1");
    CHECK_TEXT(kept->provider_status, "TRADE_SUCCESS");
    CHECK_TEXT(kept->signer, "serial");
    cr_expect(kept->amount.minor == 8800 && kept->paid_at.us == 5 && kept->stated_at.us == 6);
    cr_expect(kept->source == EVIDENCE_CALLBACK && kept->verdict == EVIDENCE_PAID);
    cr_expect_eq(evidence_observed_at(evidence).us, 77);
    cr_expect(span_eq(evidence_digest(evidence), span_make(abc_digest, sizeof(abc_digest))));
    evidence_free(&evidence);
    cr_expect_null(evidence);
    evidence_free(&evidence);
}

/* The claim's words start after its two enumerators; every span among them must be copied. A span
 * added to the struct and not to the list of copies is found here by its address. */
Test(evidence, no_span_of_the_claim_points_outside)
{
    struct evidence_claim claim;
    struct evidence *evidence = NULL;
    static const char outside[] = "outside";
    memset(&claim, 0, sizeof(claim));
    struct span *const words[] = { &claim.provider,
                                   &claim.account,
                                   &claim.application,
                                   &claim.merchant,
                                   &claim.merchant_order_no,
                                   &claim.provider_trade_no,
                                   &claim.provider_status,
                                   &claim.trace,
                                   &claim.refund_no,
                                   &claim.signer,
                                   &claim.raw };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        *words[i] = span_of(outside);
    }
    CHECK_OK(evidence_seal(&claim, &evidence));
    const char *address = outside;
    cr_expect_null(memmem(evidence_claim(evidence), sizeof(claim), &address, sizeof(address)));
    evidence_free(&evidence);
    size_t others = 2 * sizeof(int) + 2 * sizeof(struct money) + 2 * sizeof(struct wall_time)
                    + sizeof(struct day) + sizeof(int); /* and the gap after it */
    cr_expect_eq(sizeof(claim), sizeof(words) / sizeof(words[0]) * sizeof(struct span) + others,
                 "a new member: add it to the copies and to this test");
}

Test(evidence, an_empty_claim_has_the_digest_of_nothing)
{
    struct evidence_claim claim = { .source = EVIDENCE_BILL };
    struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    static const unsigned char first[] = { 0xe3, 0xb0, 0xc4, 0x42 }; /* of SHA-256("") */
    cr_expect(span_starts(evidence_digest(evidence), span_make(first, sizeof(first))));
    evidence_free(&evidence);
}

Test(evidence, sources_have_codes)
{
    cr_expect_str_eq(evidence_source_code(EVIDENCE_CALLBACK), "callback");
    cr_expect_str_eq(evidence_source_code(EVIDENCE_QUERY), "query");
    cr_expect_str_eq(evidence_source_code(EVIDENCE_BILL), "bill");
    cr_expect_str_eq(evidence_source_code(EVIDENCE_SOURCE_COUNT), "none");
}
