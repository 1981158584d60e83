"""What is code in a query, and what is a text, a quoted name, a comment or a parameter."""

from __future__ import annotations

import pytest

from graph.stores.cypher import named_parameters
from graph.stores.lexing import code, parameters, texts, tokens, without_comments


@pytest.mark.parametrize(
    ("cypher", "names"),
    [
        ("u.a = $one AND $`two words` > 2", {"one", "two words"}),
        ("u.a = '$one' AND u.b = \"$two\"", set()),
        ("u.`$one` = 1", set()),
        ("u.a = 1 // $one\nAND $two", {"two"}),
        ("u.a /* $one\n $two */ = $three", {"three"}),
        ("'it\\'s $one' + $two", {"two"}),
        ("// it's\n$one // isn't", {"one"}),
        ("'http://a' + $one", {"one"}),
        ("'/*' + $one + '*/'", {"one"}),
        ("`it's` = $one", {"one"}),
        ("`a``$b` = $c", {"c"}),
        ("$中文名", {"中文名"}),
    ],
)
def test_parameters_are_those_of_the_code(cypher: str, names: set[str]) -> None:
    assert parameters(cypher) == names


@pytest.mark.parametrize(
    "cypher",
    [
        "/* ' */ CREATE (n) /* ' */",
        "// '\nCREATE (n) // '",
        "'a' CREATE (n)",
        '"\'" CREATE (n) "\'"',
        "`'` CREATE (n) `'`",
        "'\\\\' CREATE (n) '\\\\'",
        "/* a */ CREATE (n) /* b */",
        "'// ' CREATE (n)",
        "'never closed CREATE (n)",
        "/* never closed CREATE (n)",
    ],
)
def test_a_write_is_seen_whatever_stands_around_it(cypher: str) -> None:
    assert "CREATE" in code(cypher)


@pytest.mark.parametrize(
    "cypher", ["// CREATE", "/* CREATE\nCREATE */", "'CREATE'", '"CREATE"', "`CREATE`", "'\\' CREATE'", "'a\nCREATE'"]
)
def test_words_that_are_no_code_are_blank_and_lines_stay(cypher: str) -> None:
    assert "CREATE" not in code(cypher)
    assert len(code(cypher)) == len(cypher)
    assert code(cypher).count("\n") == cypher.count("\n")


def test_comments_go_and_nothing_else_does() -> None:
    query = "MATCH (u)/* all */WHERE u.a = '// no'  // yes\n// a line\n\nRETURN u.`/* no */`"
    assert without_comments(query) == "MATCH (u) WHERE u.a = '// no'\nRETURN u.`/* no */`"


def test_each_token_says_what_it_is_and_where() -> None:
    listed = [(t.kind, t.value, t.start) for t in tokens("a 'b' `c` $d /* e */ 1.5 <> \\")]
    assert listed == [
        ("word", "a", 0), ("text", "b", 2), ("name", "c", 6), ("parameter", "d", 10), ("comment", "/* e */", 13),
        ("number", "1.5", 21), ("sign", "<>", 25), ("stray", "\\", 28),
    ]  # fmt: skip
    assert texts("'a' = \"b\" // 'c'") == {"a", "b"}


def test_a_store_is_given_the_parameters_that_the_lexer_sees() -> None:
    values = {"low": 3, "门槛": 5, "other": 7}
    assert named_parameters("u.a > $`low` AND u.b > $门槛 // $other", values) == {"low": 3, "门槛": 5}
