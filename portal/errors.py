"""Accidents as people and programs see them: code → HTTP. A page for people, problem details (RFC 9457) for programs.

Nothing from inside is told; the request's number is, so that the log can be asked.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from portal.i18n import spoken
from tenants.errors import Invalid, TooMany, TraceabilityError

log = structlog.get_logger("portal.errors")


class Words(NamedTuple):
    """What happened, and what to do."""

    title: object
    advice: object


WORDS: dict[int, Words] = {
    400: Words(lazy_gettext("请求无法处理"), lazy_gettext("没有保存任何内容。请返回上一页，刷新后再试。")),
    401: Words(lazy_gettext("请先登录"), lazy_gettext("登录后会回到这一页。")),
    403: Words(
        lazy_gettext("没有权限"), lazy_gettext("您的岗位不能使用这一页。如确有需要，请联系本单位管理员。")
    ),
    404: Words(
        lazy_gettext("找不到这一页"), lazy_gettext("地址可能有误，或内容不属于本单位。请从菜单重新进入。")
    ),
    405: Words(lazy_gettext("不支持的操作"), lazy_gettext("没有保存任何内容。请从菜单重新进入。")),
    409: Words(lazy_gettext("内容已变化"), lazy_gettext("没有保存任何内容。请刷新后核对，再重新操作。")),
    413: Words(lazy_gettext("内容太大"), lazy_gettext("没有保存任何内容。请减少内容后分次提交。")),
    429: Words(lazy_gettext("操作过于频繁"), lazy_gettext("请稍等片刻再试，已保存的内容不受影响。")),
    500: Words(
        lazy_gettext("系统出错"),
        lazy_gettext("本次操作没有保存，问题已记录。请稍后再试；若仍出错，请把下面的编号告诉平台运营人员。"),
    ),
    503: Words(
        lazy_gettext("服务暂时不可用"),
        lazy_gettext("本次操作没有保存。系统恢复后再试即可，已保存的内容不受影响。"),
    ),
}
STATUS = {
    "invalid": 400, "sign_in_needed": 401, "not_allowed": 403, "not_found": 404, "conflict": 409, "too_many": 429,
    "unavailable": 503,
}  # fmt: skip
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type",
         429: "too_many", 500: "internal", 503: "unavailable"}  # fmt: skip
AWAY = (OperationalError, InterfaceError, PoolTimeout)
RETRY_SECONDS = 5
MEGABYTE = 1024 * 1024


def wants_json() -> bool:
    """Whether a program asks: an API address, a call that brings JSON, or a client that likes JSON better than a page."""
    accepted = request.accept_mimetypes
    return (
        request.path.startswith("/api/")
        or request.is_json
        or accepted["application/json"] > accepted["text/html"]
    )


def is_htmx() -> bool:
    """Whether part of a page asks."""
    return request.headers.get("HX-Request") == "true"


def answer(status: int, code: str, detail: str = "", fields: dict[str, str] | None = None) -> Response:
    """The error in the form that the caller reads."""
    words = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    if wants_json():
        problem = {"type": "about:blank", "title": str(words.title), "status": status, "code": code,
                   "request_id": g.get("request_id", "")}  # fmt: skip
        response = jsonify(
            {**problem, **({"detail": detail} if detail else {}), **({"fields": fields} if fields else {})}
        )
        response.mimetype = "application/problem+json"
    else:
        template = "errors/toast.html" if is_htmx() else "errors/page.html"
        page = render_template(
            template, status=status, code=code, words=words, detail=detail, fields=fields or {}
        )
        response = make_response(page)
        if is_htmx():
            response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#toasts", "beforeend"
    response.status_code = status
    return response


def set_up(app: Flask) -> None:
    """Every accident has a handler; the last one knows all."""
    app.register_error_handler(TraceabilityError, _traceability)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DataError, _data)
    for away in AWAY:
        app.register_error_handler(away, _away)
    app.register_error_handler(Exception, _unknown)


def _traceability(error: TraceabilityError) -> ResponseReturnValue:
    status = STATUS.get(error.code, 500)
    if status == 401 and not wants_json():
        return _to_sign_in()
    if status == 500:
        log.error("accident", code=error.code, error=type(error).__name__, exc_info=error)
        return answer(500, "internal")
    fields = (
        {name: spoken(text) for name, text in error.fields.items()} if isinstance(error, Invalid) else None
    )
    detail = spoken(error.args[0]) if hasattr(error.args[0], "template") else ""
    response = answer(status, error.code, detail, fields)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    elif status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _to_sign_in() -> ResponseReturnValue:
    here = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else None
    there = url_for("account.sign_in_page", next=here if here != "/" else None)
    if is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = there
        return response
    return redirect(there, 303)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    if status >= 500:
        log.error("accident", error=type(error).__name__, exc_info=error)
    csrf = type(error).__name__ == "CSRFError"
    largest = request.max_content_length or 0
    detail = gettext("页面停留过久或来自别处，请刷新后重新提交。") if csrf else ""
    if status == 413 and largest >= MEGABYTE:
        detail = gettext("一次最多 %(most)d MB。", most=largest // MEGABYTE)
    response = answer(status, "csrf" if csrf else CODES.get(status, "bad_request"), detail)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    if status == 429 and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = str(_wait_of(error))
    return response


def _wait_of(error: HTTPException) -> int:
    limit = getattr(error, "limit", None)
    return math.ceil(limit.limit.get_expiry()) if limit is not None else 60


def _data(error: DataError) -> ResponseReturnValue:
    log.info("value_out_of_range", error=type(error.orig).__name__)
    return answer(400, "invalid")


def _away(error: Exception) -> ResponseReturnValue:
    log.error("database_away", error=type(error).__name__)
    response = answer(503, "unavailable")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _unknown(error: Exception) -> ResponseReturnValue:
    log.error("accident", error=type(error).__name__, exc_info=error)
    return answer(500, "internal")
