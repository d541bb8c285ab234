/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_day.h"

#include "json.h"
#include "order.h"
#include "pack_cell.h"

#define TIME_BYTES 40

static bool
is_settlement(struct span kind)
{
    return span_eq_cstr(kind, RECON_SETTLEMENT);
}

int
pack_day_first_list(struct span kind)
{
    return is_settlement(kind) ? PACK_LIST_COUNT : PACK_BOOKS;
}

int
pack_day_end_list(struct span kind)
{
    return is_settlement(kind) ? PACK_EVERY_COUNT : PACK_LIST_COUNT;
}

static enum err
put_day(struct json_t *object, const char *name, struct day day)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_BYTES);
    if (day.year == 0) {
        return json_put_null(object, name);
    }
    TRY(day_format(day, &text));
    return json_put_string(object, name, buf_span(&text));
}

static enum err
put_time(struct json_t *object, const char *name, struct wall_time time)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_BYTES);
    TRY(pack_cell_write(PACK_TIME, &time, &text));
    return json_put_string(object, name, buf_span(&text));
}

static enum err
put_fees(struct json_t *top, const struct adapter_account *account)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(top, "fees", list));
    for (size_t i = 0; i < account->fee_count; i++) {
        const struct fee_contract *fee = &account->fees[i];
        struct json_t *object = NULL;
        TRY(json_new_object(&object));
        TRY(json_put(list, NULL, object));
        TRY(json_put_text(object, "card", fee_contract_card_code(fee->card)));
        TRY(put_day(object, "from", fee->from));
        TRY(put_day(object, "until", fee->until));
        TRY(json_put_i64(object, "rate_ppm", fee->rate_ppm));
        TRY(json_put_i64(object, "cap_fen", fee->cap_fen));
        TRY(json_put_text(object, "rounding", fee_contract_rounding_code(fee->rounding)));
    }
    return ERR_OK;
}

static enum err
put_tariffs(struct json_t *top, const struct recon_request *request)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(top, "tariffs", list));
    for (size_t i = 0; i < request->tariff_count; i++) {
        struct json_t *object = NULL;
        TRY(json_new_object(&object));
        TRY(json_put(list, NULL, object));
        TRY(json_put_string(object, "kind", request->tariffs[i].kind));
        TRY(json_put_i64(object, "unit_fee_fen", request->tariffs[i].unit_fee_fen));
    }
    return ERR_OK;
}

static enum err
put_account(struct json_t *top, const struct adapter_account *account)
{
    TRY(json_put_text(top, "account", account->name));
    TRY(json_put_text(top, "provider", account->adapter->name));
    TRY(json_put_string(top, "merchant", span_of(account->merchant)));
    TRY(json_put_string(top, "application", span_of(account->application)));
    TRY(json_put_string(top, "other_numbers", span_of(account->other_numbers)));
    TRY(json_put_string(top, "other_applications", span_of(account->other_applications)));
    TRY(json_put_i64(top, "fee_rate_ppm", account->fee_rate_ppm));
    TRY(json_put_i64(top, "fee_rounding_max_fen", account->fee_rounding_monthly_max.minor));
    return put_fees(top, account);
}

static enum err
put_files(struct json_t *top, const struct pack_day *day)
{
    struct json_t *files = NULL;
    int end = pack_day_end_list(day->request.kind);
    TRY(json_new_object(&files));
    TRY(json_put(top, "lists", files));
    for (int i = pack_day_first_list(day->request.kind); i < end; i++) {
        enum pack_list list = (enum pack_list)i;
        if (!pack_list_may_lack(list) || !span_empty(day->list_sha256[i])) {
            TRY(json_put_string(files, pack_list_file(list), day->list_sha256[i]));
        }
    }
    return ERR_OK;
}

static enum err
put_forms(struct json_t *top, const struct bill_forms *forms)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(top, "accepted_headers", list));
    for (size_t i = 0; i < forms->count; i++) {
        struct json_t *object = NULL;
        if (!forms->list[i].used) {
            continue;
        }
        TRY(json_new_object(&object));
        TRY(json_put(list, NULL, object));
        TRY(json_put_string(object, "kind", forms->list[i].kind));
        TRY(json_put_string(object, "came", forms->list[i].came));
        TRY(json_put_string(object, "read_as", forms->list[i].read_as));
    }
    return ERR_OK;
}

