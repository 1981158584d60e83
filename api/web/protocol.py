"""What is sent to whoever sends no HTTP: a sentence with the right status, as for every other refusal."""

from __future__ import annotations

import json
import sys
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_DETAILS = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "请求的地址或标头太长。请缩短后重试。",
    HTTPStatus.NOT_IMPLEMENTED: "请求的传送方式不受支持。请用浏览器打开本服务的页面。",
}
_OTHER = "收到的内容不是完整的 HTTP 请求。请用浏览器打开 http:// 开头的地址。"


class Protocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it; what it cannot read is answered in Chinese."""

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be read, and close; called while the error of h11 is handled."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            error = sys.exception()
            hint = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
            status = HTTPStatus(hint)
            problem = {
                "type": "about:blank",
                "title": "请求不完整",
                "status": status.value,
                "detail": _DETAILS.get(status, _OTHER),
            }
            body = json.dumps(problem, ensure_ascii=False).encode()
            headers = [
                ("content-type", "application/problem+json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            response = h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
