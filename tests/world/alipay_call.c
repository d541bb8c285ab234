/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "alipay_gateway.h"
#include "alipay_trade.h"

/* 3.9 and 6.1: sentences as the provider words them. */
static const char *const sub_msgs[][2] = {
    { "isv.invalid-signature", "无效签名" },
    { "isv.invalid-app-id", "无效的应用ID" },
    { "isv.invalid-timestamp", "非法的时间戳参数" },
    { "isv.invalid-charset", "字符集错误" },
    { "isv.invalid-signature-type", "无效的签名类型" },
    { "isv.invalid-method", "不存在的方法名" },
    { "isv.invalid-format", "数据格式错误" },
    { "isv.invalid-version", "版本错误" },
    { "isv.app-cert-not-exist", "应用证书不存在" },
    { "isv.invalid-alipay-root-cert-sn", "支付宝根证书序列号错误" },
    { "aop.ACQ.SYSTEM_ERROR", "系统异常" },
    { "ACQ.INVALID_PARAMETER", "参数无效" },
    { "ACQ.TRADE_NOT_EXIST", "交易不存在" },
    { "ACQ.TRADE_STATUS_ERROR", "交易状态不合法" },
    { "ACQ.REASON_TRADE_STATUS_INVALID", "交易状态异常" },
    { "ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改" },
    { "ACQ.TRADE_HAS_SUCCESS", "交易已被支付" },
    { "ACQ.TRADE_HAS_CLOSE", "交易已经关闭" },
    { "ACQ.TOTAL_FEE_EXCEED", "订单总金额不在允许范围内" },
    { "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间" },
    { "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限" },
    { "ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致" },
    { "ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效" },
    { "BILL_NOT_EXIST", "账单不存在" },
    { "INVAILID_ARGUMENTS", "入参不合法" },
    { "TYPE_NOT_SUPPORTED", "账单类型不支持" },
};

const char *
alipay_sub_msg(const char *sub_code)
{
    for (size_t i = 0; i < sizeof(sub_msgs) / sizeof(sub_msgs[0]); i++) {
        if (strcmp(sub_msgs[i][0], sub_code) == 0) {
            return sub_msgs[i][1];
        }
    }
    return strncmp(sub_code, "isv.missing", 11) == 0 ? "缺少必选参数" : "业务失败";
}

struct span
alipay_call_text(const struct alipay_call *call, const char *name)
{
    struct span text;
    if (call->biz == NULL || json_get_string(call->biz, name, &text) != ERR_OK) {
        return SPAN_LIT("");
    }
    return text;
}

bool
alipay_call_amount(struct alipay_call *call, const char *name, struct money *out)
{
    struct money amount;
    if (money_parse(alipay_call_text(call, name), CURRENCY_CNY, &amount) != ERR_OK) {
        call->sub_code = "ACQ.INVALID_PARAMETER";
        return false;
    }
    if (amount.minor < 1 || amount.minor > MONEY_MAX_MINOR) {
        call->sub_code = "ACQ.TOTAL_FEE_EXCEED";
        return false;
    }
    *out = amount;
    return true;
}

enum err
alipay_call_trade(struct alipay_call *call, struct alipay_trade **out)
{
    DEFER(buf_fini) struct buf number = BUF_MAX(ALIPAY_BODY_MAX);
    struct span trade_no = alipay_call_text(call, "trade_no");
    struct span out_trade_no = alipay_call_text(call, "out_trade_no");
    bool ours = span_empty(trade_no);
    const char *text;
    *out = NULL;
    if (ours && span_empty(out_trade_no)) {
        call->sub_code = "ACQ.INVALID_PARAMETER";
        return ERR_OK;
    }
    TRY(buf_append(&number, ours ? out_trade_no : trade_no));
    TRY(buf_cstr(&number, &text));
    struct alipay_trade *trade = ours ? alipay_trade_find(call->alipay, call->app, text)
                                      : alipay_trade_by_number(call->alipay, call->app, text);
    if (trade == NULL || trade->status == ALIPAY_ABSENT) {
        call->sub_code = "ACQ.TRADE_NOT_EXIST";
        return ERR_OK;
    }
    *out = trade;
    return ERR_OK;
}

bool
alipay_call_wants(const struct alipay_call *call, const char *option)
{
    const struct json_t *options = json_member(call->biz, "query_options");
    for (size_t i = 0; json_node_is_array(options) && i < json_count(options); i++) {
        struct span text;
        if (json_as_string(json_element(options, i), &text) == ERR_OK
            && span_eq_cstr(text, option)) {
            return true;
        }
    }
    return false;
}
