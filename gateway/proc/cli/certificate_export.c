/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate certificate export: the tie-out certificate of a published run, made from the run's rows alone, signed by the keys process the
 * first time and given as it is kept from then on. */
#include <string.h>

#include "bill.h"
#include "certificate.h"
#include "cli.h"
#include "keys_house.h"
#include "provider_line.h"

#define ARENA_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define VALUE_MAX_BYTES 256

enum { OPTION_ACCOUNT, OPTION_DAY, OPTION_VERSION, OPTION_COUNT };

struct wish {
    struct cli *cli;
    struct db_session *session;
    struct arena *arena;
    const struct adapter_account *account;
    struct day day;
    int64_t version;
    int64_t run_id;
    struct wall_time reopened_at;     /* 0: the signature stands, or there is none */
    unsigned char hash[SHA256_BYTES]; /* of the text */
    struct buf text;
    struct buf key_name;
    struct buf signature; /* raw */
};

/* The value as it stands in the text. */
static enum err
put_value(const struct db_rows *rows, enum certificate_field field, struct buf *out)
{
    const char *name = certificate_name(field);
    bool time = strcmp(name, "as_of") == 0 || strcmp(name, "prepared_at") == 0
                || strcmp(name, "signed_at") == 0;
    if (db_row_null(rows, 0, name)) {
        return buf_text(out, "null");
    }
    if (certificate_shape(field) != CERTIFICATE_TEXT) {
        return buf_append(out, db_row_text(rows, 0, name));
    }
    TRY(buf_byte(out, '"'));
    TRY(time ? wall_format(db_row_time(rows, 0, name), out)
             : buf_append(out, db_row_text(rows, 0, name)));
    return buf_byte(out, '"');
}

static enum err
make_text(struct wish *wish, const struct db_rows *rows)
{
    struct certificate certificate;
    wish->run_id = db_row_i64(rows, 0, "run_id");
    wish->reopened_at = db_row_time(rows, 0, "reopened_at");
    for (int i = CERTIFICATE_form + 1; i < CERTIFICATE_FIELD_COUNT; i++) {
        DEFER(buf_fini) struct buf value = BUF_MAX(VALUE_MAX_BYTES);
        TRY(put_value(rows, (enum certificate_field)i, &value));
        TRY(arena_copy(wish->arena, buf_span(&value), &certificate.values[i]));
    }
    certificate_set_form(&certificate);
    TRY(certificate_write(&certificate, &wish->text));
    return crypto_sha256(buf_span(&wish->text), wish->hash);
}

static enum err
load_run(struct wish *wish)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    const struct adapter_bill *bill = bill_of_trades(wish->account->adapter);
    db_params_init(&params, wish->arena);
    db_cstr(&params, wish->account->name);
    db_text(&params, span_of(bill == NULL ? NULL : bill->kind));
    db_day(&params, wish->day);
    db_i64(&params, wish->version);
    TRY(db_session_run(wish->session, STATEMENT_certificate_run, &params, &rows));
    return db_rows_count(rows) == 1 ? make_text(wish, rows) : ERR_RUN_UNKNOWN;
}

static enum err
find_kept(struct wish *wish)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, wish->arena);
    db_i64(&params, wish->run_id);
    db_bytes(&params, span_make(wish->hash, SHA256_BYTES));
    TRY(db_session_run(wish->session, STATEMENT_certificate_find, &params, &rows));
    if (db_rows_count(rows) == 0) {
        return ERR_OK;
    }
    TRY(buf_append(&wish->key_name, db_row_text(rows, 0, "key_id")));
    return crypto_hex_decode(db_row_text(rows, 0, "signature"), &wish->signature);
}

static enum err
keep(const struct wish *wish, struct span key_name, struct span signature)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, wish->arena);
    db_i64(&params, wish->run_id);
    db_bytes(&params, span_make(wish->hash, SHA256_BYTES));
    db_text(&params, key_name);
    db_bytes(&params, signature);
    db_text(&params, buf_span(&wish->text));
    db_time(&params, clock_wall());
    return db_session_run(wish->session, STATEMENT_certificate_insert, &params, &rows);
}

struct signing {
    bool done;
    enum err err;
    struct buf bytes;
};

static void
signed_text(void *context, enum err err, struct span bytes)
{
    struct signing *signing = context;
    signing->done = true;
    signing->err = err == ERR_OK ? buf_append(&signing->bytes, bytes) : err;
}

static void
signing_fini(struct signing *signing)
{
    buf_fini(&signing->bytes);
}

