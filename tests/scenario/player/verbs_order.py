# SPDX-License-Identifier: Apache-2.0
"""Verbs of the applicant, the portal and the payer."""

import urllib.parse
from decimal import Decimal

from . import qr
from .engine import Failed, PlayError, verb
from .providers import PROVIDERS, provider_of
from .web import Browser

TARIFF = {"new": "280.00", "replacement": "80.00", "change": "0.01", "renewal": "200.00"}
KIND_NAMES = {"new": "新办", "replacement": "补办", "change": "信息变更", "renewal": "延期续费"}
UNIT = "示例科技有限公司"
CODE = "91350100M000100Y43"
PROFILE = {"title": UNIT, "tax_no": CODE, "address": "示例市示例路1号", "phone": "059112345678",
           "mobile": "13800138000", "bank": "示例银行示例支行", "bank_account": "6222020000000000000"}


def fen(yuan):
    value = Decimal(yuan) * 100
    if value != value.to_integral_value():
        raise PlayError(f"{yuan!r} is not an amount in yuan")
    return int(value)


def yuan(amount):
    return f"{Decimal(amount) / 100:.2f}"


class Order:
    """One CA order: what the portal knows, the payment as last seen, and the payer's browser."""

    def __init__(self, name, body, roots):
        self.name, self.body = name, body
        self.payment, self.browser, self.tried = None, Browser(roots), 0
        self.provider = provider_of("alipay")

    @property
    def number(self):
        return self.body["order_no"]

    @property
    def id(self):
        if self.payment is None:
            raise PlayError(f"{self.name} has no payment yet: create it first")
        return self.payment["id"]


def order_of(play, name):
    if name not in play.orders:
        raise PlayError(f"no step has named an order {name!r}")
    return play.orders[name]


def fetch(play, order):
    if play.house.night_s:
        return order.payment  # by the night's clock the portal's signatures would be a day too new
    answer = play.house.call("GET", f"/v1/payments/{order.id}")
    if answer["status"] == 503 and order.payment["attempts"]:
        return order.payment  # the database is away: what was seen last
    if answer["status"] != 200:
        raise Failed(f"GET of {order.id} is answered with {answer['status']}: {answer['text']}")
    order.payment = answer["body"]
    return order.payment


def attempt_of(play, order, attempt):
    """The payment's attempt number `attempt`, counted from 1; 0 is the newest."""
    attempts = sorted(fetch(play, order)["attempts"], key=lambda one: one["attempt_no"])
    if len(attempts) < max(1, int(attempt)):
        raise Failed(f"the payment has {len(attempts)} attempts, so there is no number {attempt}")
    return attempts[int(attempt) - 1]["attempt_no"]


@verb("section", "TITLE")
def section(play, title):
    """A heading in the progress."""


@verb("order", "NAME", "kind applicant quantity unit-fee amount unit title tax-no phone mobile account uscc")
def order_new(play, name, *, kind, applicant, quantity="1", unit_fee=None, amount=None, unit=UNIT, uscc=CODE,
              title=None, tax_no=None, phone=None, mobile=None, account=None):
    """Writes an order down; nothing is sent yet."""
    if name in play.orders:
        raise PlayError(f"{name} is named already")
    fee = fen(unit_fee or TARIFF.get(kind, "0.00"))
    given = {"title": title, "tax_no": tax_no, "phone": phone, "mobile": mobile, "bank_account": account}
    number = f"CA-{play.house.today:%Y%m%d}-{name}"
    play.orders[name] = Order(name, {
        "order_no": number, "kind": kind, "applicant": applicant, "unit_name": unit, "uscc": uscc,
        "quantity": int(quantity), "unit_fee": fee, "amount": fen(amount) if amount else fee * int(quantity),
        "currency": "CNY", "invoice": {**PROFILE, **{key: value for key, value in given.items() if value is not None}},
    }, play.house.endpoints["tls_roots"])


def creation(play, order, method, payer, expires_in_s):
    body = {"order": order.body, "return_url": f"{play.house.endpoints['world']['portal']}/orders/{order.number}"}
    if method:
        body.update(provider=order.provider.name, method=method)
    if payer:
        body["payer"] = payer
    if method == "wap":
        body["payer_address"] = "127.0.0.1"
    if expires_in_s:
        body["expires_in_s"] = int(expires_in_s)
    return body


