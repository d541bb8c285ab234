/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <criterion/criterion.h>

#include "body.h"

static struct http_request request;
static struct faults faults;

static void
set_up(void)
{
    cr_assert_eq(arena_new(65536, &request.arena), ERR_OK);
}

static void
tear_down(void)
{
    arena_free(&request.arena);
}

TestSuite(http_body, .init = set_up, .fini = tear_down);

struct order {
    struct span order_no;
    struct span title;
    int64_t quantity;
    bool red;
    struct wall_time at;
    struct span provider;
};

static enum err
read_order(const char *text, struct order *order)
{
    request.body = span_of(text);
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(&request, &body, &faults));
    struct body_object *object = body_object(&body.root, "order");
    body_string(object, "order_no", 1, 8, &order->order_no);
    body_i64(object, "quantity", 1, 99, &order->quantity);
    struct body_object *invoice = body_optional_object(object, "invoice");
    body_string(invoice, "title", 1, 20, &order->title);
    body_bool(&body.root, "red", &order->red);
    body_optional_time(&body.root, "at", &order->at);
    body_optional_string(&body.root, "provider", 1, 20, &order->provider);
    return body_verdict(&body);
}

static void
expect_fault(size_t index, const char *field, enum err err)
{
    cr_assert_lt(index, faults.count);
    cr_assert_str_eq(faults.list[index].field, field);
    cr_assert_eq(faults.list[index].err, err, "%s", err_name(faults.list[index].err));
}

Test(http_body, broken_json_is_refused_at_once)
{
    struct order order = { 0 };
    static const char *const broken[] = {
        "", "{", "[]", "1", "{} x",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        cr_assert_eq(read_order(broken[i], &order), ERR_JSON, "%s", broken[i]);
    }
    cr_assert_eq(faults.count, 0);
}

Test(http_body, broken_json_names_the_member_at_which_reading_stopped)
{
    static const struct {
        const char *text;
        enum err err;
        const char *field;
        enum err why;
    } rows[] = {
        { "{\"a\" 1}", ERR_JSON, "a", ERR_JSON },
        { "{\"a\":1,\"a\":2}", ERR_JSON, "a", ERR_FIELD_REPEATED },
        { "{\"order\":{\"x\":1},\"order\":{}}", ERR_JSON, "order", ERR_FIELD_REPEATED },
        { "{\"order\":{\"invoice\":{},\"quantity\":1,\"quantity\":1}}", ERR_JSON, "order.quantity",
          ERR_FIELD_REPEATED },
        { "{\"order\":{\"quantity\":9223372036854775808}}", ERR_JSON, "order.quantity",
          ERR_NUMBER },
        { "{\"order\":{\"quantity\":1E400}}", ERR_JSON, "order.quantity", ERR_NUMBER },
        { "{\"order\":{\"quantity\":01}}", ERR_JSON, "order.quantity", ERR_JSON },
        { "{\"order\":{\"order_no\":\"a\tb\"}}", ERR_JSON, "order.order_no", ERR_JSON },
        { "{\"order\":{\"order_no\":\"a\\u0000b\"}}", ERR_JSON, "order.order_no", ERR_JSON },
        { "{\"red\":true,\"at\":\"\xFF\"}", ERR_ENCODING, "at", ERR_ENCODING },
        { "{\"order\":{\"order_no\":\"x\",\"a\\\"b\":[{\"c\":+1}]}}", ERR_JSON, "order.a\\\"b.c",
          ERR_JSON },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct order order = { 0 };
        faults.count = 0;
        cr_assert_eq(read_order(rows[i].text, &order), rows[i].err, "%s", rows[i].text);
        cr_assert_eq(faults.count, 1, "%s", rows[i].text);
        expect_fault(0, rows[i].field, rows[i].why);
    }
}

Test(http_body, a_real_is_the_wrong_type_of_its_field)
{
    static const char *const reals[] = { "1.0", "1e2", "1.5", "-0.0", "28000.00" };
    for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
        struct order order = { .quantity = 7 };
        char text[128];
        faults.count = 0;
        (void)snprintf(text, sizeof(text),
                       "{\"order\":{\"order_no\":\"x\",\"quantity\":%s},\"red\":true}", reals[i]);
        cr_assert_eq(read_order(text, &order), ERR_VALIDATION, "%s", reals[i]);
        cr_assert_eq(faults.count, 1);
        expect_fault(0, "order.quantity", ERR_FIELD_TYPE);
        cr_assert_eq(order.quantity, 7);
    }
}