static enum err
put_run(struct json_t *top, const struct pack_day *day)
{
    const struct recon_request *request = &day->request;
    TRY(json_put_string(top, "kind", request->kind));
    TRY(put_day(top, "day", request->day));
    TRY(json_put_i64(top, "version", day->version));
    return put_time(top, "as_of", request->as_of);
}

static enum err
put_settlement(struct json_t *top, const struct pack_day *day)
{
    const struct adapter_account *account = day->request.account;
    TRY(json_put_text(top, "account", account->name));
    TRY(json_put_text(top, "provider", account->adapter->name));
    TRY(json_put_i64(top, "settle_days", account->settle_days));
    return put_run(top, day);
}

static enum err
put_bill(struct json_t *top, const struct pack_day *day)
{
    const struct recon_request *request = &day->request;
    TRY(put_account(top, request->account));
    TRY(put_run(top, day));
    TRY(put_tariffs(top, request));
    TRY(json_put_i64(top, "manual_backdate_days", request->manual_backdate_days));
    TRY(json_put_string(top, "closed_days", day->closed_days));
    TRY(json_put_string(top, "late_bills", day->late_bills));
    TRY(json_put_i64(top, "fee_rounding_before_fen", day->rounded_fen));
    TRY(json_put_bool(top, "closed_before_known", day->before_known));
    TRY(json_put_i64(top, "closed_before_fen", day->before_fen));
    TRY(json_put_bool(top, "edited", day->edited));
    TRY(put_forms(top, &day->forms));
    TRY(json_put_string_or_null(top, "bill_sha256", day->bill_sha256));
    return json_put_string_or_null(top, "flow_bill_sha256", day->flow_sha256);
}

static enum err
put_all(struct json_t *top, const struct pack_day *day)
{
    TRY(json_put_i64(top, "rules", day->rules));
    TRY(json_put_text(top, "program", day->request.program));
    TRY(json_put_i64(top, "form", day->form));
    bool of_settlement = is_settlement(day->request.kind);
    TRY(of_settlement ? put_settlement(top, day) : put_bill(top, day));
    TRY(trend_put(top, of_settlement, day->trend, day->trend_count));
    TRY(put_files(top, day));
    TRY(json_put_string(top, "result_hash", day->result_hash));
    return json_put_string(top, "input_hash", day->input_hash);
}

enum err
pack_day_write(const struct pack_day *day, struct buf *out)
{
    DEFER(json_free) struct json_t *top = NULL;
    TRY(json_new_object(&top));
    TRY(put_all(top, day));
    return json_encode_pretty(top, out);
}

/* What is being read: the object, and the name that the reader is told when it fails. */
struct source {
    const struct json_t *object;
    struct arena *arena;
    const char **member;
};

static enum err
get_text(const struct source *from, const char *name, struct span *out)
{
    struct span text;
    *from->member = name;
    TRY(json_get_string(from->object, name, &text));
    return arena_copy(from->arena, text, out);
}

static enum err
get_cstr(const struct source *from, const char *name, const char **out)
{
    struct span text;
    *from->member = name;
    TRY(json_get_string(from->object, name, &text));
    return arena_cstr(from->arena, text, out);
}

static enum err
get_i64(const struct source *from, const char *name, int64_t *out)
{
    *from->member = name;
    return json_get_i64(from->object, name, out);
}

static enum err
get_bool(const struct source *from, const char *name, bool *out)
{
    *from->member = name;
    return json_get_bool(from->object, name, out);
}

/* null is no day, or nothing. */
static enum err
get_day(const struct source *from, const char *name, struct day *out)
{
    struct span text;
    *from->member = name;
    if (json_member(from->object, name) == NULL) {
        return ERR_OK;
    }
    TRY(json_get_string(from->object, name, &text));
    return day_parse(text, out);
}