/* Signed by a keys process of its own, which judges the text as the service's does. */
static enum err
have_signed(struct wish *wish)
{
    DEFER(provider_line_close) struct provider_line *line = NULL;
    DEFER(signing_fini) struct signing signing = { .bytes = BUF_MAX(KEYS_MESSAGE_SIGNATURE_MAX) };
    TRY(provider_line_open(wish->cli->config_path, &line));
    keys_client_certify(line->keys, buf_span(&wish->text), signed_text, &signing);
    TRY(provider_line_wait(line, &signing.done, &signing.err));
    if (signing.bytes.len <= KEYS_HOUSE_NAME_CHARS) {
        return ERR_TRUNCATED;
    }
    struct span bytes = buf_span(&signing.bytes);
    return keep(wish, span_sub(bytes, 0, KEYS_HOUSE_NAME_CHARS),
                span_sub(bytes, KEYS_HOUSE_NAME_CHARS, bytes.len));
}

/* What is kept counts, also when somebody else had it signed at the same moment. */
static enum err
take_signature(struct wish *wish)
{
    TRY(find_kept(wish));
    if (wish->key_name.len > 0) {
        return ERR_OK;
    }
    TRY(have_signed(wish));
    TRY(find_kept(wish));
    return wish->key_name.len > 0 ? ERR_OK : ERR_DB_ROWS;
}

static int
put_file(struct wish *wish)
{
    DEFER(buf_fini) struct buf file = BUF_MAX(CERTIFICATE_FILE_MAX);
    const struct certificate_seal seal = { .text = buf_span(&wish->text),
                                           .key_name = buf_span(&wish->key_name),
                                           .scheme =
                                               certificate_seal_scheme(buf_span(&wish->signature)),
                                           .signature = buf_span(&wish->signature) };
    enum err err = certificate_seal_write(&seal, &file);
    return err == ERR_OK ? cli_put(wish->cli, buf_span(&file))
                         : cli_trouble(wish->cli, err, "写出证明", "write the certificate");
}

/* The certificate says what was, and stays genuine; that it counts no more stands beside it. */
static void
say_reopened(const struct wish *wish)
{
    DEFER(buf_fini) struct buf at = BUF_MAX(VALUE_MAX_BYTES);
    const char *text = NULL;
    if (wish->reopened_at.us == 0 || wall_format(wish->reopened_at, &at) != ERR_OK
        || buf_cstr(&at, &text) != ERR_OK) {
        return;
    }
    cli_say(
        wish->cli, "注意：该签字已于 %s 由两人收回，本证明仍可验证，但已被取代",
        "note: two people took this signature back at %s; the certificate is genuine and superseded",
        text);
}

static int
give(struct wish *wish)
{
    enum err err = load_run(wish);
    if (err == ERR_RUN_UNKNOWN) {
        cli_say(wish->cli, "该账号该日没有此版本的对账结果",
                "this account and day have no published run of that version");
        return EXIT_NO;
    }
    if (err == ERR_OK) {
        err = take_signature(wish);
    }
    if (err == ERR_KEYS_UNKNOWN || err == ERR_KEYS_POLICY) {
        cli_say(wish->cli, "密钥进程未签名：%s%.0s；请检查 audit.signing_key",
                "the keys process did not sign: %.0s%s; look at audit.signing_key",
                err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
        return EXIT_TROUBLE;
    }
    if (err != ERR_OK) {
        return cli_trouble(wish->cli, err, "出具对账证明", "make the certificate");
    }
    say_reopened(wish);
    return put_file(wish);
}

static bool
read_wish(struct cli *cli, int argc, char **argv, struct wish *out)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_DAY] = { .name = "day", .required = true },
        [OPTION_VERSION] = { .name = "version" },
    };
    return cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)
           && cli_account(cli, options[OPTION_ACCOUNT].value, &out->account) == ERR_OK
           && cli_day(cli, options[OPTION_DAY].value, &out->day) == ERR_OK
           && cli_version(cli, options[OPTION_VERSION].value, &out->version) == ERR_OK
           && cli_session(cli, &out->session) == ERR_OK;
}

int
command_certificate_export(struct cli *cli, int argc, char **argv)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct wish wish = { .cli = cli };
    if (!read_wish(cli, argc, argv, &wish)) {
        return EXIT_TROUBLE;
    }
    enum err err = arena_new(ARENA_MAX_BYTES, &arena);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "无法开始", "could not begin");
    }
    wish.arena = arena;
    buf_init(&wish.text, CERTIFICATE_TEXT_MAX);
    buf_init(&wish.key_name, KEYS_HOUSE_NAME_CHARS);
    buf_init(&wish.signature, KEYS_MESSAGE_SIGNATURE_MAX);
    int status = give(&wish);
    buf_fini(&wish.text);
    buf_fini(&wish.key_name);
    buf_fini(&wish.signature);
    return status;
}
