/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "wechatpay_gateway.h"

#define PATH_MAX_BYTES 128

/* What a member may be: its length in characters, or the range of its number. */
enum kind { TEXT, NUMBER, BOOL, OBJECT, LIST };

#define NATIVE WECHATPAY_FORM_NATIVE
#define H5     WECHATPAY_FORM_H5
#define JSAPI  WECHATPAY_FORM_JSAPI
#define CLOSE  WECHATPAY_FORM_CLOSE
#define REFUND WECHATPAY_FORM_REFUND
#define PREPAY (NATIVE | H5 | JSAPI)

/* 4.2, 4.5, 4.6. A list's elements have the list's own path. */
static const struct rule {
    const char *parent; /* "" for the body itself */
    const char *name;
    enum kind kind;
    unsigned forms;    /* in which it may stand */
    unsigned required; /* in which it must stand when its parent does */
    int64_t min;
    int64_t max;
} rules[] = {
    { "", "appid", TEXT, PREPAY, PREPAY, 1, 32 },
    { "", "mchid", TEXT, PREPAY | CLOSE, PREPAY | CLOSE, 1, 32 },
    { "", "description", TEXT, PREPAY, PREPAY, 1, 127 },
    { "", "out_trade_no", TEXT, PREPAY, PREPAY, 6, 32 },
    { "", "time_expire", TEXT, PREPAY, 0, 1, 64 },
    { "", "attach", TEXT, PREPAY, 0, 1, 128 },
    { "", "notify_url", TEXT, PREPAY, PREPAY, 1, 255 },
    { "", "goods_tag", TEXT, PREPAY, 0, 1, 32 },
    { "", "support_fapiao", BOOL, PREPAY, 0, 0, 0 },
    { "", "amount", OBJECT, PREPAY | REFUND, PREPAY | REFUND, 0, 0 },
    { "/amount", "total", NUMBER, PREPAY | REFUND, PREPAY | REFUND, 1, MONEY_MAX_MINOR },
    { "/amount", "currency", TEXT, PREPAY | REFUND, REFUND, 1, 16 },
    { "", "payer", OBJECT, JSAPI, JSAPI, 0, 0 },
    { "/payer", "openid", TEXT, JSAPI, JSAPI, 1, 128 },
    { "", "detail", OBJECT, PREPAY, 0, 0, 0 },
    { "/detail", "cost_price", NUMBER, PREPAY, 0, 0, MONEY_MAX_MINOR },
    { "/detail", "invoice_id", TEXT, PREPAY, 0, 1, 32 },
    { "/detail", "goods_detail", LIST, PREPAY, 0, 0, 0 },
    { "/detail/goods_detail", "merchant_goods_id", TEXT, PREPAY, PREPAY, 1, 32 },
    { "/detail/goods_detail", "wechatpay_goods_id", TEXT, PREPAY, 0, 1, 32 },
    { "/detail/goods_detail", "goods_name", TEXT, PREPAY, 0, 1, 256 },
    { "/detail/goods_detail", "quantity", NUMBER, PREPAY, PREPAY, 1, MONEY_MAX_MINOR },
    { "/detail/goods_detail", "unit_price", NUMBER, PREPAY, PREPAY, 0, MONEY_MAX_MINOR },
    { "", "scene_info", OBJECT, PREPAY, H5, 0, 0 },
    { "/scene_info", "payer_client_ip", TEXT, PREPAY, PREPAY, 1, 45 },
    { "/scene_info", "device_id", TEXT, PREPAY, 0, 1, 32 },
    { "/scene_info", "store_info", OBJECT, PREPAY, 0, 0, 0 },
    { "/scene_info/store_info", "id", TEXT, PREPAY, PREPAY, 1, 32 },
    { "/scene_info/store_info", "name", TEXT, PREPAY, 0, 1, 256 },
    { "/scene_info/store_info", "area_code", TEXT, PREPAY, 0, 1, 32 },
    { "/scene_info/store_info", "address", TEXT, PREPAY, 0, 1, 512 },
    { "/scene_info", "h5_info", OBJECT, H5, H5, 0, 0 },
    { "/scene_info/h5_info", "type", TEXT, H5, H5, 1, 32 },
    { "/scene_info/h5_info", "app_name", TEXT, H5, 0, 1, 64 },
    { "/scene_info/h5_info", "app_url", TEXT, H5, 0, 1, 128 },
    { "/scene_info/h5_info", "bundle_id", TEXT, H5, 0, 1, 128 },
    { "/scene_info/h5_info", "package_name", TEXT, H5, 0, 1, 128 },
    { "", "settle_info", OBJECT, PREPAY, 0, 0, 0 },
    { "/settle_info", "profit_sharing", BOOL, PREPAY, 0, 0, 0 },
    { "", "transaction_id", TEXT, REFUND, 0, 1, 32 },
    { "", "out_trade_no", TEXT, REFUND, 0, 6, 32 },
    { "", "out_refund_no", TEXT, REFUND, REFUND, 1, 64 },
    { "", "reason", TEXT, REFUND, 0, 1, 80 },
    { "", "notify_url", TEXT, REFUND, 0, 1, 256 },
    { "", "funds_account", TEXT, REFUND, 0, 1, 32 },
    { "/amount", "refund", NUMBER, REFUND, REFUND, 1, MONEY_MAX_MINOR },
    { "/amount", "from", LIST, REFUND, 0, 0, 0 },
    { "/amount/from", "account", TEXT, REFUND, REFUND, 1, 32 },
    { "/amount/from", "amount", NUMBER, REFUND, REFUND, 1, MONEY_MAX_MINOR },
    { "", "goods_detail", LIST, REFUND, 0, 0, 0 },
    { "/goods_detail", "merchant_goods_id", TEXT, REFUND, REFUND, 1, 32 },
    { "/goods_detail", "wechatpay_goods_id", TEXT, REFUND, 0, 1, 32 },
    { "/goods_detail", "goods_name", TEXT, REFUND, 0, 1, 256 },
    { "/goods_detail", "unit_price", NUMBER, REFUND, REFUND, 0, MONEY_MAX_MINOR },
    { "/goods_detail", "refund_amount", NUMBER, REFUND, REFUND, 0, MONEY_MAX_MINOR },
    { "/goods_detail", "refund_quantity", NUMBER, REFUND, REFUND, 1, MONEY_MAX_MINOR },
};