@verb("create", "NAME", "status method provider payer key client language expires-in-s", free="comparisons")
def create(play, name, comparisons, *, status="201", method="", provider="", payer="", key="", client="portal",
           language="zh-CN", expires_in_s=""):
    """POST /v1/payments; the status is expected. `provider` stays the order's until another one is named."""
    order = order_of(play, name)
    if provider:
        order.provider = provider_of(provider)
    more = {} if key == "none" else {"idempotency_key": key or f"{order.number}-{order.tried}"}
    order.tried += 1
    play.answer = play.house.call("POST", "/v1/payments", body=creation(play, order, method, payer, expires_in_s),
                                  keyid=client, language=language, **more)
    play.compare(play.answer, [f"status={status}", *comparisons])
    if status in ("200", "201"):
        order.payment = play.answer["body"]
        play.check(order.payment["amount"] == order.body["amount"], f"the payment is of {order.payment['amount']} fen")


@verb("open-cashier", "NAME", "language")
def open_cashier(play, name, *, language="zh"):
    """The payer opens the checkout page; all that it must show, and that it needs no script, is expected."""
    order = order_of(play, name)
    order.browser.language = {"zh": "zh-CN", "en": "en"}[language]
    page = order.browser.open(order.payment["checkout_url"])
    play.check(page.status == 200, f"the cashier page answers {page.status}: {page.text[:300]}")
    names = [one.zh if language == "zh" else one.en for one in PROVIDERS.values()]
    words = {"zh": ["金额不含手续费", "剩余支付时间", KIND_NAMES[order.body["kind"]], *names],
             "en": ["without any handling fee", "Time left to pay", *names]}[language]
    for word in [order.number, f"¥ {yuan(order.body['amount'])}", f"¥ {yuan(order.body['unit_fee'])}", *words]:
        play.check(word in page.text, f"the cashier page does not show {word!r}: {page.text}")
    policy = page.headers.get("content-security-policy", "")
    play.check("default-src 'none'" in policy and "script-src" not in policy, f"Content-Security-Policy: {policy!r}")
    play.check(not page.scripts and not page.targets, f"scripts {page.scripts}, targets {page.targets}")


@verb("expect-page", "NAME", "status", free="words")
def expect_page(play, name, words, *, status="200"):
    """The page before the payer has these words."""
    page = order_of(play, name).browser.page
    play.check(page.status == int(status), f"{page.url} answers {page.status}")
    for word in words:
        play.check(word in page.text, f"{page.url} does not show {word!r}: {page.text}")


@verb("look-again", "NAME", "at")
def look_again(play, name, *, at=""):
    """The payer opens the checkout address again; at=return is where the provider sends the payer back."""
    order = order_of(play, name)
    order.browser.open(order.payment["checkout_url"] + ("/return" if at == "return" else ""))


def offers(order, method):
    return [form for form in order.browser.page.forms
            if form.value("method") == method and form.value("provider") == order.provider.name]


@verb("choose", "NAME METHOD", "provider")
def choose(play, name, method, *, provider=""):
    """The payer presses a method: page, wap and b2b lead to a form for the provider or to its address, qr to a code."""
    order = order_of(play, name)
    if provider:
        order.provider = provider_of(provider)
    forms = offers(order, method)
    play.check(len(forms) == 1, f"the page offers {[form.fields for form in order.browser.page.forms]}")
    page = order.browser.submit(forms[0])
    play.check(page.status == 200, f"the choice is answered with {page.status}: {page.text[:300]}")
    play.check(order.number in page.text, f"the page does not name the order: {page.text}")
    if method != "qr" and order.provider.signature:
        form = page.forms[0] if page.forms else None
        play.check(form is not None and form.value(order.provider.signature) is not None,
                   f"no signed form for the provider: {page.body}")
        policy = page.headers.get("content-security-policy", "")
        play.check("default-src 'none'" in policy and "'unsafe-inline'" not in policy, f"Content-Security-Policy: {policy}")


@verb("choose-in-vain", "NAME METHOD")
def choose_in_vain(play, name, method):
    """The payer presses a method that does not work now: a page says so and offers the methods again."""
    order = order_of(play, name)
    page = order.browser.submit(offers(order, method)[0])
    play.check(page.status in (200, 502, 503, 504), f"{page.url} answers {page.status}")
    play.check('role="alert"' in page.body, f"the page tells the payer nothing: {page.text}")
    play.check(bool(offers(order, method)), f"the page offers nothing: {page.text}")