static enum err
get_text_or_null(const struct source *from, const char *name, struct span *out)
{
    return json_member(from->object, name) == NULL ? ERR_OK : get_text(from, name, out);
}

static enum err
get_fee(const struct source *from, struct fee_contract *out)
{
    struct span card;
    struct span rounding;
    TRY(get_text(from, "card", &card));
    TRY(fee_contract_card_decode(card, &out->card));
    TRY(get_text(from, "rounding", &rounding));
    TRY(fee_contract_rounding_decode(rounding, &out->rounding));
    TRY(get_day(from, "from", &out->from));
    TRY(get_day(from, "until", &out->until));
    TRY(get_i64(from, "rate_ppm", &out->rate_ppm));
    return get_i64(from, "cap_fen", &out->cap_fen);
}

/* The elements of the array `name`, at most `max`. */
static enum err
get_list(const struct source *from, const char *name, size_t max, struct json_t **list,
         size_t *count)
{
    *from->member = name;
    *list = json_member(from->object, name);
    *count = json_count(*list);
    if (!json_node_is_array(*list)) {
        return ERR_FIELD_TYPE;
    }
    return *count <= max ? ERR_OK : ERR_FIELD_LENGTH;
}

static enum err
get_fees(const struct source *from, struct adapter_account *account)
{
    struct json_t *list = NULL;
    TRY(get_list(from, "fees", FEE_CONTRACTS_MAX, &list, &account->fee_count));
    for (size_t i = 0; i < account->fee_count; i++) {
        const struct source element = { json_element(list, i), from->arena, from->member };
        TRY(get_fee(&element, &account->fees[i]));
    }
    return ERR_OK;
}

static enum err
get_tariffs(const struct source *from, struct recon_request *request)
{
    struct json_t *list = NULL;
    void *room = NULL;
    TRY(get_list(from, "tariffs", ORDER_KIND_COUNT, &list, &request->tariff_count));
    TRY(arena_array(from->arena, request->tariff_count + 1, sizeof(struct recon_tariff), &room));
    struct recon_tariff *tariffs = room;
    for (size_t i = 0; i < request->tariff_count; i++) {
        const struct source element = { json_element(list, i), from->arena, from->member };
        TRY(get_text(&element, "kind", &tariffs[i].kind));
        TRY(get_i64(&element, "unit_fee_fen", &tariffs[i].unit_fee_fen));
    }
    request->tariffs = tariffs;
    return ERR_OK;
}

/* Days a person would set are few. */
static enum err
get_days(const struct source *from, const char *name, int *out)
{
    int64_t days = 0;
    TRY(get_i64(from, name, &days));
    if (days < 0 || days > INT32_MAX) {
        return ERR_FIELD_VALUE;
    }
    *out = (int)days;
    return ERR_OK;
}

/* What any run has of it. */
static enum err
get_name(const struct source *from, struct adapter_account *account)
{
    struct span provider;
    TRY(get_cstr(from, "account", &account->name));
    TRY(get_text(from, "provider", &provider));
    account->adapter = adapter_find(provider);
    return account->adapter == NULL ? ERR_PROVIDER_UNKNOWN : ERR_OK;
}

static enum err
get_account(const struct source *from, struct adapter_account *account)
{
    TRY(get_cstr(from, "merchant", &account->merchant));
    TRY(get_cstr(from, "application", &account->application));
    TRY(get_cstr(from, "other_numbers", &account->other_numbers));
    TRY(get_cstr(from, "other_applications", &account->other_applications));
    TRY(get_i64(from, "fee_rate_ppm", &account->fee_rate_ppm));
    TRY(get_i64(from, "fee_rounding_max_fen", &account->fee_rounding_monthly_max.minor));
    return get_fees(from, account);
}