Test(http_body, every_fault_is_named_with_its_path)
{
    struct order order = { 0 };
    cr_assert_eq(read_order("{\"order\":{\"order_no\":\"123456789\",\"quantity\":\"1\",\"invoice\":"
                            "{\"titel\":\"x\"},\"colour\":1},\"red\":0,\"at\":\"yesterday\","
                            "\"provider\":\"\",\"extra\":null}",
                            &order),
                 ERR_VALIDATION);
    cr_assert_eq(faults.count, 9);
    expect_fault(0, "order.order_no", ERR_FIELD_LENGTH);
    expect_fault(1, "order.quantity", ERR_FIELD_TYPE);
    expect_fault(2, "order.invoice.title", ERR_FIELD_MISSING);
    expect_fault(3, "red", ERR_FIELD_TYPE);
    expect_fault(4, "at", ERR_FIELD_VALUE);
    expect_fault(5, "provider", ERR_FIELD_LENGTH);
    expect_fault(6, "extra", ERR_FIELD_UNKNOWN);
    expect_fault(7, "order.colour", ERR_FIELD_UNKNOWN);
    expect_fault(8, "order.invoice.titel", ERR_FIELD_UNKNOWN);
}

Test(http_body, a_missing_object_is_one_fault)
{
    struct order order = { 0 };
    cr_assert_eq(read_order("{\"red\":true,\"order\":null}", &order), ERR_VALIDATION);
    cr_assert_eq(faults.count, 1);
    expect_fault(0, "order", ERR_FIELD_MISSING);
}

Test(http_body, an_object_of_another_type_is_one_fault)
{
    struct order order = { 0 };
    cr_assert_eq(read_order("{\"red\":true,\"order\":[{\"order_no\":1}]}", &order), ERR_VALIDATION);
    cr_assert_eq(faults.count, 1);
    expect_fault(0, "order", ERR_FIELD_TYPE);
}

Test(http_body, numbers_keep_their_range)
{
    struct order order = { 0 };
    cr_assert_eq(
        read_order("{\"red\":true,\"order\":{\"order_no\":\"a\",\"quantity\":100}}", &order),
        ERR_VALIDATION);
    expect_fault(0, "order.quantity", ERR_FIELD_VALUE);
    cr_assert_eq(order.quantity, 0);
}

Test(http_body, good_values_arrive_and_outlive_the_tree)
{
    struct order order = { 0 };
    cr_assert_eq(
        read_order("{\"order\":{\"order_no\":\"CA-1\",\"quantity\":3,\"invoice\":"
                   "{\"title\":\"\\u8d22\"}},\"red\":true,\"at\":\"1970-01-01T00:00:01Z\"}",
                   &order),
        ERR_OK);
    cr_assert(span_eq_cstr(order.order_no, "CA-1"));
    cr_assert_eq(order.quantity, 3);
    cr_assert(span_eq_cstr(order.title, "\xE8\xB4\xA2"));
    cr_assert(order.red);
    cr_assert_eq(order.at.us, 1000000);
    cr_assert(span_empty(order.provider));
}

Test(http_body, an_empty_body_may_read_as_an_empty_object)
{
    DEFER(body_close) struct body body = { 0 };
    int64_t wait = 7;
    request.body = SPAN_LIT("");
    cr_assert_eq(body_open_optional(&request, &body, &faults), ERR_OK);
    body_optional_i64(&body.root, "max_wait_ms", 0, 10000, &wait);
    cr_assert_eq(body_verdict(&body), ERR_OK);
    cr_assert_eq(wait, 7);
}

Test(http_body, the_callers_own_faults_join_the_others)
{
    DEFER(body_close) struct body body = { 0 };
    struct span kind = SPAN("");
    request.body = SPAN_LIT("{\"order\":{\"kind\":\"gift\"}}");
    cr_assert_eq(body_open(&request, &body, &faults), ERR_OK);
    struct body_object *order = body_object(&body.root, "order");
    body_string(order, "kind", 1, 20, &kind);
    body_fault(order, "kind", ERR_FIELD_VALUE);
    cr_assert_eq(body_verdict(&body), ERR_VALIDATION);
    expect_fault(0, "order.kind", ERR_FIELD_VALUE);
}