@verb("follow-action", "NAME")
def follow_action(play, name):
    """The portal's own page hands the payer over with the `action` of the last answer, without our cashier."""
    order = order_of(play, name)
    action = order.payment["action"]
    play.check(action["type"] == "form", f"the action is {action}")
    page = order.browser.go("POST", action["url"], urllib.parse.urlencode(action["fields"]))
    play.check(page.status == 200, f"the provider answers {page.status}: {page.text[:300]}")


@verb("submit-form", "NAME")
def submit_form(play, name):
    """What the browser does with the form of the redirect page: posts it to the provider, in the same tab."""
    order = order_of(play, name)
    page = order.browser.submit(order.browser.page.forms[0])
    play.check(page.status == 200, f"the provider answers {page.status}: {page.text[:300]}")
    play.check(yuan(order.body["amount"]) in page.text, f"the provider's page shows another amount: {page.text[:300]}")


@verb("return-to-merchant", "NAME")
def return_to_merchant(play, name):
    """The payer presses the form on the provider's page that leads back to us, whatever it carries."""
    browser = order_of(play, name).browser
    forms = [form for form in browser.page.forms if form.action.endswith("/return")]
    play.check(len(forms) == 1 and forms[0].method == "post" and forms[0].fields,
               f"the way back is {[(form.method, form.action) for form in browser.page.forms]}")
    page = browser.submit(forms[0])
    play.check(page.status == 200, f"{page.url} answers {page.status}: {page.text[:300]}")
    play.check(page.url == forms[0].action, f"the browser ends at {page.url}")


@verb("payer-pays", "NAME", "attempt at late-as late")
def payer_pays(play, name, *, attempt="0", at="", late_as="", late=""):
    """The payer confirms at the provider; `at` moves the time of payment, `late-as` is what UnionPay calls late money;
    late=yes: the confirmation crossed the closing."""
    order = order_of(play, name)
    body = {"out_trade_no": attempt_of(play, order, attempt)}
    if at:
        body["at"] = play.house.moment(at).isoformat()
    if late_as:
        body["late_as"] = late_as
    if late:
        body["late"] = late == "yes"
    play.house.control("POST", order.provider.path("pay"), body)


@verb("payer-scans", "NAME")
def payer_scans(play, name):
    """The payer's phone reads the code on the page before it (or of the last answer's action)."""
    order = order_of(play, name)
    if order.browser.page is not None:
        try:
            text = qr.scan(order.browser.page.body)
        except ValueError as error:
            raise Failed(f"the code cannot be read: {error}") from error
    else:
        text = order.payment["action"]["qr_text"]
    see_trade(play, order, play.house.control("POST", order.provider.path("scan"), {"qr_text": text}))


def see_trade(play, order, trade):
    shown = trade[order.provider.amount]
    play.check(fen(shown) == order.body["amount"], f"the phone shows {shown}")


@verb("payer-opens", "NAME")
def payer_opens(play, name):
    """The payer's phone goes where the page before it leads (or the last answer's action)."""
    order = order_of(play, name)
    if order.browser.page is not None:
        outside = [link for link in order.browser.page.links if link.startswith("https://")]
        play.check(len(outside) == 1, f"the page leads to {order.browser.page.links}")
        url = outside[0]
    else:
        play.check(order.payment["action"]["type"] == "redirect", f"the action is {order.payment['action']}")
        url = order.payment["action"]["url"]
    see_trade(play, order, play.house.control("POST", order.provider.path("open"), {"url": url}))


@verb("payer-invokes", "NAME")
def payer_invokes(play, name):
    """The provider's app takes the signed fields of the last answer's action; it checks their signature."""
    order = order_of(play, name)
    action = order.payment["action"]
    play.check(action["type"] == "jsapi", f"the action is {action}")
    see_trade(play, order, play.house.control("POST", order.provider.path("jsapi"), action["fields"]))


@verb("await", "NAME", "state within")
def await_state(play, name, *, state, within="15"):
    """The payment reaches a state without anybody asking for it."""
    order = order_of(play, name)
    play.wait_until(lambda: fetch(play, order)["state"] == state, within,
                    lambda: f"expected state {state}, saw {order.payment}")