static enum err
get_request(const struct source *from, struct recon_request *out)
{
    struct span as_of;
    void *room = NULL;
    TRY(arena_alloc(from->arena, sizeof(struct adapter_account), &room));
    struct adapter_account *account = room;
    out->account = account;
    TRY(get_name(from, account));
    TRY(get_cstr(from, "program", &out->program));
    TRY(get_text(from, "kind", &out->kind));
    TRY(get_day(from, "day", &out->day));
    if (is_settlement(out->kind)) {
        TRY(get_days(from, "settle_days", &account->settle_days));
    } else {
        TRY(get_account(from, account));
        TRY(get_tariffs(from, out));
        TRY(get_days(from, "manual_backdate_days", &out->manual_backdate_days));
    }
    TRY(get_text(from, "as_of", &as_of));
    TRY(wall_parse(as_of, &out->as_of));
    return out->as_of.us == 0 ? ERR_TIME : ERR_OK;
}

static enum err
get_hashes(const struct source *from, struct pack_day *out)
{
    int end = pack_day_end_list(out->request.kind);
    TRY(get_text(from, "result_hash", &out->result_hash));
    TRY(get_text(from, "input_hash", &out->input_hash));
    const struct source lists = { json_member(from->object, "lists"), from->arena, from->member };
    for (int i = pack_day_first_list(out->request.kind); i < end; i++) {
        const char *file = pack_list_file((enum pack_list)i);
        bool lacks =
            pack_list_may_lack((enum pack_list)i) && json_member(lists.object, file) == NULL;
        TRY(lacks ? ERR_OK : get_text(&lists, file, &out->list_sha256[i]));
    }
    return ERR_OK;
}

static enum err
get_forms(const struct source *from, struct bill_forms *out)
{
    struct json_t *list = NULL;
    TRY(get_list(from, "accepted_headers", BILL_FORMS_MAX, &list, &out->count));
    for (size_t i = 0; i < out->count; i++) {
        const struct source element = { json_element(list, i), from->arena, from->member };
        TRY(get_text(&element, "kind", &out->list[i].kind));
        TRY(get_text(&element, "came", &out->list[i].came));
        TRY(get_text(&element, "read_as", &out->list[i].read_as));
    }
    return ERR_OK;
}

static enum err
get_bill(const struct source *from, struct pack_day *out)
{
    TRY(get_text(from, "closed_days", &out->closed_days));
    TRY(get_text(from, "late_bills", &out->late_bills));
    TRY(get_i64(from, "fee_rounding_before_fen", &out->rounded_fen));
    TRY(get_bool(from, "closed_before_known", &out->before_known));
    TRY(get_i64(from, "closed_before_fen", &out->before_fen));
    TRY(get_bool(from, "edited", &out->edited));
    TRY(get_forms(from, &out->forms));
    TRY(get_text_or_null(from, "bill_sha256", &out->bill_sha256));
    return get_text_or_null(from, "flow_bill_sha256", &out->flow_sha256);
}

enum err
pack_day_form(const struct json_t *day, int64_t *out)
{
    int64_t form = 0;
    if (json_member(day, "form") != NULL) {
        TRY(json_get_i64(day, "form", &form));
    }
    if (form < 0) {
        return ERR_FIELD_VALUE;
    }
    *out = form;
    return ERR_OK;
}

static enum err
get_all(const struct source *from, struct pack_day *out)
{
    TRY(get_i64(from, "rules", &out->rules));
    *from->member = "form";
    TRY(pack_day_form(from->object, &out->form));
    TRY(get_request(from, &out->request));
    TRY(get_i64(from, "version", &out->version));
    bool of_settlement = is_settlement(out->request.kind);
    TRY(of_settlement ? ERR_OK : get_bill(from, out));
    *from->member = "trend";
    TRY(trend_get(from->object, of_settlement, from->arena, &out->trend, &out->trend_count));
    return get_hashes(from, out);
}

enum err
pack_day_read(struct span bytes, struct arena *arena, struct pack_day *out, const char **member)
{
    DEFER(json_free) struct json_t *top = NULL;
    struct pack_day day = { .version = 0 };
    *member = "";
    TRY(json_parse(bytes, &top));
    const struct source source = { top, arena, member };
    TRY(get_all(&source, &day));
    *out = day;
    return ERR_OK;
}
