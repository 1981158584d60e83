"""The exceptions of the product: one small tree, each with the exit status and HTTP status it means.

A message is one Chinese sentence or two: what, where, what to do. Nothing else is shown to a user.
"""

from __future__ import annotations


class LiangxinError(Exception):
    """Root of everything this product raises on purpose.

    `exit_status` is the contract's process status, `http_status` what the API answers with.
    """

    exit_status = 1
    http_status = 500
    title = "程序缺陷"


class InputError(LiangxinError):
    """What was handed in (a file, a row, a value, a declaration) cannot be used; the store is unchanged."""

    exit_status = 2
    http_status = 422
    title = "输入无法使用"


class QuestionError(InputError):
    """A question was asked wrongly: unknown parameter, impossible value, a page past the end."""

    http_status = 400
    title = "提问有误"


class UnknownError(QuestionError):
    """What was asked for does not exist: a question, a rule, an entity."""

    http_status = 404
    title = "没有找到"


class DeclarationError(InputError):
    """The ontology, a rule file or the settings are broken; names the file, the line and the mend."""

    http_status = 500
    title = "声明有误"


class StoreError(LiangxinError):
    """The store cannot be used: absent, of another version, damaged, unreachable."""

    exit_status = 3
    http_status = 503
    title = "图库不可用"


class StoreBusyError(StoreError):
    """Another process is writing; names who has held the store and since when."""

    title = "图库正在被写入"


class StoreAbsentError(StoreError):
    """Where a store should be there is none yet."""

    title = "图库尚未建立"


class StoreSlowError(StoreError):
    """A query took longer than the settings allow."""

    title = "没有在限时内答完"

    def __init__(self, what: str, seconds: float, mend: str = "请稍后重试，或") -> None:
        super().__init__(f"{what} 在 {seconds:g} 秒内没有答完。{mend}把设置 query_seconds 调大。")
        self.seconds = seconds


class StoreMovedError(StoreError):
    """The graph was changed while it was read, on a server that keeps no older revision: ask anew."""

    title = "图库刚被更新"


class StoreUnfinishedError(StoreBusyError):
    """A large write is under way in batches, or was broken off; says how far it is and how it goes on."""

    title = "图库正在成批写入"
