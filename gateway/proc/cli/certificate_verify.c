/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate certificate verify: needs the file, the public key and perhaps the bill; no database and no configuration. One line for each
 * thing that was checked. */
#include "audit.h"
#include "bill_file.h"
#include "certificate.h"
#include "cli.h"
#include "file.h"

#define KEY_FILE_MAX_BYTES ((size_t)16 * 1024)
#define PAGE_MAX_BYTES     ((size_t)64 * 1024)
#define NAME_MAX_BYTES     64

struct judgement {
    struct cli *cli;
    struct buf page;  /* what is said */
    bool genuine;     /* all of it, so far */
    const char *file; /* what is being read; NULL: nothing */
    struct certificate_seal seal;
    struct certificate certificate;
};

/* "ok    form: …" */
static enum err
say(struct judgement *judgement, bool holds, const char *what)
{
    judgement->genuine = judgement->genuine && holds;
    TRY(buf_text(&judgement->page, holds ? "ok    " : "fail  "));
    return buf_text(&judgement->page, what);
}

static const char *
words(const struct judgement *judgement, const char *zh, const char *en)
{
    return judgement->cli->language == LANGUAGE_ZH ? zh : en;
}

static enum err
put_string(struct judgement *judgement, enum certificate_field field, const char *before)
{
    TRY(buf_text(&judgement->page, before));
    return buf_append(&judgement->page, certificate_string(&judgement->certificate, field));
}

static enum err
judge_form(struct judgement *judgement, struct span file)
{
    bool read = certificate_seal_read(file, &judgement->seal) == ERR_OK
                && certificate_read(judgement->seal.text, &judgement->certificate) == ERR_OK;
    if (!read) {
        return say(judgement, false,
                   words(judgement, "格式：不是此格式的对账证明，或已被改动\n",
                         "form: no certificate in its one form, or altered\n"));
    }
    TRY(say(judgement, true, words(judgement, "格式：对账证明", "form: certificate of")));
    TRY(put_string(judgement, CERTIFICATE_account, " "));
    TRY(put_string(judgement, CERTIFICATE_day, " "));
    TRY(buf_text(&judgement->page, words(judgement, " 版本 ", " version ")));
    TRY(buf_i64(&judgement->page,
                certificate_number(&judgement->certificate, CERTIFICATE_version)));
    return buf_byte(&judgement->page, '\n');
}

static enum err
put_sides(struct judgement *judgement, const char *what, int64_t left, int64_t right)
{
    return buf_printf(&judgement->page, "%s%lld = %lld", what, (long long)left, (long long)right);
}

static enum err
judge_proof(struct judgement *judgement, const struct certificate_proof *proof)
{
    TRY(say(judgement, proof->holds, words(judgement, "等式：", "equation: ")));
    TRY(buf_text(&judgement->page, proof->formula));
    if (proof->counted) {
        TRY(put_sides(judgement, words(judgement, "，笔数 ", ", number "), proof->left_count,
                      proof->right_count));
    }
    TRY(put_sides(judgement, words(judgement, "，金额（分）", ", fen "), proof->left_fen,
                  proof->right_fen));
    return buf_byte(&judgement->page, '\n');
}

static enum err
judge_sheet(struct judgement *judgement)
{
    struct certificate_proof proofs[CERTIFICATE_PROOFS];
    if (certificate_prove(&judgement->certificate, proofs) != ERR_OK) {
        return say(judgement, false,
                   words(judgement, "等式：金额超出范围\n", "equation: out of range\n"));
    }
    for (size_t i = 0; i < CERTIFICATE_PROOFS; i++) {
        TRY(judge_proof(judgement, &proofs[i]));
    }
    return say(judgement, true, "UNEXPLAINED 0.00\n");
}

static enum err
judge_people(struct judgement *judgement)
{
    if (!certificate_people_fit(&judgement->certificate)) {
        return say(judgement, false,
                   words(judgement, "签字：须由两人签字\n", "people: two people have to sign\n"));
    }
    if (span_empty(certificate_string(&judgement->certificate, CERTIFICATE_signed_by))) {
        return buf_text(&judgement->page, words(judgement, "      签字：该日尚未签字\n",
                                                "      people: nobody has signed the day\n"));
    }
    TRY(say(judgement, true, words(judgement, "签字：提交", "people: prepared by")));
    TRY(put_string(judgement, CERTIFICATE_prepared_by, " "));
    TRY(put_string(judgement, CERTIFICATE_signed_by, words(judgement, "，签署 ", ", signed by ")));
    return buf_byte(&judgement->page, '\n');
}

