"""Finding by name, code, pinyin initials and division; and that people are not found."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from graph.answers import Answer
from graph.errors import QuestionError
from graph.questions.search import HOLDS, INITIALS, MISS, MOST, OTHERWISE, STARTS, WITHIN, Names
from graph.regions import Regions

QuestionLink = Callable[..., Answer]


def ids(answer: Answer) -> list[str]:
    return [row["id"] for row in answer.rows]


def ranks(word: str, *names: str) -> list[int]:
    count = len(names)
    table = pa.table(
        {"id": [f"u{i}" for i in range(count)], "name": list(names), "code": [""] * count, "region": [""] * count}
    )
    found: list[int] = Names(table, ()).ranks(word, Regions({}, {}, {})).tolist()
    return found


def test_the_closest_come_first(asked: QuestionLink) -> None:
    assert ids(asked("search", q="烟花")) == ["c1", "o1"], "the same before what begins with it"
    assert ids(asked("search", q="990001")) == ["r0", "r1", "r2"], "a code, then those that begin with it"
    assert ids(asked("search", q="第1企业")) == ["o2", "u1"]
    assert asked("search", q="没有").rows == ()
    assert "没有找到" in asked("search", q="没有").notes[0]


def test_initials_answer_to_every_reading_of_a_character() -> None:
    assert ranks("cqca", "重庆长安", "某重庆长安", "长安") == [OTHERWISE, OTHERWISE, MISS]
    assert ranks("zqza", "重庆长安", "某重庆长安") == [INITIALS, WITHIN], "the readings that a dictionary lists first"
    assert ranks("zqca", "重庆长安") == [OTHERWISE], "one character so, the other so"
    assert ranks("yh", "银行", "音乐会", "央企") == [OTHERWISE, OTHERWISE, MISS]
    assert ranks("yx", "银行") == [INITIALS]
    assert ranks("led", "LED照明", "某led厂") == [STARTS, HOLDS]
    assert ranks("ledz", "LED照明") == [INITIALS], "letters of a name are their own"
    # initials never run from one name into the next
    assert ranks("ab", "阿", "爸") == [MISS, MISS]
    assert ranks("a", "", "𠮷", "🏳️‍🌈") == [MISS, MISS, MISS]


def test_initials_of_the_county(asked: QuestionLink) -> None:
    assert ids(asked("search", q="YH")) == ["c1", "o1"]
    assert asked("search", q="yh").rows[0]["how"] == "拼音首字母（从头起）"


def test_the_name_of_a_division_finds_the_entities_in_it(asked: QuestionLink) -> None:
    assert ids(asked("search", q="西镇 企业")) == ["u4", "u5"], "both words; u6 is no longer listed"
    assert ids(asked("search", q="企业", region="东镇")) == ["o2", "u1", "u2", "u3"]
    assert set(ids(asked("search", q="镇", region="东镇"))) == {"r1", "u1", "u2", "u3", "o2", "o3", "j1"}


def test_no_search_finds_people(asked: QuestionLink) -> None:
    """Viewers who may see names do not find people either, because an answer in the cache serves every viewer."""
    for name in ("指导员甲", "书记乙", "组长甲", "g1"):
        assert asked("search", q=name).rows == (), name


def test_many_are_counted_and_some_listed(asked: QuestionLink) -> None:
    answer = asked("search", q="镇")
    assert answer.total("found").value == len(answer.rows) <= MOST


@pytest.mark.parametrize("text", [" ", "\u3000"])
def test_nothing_to_search_for_is_refused(asked: QuestionLink, text: str) -> None:
    with pytest.raises(QuestionError, match="q"):
        asked("search", q=text)
