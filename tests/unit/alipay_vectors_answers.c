/* SPDX-License-Identifier: Apache-2.0 */
/* Every published Alipay answer, whole and with each byte altered. */
#include "alipay.h"
#include "alipay_vectors.h"
#include "verify.h"

#define ANSWERS  19
#define GENUINE  15 /* the file has four that must be refused */
#define BELIEVED 9  /* of these: see the test */
#define ANSWER   "alipay/response_verify.json"

/* Which operation the adapter expects under a root. */
static const struct {
    const char *root;
    enum adapter_operation operation;
} roots[] = {
    { "alipay_trade_precreate_response", ADAPTER_PAY },
    { "alipay_trade_query_response", ADAPTER_QUERY },
    { "alipay_trade_refund_response", ADAPTER_REFUND },
    { "alipay_data_dataservice_bill_downloadurl_query_response", ADAPTER_BILL_LINK },
    { "error_response", ADAPTER_QUERY },
};

/* An answer, the key of its vector, and the operation it is read as. */
struct answer {
    struct buf body;
    struct crypto_public_key *key;
    enum adapter_operation operation;
    bool foreign; /* of an interface that we do not call */
};

static void
answer_fini(struct answer *answer)
{
    crypto_public_key_free(&answer->key);
    buf_fini(&answer->body);
}

/* A root's name is not signed: the answer of an interface that we do not call stays genuine under
 * the name of one that we do. */
static void
rename_root(struct answer *answer, struct span name)
{
    DEFER(buf_fini) struct buf body = BUF_MAX(VECTORS_TEXT_MAX);
    struct span whole = buf_span(&answer->body);
    size_t at = span_find(whole, name);
    cr_assert_lt(at, whole.len);
    CHECK_OK(buf_append(&body, span_sub(whole, 0, at)));
    CHECK_OK(buf_text(&body, "alipay_trade_query_response"));
    CHECK_OK(buf_append(&body, span_sub(whole, at + name.len, whole.len)));
    buf_reset(&answer->body);
    CHECK_OK(buf_append(&answer->body, buf_span(&body)));
}

static struct answer
answer_of(struct json_t *vector)
{
    struct answer answer = { .key = key_of(vector), .operation = ADAPTER_QUERY, .foreign = true };
    struct span name = vectors_text(vector, "root_node");
    vectors_bytes(vector, "body_b64", &answer.body);
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        if (span_eq_cstr(name, roots[i].root)) {
            answer.operation = roots[i].operation;
            answer.foreign = false;
        }
    }
    return answer;
}

static enum err
split(const struct answer *answer, struct span body, struct arena *arena,
      struct adapter_signed *out)
{
    struct adapter_message message = { .body = body };
    return alipay_answer_split(answer->operation, &message, arena, out);
}

static bool
answer_verifies(const struct answer *answer)
{
    struct arena *arena = new_arena();
    struct adapter_signed cut = { 0 };
    enum err err = split(answer, buf_span(&answer->body), arena, &cut);
    bool verifies = err == ERR_OK && cut.is_signed && any_text_verifies(answer->key, &cut);
    arena_free(&arena);
    return verifies;
}

Test(alipay_vectors_answers, answers_verify_or_are_refused_as_published)
{
    size_t foreign = 0;
    size_t genuine = 0;
    EACH(ANSWER, ANSWERS, root, vector)
    {
        DEFER(answer_fini) struct answer answer = answer_of(vector);
        if (answer.foreign) {
            cr_expect_not(answer_verifies(&answer), "%.*s: not what was asked for",
                          SPAN_ARG(vectors_text(vector, "id")));
            rename_root(&answer, vectors_text(vector, "root_node"));
            foreign++;
        }
        cr_expect_eq(answer_verifies(&answer), is_expected_valid(vector), "%.*s",
                     SPAN_ARG(vectors_text(vector, "id")));
        genuine += is_expected_valid(vector) ? 1 : 0;
    }
    cr_expect_eq(genuine, GENUINE);
    cr_expect_eq(foreign, 5);
    json_free(&root);
}

/* The genuine answers that say something about an order; what the others say is about none, is not
 * ours, or means "not yet". */
static const struct statement {
    const char *id;
    const char *order_no;
} statements[] = {
    { "self-precreate", "T20240506_0002" },
    { "self-query-success", "T20240506_0001" },
    { "self-query-not-exist", "T20240506_0009" },
    { "self-refund-fund-change-y", "T20240506_0001" },
};

static const struct statement *
statement_of(struct json_t *vector)
{
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (span_eq_cstr(vectors_text(vector, "id"), statements[i].id)) {
            return &statements[i];
        }
    }
    return NULL;
}

static enum err
believe(const struct answer *answer, const char *order_no, struct arena *arena,
        struct adapter_answer *out, struct evidence **evidence)
{
    const struct adapter_account account = { .adapter = adapter_find(SPAN_LIT("alipay")),
                                             .name = "main",
                                             .scheme = CRYPTO_RSA_SHA256,
                                             .key_count = 1,
                                             .keys = { { .key = answer->key } } };
    const struct adapter_order order = { .merchant_order_no = span_of(order_no) };
    const struct adapter_message message = { .body = buf_span(&answer->body) };
    return verify_answer(&account, answer->operation, &order, &message, arena, out, evidence);
}

/* A signature that is no base64 is none of this protocol. */
static bool
is_refused(enum err err, const struct adapter_answer *out)
{
    bool hint = err == ERR_OK && out->handling != ADAPTER_DONE && out->handling != ADAPTER_REFUSED
                && out->claim.verdict == EVIDENCE_VERDICT_NONE;
    return hint || err == ERR_PROVIDER_UNVERIFIED || err == ERR_PROVIDER_PROTOCOL;
}

