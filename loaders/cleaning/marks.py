"""Yes, no, and the marks of a column that is ticked: whole words of a closed vocabulary, never a first character."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from graph.workbook import Cell
from loaders.cleaning.cells import choice, text

UNREADABLE = "看不出是或否"
SEVERAL = "选了不止一项"
UNANSWERED = "没有选"
#: no answer is longer, apart from the names and reasons that follow some
_LONGEST = 60

# R, P, þ, ü, £, ¨, o … are what boxes and ticks of the fonts Wingdings become in a program without them; Word copies
# them as characters of the private area
_PRIVATE = {0xF000 + code: code for code in range(0x21, 0x100)}
_TICKS = frozenset("√✓✔☑✅■●◉RPþü")
_EMPTY = frozenset("□☐○◯◻▢❏❑❒¨£oOq")
#: an empty circle: an empty box beside ● or √, elsewhere some write it for yes
_CIRCLES = frozenset("○◯")
_CROSSES = frozenset("×✗✘✕✖❌Xxû")
#: a box with a cross: chosen on one form, crossed out on another
_CROSSED_BOXES = frozenset("☒ý")
_YES = frozenset(
    (
        *"是有对真已vty1",
        "yes",
        "true",
        "1.0",
        "勾",
        "打勾",
        "对勾",
        "是的",
        "有的",
        "属于",
        "具备",
        "符合",
        "已有",
        "均有",
    )
)
_NO = frozenset(
    (
        *"否无不未假没非nf0-—/／\\",
        "no",
        "false",
        "0.0",
        "错",
        "--",
        "——",
        "不是",
        "没有",
        "暂无",
        "尚无",
        "不属于",
        "不具备",
        "不符合",
    )
)
_UNKNOWN = re.compile("不[详明清确知].{0,2}|未知|未填写?|待(?:定|核实?|查|确认|补充?|填)|是否|有无|是/否|有/无")

_DO = "(?:建成|建立|成立|组建|设立|建|选派|派驻|派|配备|配|覆盖|开展|批准|完成)"
_WHAT = "(?:党的组织|党组织|党支部|党总支|党委|支部|工会|团组织|团支部|共青团|妇联|妇女组织|指导员|联络员)"
_DONE = re.compile(f"(?:已经?|均已){_DO}{_WHAT}?|(?:建)?有{_WHAT}")
_UNDONE = re.compile(
    "(?:"
    # not done, not wanted, done away with
    f"(?:尚|暂|还|目前|均)?(?:未|没有?|不)(?:{_DO}{_WHAT}?|{_WHAT}|覆盖)|无{_WHAT}"
    "|(?:不需要?|无需|不用|没必要)(?:{0}|{1}|{0}{1})?|条件(?:尚?不成熟|不具备)|不具备条件"
    "|(?:已经?|被)?(?:撤销|解散|撤并|取消|撤回)"
    # planned, prepared, applied for
    "|(?:正在?|拟|计划|准备|预计|将|应|待|有意向?|筹备|同意)+(?:筹备|筹划|筹|申请|申报|报批|审批|{0})+{1}?中?"
    "|筹[建备](?:之?中)?|(?:已|正在?)?(?:提交|递交|提出)?(?:申请|申报|上报|报批)(?:{0}{1}?)?中?"
    "|待(?:批复?|审批|审核)|未批[复准]?|审批中|批复中|正在审批"
    ")".replace("{0}", _DO).replace("{1}", _WHAT)
)
#: what may follow a yes without changing it: a date, a count, a way of doing it
_DETAIL = re.compile(
    "(?:于|自)?\\d{4}(?:[年./-]\\d{1,2}(?:[月./-](?:\\d{1,2}日?)?)?|年)?(?:成立|建立|组建|选派|设立)?"
    "|(?:共?\\d+[个家名人]" + _WHAT + "?)|单独|联合|单独组建|联合组建|单建|联建|" + _WHAT
)
_PART = re.compile("[（）()【】\\[\\]，,；;。.、：:！!]+")
_OPTION = re.compile(r"[\u4e00-\u9fff]+|\s+|[(（\[【]\s*([^\s)）\]】]?)\s*[)）\]】]|(.)")

Words = Mapping[str, bool]
_NO_WORDS: Words = MappingProxyType({})


def yes_no(value: Cell, words: Words = _NO_WORDS) -> tuple[bool | None, str | None]:
    """The answer in a cell: 是, 有, √, 已建 … are True; 否, 无, ×, 未建, 拟建, 已申请, 已撤销, 不需要, / … are False.

    `words` are further ones of the column. A choice between words (是□ 否☑) is the one that is marked. A word outside
    the vocabulary, several that disagree (是，已撤销) and several marks are None with the problem.
    """
    if isinstance(value, bool):
        return value, None
    raw = text(value, blank_marks=False)
    if raw is None:
        return None, None
    raw = (choice(raw) or "").translate(_PRIVATE)
    if len(raw) > _LONGEST or _UNKNOWN.fullmatch(raw):
        return None, UNREADABLE
    answer = _meaning(raw, words)
    if answer is not None:
        return answer, None
    options = _options(raw, words)
    if options is not None:
        return _chosen(options)
    return _parts(raw, words)


def ticked(value: Cell) -> bool:
    """Whether a cell of a tick column is ticked: by any mark or text except an empty box, a no, and 不详 and the like."""
    raw = text(value)
    if raw is None:
        return False
    raw = raw.translate(_PRIVATE)
    if raw in _EMPTY or raw in _CROSSED_BOXES or _UNKNOWN.fullmatch(raw):
        return False
    return _meaning(raw, _NO_WORDS) is not False


def crossed(value: Cell) -> bool:
    """Whether a cell is a box with a cross, which is a tick where nothing else is one."""
    return isinstance(value, str) and value.strip().translate(_PRIVATE) in _CROSSED_BOXES


def is_circle(value: Cell) -> bool:
    """Whether a cell is an empty circle, which is yes on one form and an empty box on another."""
    return isinstance(value, str) and value.strip() in _CIRCLES


def is_tick(value: Cell) -> bool:
    """Whether a cell is a mark that is yes wherever it stands: √, ●, ■."""
    return isinstance(value, str) and value.strip().translate(_PRIVATE) in _TICKS


def _meaning(raw: str, words: Words) -> bool | None:
    """The meaning of one mark or one whole word."""
    if raw in _TICKS:
        return True
    if raw in _CROSSES or raw in _EMPTY:
        return False
    if len(raw) > _LONGEST:
        return None
    word = "".join(raw.lower().split()).strip("。.，,；;！!、")
    if word in words:
        return words[word]
    if word in _YES or _DONE.fullmatch(word):
        return True
    return False if word in _NO or _UNDONE.fullmatch(word) else None


def _parts(raw: str, words: Words) -> tuple[bool | None, str | None]:
    """An answer with what follows it in brackets or after a comma: a no with any reason, a yes with a detail."""
    first, *others = [part for part in _PART.split("".join(raw.split())) if part] or [""]
    answer = _meaning(first, words)
    if answer is None:
        return None, UNREADABLE
    for other in others:
        meaning = _meaning(other, words)
        if meaning is (not answer) or (answer and meaning is None and not _DETAIL.fullmatch(other)):
            return None, UNREADABLE
    return answer, None


def _options(raw: str, words: Words) -> list[tuple[bool, str]] | None:
    """The words of a choice, each with its marks; None for a text that is no choice between yes and no.

    Marks stand before all words (☑是 □否), after all (是□ 否☑), or at one alone (是 否√). Of a mark between two words
    the space beside it tells to which it belongs (是√ 否); where nothing tells, there are no options.
    """
    tokens: list[tuple[str, str]] = []
    for match in _OPTION.finditer(raw):
        token = match[0]
        if match[2] is None and match[1] is None:
            tokens.append((" ", "") if token.isspace() else ("word", token))
        elif match[2] in ("/", "、", "，", ",", "；", ";", "|"):
            tokens.append((" ", ""))
        else:
            # brackets are a box, empty or with its mark
            tokens.append(("mark", match[2] or match[1] or "□"))
    meanings = {token: _meaning(token, words) for kind, token in tokens if kind == "word"}
    marks = [token for kind, token in tokens if kind == "mark"]
    if set(meanings.values()) != {True, False} or not marks:
        return None
    if not all(m in _TICKS | _EMPTY | _CROSSES | _CROSSED_BOXES | {"v", "V"} for m in marks):
        return None
    solid = [kind for kind, _ in tokens if kind != " "]
    before, after = solid[0] == "mark", solid[-1] == "mark"
    if before == after:
        before = any(a[0] == " " and b[0] == "mark" and c[0] == "word" for a, b, c in _triples(tokens))
        after = any(a[0] == "word" and b[0] == "mark" and c[0] == " " for a, b, c in _triples(tokens))
        if before == after or solid[0] == "mark":
            return []
    options: list[list[str]] = []
    waiting = ""
    for kind, token in tokens:
        if kind == "word":
            options.append([token, waiting if before else ""])
            waiting = ""
        elif kind == "mark" and before:
            waiting += token
        elif kind == "mark" and options:
            options[-1][1] += token
    return [(bool(meanings[word]), own) for word, own in options]


def _triples(tokens: list[tuple[str, str]]) -> list[tuple[tuple[str, str], tuple[str, str], tuple[str, str]]]:
    return [(a, b, c) for (a, b), (_, c) in pairwise(pairwise(tokens))]


def _chosen(options: list[tuple[bool, str]]) -> tuple[bool | None, str | None]:
    """The answer of the option that is marked."""
    chosen = [answer for answer, marks in options if not (_TICKS | {"v", "V"}).isdisjoint(marks)]
    if not chosen:
        boxes = [answer for answer, marks in options if not _CROSSED_BOXES.isdisjoint(marks)]
        chosen = boxes if len(boxes) == 1 else []
    if len(chosen) == 1:
        return chosen[0], None
    empty = options and all(set(marks) <= _EMPTY for _, marks in options)
    return None, SEVERAL if chosen else UNANSWERED if empty else UNREADABLE
