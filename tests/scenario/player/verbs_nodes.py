# SPDX-License-Identifier: Apache-2.0
"""Verbs of more than one gateway, of settings, and of what the providers were asked."""

import os
import signal as signals
import subprocess

from . import house as parts
from .engine import Failed, verb
from .providers import provider_of
from .verbs_order import attempt_of, order_of
from .verbs_service import processes


@verb("gateway-beside", "NAME", free="words")
def gateway_beside(play, name, settings):
    """Another node: a second gateway on the same database, with its own processes and addresses. A setting such as
    "account alipay-key/gateway_url=https://127.0.0.1:1/" differs there."""
    script = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "house.sh")
    done = subprocess.run([script, "beside", play.house.var, name, *settings], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=90)
    if done.returncode != 0:
        raise Failed(done.stdout.decode("utf-8", "replace"))


@verb("configure", "SETTING VALUE")
def configure(play, setting, value):
    """configure "account alipay-key/queries_per_minute" 4: the service reads its settings anew, child by child."""
    parts.setting(play.house.endpoints["configuration"], f"{setting}={value}")
    before = {child["pid"] for child in play.house.children()}
    os.kill(processes(play, "parent")[0], signals.SIGHUP)
    play.wait_until(lambda: not before & {child["pid"] for child in play.house.children()}, 60,
                    lambda: f"children of the old settings are left: {before} of {play.house.children()}")


@verb("calls-mark")
def calls_mark(play):
    """What the providers are asked from now on is what `expect-calls` looks at."""
    play.marks["calls"] = len(play.house.control("GET", "/calls")["calls"])


@verb("expect-calls", "NAME", "attempt within", free="words")
def expect_calls(play, name, wanted, *, attempt="0", within="0"):
    """Exactly these calls came to the provider about an attempt, in this order, since `calls-mark`."""
    order = order_of(play, name)
    number = attempt_of(play, order, attempt)

    def seen():
        calls = play.house.control("GET", "/calls")
        if calls["left_off"]:
            raise Failed("more calls than the world writes down")
        return [one["call"] for one in calls["calls"][play.marks.get("calls", 0):]
                if one["out_trade_no"] == number and one["provider"] == order.provider.name]

    play.wait_until(lambda: seen() == wanted, within, lambda: f"expected the calls {wanted}, saw {seen()}")


@verb("door", "PROVIDER STATE")
def door(play, provider, state):
    """The provider's TLS is open, shows a foreign certificate, or is broken."""
    play.house.control("POST", "/door", {"provider": provider_of(provider).name, "state": state})
