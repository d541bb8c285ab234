/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "audit.h"
#include "certificate.h"
#include "check.h"
#include "vectors.h"

/* tests/vectors/certificate is made by another program (make.py there). */

static struct buf text;
static struct certificate certificate;

static void
set_up(void)
{
    buf_init(&text, CERTIFICATE_TEXT_MAX);
    vectors_read("certificate/signed.txt", &text);
    CHECK_OK(certificate_read(buf_span(&text), &certificate));
}

static void
tear_down(void)
{
    buf_fini(&text);
}

TestSuite(core_certificate, .init = set_up, .fini = tear_down);

Test(core_certificate, what_is_read_is_written_again_byte_by_byte)
{
    DEFER(buf_fini) struct buf again = BUF_MAX(CERTIFICATE_TEXT_MAX);
    CHECK_OK(certificate_write(&certificate, &again));
    cr_expect(span_eq(buf_span(&again), buf_span(&text)));
    CHECK_TEXT(certificate_string(&certificate, CERTIFICATE_account), "alipay-key");
    cr_expect_eq(certificate_number(&certificate, CERTIFICATE_version), 2);
}

Test(core_certificate, a_sheet_that_ties_is_told_line_by_line)
{
    struct certificate_proof proofs[CERTIFICATE_PROOFS];
    CHECK_OK(certificate_prove(&certificate, proofs));
    cr_expect(certificate_ties(&certificate));
    cr_expect(certificate_people_fit(&certificate));
    cr_expect_eq(proofs[0].left_fen, 8850);  /* A */
    cr_expect_eq(proofs[5].right_fen, 8850); /* J 8800 + long 50 + short 0 */
}

/* Any sum of the sheet moved by a fen, or any number by one, and something no longer ties. */
Test(core_certificate, a_sheet_that_was_moved_by_one_fen_does_not_tie)
{
    static const enum certificate_field counted[] = {
        CERTIFICATE_trailer,     CERTIFICATE_parsed,       CERTIFICATE_in_scope,
        CERTIFICATE_ineffective, CERTIFICATE_out_of_scope, CERTIFICATE_matched,
        CERTIFICATE_amount_bill, CERTIFICATE_bill_only,    CERTIFICATE_repeated,
        CERTIFICATE_population,  CERTIFICATE_amount_books, CERTIFICATE_book_only,
        CERTIFICATE_in_transit,  CERTIFICATE_delta_long,   CERTIFICATE_delta_short,
        CERTIFICATE_pay,         CERTIFICATE_refund,
    };
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        struct certificate moved = certificate;
        moved.values[counted[i]] = SPAN_LIT("[1,777]");
        cr_expect_not(certificate_ties(&moved), "%s", certificate_name(counted[i]));
    }
}

/* 50 of the bill are carried out and 20 of the day before came in and were matched. */
Test(core_certificate, lines_that_are_carried_make_the_second_form)
{
    DEFER(buf_fini) struct buf again = BUF_MAX(CERTIFICATE_TEXT_MAX);
    struct certificate carried = certificate;
    struct certificate read;
    carried.values[CERTIFICATE_bill_only] = SPAN_LIT("[0,0]");
    carried.values[CERTIFICATE_early_out] = SPAN_LIT("[1,50]");
    carried.values[CERTIFICATE_early_in] = SPAN_LIT("[1,20]");
    carried.values[CERTIFICATE_matched] = SPAN_LIT("[2,8820]");
    carried.values[CERTIFICATE_population] = SPAN_LIT("[2,8820]");
    CHECK_ERR(certificate_write(&carried, &again), ERR_FIELD_VALUE); /* of the first form */
    certificate_set_form(&carried);
    buf_reset(&again);
    CHECK_OK(certificate_write(&carried, &again));
    cr_expect(
        span_starts(buf_span(&again), SPAN_LIT("{\"form\":\"tallygate tie-out certificate 2\"")));
    cr_expect_lt(span_find(buf_span(&again), SPAN_LIT(",\"carried_in\":[0,0],\"early_out\":[1,50],"
                                                      "\"early_in\":[1,20],\"delta_long\":")),
                 again.len);
    CHECK_OK(certificate_read(buf_span(&again), &read));
    cr_expect(certificate_ties(&read));
    read.values[CERTIFICATE_early_in] = SPAN_LIT("[1,21]");
    cr_expect_not(certificate_ties(&read));
    read.values[CERTIFICATE_early_in] = SPAN_LIT("[1,20]");
    read.values[CERTIFICATE_early_out] = SPAN_LIT("[1,49]");
    cr_expect_not(certificate_ties(&read));
    read.values[CERTIFICATE_early_in] = read.values[CERTIFICATE_early_out] = SPAN_LIT("[0,0]");
    buf_reset(&again);
    CHECK_ERR(certificate_write(&read, &again), ERR_FIELD_VALUE); /* nothing to need it for */
    certificate_set_form(&read);
    CHECK_TEXT(certificate_string(&read, CERTIFICATE_form), CERTIFICATE_FORM);
}

