/* SPDX-License-Identifier: Apache-2.0 */
/* The chores' part of the audit trail: names the ends of all chains that moved in a signed checkpoint. */
#include <stdlib.h>
#include <string.h>

#include "chores.h"
#include "keys_house.h"
#include "log.h"
#include "metrics.h"

#define SEAL_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define HEADS_MAX      5000 /* of one checkpoint */
#define HEAD_LINE_MAX  160
#define MS_PER_S       INT64_C(1000)

struct seal {
    struct services *services;
    struct arena *arena;
    struct buf heads;
    int64_t head_count;
    struct audit_checkpoint checkpoint;
    unsigned char hash[SHA256_BYTES];
};

static void
end(struct seal *seal)
{
    seal->services->sealing = false;
    buf_fini(&seal->heads);
    arena_free(&seal->arena);
    free(seal);
}

static void
end_in_trouble(struct seal *seal, const char *step, enum err err)
{
    log_event(LOG_CHECKPOINT_FAILED, LOG_TEXT("step", step), LOG_ERR(err));
    end(seal);
}

/* The log keeps what the database could lose: number and hash. */
static void
written(void *context, const struct db_answer *answer)
{
    struct seal *seal = context;
    if (answer->err != ERR_OK) {
        end_in_trouble(seal, "write", answer->err);
        return;
    }
    DEFER(buf_fini) struct buf hash = BUF_MAX((size_t)2 * SHA256_BYTES);
    if (db_row_bool(answer->rows, 0, "made")
        && crypto_hex_encode(span_make(seal->hash, SHA256_BYTES), &hash) == ERR_OK) {
        metrics_add(METRIC_CHECKPOINTS_TOTAL, 1);
        log_event(LOG_CHECKPOINT, LOG_I64("number", seal->checkpoint.number),
                  LOG_SPAN("hash", buf_span(&hash)), LOG_I64("heads", seal->head_count));
    }
    end(seal);
}

static void
write_down(struct seal *seal, struct span key_name, struct span signature)
{
    struct db_params params;
    db_params_init(&params, seal->arena);
    db_i64(&params, seal->checkpoint.number);
    db_bytes(&params, span_make(seal->checkpoint.previous, SHA256_BYTES));
    db_text(&params, buf_span(&seal->heads));
    db_i64(&params, seal->head_count);
    db_time(&params, (struct wall_time){ .us = seal->checkpoint.sealed_at_us });
    db_bytes(&params, span_make(seal->hash, SHA256_BYTES));
    db_text(&params, key_name);
    db_bytes(&params, signature);
    db_run(seal->services->db, STATEMENT_audit_seal, &params, written, seal);
}

static void
sealed(void *context, enum err err, struct span bytes)
{
    struct seal *seal = context;
    if (err == ERR_OK && bytes.len <= KEYS_HOUSE_NAME_CHARS) {
        err = ERR_TRUNCATED;
    }
    if (err != ERR_OK) {
        end_in_trouble(seal, "sign", err);
        return;
    }
    write_down(seal, span_sub(bytes, 0, KEYS_HOUSE_NAME_CHARS),
               span_sub(bytes, KEYS_HOUSE_NAME_CHARS, bytes.len));
}

static enum err
copy_digest(const struct db_rows *rows, size_t row, const char *column, struct arena *arena,
            unsigned char out[SHA256_BYTES])
{
    struct span bytes;
    TRY(db_row_bytes(rows, row, column, arena, &bytes));
    if (bytes.len != SHA256_BYTES) {
        return ERR_DB_ROWS;
    }
    memcpy(out, bytes.at, SHA256_BYTES);
    return ERR_OK;
}

static enum err
add_line(struct seal *seal, const struct db_rows *rows, size_t row)
{
    struct audit_head head = { .slot = (int)db_row_i64(rows, row, "slot"),
                               .seq = db_row_i64(rows, row, "version") };
    struct span payment_no = db_row_text(rows, row, "payment_no");
    if (payment_no.len > AUDIT_PAYMENT_NO_MAX) {
        return ERR_DB_ROWS;
    }
    memcpy(head.payment_no, payment_no.at, payment_no.len);
    TRY(copy_digest(rows, row, "chain", seal->arena, head.hash));
    seal->head_count++;
    return audit_head_encode(&head, &seal->heads);
}

static enum err
take_heads(struct seal *seal, const struct db_rows *rows)
{
    seal->checkpoint.number = db_row_i64(rows, 0, "number");
    seal->checkpoint.sealed_at_us = clock_wall().us;
    TRY(copy_digest(rows, 0, "previous", seal->arena, seal->checkpoint.previous));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(add_line(seal, rows, i));
    }
    TRY(crypto_sha256(buf_span(&seal->heads), seal->checkpoint.heads_digest));
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_HOUSE_TEXT_MAX);
    TRY(audit_checkpoint_text(&seal->checkpoint, &text));
    return crypto_sha256(buf_span(&text), seal->hash);
}

static void
found(void *context, const struct db_answer *answer)
{
    struct seal *seal = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        end(seal);
        return;
    }
    if (err == ERR_OK) {
        err = take_heads(seal, answer->rows);
    }
    if (err != ERR_OK) {
        end_in_trouble(seal, "read", err);
        return;
    }
    keys_client_seal(seal->services->keys, &seal->checkpoint, sealed, seal);
}

void
chore_seal(struct services *services)
{
    const struct config *config = services->config;
    if (services->sealing || config_text(config, CONFIG_audit_signing_key, 0)[0] == 0) {
        return;
    }
    struct seal *seal = calloc(1, sizeof(*seal));
    if (seal == NULL || arena_new(SEAL_ARENA_MAX, &seal->arena) != ERR_OK) {
        free(seal);
        return;
    }
    seal->services = services;
    buf_init(&seal->heads, (size_t)HEADS_MAX * HEAD_LINE_MAX);
    services->sealing = true;
    struct db_params params;
    db_params_init(&params, seal->arena);
    db_time(&params, wall_add_ms(clock_wall(),
                                 -MS_PER_S * config_int(config, CONFIG_audit_seal_every_s, 0)));
    db_i64(&params, HEADS_MAX);
    db_run(services->db, STATEMENT_audit_heads, &params, found, seal);
}