@verb("await-attempt", "NAME", "state attempt within")
def await_attempt(play, name, *, state, attempt="0", within="15"):
    """An attempt (the newest unless named) reaches a state without anybody asking for it."""
    order = order_of(play, name)
    number = attempt_of(play, order, attempt)

    def seen():
        return next(one["state"] for one in fetch(play, order)["attempts"] if one["attempt_no"] == number)

    play.wait_until(lambda: seen() == state, within, lambda: f"expected attempt {number} {state}, saw {order.payment}")


@verb("get", "NAME", "client", free="comparisons")
def get(play, name, comparisons, *, client="portal"):
    """GET /v1/payments/{id}."""
    play.answer = play.house.call("GET", f"/v1/payments/{order_of(play, name).id}", keyid=client)
    play.compare(play.answer, comparisons)


@verb("timeline", "NAME", free="comparisons")
def timeline(play, name, comparisons):
    """GET /v1/payments/{id}/timeline."""
    play.answer = play.house.call("GET", f"/v1/payments/{order_of(play, name).id}/timeline")
    play.compare(play.answer, ["status=200", *comparisons])


@verb("refresh", "NAME", "by max-wait-ms status client via", free="comparisons")
def refresh(play, name, comparisons, *, by="order", max_wait_ms="", status="200", client="portal", via=""):
    """刷新支付状态, by order or by payment; `via` is a gateway beside."""
    order = order_of(play, name)
    path = f"/v1/orders/{order.number}/refresh" if by == "order" else f"/v1/payments/{order.id}/refresh"
    more = {"body": {"max_wait_ms": int(max_wait_ms)}} if max_wait_ms else {}
    if via:
        more["api"] = play.house.beside(via)
    answer = play.house.call("POST", path, keyid=client, **more)
    play.answer = answer
    play.compare(answer, [f"status={status}", *comparisons])


@verb("close", "NAME", "key status", free="comparisons")
def close(play, name, comparisons, *, key="", status="200"):
    """POST /v1/payments/{id}/close."""
    order = order_of(play, name)
    play.answer = play.house.call("POST", f"/v1/payments/{order.id}/close",
                                  idempotency_key=key or f"close-{order.number}")
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("portal-status", "NAME STATUS", "issued http", free="comparisons")
def portal_status(play, name, status, comparisons, *, issued="", http="200"):
    """The portal reports how far the order is."""
    body = {"status": status, **({"issued_quantity": int(issued)} if issued else {})}
    play.answer = play.house.call("PUT", f"/v1/orders/{order_of(play, name).number}", body=body)
    play.compare(play.answer, [f"status={http}", *comparisons])


@verb("clearance", "NAME", "client language because", free="comparisons")
def clearance(play, name, comparisons, *, client="portal", language="zh-CN", because=None):
    """May the order be submitted or issued? `because` lists the codes of all reasons, by commas."""
    order = order_of(play, name)
    play.answer = play.house.call("GET", f"/v1/orders/{order.number}/clearance", keyid=client, language=language)
    play.compare(play.answer, ["status=200", *comparisons])
    if because is not None:
        codes = ",".join(reason["code"] for reason in play.answer["body"]["reasons"])
        play.check(codes == because, f"expected the reasons {because}, saw {codes}")


def acceptance(play, name, what, body, client, status, comparisons):
    order = order_of(play, name)
    order.accepted = getattr(order, "accepted", 0) + 1
    play.answer = play.house.call("POST", f"/v1/payments/{order.id}/acceptances{what}", keyid=client, body=body,
                                  idempotency_key=f"acceptance-{order.number}-{order.accepted}")
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("acceptances", "NAME", "client", free="comparisons")
def acceptances(play, name, comparisons, *, client="finance"):
    """GET /v1/payments/{id}/acceptances: the statements that differ from the books, and what people decided."""
    play.answer = play.house.call("GET", f"/v1/payments/{order_of(play, name).id}/acceptances", keyid=client)
    play.compare(play.answer, ["status=200", *comparisons])


@verb("accept", "NAME", "amount reason client status", free="comparisons")
def accept(play, name, comparisons, *, amount, reason="the payer agrees", client="finance", status="200"):
    """Somebody proposes to take the amount that came as it is."""
    body = {"amount": fen(amount), "currency": "CNY", "reason": reason}
    acceptance(play, name, "", body, client, status, comparisons)