Test(core_certificate, a_sum_beyond_the_numbers_ties_with_nothing)
{
    struct certificate moved = certificate;
    struct certificate_proof proofs[CERTIFICATE_PROOFS];
    moved.values[CERTIFICATE_matched] = SPAN_LIT("[1,9223372036854775807]");
    CHECK_ERR(certificate_prove(&moved, proofs), ERR_AMOUNT_OVERFLOW);
    cr_expect_not(certificate_ties(&moved));
}

Test(core_certificate, one_person_is_not_two)
{
    struct certificate moved = certificate;
    moved.values[CERTIFICATE_signed_by] = moved.values[CERTIFICATE_prepared_by];
    cr_expect_not(certificate_people_fit(&moved));
    moved = certificate;
    moved.values[CERTIFICATE_signed_at] = SPAN_LIT("null");
    cr_expect_not(certificate_people_fit(&moved));
}

Test(core_certificate, a_value_has_one_form_only)
{
    static const struct {
        enum certificate_field field;
        const char *value;
    } rows[] = {
        { CERTIFICATE_form, "\"tallygate tie-out certificate 2\"" },
        { CERTIFICATE_account, "null" },
        { CERTIFICATE_account, "\"a b\"" },
        { CERTIFICATE_account, "\"\"" },
        { CERTIFICATE_account, "\"a\\u0041\"" },
        { CERTIFICATE_account, "\"\xE4\xB8\x80\"" },
        { CERTIFICATE_day, "\"2026-02-30\"" },
        { CERTIFICATE_day, "\"20260310\"" },
        { CERTIFICATE_version, "02" },
        { CERTIFICATE_version, "+2" },
        { CERTIFICATE_version, "2.0" },
        { CERTIFICATE_version, " 2" },
        { CERTIFICATE_version, "\"2\"" },
        { CERTIFICATE_as_of, "\"2026-03-11T02:30:00Z\"" },
        { CERTIFICATE_bill_sha256,
          "\"ABababababababababababababababababababababababababababababababab\"" },
        { CERTIFICATE_bill_sha256, "\"abab\"" },
        { CERTIFICATE_trailer, "[2,8850" },
        { CERTIFICATE_trailer, "[2, 8850]" },
        { CERTIFICATE_trailer, "[-1,8850]" },
        { CERTIFICATE_trailer, "[2,8850,1]" },
        { CERTIFICATE_trailer, "null" },
        { CERTIFICATE_unexplained, "1" },
        { CERTIFICATE_unexplained, "-0" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf again = BUF_MAX(CERTIFICATE_TEXT_MAX);
        struct certificate moved = certificate;
        moved.values[rows[i].field] = span_of(rows[i].value);
        CHECK_ERR(certificate_write(&moved, &again), ERR_FIELD_VALUE);
    }
}

/* Each byte in turn made another one: it is no certificate any more, or one that says something else, again in its one form. */
Test(core_certificate, no_text_is_read_that_would_be_written_otherwise)
{
    for (size_t i = 0; i < text.len; i++) {
        struct certificate other;
        DEFER(buf_fini) struct buf again = BUF_MAX(CERTIFICATE_TEXT_MAX);
        text.at[i] ^= 0x01;
        if (certificate_read(buf_span(&text), &other) == ERR_OK) {
            CHECK_OK(certificate_write(&other, &again));
            cr_expect(span_eq(buf_span(&again), buf_span(&text)), "byte %zu", i);
        }
        text.at[i] ^= 0x01;
    }
}

Test(core_certificate, what_is_cut_short_or_has_more_is_none)
{
    struct certificate other;
    for (size_t len = 0; len < text.len; len++) {
        CHECK_ERR(certificate_read(span_make(text.at, len), &other), ERR_FIELD_VALUE);
    }
    CHECK_OK(buf_byte(&text, '\n'));
    CHECK_ERR(certificate_read(buf_span(&text), &other), ERR_FIELD_VALUE);
}

Test(core_certificate, a_file_is_read_as_it_was_written)
{
    DEFER(buf_fini) struct buf file = BUF_MAX(CERTIFICATE_FILE_MAX);
    const struct certificate_seal seal = { .text = buf_span(&text),
                                           .key_name = SPAN_LIT("d1e40bbd01f3dfc6"),
                                           .scheme = CRYPTO_ED25519,
                                           .signature = SPAN_LIT("\x01\xAB") };
    struct certificate_seal read;
    CHECK_OK(certificate_seal_write(&seal, &file));
    CHECK_OK(certificate_seal_read(buf_span(&file), &read));
    cr_expect(span_eq(read.text, buf_span(&text)));
    CHECK_TEXT(read.key_name, "d1e40bbd01f3dfc6");
    CHECK_TEXT(read.signature, "01ab");
    cr_expect_eq(read.scheme, CRYPTO_ED25519);
    const struct certificate_seal none = { .text = seal.text, .scheme = CRYPTO_RSA_SHA256 };
    CHECK_ERR(certificate_seal_write(&none, &file), ERR_FIELD_VALUE);
}

/* What tallygate certificate verify demands of a file. */
static bool
is_genuine(struct span file, const struct crypto_public_key *key, struct span key_name)
{
    struct certificate_seal seal;
    struct certificate read;
    DEFER(buf_fini) struct buf signature = BUF_MAX(CERTIFICATE_FILE_MAX);
    return certificate_seal_read(file, &seal) == ERR_OK
           && certificate_read(seal.text, &read) == ERR_OK && span_eq(seal.key_name, key_name)
           && audit_scheme(key) == seal.scheme
           && crypto_hex_decode(seal.signature, &signature) == ERR_OK
           && crypto_verify(key, seal.scheme, seal.text, buf_span(&signature)) == ERR_OK;
}

/* Files that the openssl program signed; the lowest bit of each byte in turn, and the one between capitals and small letters. */
static void
expect_every_byte(const char *file_name, const char *key_path)
{
    DEFER(buf_fini) struct buf file = BUF_MAX(CERTIFICATE_FILE_MAX);
    DEFER(buf_fini) struct buf pem = BUF_MAX(CERTIFICATE_FILE_MAX);
    DEFER(buf_fini) struct buf key_name = BUF_MAX(64);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    vectors_read(file_name, &file);
    vectors_read(key_path, &pem);
    CHECK_OK(crypto_public_key_new(buf_span(&pem), &key));
    CHECK_OK(crypto_public_key_name(key, &key_name));
    cr_assert(is_genuine(buf_span(&file), key, buf_span(&key_name)), "%s", file_name);
    static const unsigned char bits[] = { 0x01, 0x20 };
    for (size_t i = 0; i < file.len * sizeof(bits); i++) {
        unsigned char bit = bits[i % sizeof(bits)];
        file.at[i / sizeof(bits)] ^= bit;
        cr_expect_not(is_genuine(buf_span(&file), key, buf_span(&key_name)), "%s: byte %zu",
                      file_name, i / sizeof(bits));
        file.at[i / sizeof(bits)] ^= bit;
    }
}

Test(core_certificate, every_altered_byte_of_a_file_is_found_under_ed25519)
{
    expect_every_byte("certificate/ed25519.json", "audit/public.pem");
}

Test(core_certificate, every_altered_byte_of_a_file_is_found_under_sm2)
{
    expect_every_byte("certificate/sm2.json", "certificate/sm2_public.pem");
}
