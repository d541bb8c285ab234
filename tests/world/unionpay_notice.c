/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "unionpay_notify.h"
#include "unionpay_txn.h"

/* Inner codes the document knows stand as they are (5); the others only have their form. */
static const char *const messages[][2] = {
    { "00", "成功[0000000]" },
    { "01", "交易失败[6000001]" },
    { "03", "交易通讯超时，请发起查询交易[6000003]" },
    { "04", "交易状态未明，请查询对账结果[6000004]" },
    { "05", "交易已受理，请稍后查询交易结果[6154037]" },
    { "10", "报文格式错误[6100030]" },
    { "11", "验证签名失败[9100004]" },
    { "12", "重复交易[2010002]" },
    { "13", "报文交易要素缺失[6100013]" },
    { "31", "商户状态不正确[6000031]" },
    { "32", "无此交易权限[6000032]" },
    { "34", "查无此交易[2600000]" },
    { "35", "原交易不存在或状态不正确[2011000]" },
    { "36", "与原交易信息不符[6000036]" },
    { "37", "已超过最大查询次数或操作过于频繁[6000037]" },
    { "42", "扣款成功但交易超过规定支付时间[6000042]" },
    { "45", "原交易已被成功退货或已被成功撤销[6000045]" },
    { "60", "交易失败，详情请咨询您的发卡行[6000060]" },
    { "64", "卡上的余额不足[6000064]" },
    { "69", "交易超时[6000069]" },
    { "86", "二维码状态错误[6000086]" },
    { "98", "文件不存在[6000098]" },
    { "99", "通用错误[6000099]" },
    { "A6", "有缺陷的成功[6000106]" },
};

const char *
unionpay_notice_message(const char *resp_code)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (strcmp(messages[i][0], resp_code) == 0) {
            return messages[i][1];
        }
    }
    return "交易失败[6000000]";
}

static enum err
put_amount(struct unionpay_fields *fields, const char *name, struct money amount)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(24);
    TRY(buf_i64(&text, amount.minor));
    return unionpay_form_add(fields, name, buf_span(&text));
}

static enum err
put_settled(const struct unionpay_notice_facts *facts, struct unionpay_fields *fields)
{
    DEFER(buf_fini) struct buf date = BUF_MAX(8);
    struct day day = unionpay_clearing_day(facts->done);
    TRY(put_amount(fields, "settleAmt", facts->amount));
    TRY(unionpay_form_add_text(fields, "settleCurrencyCode", "156"));
    TRY(buf_printf(&date, "%02d%02d", day.month, day.mday));
    return unionpay_form_add(fields, "settleDate", buf_span(&date));
}

static enum err
put_paid(const struct unionpay_txn *txn, struct unionpay_fields *fields)
{
    if (!unionpay_txn_is_payment(txn)) {
        return ERR_OK;
    }
    if (unionpay_txn_is_bank(txn)) {
        return unionpay_form_add_text(fields, "payType", "0201");
    }
    TRY(unionpay_form_add_text(fields, "accNo", UNIONPAY_CARD));
    TRY(unionpay_form_add_text(fields, "payCardType", "01"));
    return unionpay_form_add_text(fields, "payType", "0001");
}

enum err
unionpay_notice_put_result(const struct unionpay_notice_facts *facts,
                           struct unionpay_fields *fields)
{
    const struct unionpay_txn *txn = facts->txn;
    TRY(unionpay_form_add_text(fields, "txnType", unionpay_txn_type(txn)));
    TRY(unionpay_form_add_text(fields, "txnSubType", unionpay_txn_sub_type(txn)));
    TRY(put_amount(fields, "txnAmt", facts->amount));
    TRY(unionpay_form_add_text(fields, "reqReserved", txn->req_reserved));
    if (txn->orig != NULL) {
        TRY(unionpay_form_add_text(fields, "origQryId", txn->orig->query_id));
    }
    if (facts->done.us == 0 && unionpay_txn_is_payment(txn)) {
        return unionpay_form_add_text(fields, "settleAmt",
                                      "0"); /* as the published answer has it */
    }
    TRY(unionpay_form_add_text(fields, "currencyCode", "156"));
    TRY(unionpay_form_add_text(fields, "queryId", txn->query_id));
    TRY(unionpay_form_add_text(fields, "traceNo", txn->trace_no));
    TRY(unionpay_form_add_text(fields, "traceTime", txn->trace_time));
    if (facts->done.us == 0) {
        return ERR_OK;
    }
    TRY(put_settled(facts, fields));
    return put_paid(txn, fields);
}

enum err
unionpay_notice_build(const struct unionpay *unionpay, const struct unionpay_notice_facts *facts,
                      enum unionpay_seal seal, struct unionpay_fields *fields)
{
    const struct unionpay_txn *txn = facts->txn;
    TRY(unionpay_form_add_text(fields, "version", "5.1.0"));
    TRY(unionpay_form_add_text(fields, "encoding", txn->encoding));
    TRY(unionpay_form_add_text(fields, "accessType", "0"));
    TRY(unionpay_form_add_text(fields, "bizType", txn->biz_type));
    TRY(unionpay_form_add_text(fields, "merId", txn->merchant->mer_id));
    TRY(unionpay_form_add_text(fields, "orderId", txn->order_id));
    TRY(unionpay_form_add_text(fields, "txnTime", txn->txn_time));
    TRY(unionpay_form_add_text(fields, "exchangeRate", "0"));
    TRY(unionpay_form_add_text(fields, "respCode", facts->resp_code));
    TRY(unionpay_form_add_text(fields, "respMsg", unionpay_notice_message(facts->resp_code)));
    TRY(unionpay_notice_put_result(facts, fields));
    return unionpay_keys_seal(unionpay, txn->merchant, seal, fields);
}
