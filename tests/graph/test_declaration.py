"""What a person writes in YAML is bounded: in depth, number and size, and every mistake is named by its line."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import DeclarationError, InputError
from graph.ontology.declaration import DEEPEST, LARGEST, Declaration
from graph.plain_files import MOST_BYTES, read_text

BOMB = "a0: &a0 [甲, 乙]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[" * 100_000, 1, "套叠太深"),
        ("- " * 100_000, 1, "套叠太深"),
        ("a:\n  b: " + "[" * DEEPEST + "]" * DEEPEST, 2, "套叠太深"),
        (BOMB, 6, "内容太多"),
        ("&a [*a]", 1, "不在前面"),
        ("a: 1\nb: 2\na: 3", 3, "写了两次"),
        ("a: 1\n? [b]\n: 2", 2, "不是一个名称"),
        ("a: 1\nb: .nan", 2, "不是一个数"),
        ("a: -.inf", 1, "不是一个数"),
        (f"a: {LARGEST + 1}", 1, "超出范围"),
        ("a: 9223372036854775808", 1, "超出范围"),
        ("a: " + "9" * 5_000, 1, "太长"),
        ("a: " + "1:" * 5_000 + "1", 1, "太长"),
        ("a: 2026-13-45", 1, "不是一个值"),
        ("a: !!timestamp x", 1, "不是一个值"),
        ("a: !!float ''", 1, "不是一个值"),
        ("a: !!python/object/apply:os.system [x]\nb: !!int x", 2, "不是一个值"),
        ("a: 1\n---\nb: 2", 2, "又开始了一份"),
        ("a: [", 2, "不是合法的 YAML"),
        ("a: \x01", 1, "控制字符"),
    ],
)
def test_what_no_declaration_holds_is_refused_by_its_line_at_once(text: str, line: int, said: str) -> None:
    started = time.process_time()
    with pytest.raises(DeclarationError) as caught:
        Declaration("甲.yaml", text)
    assert f"甲.yaml 第 {line} 行" in str(caught.value)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300
    assert time.process_time() - started < 1


WORDS = st.text(
    alphabet=st.characters(blacklist_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), max_codepoint=0xFFEF), max_size=12
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | WORDS | st.dates(dt.date(1900, 1, 1)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(data=st.dictionaries(WORDS, VALUES, max_size=4))
def test_what_is_written_is_read(data: dict[str, object]) -> None:
    assert Declaration("甲.yaml", yaml.safe_dump(data, allow_unicode=True)).data == data


@given(text=st.text(alphabet="[]{}&*!|>-?:,#'\"ab1. \n\t%@`~", max_size=60))
def test_no_text_is_a_defect(text: str) -> None:
    with suppress(InputError):
        Declaration("甲.yaml", text)


def test_a_file_is_read_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "甲.yaml"
    for content, said in (
        (b"a\n\xff\xfe", "第 2 行不是 UTF-8"),
        (b"a\nb\0", "第 2 行有空字符"),
        (b"a" * (MOST_BYTES + 1), "超过 1024 KB"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=said):
            read_text(path, "对应表")
    path.write_bytes("\ufeff甲".encode())
    assert read_text(path, "对应表") == "甲"
    with pytest.raises(DeclarationError, match="没有找到对应表"):
        read_text(tmp_path / "没有", "对应表", DeclarationError)