@verb("approve-acceptance", "NAME", "amount client status", free="comparisons")
def approve_acceptance(play, name, comparisons, *, amount, client="checker", status="200"):
    """Somebody else agrees, naming the amount."""
    acceptance(play, name, "/approve", {"amount": fen(amount), "currency": "CNY"}, client, status, comparisons)


@verb("reject-acceptance", "NAME", "client status", free="comparisons")
def reject_acceptance(play, name, comparisons, *, client="checker", status="200"):
    """It is not taken so."""
    acceptance(play, name, "/reject", {}, client, status, comparisons)


def manual(play, name, what, body, client, status, comparisons):
    order = order_of(play, name)
    order.by_hand = getattr(order, "by_hand", 0) + 1
    play.answer = play.house.call("POST", f"/v1/orders/{order.number}/manual_payments{what}", keyid=client, body=body,
                                  idempotency_key=f"manual-{order.number}-{order.by_hand}")
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("record-transfer", "NAME", "amount voucher on direction client status", free="comparisons")
def record_transfer(play, name, comparisons, *, amount, voucher="V-1", on="", direction="in", client="finance", status="200"):
    """Finance records a bank transfer for the order; without `on` it came today."""
    body = {"amount": fen(amount), "currency": "CNY", "received_on": on or play.house.now().date().isoformat(),
            "voucher": voucher, "payer_name": "示例科技有限公司", "reason": "bank transfer", "direction": direction}
    manual(play, name, "", body, client, status, comparisons)


@verb("confirm-transfer", "NAME NUMBER", "amount deposit client status", free="comparisons")
def confirm_transfer(play, name, number, comparisons, *, amount, deposit="", client="checker", status="200"):
    """Somebody else confirms it by the bank's statement, which has `deposit` of it, or the same."""
    body = {"amount": fen(amount), "currency": "CNY", "deposit_amount": fen(deposit or amount),
            "deposited_on": play.house.now().date().isoformat()}
    manual(play, name, f"/{number}/confirm", body, client, status, comparisons)


@verb("reject-transfer", "NAME NUMBER", "client status", free="comparisons")
def reject_transfer(play, name, number, comparisons, *, client="checker", status="200"):
    """It is not taken so."""
    manual(play, name, f"/{number}/reject", {}, client, status, comparisons)


@verb("invoice", "NAME", "status total number http id rate")
def invoice(play, name, *, status, total="", number="", http="200", id="", rate=""):
    """The tax side's answer about an invoice, by the portal; 6 % tax is within the total. With a rate in per cent it has one item, which
    says that its tax is by that rate."""
    order = order_of(play, name)
    amount = fen(total) if total else order.body["amount"]
    net = int((Decimal(amount) / Decimal("1.06")).quantize(Decimal(1)))
    profile = order.body["invoice"]
    body = {"order_no": order.number, "status": status, "red": False, "title": profile["title"],
            "tax_no": profile["tax_no"], "net": net, "tax": amount - net, "total": amount}
    if rate:
        body["items"] = [{"name": "数字证书", "taxed": "by_rate", "rate_ppm": int(rate) * 10000, "net": net, "tax": amount - net,
                          "total": amount}]
    at = play.house.now().isoformat(timespec="seconds")
    if status == "asked":
        body["asked_at"] = at
    if status == "issued":
        body.update(issued_at=at, number=number or f"2635{len(play.notes) + 1:016d}")
        play.notes[body["number"]] = name
    path = f"/v1/invoices/{urllib.parse.quote(id or 'INV-' + name)}"
    play.answer = play.house.call("PUT", path, body=body)
    play.compare(play.answer, [f"status={http}"])


@verb("expect", free="comparisons")
def expect(play, comparisons):
    """Holds the last answer against comparisons such as status=200 or body.errors[0].field=order.kind."""
    if not comparisons:
        raise PlayError("expect needs a comparison")
    play.compare(play.answer, comparisons)


@verb("expect-fields", free="words")
def expect_fields(play, fields):
    """The last answer names exactly these fields as wrong, each with a code and a detail."""
    errors = (play.answer["body"] or {}).get("errors", [])
    seen = sorted(error["field"] for error in errors)
    play.check(seen == sorted(fields), f"expected {sorted(fields)}, saw {seen} in {play.answer['text']}")
    play.check(all(error["code"] and error["detail"] for error in errors), f"a field without a reason: {errors}")
