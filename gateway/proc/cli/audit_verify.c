/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate audit verify: needs the exported file and the public key, no database and no configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_trail.h"
#include "cli.h"
#include "difference.h"
#include "file.h"
#include "json.h"

#define KEY_FILE_MAX_BYTES  ((size_t)16 * 1024)
#define ANSWER_MAX_BYTES    ((size_t)64 * 1024)
#define SIGNATURE_MAX_BYTES ((size_t)1024)
#define FAULTS_PRINTED      100

struct reader {
    struct cli *cli;
    struct audit_trail *trail;
    int64_t line;
    int64_t said_checkpoints; /* -1 until the last line was read */
    int64_t said_events;
    int64_t faults_printed;
};

static void
found(void *context, enum audit_fault fault, const struct audit_place *place)
{
    struct reader *reader = context;
    const char *word = audit_fault_code(fault);
    if (reader->faults_printed++ >= FAULTS_PRINTED) {
        return;
    }
    if (place->payment_no.len == DIFFERENCE_NO_CHARS) {
        cli_say(reader->cli, "%s：差异 %.*s 的第 %lld 个事件：%s%.0s",
                "%s: difference %.*s, event %lld: %.0s%s", word, SPAN_ARG(place->payment_no),
                (long long)place->seq, audit_fault_text(fault, LANGUAGE_ZH),
                audit_fault_text(fault, LANGUAGE_EN));
    } else if (!span_empty(place->payment_no)) {
        cli_say(reader->cli, "%s：支付 %.*s 的第 %lld 个事件：%s%.0s",
                "%s: payment %.*s, event %lld: %.0s%s", word, SPAN_ARG(place->payment_no),
                (long long)place->seq, audit_fault_text(fault, LANGUAGE_ZH),
                audit_fault_text(fault, LANGUAGE_EN));
    } else {
        cli_say(reader->cli, "%s：检查点 %lld：%s%.0s", "%s: checkpoint %lld: %.0s%s", word,
                (long long)place->checkpoint, audit_fault_text(fault, LANGUAGE_ZH),
                audit_fault_text(fault, LANGUAGE_EN));
    }
}

static enum err
get_digest(const struct json_t *object, const char *name, unsigned char out[SHA256_BYTES])
{
    struct span hex;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SHA256_BYTES);
    TRY(json_get_string(object, name, &hex));
    TRY(crypto_hex_decode(hex, &bytes));
    if (bytes.len != SHA256_BYTES) {
        return ERR_FIELD_LENGTH;
    }
    memcpy(out, bytes.at, SHA256_BYTES);
    return ERR_OK;
}

/* What is null in the database is not in the line. */
static enum err
get_optional(const struct json_t *object, const char *name, struct span *out)
{
    *out = (struct span){ .at = NULL, .len = 0 };
    return json_member(object, name) == NULL ? ERR_OK : json_get_string(object, name, out);
}

static enum err
take_checkpoint(struct reader *reader, const struct json_t *object)
{
    struct audit_seal seal = { .number = 0 };
    struct span signature;
    DEFER(buf_fini) struct buf raw = BUF_MAX(SIGNATURE_MAX_BYTES);
    TRY(json_get_i64(object, "number", &seal.number));
    TRY(json_get_i64(object, "sealed_at", &seal.sealed_at_us));
    TRY(json_get_string(object, "heads", &seal.heads));
    TRY(json_get_string(object, "key_id", &seal.key_name));
    TRY(json_get_string(object, "signature", &signature));
    TRY(crypto_hex_decode(signature, &raw));
    TRY(get_digest(object, "previous", seal.previous));
    TRY(get_digest(object, "hash", seal.hash));
    seal.signature = buf_span(&raw);
    return audit_trail_checkpoint(reader->trail, &seal);
}

static enum err
take_event(struct reader *reader, const struct json_t *object)
{
    struct audit_event event = { .slot = 0 };
    int64_t slot;
    TRY(json_get_i64(object, "slot", &slot));
    if (slot < 0 || slot > AUDIT_SLOT_DIFFERENCES) {
        return ERR_FIELD_VALUE;
    }
    event.slot = (int)slot;
    TRY(json_get_string(object, "payment_no", &event.payment_no));
    TRY(json_get_i64(object, "seq", &event.seq));
    TRY(get_optional(object, "attempt_no", &event.attempt_no));
    TRY(get_optional(object, "refund_no", &event.refund_no));
    TRY(json_get_string(object, "machine", &event.machine));
    TRY(json_get_string(object, "from_state", &event.from_state));
    TRY(json_get_string(object, "event", &event.event));
    TRY(json_get_string(object, "to_state", &event.to_state));
    TRY(json_get_string(object, "effect", &event.effect));
    TRY(get_optional(object, "evidence_digest", &event.evidence_digest));
    TRY(get_optional(object, "actor", &event.actor));
    TRY(json_get_i64(object, "at", &event.at_us));
    TRY(get_digest(object, "hash", event.hash));
    return audit_trail_event(reader->trail, &event);
}

