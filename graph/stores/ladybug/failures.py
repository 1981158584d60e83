"""Why a file of the engine cannot be used, in words: altered, no store at all, or rationed by the system."""

from __future__ import annotations

from pathlib import Path

from graph.errors import StoreError
from graph.stores.ladybug import seal
from graph.stores.rations import rationed

#: what to do about a file that is not what was published
RESTORE = (
    "请换上备份的图库文件，或用 liangxin import 把导出的文件夹导入一个新的图库；"
    "都没有时，用原来的台账重新执行 liangxin load 到一个新的图库。"
)


def unusable(path: Path, error: Exception) -> StoreError:
    """The error for a file that cannot be opened."""
    if ration := rationed(error):
        return StoreError(f"图库 {path} 现在打不开：{ration}，再重试。图库没有损坏。")
    if isinstance(error, OSError):
        return StoreError(f"图库 {path} 读不出来（{error.strerror}）。请检查权限和磁盘。")
    return StoreError(f"图库 {path} 打不开，可能由不兼容的版本建立或已损坏（{first_line(error)}）。{RESTORE}")


def unwritable(folder: Path, error: OSError | RuntimeError) -> StoreError:
    """The error for a folder in which the next version cannot be written."""
    if ration := rationed(error):
        return StoreError(f"图库没有写成：{ration}，再重新执行。原来的图库没有改变。")
    why = error.strerror if isinstance(error, OSError) else "写不进去，多半是磁盘已满"
    return StoreError(f"图库所在的文件夹 {folder} 不能写入（{why}）。请检查权限和磁盘空间。")


def damaged(path: Path, why: str) -> StoreError:
    """The error for a file that is not as it was published."""
    return StoreError(
        f"图库 {path} 已损坏（{why}）：或是磁盘出错，或没有拷贝完整，或被别的程序改动。不再据它回答，也不写入。{RESTORE}"
    )


def first_line(error: Exception) -> str:
    """The beginning of what the engine says."""
    # what it quotes of a damaged file may be no text
    text = "" if isinstance(error, UnicodeDecodeError) else str(error).strip()
    return text.splitlines()[0][:120] if text else type(error).__name__


def checked(path: Path, named: Path, *, from_disk: bool = False) -> int:
    """The blocks of a file that were compared with its checksums, 0 where it has none; see seal.check.

    Raises StoreError, which calls the file `named`, where it is not as it was published.
    """
    try:
        return seal.check(path, from_disk=from_disk)
    except seal.ForeignError as error:
        raise StoreError(
            f"{named} 打不开，它不是图库文件（{error}）。请用 --store 指明图库文件；这里原来若是图库，它已损坏，{RESTORE}"
        ) from error
    except seal.AlteredError as error:
        raise damaged(named, f"与写入时不同，{error}") from error
    except OSError as error:
        raise unusable(named, error) from error
