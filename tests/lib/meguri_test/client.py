"""An HTTP client whose last exchanges are printed when a test fails."""
import json as json_module
import re
from urllib.parse import quote

import httpx

from . import contract

KEEP = 5
exchanges = []  # newest last; cleared before each test


def _body(content, limit=4000):
    text = content.decode("utf-8", "replace")
    try:
        text = json_module.dumps(json_module.loads(text), ensure_ascii=False, indent=1)
    except ValueError:
        pass
    return text[:limit]


def describe(reply):
    request = reply.request
    sent = "".join(f"{k}: {v}\n" for k, v in request.headers.items() if k not in ("user-agent", "accept-encoding"))
    got = "".join(f"{k}: {v}\n" for k, v in reply.headers.items())
    try:
        content = request.content
    except httpx.RequestNotRead:
        content = b"(streamed)"
    return (f"> {request.method} {request.url}\n{sent}\n{_body(content)}\n"
            f"< {reply.status_code} {reply.reason_phrase}\n{got}\n{_body(reply.content)}\n")


def remember(reply):
    reply.read()
    exchanges.append(describe(reply))
    del exchanges[:-KEEP]


class Client:
    """get/post/put/patch/delete like httpx, plus call() by operationId and expect=status.

    Keywords of every method: expect (a status, or several), if_match, key (Idempotency-Key), language, token, and what
    httpx takes (json, params, headers, content).
    """

    def __init__(self, url, token=None, timeout=30):
        self.url, self.token = url, token
        self.http = httpx.Client(base_url=url, timeout=timeout, event_hooks={"response": [remember]})

    def with_token(self, token):
        """Another client for the same address."""
        return Client(self.url, token)

    def request(self, method, path, *, expect=None, if_match=None, key=None, language=None, token=None,
                headers=None, **rest):
        all_headers = {
            "Authorization": f"Bearer {token or self.token}" if token or self.token else None,
            "If-Match": if_match, "Idempotency-Key": key, "Accept-Language": language} | (headers or {})
        if method == "PATCH" and "json" in rest:
            rest["content"] = json_module.dumps(rest.pop("json")).encode()
            all_headers.setdefault("Content-Type", "application/merge-patch+json")
        reply = self.http.request(method, path, headers={k: v for k, v in all_headers.items() if v is not None},
                                  **rest)
        if expect is not None:
            wanted = expect if isinstance(expect, (tuple, list, set)) else (expect,)
            assert reply.status_code in wanted, f"expected {expect}\n{describe(reply)}"
        return reply

    def get(self, path, **rest):
        return self.request("GET", path, **rest)

    def post(self, path, json=None, **rest):
        return self.request("POST", path, **(rest if json is None else rest | {"json": json}))

    def put(self, path, json=None, **rest):
        return self.request("PUT", path, **(rest if json is None else rest | {"json": json}))

    def patch(self, path, json, **rest):
        return self.request("PATCH", path, json=json, **rest)

    def delete(self, path, **rest):
        return self.request("DELETE", path, **rest)

    def call(self, operation_id, json=None, *, params=None, **rest):
        """By operationId: keywords named like path parameters fill the path, the rest is as in request()."""
        operation = contract.shared().operations[operation_id]

        def fill(match):
            return quote(str(rest.pop(match.group(1))), safe="")

        path = re.sub(r"\{(\w+)\}", fill, operation["path"])
        if json is not None:
            rest["json"] = json
        if params:
            rest["params"] = params
        return self.request(operation["method"], path, **rest)

    def pages(self, path, **rest):
        """All rows of a list, following `next`."""
        rows, params = [], dict(rest.pop("params", {}) or {})
        while True:
            page = self.get(path, params=params, expect=200, **rest).json()
            rows += page["data"]
            if not page.get("next"):
                return rows
            params["after"] = page["next"]

    def close(self):
        self.http.close()
