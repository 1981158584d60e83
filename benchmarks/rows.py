"""Reads rows with the driver alone for each line of input: `python -m benchmarks.rows URL USER HOW`.

The driver uses its extension (neo4j-rust-ext) if it can be imported, else Python. HOW `python` makes the import fail,
as on a machine without the extension.
"""

from __future__ import annotations

import sys

TEXT = "MATCH (o:PartyOrg) RETURN o.id AS id, o.name AS name"


def main(url: str, user: str, how: str) -> None:
    """Read the password from the first line of input; for each other line read all rows and print their number."""
    if how == "python":
        sys.modules["neo4j._rust"] = None  # type: ignore[assignment]  # makes the import fail
    import neo4j
    from neo4j._codec.packstream import v1

    extension = v1._rust_unpack  # type: ignore[attr-defined]
    assert (extension is None) == (how == "python"), "the extension is not where it was"
    password = sys.stdin.readline().strip()
    with neo4j.GraphDatabase.driver(url, auth=(user, password)) as driver, driver.session() as session:
        for _ in sys.stdin:
            print(len([(record["id"], record["name"]) for record in session.run(TEXT)]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
