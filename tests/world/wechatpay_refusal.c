/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay_gateway.h"

/* 4.8 and 4.9. Where the document leaves the status open, 400 or 403 is this world's choice. */
static const struct wechatpay_refusal refusals[] = {
    { "SIGN_ERROR", 401, 268443699, "错误的签名，验签失败" },
    { "PARAM_ERROR", 400, 268435461, "参数错误" },
    { "INVALID_REQUEST", 400, 268435464, "请求不符合业务规则" },
    { "APPID_MCHID_NOT_MATCH", 400, 268445527, "AppID和mch_id不匹配" },
    { "ORDER_CLOSED", 400, 0, "该订单已关闭，请重新下单" },
    { "ORDERPAID", 400, 268449538, "该订单已支付" },
    { "OUT_TRADE_NO_USED", 403, 268498688, "请求重入时，参数与首次请求时不一致" },
    { "ORDER_NOT_EXIST", 404, 268512771, "订单不存在" },
    { "RESOURCE_NOT_EXISTS", 404, 0, "资源不存在" },
    { "NOT_ENOUGH", 403, 0, "基本账户余额不足，请充值后重新发起" },
    { "REFUND_FEE_MISMATCH", 400, 0, "订单金额或退款金额与之前请求不一致" },
    { "TRADE_OVERDUE", 403, 0, "订单已经超过可退款的最大期限" },
    { "NO_AUTH", 403, 0, "商户无权限" },
    { "NO_STATEMENT_EXIST", 400, 0, "账单文件不存在" },
    { "STATEMENT_CREATING", 400, 0, "账单生成中，请稍后再试" },
    { "SYSTEM_ERROR", 500, 0, "系统异常，请稍后重试" },
    { "FREQUENCY_LIMITED", 429, 268447840, "频率超限，请稍后再试" },
    /* These are said to the payer, by control calls and pages. */
    { "CODE_EXPIRED", 400, 0, "付款码已过期" },
    { "ORDER_EXPIRED", 400, 0, "订单已过支付时间" },
    { "NOT_OPENED", 400, 0, "付款人尚未打开订单" },
    { "REFUND_ENDED", 400, 0, "退款已有结果" },
    { "PAY_SIGN", 400, 0, "支付验证签名失败" },
};

const struct wechatpay_refusal *
wechatpay_refusal_find(const char *code)
{
    static const struct wechatpay_refusal unknown = { "SYSTEM_ERROR", 500, 0, "系统异常" };
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (strcmp(refusals[i].code, code) == 0) {
            return &refusals[i];
        }
    }
    return &unknown;
}
