/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_sealed.h"

#include "fuzz.h"

#define PLAIN_MAX ((size_t)256 * 1024)

void
fuzz_sealed_touch(const struct adapter_signed *cut)
{
    FUZZ_DEMAND(cut->text_count <= ADAPTER_TEXTS_MAX);
    FUZZ_DEMAND(!cut->is_signed || cut->text_count > 0 || cut->keyed);
    for (size_t i = 0; i < cut->text_count; i++) {
        fuzz_touch(cut->texts[i]);
        fuzz_touch(cut->payloads[i]);
    }
    fuzz_touch(cut->signature);
    fuzz_touch(cut->serial);
    fuzz_touch(cut->certificate);
    fuzz_touch(cut->raw);
    for (size_t i = 0; cut->keyed && i < cut->fields->count; i++) {
        fuzz_touch(cut->fields->list[i].name);
        fuzz_touch(cut->fields->list[i].value);
    }
}

bool
fuzz_sealed_tasks(const struct fuzz_account *of, struct verify *verify)
{
    struct verify_task task;
    while ((task = verify_task(verify)).kind != VERIFY_TASK_NONE) {
        DEFER(buf_fini) struct buf plain = BUF_MAX(PLAIN_MAX);
        enum err err = ERR_SIGNATURE;
        if (task.kind == VERIFY_TASK_OPEN) {
            const struct adapter_sealed *sealed = task.sealed;
            err = of->aead_key == NULL
                      ? ERR_SEALED
                      : crypto_aead_open(CRYPTO_AEAD_AES_256_GCM, of->aead_key, sealed->nonce,
                                         sealed->associated, sealed->ciphertext, &plain);
        }
        if (verify_task_done(verify, err, buf_span(&plain)) != ERR_OK) {
            return false;
        }
    }
    return true;
}

bool
fuzz_sealed_pretend(const struct adapter *adapter, enum adapter_operation operation,
                    struct span payload, struct arena *arena, struct adapter_opened *out)
{
    struct adapter_sealed_list sealed = { .count = 0 };
    *out = (struct adapter_opened){ .count = 0 };
    if (adapter->sealed_find == NULL) {
        return true;
    }
    if (adapter->sealed_find(operation, payload, arena, &sealed) != ERR_OK) {
        return false;
    }
    FUZZ_DEMAND(sealed.count <= ADAPTER_SEALED_MAX);
    for (size_t i = 0; i < sealed.count; i++) {
        fuzz_touch(sealed.list[i].algorithm);
        fuzz_touch(sealed.list[i].nonce);
        fuzz_touch(sealed.list[i].associated);
        fuzz_touch(sealed.list[i].ciphertext);
        out->list[out->count++] = sealed.list[i].ciphertext;
    }
    return true;
}