static enum err
read_kinds(const char *text, struct span *list, size_t max, size_t *count)
{
    DEFER(body_close) struct body body = { 0 };
    request.body = span_of(text);
    faults.count = 0;
    TRY(body_open(&request, &body, &faults));
    body_optional_strings(&body.root, "kinds", list, max, count);
    return body_verdict(&body);
}

Test(http_body, a_list_of_strings_has_a_limit_and_no_other_members)
{
    struct span list[2] = { 0 };
    size_t count = 0;
    cr_assert_eq(read_kinds("{\"kinds\":[\"a\",\"b\",\"c\"]}", list, 2, &count), ERR_VALIDATION);
    expect_fault(0, "kinds", ERR_FIELD_LENGTH);
    cr_assert_eq(read_kinds("{\"kinds\":[]}", list, 2, &count), ERR_VALIDATION);
    expect_fault(0, "kinds", ERR_FIELD_LENGTH);
    cr_assert_eq(read_kinds("{\"kinds\":[1]}", list, 2, &count), ERR_VALIDATION);
    expect_fault(0, "kinds", ERR_FIELD_TYPE);
    cr_assert_eq(read_kinds("{\"kinds\":\"a\"}", list, 2, &count), ERR_VALIDATION);
    expect_fault(0, "kinds", ERR_FIELD_TYPE);
    cr_assert_eq(count, 0);
    cr_assert_eq(read_kinds("{}", list, 2, &count), ERR_OK);
    cr_assert_eq(count, 0);
    cr_assert_eq(read_kinds("{\"kinds\":[\"a\",\"b\"]}", list, 2, &count), ERR_OK);
    cr_assert_eq(count, 2);
    cr_assert(span_eq_cstr(list[0], "a"));
    cr_assert(span_eq_cstr(list[1], "b"));
}

static size_t
read_parts(const char *text, int64_t amounts[2])
{
    struct body_object *list = NULL;
    request.body = span_of(text);
    faults.count = 0;
    DEFER(body_close) struct body body = { 0 };
    cr_assert_eq(body_open(&request, &body, &faults), ERR_OK);
    size_t count = body_optional_objects(&body.root, "parts", 2, &list);
    for (size_t i = 0; i < count; i++) {
        body_i64(&list[i], "amount", 1, 99, &amounts[i]);
    }
    cr_assert_eq(body_verdict(&body), faults.count == 0 ? ERR_OK : ERR_VALIDATION);
    return count;
}

Test(http_body, each_object_of_a_list_is_read_and_named)
{
    int64_t amounts[2] = { 0 };
    cr_expect_eq(read_parts("{}", amounts), 0);
    cr_expect_eq(read_parts("{\"parts\":[{\"amount\":7},{\"amount\":8}]}", amounts), 2);
    cr_expect_eq(amounts[0], 7);
    cr_expect_eq(amounts[1], 8);
    cr_expect_eq(faults.count, 0);
    cr_expect_eq(read_parts("{\"parts\":[{\"amount\":7},{\"amount\":0,\"x\":1}]}", amounts), 2);
    expect_fault(0, "parts.1.amount", ERR_FIELD_VALUE);
    expect_fault(1, "parts.1.x", ERR_FIELD_UNKNOWN);
}

Test(http_body, a_list_of_objects_has_a_limit_and_no_other_members)
{
    int64_t amounts[2] = { 0 };
    static const struct {
        const char *text;
        enum err err;
    } rows[] = { { "{\"parts\":[]}", ERR_FIELD_LENGTH },
                 { "{\"parts\":[{},{},{}]}", ERR_FIELD_LENGTH },
                 { "{\"parts\":[{},1]}", ERR_FIELD_TYPE },
                 { "{\"parts\":{}}", ERR_FIELD_TYPE } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect_eq(read_parts(rows[i].text, amounts), 0);
        cr_assert_eq(faults.count, 1);
        expect_fault(0, "parts", rows[i].err);
    }
}
