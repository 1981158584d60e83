"""The exceptions of the product: one small tree, each with the exit status and HTTP status it means.

A message is one or two Chinese sentences: what, where, what to do. A user sees nothing else.
"""

from __future__ import annotations

from graph.personal import clean


class LiangxinError(Exception):
    """Root of everything this product raises on purpose.

    `exit_status` is the status of the process, `http_status` that of the API's response.
    """

    exit_status = 1
    http_status = 500
    title = "程序缺陷"

    def __str__(self) -> str:
        """The message. What it quotes of an input is clean."""
        return clean(super().__str__())


class InputError(LiangxinError):
    """An input (a file, a row, a value, a declaration) cannot be used; the store is unchanged."""

    exit_status = 2
    http_status = 422
    title = "输入无法使用"


class QuestionError(InputError):
    """A question has an unknown parameter, an impossible value, or a page past the end."""

    http_status = 400
    title = "提问有误"


class UnknownError(QuestionError):
    """A question, a rule or an entity does not exist."""

    http_status = 404
    title = "没有找到"


class DeclarationError(InputError):
    """The ontology, a rule file or the settings are broken; the message names the file, the line and what to do."""

    http_status = 500
    title = "声明有误"


class StoreError(LiangxinError):
    """The store cannot be used: absent, of another version, damaged, unreachable."""

    exit_status = 3
    http_status = 503
    title = "图库不可用"


class StoreBusyError(StoreError):
    """Another process is writing; the message names who, and since when."""

    title = "图库正在被写入"


class StoreAbsentError(StoreError):
    """There is no store yet at the address."""

    title = "图库尚未建立"


class StoreSlowError(StoreError):
    """A query took longer than the settings allow."""

    title = "没有在限时内答完"

    def __init__(self, what: str, seconds: float, mend: str = "请稍后重试，或", *, by_query: bool = True) -> None:
        """`by_query` is false where the store itself fell silent, whatever was asked."""
        super().__init__(f"{what} 在 {seconds:g} 秒内没有答完。{mend}把设置 query_seconds 调大。")
        self.seconds = seconds
        self.by_query = by_query


class StoreFullError(StoreError):
    """A query needs more memory than it may take."""


class StoreMovedError(StoreError):
    """The graph changed while it was read, on a server that keeps no older revision: read it again."""

    title = "图库刚被更新"


class QueryError(RuntimeError):
    """An engine cannot read the text of a query, or cannot compute it; also one that is refused unread.

    It tells of a defect of the query, in the engine's words, and nothing of the store.
    """


class StoreUnfinishedError(StoreBusyError):
    """A large write is under way in batches, or was broken off; the message says how far it is and how to resume it."""

    title = "图库正在成批写入"
