# SPDX-License-Identifier: Apache-2.0
"""How the control calls of the outside world name things, provider by provider."""

from .engine import PlayError


class Provider:
    """`amount`, `trade_no` and `paid_at` are members of its control calls; `reply` is how a notice is acknowledged, None
    where only the status counts; `signature` is the field that its payment form is signed in."""

    def __init__(self, name, zh, en, amount, trade_no, paid_at, reply, signature, refund_amount="refund_amount"):
        self.name, self.zh, self.en, self.amount, self.trade_no = name, zh, en, amount, trade_no
        self.paid_at, self.reply, self.signature, self.refund_amount = paid_at, reply, signature, refund_amount

    def path(self, call):
        return f"/{self.name}/{call}"


PROVIDERS = {one.name: one for one in (
    Provider("alipay", "支付宝", "Alipay", "total_amount", "trade_no", "gmt_payment", "success", "sign"),
    Provider("wechatpay", "微信支付", "WeChat Pay", "total", "transaction_id", "success_time", None, None, "refund"),
    Provider("unionpay", "银联", "UnionPay", "total_amount", "trade_no", "gmt_payment", None, "signature"),
)}


def provider_of(name):
    if name not in PROVIDERS:
        raise PlayError(f"{name!r} is none of {', '.join(sorted(PROVIDERS))}")
    return PROVIDERS[name]
