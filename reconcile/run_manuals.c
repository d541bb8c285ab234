/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

static enum err
take_manual(struct run *run, struct db_reader *reader)
{
    void *room = NULL;
    TRY(run_list_add(&run->read[PACK_MANUALS], sizeof(struct recon_manual), &room));
    struct recon_manual *manual = room;
    TRY(run_read_text(run, reader, &manual->owner));
    TRY(run_read_text(run, reader, &manual->order_no));
    TRY(run_read_text(run, reader, &manual->voucher));
    TRY(run_read_text(run, reader, &manual->payer_name));
    manual->number = db_read_i64(reader);
    manual->out = db_read_bool(reader);
    manual->confirmed = db_read_bool(reader);
    manual->self = db_read_bool(reader);
    manual->attached = db_read_bool(reader);
    manual->amount_fen = db_read_i64(reader);
    manual->deposit_fen = db_read_i64(reader);
    TRY(day_parse(db_read_text(reader), &manual->received_on));
    TRY(day_parse(db_read_text(reader), &manual->recorded_on));
    return day_parse(db_read_text(reader), &manual->decided_on);
}

enum err
run_read_manuals(struct run *run)
{
    bool more = false;
    DEFER(db_reader_fini) struct db_reader reader = { .session = NULL };
    TRY(db_read_open(run->session, STATEMENT_recon_read_manuals, &reader));
    TRY(db_read_next(&reader, &more));
    while (more) {
        TRY(take_manual(run, &reader));
        TRY(db_read_next(&reader, &more));
    }
    run->manuals = run->read[PACK_MANUALS].at;
    run->manual_count = run->read[PACK_MANUALS].count;
    return ERR_OK;
}
