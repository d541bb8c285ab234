/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "import_portal.h"
#include "log.h"
#include "metrics.h"
#include "night.h"
#include "progress.h"

/* What the portal's own database says of orders and invoices, before a day is reconciled. Nothing here holds the
 * night up: a reading has a session of its own, an end, and a pause after it. */

#define STATEMENT_MS 60000
#define READING_MS \
    INT64_C(300000) /* the rest another time; together well below the lease of a run */
#define PAUSE_MS        INT64_C(60000)
#define PAUSE_FAILED_MS INT64_C(600000)
#define WORDS_MAX       320

static bool
enough(void *context)
{
    struct night *night = context;
    return clock_mono_ms_since(night->portal_begun_at) >= READING_MS || night_stopping(night);
}

static enum err
read_kind(struct night *night, struct import_portal *portal, char words[WORDS_MAX])
{
    struct db_session *session = NULL;
    TRY(db_session_open(night_conninfo(night->config), &session));
    db_session_limit(session, STATEMENT_MS);
    portal->session = session;
    enum err err = import_portal_read(portal);
    if (err != ERR_OK) {
        (void)snprintf(words, WORDS_MAX, "%s", db_session_trouble(session));
    }
    db_session_close(&session);
    return err;
}

static void
tell_read(const struct import_portal *portal)
{
    const int64_t *tallies = portal->tallies;
    metrics_add(METRIC_PORTAL_LINES_REFUSED_TOTAL, tallies[IMPORT_REFUSED]);
    if (tallies[IMPORT_CREATED] + tallies[IMPORT_UPDATED] + tallies[IMPORT_REFUSED] > 0) {
        log_event(LOG_PORTAL_READ, LOG_TEXT("kind", portal->kind->name),
                  LOG_I64("created", tallies[IMPORT_CREATED]),
                  LOG_I64("updated", tallies[IMPORT_UPDATED]),
                  LOG_I64("refused", tallies[IMPORT_REFUSED]));
    }
}

/* The note is for the doctor; where it cannot be made, the session of the night itself is in trouble, and says so. */
static void
tell_failed(struct night *night, const struct import_portal *portal, enum err err,
            const char *words)
{
    metrics_add(METRIC_PORTAL_READS_FAILED_TOTAL, 1);
    enum err noted =
        import_portal_failed(night->session, portal->kind, span_of(night->portal_owner), err);
    log_event(LOG_PORTAL_UNREAD, LOG_TEXT("kind", portal->kind->name), LOG_ERR(err),
              LOG_TEXT("database", words), LOG_TEXT("noted", noted == ERR_OK ? "yes" : "no"));
}

/* False when it could not be read. */
static bool
take(struct night *night, const struct import_kind *kind)
{
    char words[WORDS_MAX] = "";
    struct import_portal portal = { .kind = kind,
                                    .owner = span_of(night->portal_owner),
                                    .enough = enough,
                                    .context = night,
                                    .progress = night->progress };
    progress_begin(night->progress, PROGRESS_PORTAL, 0);
    enum err err = read_kind(night, &portal, words);
    tell_read(&portal);
    if (err == ERR_OK) {
        metrics_add(METRIC_PORTAL_READS_TOTAL, 1);
    } else {
        tell_failed(night, &portal, err, words);
    }
    return err == ERR_OK;
}

void
night_portal(struct night *night)
{
    if (night->portal_owner == NULL
        || (night->portal_begun_at.ns != 0
            && clock_mono_ms_since(night->portal_begun_at) < night->portal_pause_ms)) {
        return;
    }
    night->portal_begun_at = clock_mono();
    bool orders = take(night, &import_orders);
    bool invoices = take(night, &import_invoices);
    night->portal_pause_ms = orders && invoices ? PAUSE_MS : PAUSE_FAILED_MS;
}
