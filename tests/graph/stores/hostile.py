"""Texts of queries that try to write, to call or to reach files, in spellings that hide it."""

from __future__ import annotations

from hypothesis import strategies as st

#: a query that only reads, as pieces between which something may be put
READING = (
    "MATCH (u:Unit)",
    "WHERE u.listed AND (size($scope) = 0 OR u.id IN $scope)",
    "WITH u",
    "RETURN u.id AS id, 'finding' AS verdict",
    "ORDER BY id",
)
#: what must never happen, by either engine's words
DEEDS = (
    "SET u.staff = 999",
    "set u.staff=999",
    "REMOVE u.staff",
    "DETACH DELETE u",
    "DELETE u",
    "CREATE (x:Unit {id: 'x'})",
    "MERGE (x:Unit {id: 'x'})",
    "FOREACH (i IN [1] | SET u.staff = i)",
    "CALL { CREATE (x:Unit {id: 'x'}) }",
    "CALL (u) { SET u.staff = 999 }",
    "CALL apoc.cypher.runWrite('x', {})",
    "CALL show_tables() RETURN *",
    "LOAD CSV FROM 'http://localhost/' AS line",
    "LOAD FROM 'units.csv' RETURN *",
    "COPY (MATCH (v:Unit) RETURN v.id) TO 'out.csv'",
    "COPY Unit FROM 'units.csv'",
    "EXPORT DATABASE 'out'",
    "IMPORT DATABASE 'out'",
    "ATTACH 'other.lbug' AS x (dbtype lbug)",
    "INSTALL httpfs",
    "LOAD EXTENSION httpfs",
    "DROP TABLE Unit",
    "ALTER TABLE Unit ADD x INT64",
    "COMMENT ON TABLE Unit IS 'x'",
    "CREATE NODE TABLE X(id STRING PRIMARY KEY)",
    "COMMIT",
    "ROLLBACK",
    "BEGIN TRANSACTION",
    "CHECKPOINT",
    "USE neo4j",
    "EXPLAIN",
    "PROFILE",
    "CYPHER runtime=slotted",
    "FINISH",
    "INSERT (x:Unit {id: 'x'})",
)
#: signs before and after a deed which a reader of the text may take for the beginning or the end of something else
BEFORE = (
    "", "; ", "/* ' */ ", '/* " */ ', "/* ` */ ", "// '\n", "// '\r", "/**/", "'\\'' ", "`", "'", '"', "{ ", "} ", "( ", ") ",
    "\u2028", "\u00a0", "\u200b", "\\u0027", "\\u003b ", "// \u2028", "/* */ */ ", "$", "UNION ALL ", "AS ", "RETURN 1 AS id; ",
)  # fmt: skip
AFTER = (
    "",
    ";",
    " /* ' */",
    ' /* " */',
    " // '",
    "\n",
    " }",
    " )",
    "`",
    "'",
    '"',
    "\u2028",
    "/*",
    "*/",
    " WITH u",
    " UNION ALL",
)
#: signs around a deed that make it no code, or seem to
AROUND = (
    ("/* ", " */"), ("// ", "\n"), ("// ", "\r"), ("// ", "\u2028"), ("// ", "\x0b"), ("/* /* */ ", " */"), ("/* ", " * /"),
    ("/* */ ", " /* */"), ("/*/ ", " /*/"), ("//* ", " */\n"), ("/* // ", " */"), ("// /* ", "\n*/"), ("AND u.id <> '", "'"),
    ("AND u.id <> '\\'", "'"), ("AND u.id <> '\\\\' ", "'"), ("AND u.id <> 'a'' ", "'"), ('AND u.id <> "', '"'), ("AS `", "`"),
    ("AS `a``", "`"), ("-- ", "\n"), ("# ", "\n"),
)  # fmt: skip
#: the same letters by other means
SPELLINGS = (
    lambda deed: deed,
    lambda deed: "/**/".join(deed.split(" ")),
    lambda deed: "\\u00" + deed[:1].encode().hex() + deed[1:],
    lambda deed: "`" + deed.split(" ")[0] + "`" + deed[len(deed.split(" ")[0]) :],
    lambda deed: deed.swapcase(),
    lambda deed: deed.replace(" ", "\u00a0"),
    lambda deed: deed.replace(" ", "\n// '\n"),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A reading query with one or two deeds somewhere in it."""
    pieces = [*READING]
    for _ in range(draw(st.integers(1, 2))):
        deed = draw(st.sampled_from(SPELLINGS))(draw(st.sampled_from(DEEDS)))
        before, after = draw(st.sampled_from(AROUND) | st.tuples(st.sampled_from(BEFORE), st.sampled_from(AFTER)))
        put, place = before + deed + after, draw(st.integers(0, len(pieces)))
        if draw(st.booleans()) or place == len(pieces):
            pieces.insert(place, put)
        else:
            # inside a piece, or in its place
            at = draw(st.integers(0, len(pieces[place])))
            pieces[place] = pieces[place][:at] + " " + put + " " + pieces[place][at:] if draw(st.booleans()) else put
    return draw(st.sampled_from((" ", "\n", "\t"))).join(pieces)