#undef NATIVE
#undef H5
#undef JSAPI
#undef CLOSE
#undef REFUND
#undef PREPAY

/* 4.8: the field is named by its JSON pointer. */
static bool
refuse(struct wechatpay_call *call, const char *parent, const char *name, const char *issue)
{
    int len = snprintf(call->pointer, sizeof(call->pointer), "%s/%s", parent, name);
    bool whole = len > 0 && (size_t)len < sizeof(call->pointer);
    (void)wechatpay_call_refuse(call, "PARAM_ERROR", whole ? call->pointer : name, issue);
    return false;
}

static const struct rule *
find_rule(const char *parent, const char *name, enum wechatpay_form form)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if ((rules[i].forms & form) != 0 && strcmp(rules[i].parent, parent) == 0
            && strcmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

/* 4.1: lengths are characters, so a byte that continues one is not counted. */
static int64_t
characters(struct span text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += (text.at[i] & 0xC0) != 0x80;
    }
    return count;
}

static bool
scalar_fits(struct wechatpay_call *call, const struct rule *rule, const struct json_t *parent)
{
    struct span text;
    int64_t number;
    bool flag;
    switch (rule->kind) {
    case TEXT:
        if (json_get_string(parent, rule->name, &text) != ERR_OK) {
            return refuse(call, rule->parent, rule->name, "类型应为字符串");
        }
        return (characters(text) >= rule->min && characters(text) <= rule->max)
               || refuse(call, rule->parent, rule->name, "长度不符合要求");
    case NUMBER:
        if (json_get_i64(parent, rule->name, &number) != ERR_OK) {
            return refuse(call, rule->parent, rule->name, "类型应为整型");
        }
        return (number >= rule->min && number <= rule->max)
               || refuse(call, rule->parent, rule->name, "数值超出范围");
    case BOOL:
        return json_get_bool(parent, rule->name, &flag) == ERR_OK
               || refuse(call, rule->parent, rule->name, "类型应为布尔");
    case OBJECT:
    case LIST:
    default:
        return refuse(call, rule->parent, rule->name, "类型不正确");
    }
}

static bool object_fits(struct wechatpay_call *call, enum wechatpay_form form,
                        struct json_t *object, const char *path);

static bool
list_fits(struct wechatpay_call *call, enum wechatpay_form form, const struct rule *rule,
          struct json_t *list, const char *path)
{
    if (!json_node_is_array(list) || json_count(list) == 0) {
        return refuse(call, rule->parent, rule->name, "类型应为数组");
    }
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *element = json_element(list, i);
        if (!json_node_is_object(element)) {
            return refuse(call, rule->parent, rule->name, "数组元素类型应为对象");
        }
        if (!object_fits(call, form, element, path)) {
            return false;
        }
    }
    return true;
}

static bool
member_fits(struct wechatpay_call *call, enum wechatpay_form form, const struct rule *rule,
            const struct json_t *parent, struct json_t *value)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(PATH_MAX_BYTES);
    const char *text;
    if (rule->kind != OBJECT && rule->kind != LIST) {
        return scalar_fits(call, rule, parent);
    }
    if (buf_printf(&path, "%s/%s", rule->parent, rule->name) != ERR_OK
        || buf_cstr(&path, &text) != ERR_OK) {
        return refuse(call, rule->parent, rule->name, "系统异常");
    }
    if (rule->kind == LIST) {
        return list_fits(call, form, rule, value, text);
    }
    if (!json_node_is_object(value)) {
        return refuse(call, rule->parent, rule->name, "类型应为对象");
    }
    return object_fits(call, form, value, text);
}

static bool
object_fits(struct wechatpay_call *call, enum wechatpay_form form, struct json_t *object,
            const char *path)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    while (json_each(object, &at, &name, &value)) {
        const struct rule *rule = find_rule(path, name, form);
        if (rule == NULL) { /* 4.1: undefined parameters are refused */
            return refuse(call, path, name, "该参数未定义");
        }
        if (!member_fits(call, form, rule, object, value)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if ((rules[i].required & form) != 0 && strcmp(rules[i].parent, path) == 0
            && json_member(object, rules[i].name) == NULL) {
            return refuse(call, path, rules[i].name, "输入源缺少必要的参数");
        }
    }
    return true;
}

bool
wechatpay_fields_fit(struct wechatpay_call *call, enum wechatpay_form form)
{
    return object_fits(call, form, call->body, "");
}