static enum err
judge_signature(struct judgement *judgement, const struct crypto_public_key *key)
{
    const struct certificate_seal *seal = &judgement->seal;
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_MAX_BYTES);
    DEFER(buf_fini) struct buf signature = BUF_MAX(CERTIFICATE_FILE_MAX);
    TRY(crypto_public_key_name(key, &name));
    TRY(crypto_hex_decode(seal->signature, &signature));
    bool named = span_eq(buf_span(&name), seal->key_name) && audit_scheme(key) == seal->scheme;
    TRY(say(judgement, named,
            named ? words(judgement, "密钥：", "key: ")
                  : words(judgement, "密钥：证明由另一密钥签名，给出的是 ",
                          "key: another one signed it; given is ")));
    TRY(buf_append(&judgement->page, buf_span(&name)));
    TRY(buf_byte(&judgement->page, '\n'));
    bool genuine =
        named && crypto_verify(key, seal->scheme, seal->text, buf_span(&signature)) == ERR_OK;
    return say(judgement, genuine,
               genuine ? words(judgement, "签名：真实\n", "signature: genuine\n")
                       : words(judgement, "签名：无效\n", "signature: not genuine\n"));
}

static enum err
judge_bill(struct judgement *judgement, const char *path)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(SHA256_BYTES * 2);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES + 1);
    struct span said = certificate_string(&judgement->certificate, CERTIFICATE_bill_sha256);
    if (path == NULL) {
        return buf_text(&judgement->page, words(judgement, "      账单：未给出文件，未核对\n",
                                                "      bill: no file was given, not compared\n"));
    }
    judgement->file = path;
    TRY(file_read(path, BILL_FILE_MAX_BYTES, &bytes));
    judgement->file = NULL;
    TRY(crypto_sha256(buf_span(&bytes), digest));
    TRY(crypto_hex_encode(span_make(digest, SHA256_BYTES), &hex));
    bool same = span_eq(buf_span(&hex), said)
                || span_eq(buf_span(&hex),
                           certificate_string(&judgement->certificate, CERTIFICATE_flow_sha256));
    return say(
        judgement, same,
        same ? words(judgement, "账单：文件与证明一致\n",
                     "bill: the file is one of the certificate\n")
             : words(judgement, "账单：文件与证明不一致\n", "bill: the file is another one\n"));
}

static enum err
read_key(const char *path, struct crypto_public_key **out)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(KEY_FILE_MAX_BYTES + 1);
    TRY(file_read(path, KEY_FILE_MAX_BYTES, &pem));
    return crypto_public_key_new(buf_span(&pem), out);
}

static enum err
judge(struct judgement *judgement, const char *path, const char *key_path, const char *bill_path)
{
    DEFER(buf_fini) struct buf file = BUF_MAX(CERTIFICATE_FILE_MAX + 1);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    judgement->file = key_path;
    TRY(read_key(key_path, &key));
    judgement->file = path;
    TRY(file_read(path, CERTIFICATE_FILE_MAX, &file));
    judgement->file = NULL;
    TRY(judge_form(judgement, buf_span(&file)));
    if (!judgement->genuine) {
        return ERR_OK; /* nothing of it can be read */
    }
    TRY(judge_sheet(judgement));
    TRY(judge_people(judgement));
    TRY(judge_signature(judgement, key));
    return judge_bill(judgement, bill_path);
}

static int
tell_trouble(const struct judgement *judgement, enum err err)
{
    const struct cli *cli = judgement->cli;
    if (judgement->file == NULL) {
        return cli_trouble(cli, err, "核验对账证明", "verify the certificate");
    }
    cli_say(cli, "无法读取 %s：%s", "could not read %s: %s", judgement->file,
            err_text(err, cli->language));
    return EXIT_TROUBLE;
}

int
command_certificate_verify(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct cli_option options[] = { { .name = "key", .required = true }, { .name = "bill" } };
    struct judgement judgement = { .cli = cli, .page = BUF_MAX(PAGE_MAX_BYTES), .genuine = true };
    if (!cli_options(cli, argc, argv, options, 2, &path)) {
        return EXIT_TROUBLE;
    }
    enum err err = judge(&judgement, path, options[0].value, options[1].value);
    int status =
        err == ERR_OK ? cli_put(cli, buf_span(&judgement.page)) : tell_trouble(&judgement, err);
    buf_fini(&judgement.page);
    return status == EXIT_YES && !judgement.genuine ? EXIT_NO : status;
}
