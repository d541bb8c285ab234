/* SPDX-License-Identifier: Apache-2.0 */
#include "trend.h"

#define DAY_BYTES 16

void
trend_of_sheet(struct day day, int64_t version, const struct recon_sheet *sheet,
               struct trend_day *out)
{
    *out = (struct trend_day){
        .day = day,
        .version = version,
#define TREND_CELL(name) .name = sheet->name,
#include "trend.def"
#undef TREND_CELL
    };
}

static enum err
put_day(struct json_t *object, const struct trend_day *day)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(DAY_BYTES);
    TRY(day_format(day->day, &text));
    TRY(json_put_string(object, "day", buf_span(&text)));
    TRY(json_put_i64(object, "version", day->version));
#define TREND_CELL(name)                                        \
    TRY(json_put_i64(object, #name "_count", day->name.count)); \
    TRY(json_put_i64(object, #name "_fen", day->name.fen));
#include "trend.def"
#undef TREND_CELL
    return ERR_OK;
}

enum err
trend_put(struct json_t *object, const struct trend_day *days, size_t count)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(object, "trend", list));
    for (size_t i = 0; i < count; i++) {
        struct json_t *day = NULL;
        TRY(json_new_object(&day));
        TRY(json_put(list, NULL, day));
        TRY(put_day(day, &days[i]));
    }
    return ERR_OK;
}

static enum err
get_day(const struct json_t *object, struct trend_day *out)
{
    struct span text;
    TRY(json_get_string(object, "day", &text));
    TRY(day_parse(text, &out->day));
    TRY(json_get_i64(object, "version", &out->version));
#define TREND_CELL(name)                                         \
    TRY(json_get_i64(object, #name "_count", &out->name.count)); \
    TRY(json_get_i64(object, #name "_fen", &out->name.fen));
#include "trend.def"
#undef TREND_CELL
    return ERR_OK;
}

enum err
trend_get(const struct json_t *object, struct arena *arena, const struct trend_day **days,
          size_t *count)
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
        TRY(get_day(json_element(list, i), &kept[i]));
    }
    *days = kept;
    *count = json_count(list);
    return ERR_OK;
}
