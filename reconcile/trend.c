/* SPDX-License-Identifier: Apache-2.0 */
#include "trend.h"

#include <stdio.h>

#define DAY_BYTES 16

static const struct trend_cell of_bills[] = {
#define TREND_CELL(name) { #name, offsetof(struct trend_day, sheet.name) },
#define SETTLEMENT_CELL(name)
#include "trend.def"
};

static const struct trend_cell of_settlements[] = {
#define TREND_CELL(name)
#define SETTLEMENT_CELL(name) { #name, offsetof(struct trend_day, settlement.name) },
#include "trend.def"
};

const struct trend_cell *
trend_cells(bool of_settlement, size_t *count)
{
    *count = of_settlement ? sizeof(of_settlements) / sizeof(of_settlements[0])
                           : sizeof(of_bills) / sizeof(of_bills[0]);
    return of_settlement ? of_settlements : of_bills;
}

static enum err
put_cell(struct json_t *object, const char *cell, const char *part, int64_t value)
{
    char name[TREND_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s_%s", cell, part);
    return json_put_i64(object, name, value);
}

static enum err
put_day(struct json_t *object, bool of_settlement, const struct trend_day *day)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(DAY_BYTES);
    size_t count = 0;
    const struct trend_cell *cells = trend_cells(of_settlement, &count);
    TRY(day_format(day->day, &text));
    TRY(json_put_string(object, "day", buf_span(&text)));
    TRY(json_put_i64(object, "version", day->version));
    for (size_t i = 0; i < count; i++) {
        const void *place = (const unsigned char *)day + cells[i].at;
        const struct recon_cell *cell = place;
        TRY(put_cell(object, cells[i].name, "count", cell->count));
        TRY(put_cell(object, cells[i].name, "fen", cell->fen));
    }
    return ERR_OK;
}

enum err
trend_put(struct json_t *object, bool of_settlement, const struct trend_day *days, size_t count)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(object, "trend", list));
    for (size_t i = 0; i < count; i++) {
        struct json_t *day = NULL;
        TRY(json_new_object(&day));
        TRY(json_put(list, NULL, day));
        TRY(put_day(day, of_settlement, &days[i]));
    }
    return ERR_OK;
}

static enum err
get_cell(const struct json_t *object, const char *cell, const char *part, int64_t *out)
{
    char name[TREND_NAME_BYTES];
    (void)snprintf(name, sizeof(name), "%s_%s", cell, part);
    return json_get_i64(object, name, out);
}

static enum err
get_day(const struct json_t *object, bool of_settlement, struct trend_day *out)
{
    struct span text;
    size_t count = 0;
    const struct trend_cell *cells = trend_cells(of_settlement, &count);
    TRY(json_get_string(object, "day", &text));
    TRY(day_parse(text, &out->day));
    TRY(json_get_i64(object, "version", &out->version));
    for (size_t i = 0; i < count; i++) {
        void *place = (unsigned char *)out + cells[i].at;
        struct recon_cell *cell = place;
        TRY(get_cell(object, cells[i].name, "count", &cell->count));
        TRY(get_cell(object, cells[i].name, "fen", &cell->fen));
    }
    return ERR_OK;
}

enum err
trend_get(const struct json_t *object, bool of_settlement, struct arena *arena,
          const struct trend_day **days, size_t *count)
{
    const struct json_t *list = json_member(object, "trend");
    void *room = NULL;
    if (list == NULL) {
        *days = NULL;
        *count = 0;
        return ERR_OK;
    }
    if (!json_node_is_array(list)) {
        return ERR_FIELD_TYPE;
    }
    if (json_count(list) > TREND_DAYS_MAX) {
        return ERR_FIELD_LENGTH;
    }
    TRY(arena_array(arena, json_count(list) + 1, sizeof(struct trend_day), &room));
    struct trend_day *kept = room;
    for (size_t i = 0; i < json_count(list); i++) {
        TRY(get_day(json_element(list, i), of_settlement, &kept[i]));
    }
    *days = kept;
    *count = json_count(list);
    return ERR_OK;
}