/* Through the one place where answers become evidence. */
Test(alipay_vectors_answers, only_genuine_statements_about_the_order_are_believed)
{
    EACH(ANSWER, ANSWERS, root, vector)
    {
        DEFER(answer_fini) struct answer answer = answer_of(vector);
        const struct statement *said = statement_of(vector);
        struct arena *arena = new_arena();
        struct adapter_answer out = { 0 };
        struct evidence *evidence = NULL;
        enum err err = believe(&answer, said == NULL ? "T20240506_0001" : said->order_no, arena,
                               &out, &evidence);
        /* A genuine answer about a refund is kept also when it says nothing about the trade. */
        bool states =
            evidence != NULL && evidence_claim(evidence)->verdict != EVIDENCE_VERDICT_NONE;
        cr_expect_eq(states, said != NULL, "%.*s: %s", SPAN_ARG(vectors_text(vector, "id")),
                     err_name(err));
        cr_expect(evidence != NULL || is_expected_valid(vector) || is_refused(err, &out), "%.*s",
                  SPAN_ARG(vectors_text(vector, "id")));
        evidence_free(&evidence);
        if (said != NULL) {
            cr_expect_eq(believe(&answer, "T20240506_9999", arena, &out, &evidence),
                         ERR_PROVIDER_PROTOCOL);
            cr_expect_null(evidence, "about another order");
        }
        arena_free(&arena);
    }
    json_free(&root);
}

/* The body with one byte changed. Where the text and the signature stay what they were, nothing
 * that counts was changed, and no signature need be checked again. */
static bool
change_is_harmless(const struct answer *answer, const struct adapter_signed *before)
{
    struct arena *arena = new_arena();
    struct adapter_signed cut = { 0 };
    bool harmless = true;
    if (split(answer, buf_span(&answer->body), arena, &cut) == ERR_OK && cut.is_signed) {
        bool same =
            span_eq(cut.texts[0], before->texts[0]) && span_eq(cut.signature, before->signature);
        harmless = same || !any_text_verifies(answer->key, &cut);
    }
    arena_free(&arena);
    return harmless;
}

static bool
holds(struct span part, struct span whole, size_t at)
{
    size_t from = (size_t)(part.at - whole.at);
    return at >= from && at < from + part.len;
}

static void
alter_each_byte(struct json_t *vector, struct answer *answer)
{
    struct arena *arena = new_arena();
    struct adapter_signed before = { 0 };
    struct alipay_slice slice = { 0 };
    const char *name = NULL;
    DEFER(buf_fini) struct buf original = BUF_MAX(VECTORS_TEXT_MAX);
    bool gbk = span_eq_cstr(vectors_text(vector, "body_charset"), "gbk");
    CHECK_OK(buf_append(&original, buf_span(&answer->body)));
    struct span whole = buf_span(&original);
    CHECK_OK(split(answer, whole, arena, &before));
    CHECK_OK(arena_cstr(arena,
                        answer->foreign ? SPAN_LIT("alipay_trade_query_response")
                                        : vectors_text(vector, "root_node"),
                        &name));
    CHECK_OK(alipay_slice(whole, name, gbk, &slice));
    cr_expect(span_eq(before.serial, vectors_text(vector, "alipay_cert_sn")));
    for (size_t i = 0; i < whole.len; i++) {
        bool counts = holds(slice.root, whole, i) || holds(slice.sign, whole, i);
        answer->body.at[i] ^= VECTORS_FLIP;
        if (counts ? answer_verifies(answer) : !change_is_harmless(answer, &before)) {
            cr_expect(false, "%.*s, byte %zu", SPAN_ARG(vectors_text(vector, "id")), i);
        }
        answer->body.at[i] ^= VECTORS_FLIP;
    }
    arena_free(&arena);
}

Test(alipay_vectors_answers, an_altered_byte_of_an_answer_is_refused)
{
    size_t genuine = 0;
    EACH(ANSWER, ANSWERS, root, vector)
    {
        DEFER(answer_fini) struct answer answer = answer_of(vector);
        if (!is_expected_valid(vector)) {
            continue; /* refused as it stands by the test above */
        }
        if (answer.foreign) {
            rename_root(&answer, vectors_text(vector, "root_node"));
        }
        alter_each_byte(vector, &answer);
        cr_expect(answer_verifies(&answer));
        genuine++;
    }
    cr_expect_eq(genuine, GENUINE);
    json_free(&root);
}

Test(alipay_vectors_answers, an_encrypted_answer_is_opened_after_the_check)
{
    size_t encrypted = 0;
    EACH(ANSWER, ANSWERS, root, vector)
    {
        if (json_member(vector, "plaintext") == NULL) {
            continue;
        }
        DEFER(answer_fini) struct answer answer = answer_of(vector);
        DEFER(buf_fini) struct buf key_bytes = BUF_MAX(0);
        DEFER(buf_fini) struct buf plain = BUF_MAX(VECTORS_TEXT_MAX);
        DEFER(secret_free) struct secret *key = NULL;
        struct arena *arena = new_arena();
        struct adapter_signed cut = { 0 };
        CHECK_OK(split(&answer, buf_span(&answer.body), arena, &cut));
        cr_assert(any_text_verifies(answer.key, &cut));
        struct span quoted = cut.payloads[0];
        vectors_bytes(vector, "aes_key_b64", &key_bytes);
        CHECK_OK(secret_new(buf_span(&key_bytes), &key));
        CHECK_OK(alipay_decrypt(key, span_sub(quoted, 1, quoted.len - 2), &plain));
        cr_expect(span_eq(buf_span(&plain), vectors_text(vector, "plaintext")));
        arena_free(&arena);
        encrypted++;
    }
    cr_expect_eq(encrypted, 1);
    json_free(&root);
}
