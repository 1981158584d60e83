"""Reads plain rows with the driver alone, once for each line of its input: `python -m benchmarks.rows URL USER HOW`.

The driver uses its extension (neo4j-rust-ext) if it can be imported, and its own Python if not. HOW `python` makes
that import fail before the driver tries it, which is what a machine without the wheel does.
"""

from __future__ import annotations

import sys

TEXT = "MATCH (o:PartyOrg) RETURN o.id AS id, o.name AS name"


def main(url: str, user: str, how: str) -> None:
    """The password is the first line of the input; how many rows were read is said after each of the others."""
    if how == "python":
        sys.modules["neo4j._rust"] = None  # what stands as None here cannot be imported
    import neo4j
    from neo4j._codec.packstream import v1

    assert (v1._rust_unpack is None) == (how == "python"), "the extension is not where it was"
    password = sys.stdin.readline().strip()
    with neo4j.GraphDatabase.driver(url, auth=(user, password)) as driver, driver.session() as session:
        for _ in sys.stdin:
            print(len([(record["id"], record["name"]) for record in session.run(TEXT)]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
