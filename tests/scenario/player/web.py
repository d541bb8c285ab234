# SPDX-License-Identifier: Apache-2.0
"""The payer's browser: pages, links and forms, no scripts."""

import html.parser
import http.client
import ssl
import urllib.parse

REDIRECTS_MAX = 5
TIMEOUT_S = 15


class Form:
    def __init__(self, attributes):
        self.method = attributes.get("method", "get").lower()
        self.action = attributes.get("action", "")
        self.target = attributes.get("target")
        self.fields = []

    def value(self, name):
        return dict(self.fields).get(name)


class Reader(html.parser.HTMLParser):
    """Text, forms, links and scripts of a page."""

    def __init__(self):
        super().__init__()
        self.text, self.forms, self.links, self.scripts, self.targets = [], [], [], [], []
        self.form, self.silent = None, False

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.silent = tag in ("style", "script")
        if "target" in attributes:
            self.targets.append(attributes["target"])
        if tag == "form":
            self.form = Form(attributes)
            self.forms.append(self.form)
        elif tag in ("input", "button") and self.form is not None and attributes.get("name"):
            self.form.fields.append((attributes["name"], attributes.get("value", "")))
        elif tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag == "script":
            self.scripts.append(attributes.get("src", ""))

    def handle_endtag(self, tag):
        self.silent = False
        if tag == "form":
            self.form = None

    def handle_data(self, data):
        if not self.silent:
            self.text.append(data)


class Page:
    def __init__(self, url, status, headers, body):
        self.url, self.status, self.headers = url, status, headers
        self.body = body.decode("utf-8", "replace")
        reader = Reader()
        reader.feed(self.body)
        reader.close()
        self.text = " ".join(" ".join(reader.text).split())
        self.forms, self.links, self.scripts, self.targets = reader.forms, reader.links, reader.scripts, reader.targets


class Browser:
    """One payer, one tab. TLS servers must chain to the development roots."""

    def __init__(self, roots):
        self.context = ssl.create_default_context(cafile=roots)
        self.page = None
        self.language = "zh-CN"

    def send(self, method, url, body=None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "https":
            line = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=TIMEOUT_S, context=self.context)
        else:
            line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)
        headers = {"Accept": "text/html", "Accept-Language": self.language}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, headers)
            answer = line.getresponse()
            data = answer.read()
            return Page(url, answer.status, {name.lower(): value for name, value in answer.getheaders()}, data)
        finally:
            line.close()

    def go(self, method, url, body=None):
        for _ in range(REDIRECTS_MAX):
            page = self.send(method, url, body)
            if page.status not in (301, 302, 303, 307, 308):
                self.page = page
                return page
            if page.status < 307:
                method, body = "GET", None
            url = urllib.parse.urljoin(url, page.headers["location"])
        raise ValueError(f"more than {REDIRECTS_MAX} redirects, the last one to {url}")

    def open(self, url):
        return self.go("GET", url)

    def submit(self, form):
        url = urllib.parse.urljoin(self.page.url, form.action)
        data = urllib.parse.urlencode(form.fields)
        if form.method == "post":
            return self.go("POST", url, data)
        return self.go("GET", url.split("?")[0] + "?" + data)