static enum err
take_end(struct reader *reader, const struct json_t *object)
{
    TRY(json_get_i64(object, "checkpoints", &reader->said_checkpoints));
    return json_get_i64(object, "events", &reader->said_events);
}

static enum err
take_line(struct reader *reader, struct span line)
{
    static const struct {
        const char *kind;
        enum err (*take)(struct reader *reader, const struct json_t *object);
    } kinds[] = {
        { "checkpoint", take_checkpoint },
        { "event", take_event },
        { "end", take_end },
    };
    struct span kind;
    DEFER(json_free) struct json_t *object = NULL;
    TRY(json_parse(line, &object));
    TRY(json_get_string(object, "kind", &kind));
    if (reader->said_events >= 0) {
        return ERR_FIELD_VALUE; /* nothing comes behind the end */
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (span_eq_cstr(kind, kinds[i].kind)) {
            return kinds[i].take(reader, object);
        }
    }
    return ERR_FIELD_VALUE;
}

static enum err
read_lines(struct reader *reader, FILE *file)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    enum err err = ERR_OK;
    struct progress *progress = cli_watch(reader->cli);
    progress_begin(progress, PROGRESS_VERIFY, cli_file_bytes(file));
    while (err == ERR_OK && (len = getline(&line, &room, file)) >= 0) {
        reader->line++;
        err = take_line(reader, span_trim(span_make(line, (size_t)len), "\n"));
        progress_add(progress, len);
    }
    free(line);
    return err == ERR_OK && ferror(file) != 0 ? ERR_FILE_READ : err;
}

static enum err
add_key(struct reader *reader, const char *path)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(KEY_FILE_MAX_BYTES + 1);
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    TRY(file_read(path, KEY_FILE_MAX_BYTES, &pem));
    TRY(crypto_public_key_new(buf_span(&pem), &key));
    return audit_trail_key(reader->trail, &key);
}

/* NUMBER:HASH as the log has them. */
static enum err
add_seen(struct reader *reader, const char *text)
{
    struct span rest = span_of(text);
    struct span number;
    int64_t value;
    DEFER(buf_fini) struct buf hash = BUF_MAX(SHA256_BYTES);
    if (!span_cut(&rest, ':', &number)) {
        return ERR_FIELD_VALUE;
    }
    TRY(span_to_i64(number, 1, INT64_MAX, &value));
    TRY(crypto_hex_decode(rest, &hash));
    return hash.len == SHA256_BYTES ? audit_trail_seen(reader->trail, value, hash.at)
                                    : ERR_FIELD_LENGTH;
}

static int
answer(struct reader *reader, const struct audit_counts *counts)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX_BYTES);
    enum err err = buf_printf(
        &text,
        "{\"verdict\":\"%s\",\"checkpoints\":%lld,\"events\":%lld,\"unsealed\":%lld,"
        "\"faults\":%lld}\n",
        counts->faults == 0 ? "whole" : "broken", (long long)counts->checkpoints,
        (long long)counts->events, (long long)counts->unsealed, (long long)counts->faults);
    if (err != ERR_OK) {
        return cli_trouble(reader->cli, err, "写出结果", "write the answer");
    }
    int put = cli_put(reader->cli, buf_span(&text));
    return put == EXIT_YES && counts->faults > 0 ? EXIT_NO : put;
}

static int
verify(struct reader *reader, FILE *file)
{
    struct audit_counts counts;
    enum err err = read_lines(reader, file);
    if (err != ERR_OK) {
        cli_say(reader->cli, "第 %lld 行无法读取：%s%.0s", "line %lld cannot be read: %.0s%s",
                (long long)reader->line, err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
        return EXIT_NO;
    }
    err = audit_trail_end(reader->trail, reader->said_checkpoints, reader->said_events, &counts);
    if (err != ERR_OK) {
        return cli_trouble(reader->cli, err, "核验审计链", "verify the audit trail");
    }
    return answer(reader, &counts);
}

static enum err
prepare(struct reader *reader, const struct cli_option *key, const struct cli_option *seen)
{
    TRY(audit_trail_new(found, reader, &reader->trail));
    TRY(add_key(reader, key->value));
    return seen->value == NULL ? ERR_OK : add_seen(reader, seen->value);
}

int
command_audit_verify(struct cli *cli, int argc, char **argv)
{
    const char *path = NULL;
    struct cli_option options[] = { { .name = "key", .required = true }, { .name = "seen" } };
    struct reader reader = { .cli = cli, .said_checkpoints = -1, .said_events = -1 };
    if (!cli_options(cli, argc, argv, options, 2, &path)) {
        return EXIT_TROUBLE;
    }
    enum err err = prepare(&reader, &options[0], &options[1]);
    FILE *file = err == ERR_OK ? fopen(path, "re") : NULL;
    if (err == ERR_OK && file == NULL) {
        err = ERR_FILE_OPEN;
    }
    int status = err == ERR_OK
                     ? verify(&reader, file)
                     : cli_trouble(cli, err, "开始核验审计链", "begin to verify the audit trail");
    if (file != NULL) {
        (void)fclose(file);
    }
    audit_trail_free(&reader.trail);
    return status;
}
