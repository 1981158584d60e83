"""Two stores that differ only outside the divisions of a limited viewer, and a crawl that compares what each serves.

`python -m tests.scopes` follows every link, for a viewer of a town and one of a park; the test in tests/api/web takes
the first of them.
"""

from __future__ import annotations

import html
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from api.office import Office, open_office
from api.viewer import Viewer
from api.web.app import create_app
from graph.locality import Locality
from graph.ontology import load
from graph.regions import Regions
from graph.rules.book import book
from graph.stores import transfer
from graph.stores.base import Reader, Store
from graph.stores.ladybug.reading import Reading
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.transfer import Portion
from loaders import pipeline
from loaders.sample import REFERENCE_DATE, generate
from tests.api.client import Client
from visualizations.sheets.writing import write

#: what rules judge inside things by, of the far end of a relation: a limited viewer's figures may rest on it
JUDGED = {
    "listed", "kind", "role", "duty", "operating", "ownership", "founded_on", "closed_on", "level", "grade", "key_chain", "lead_department",
    "first_secretary", "held_on", "expected", "attended",
}  # fmt: skip
#: relations by which a shared thing has others above it, of which the names are known too
ABOVE = ("PART_OF", "SUBORDINATE_TO", "LEADS_CHAIN")
#: a word that stands in every changed text, and in none that is inside
ELSEWHERE = "秘而不宣"
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
FORMATS = ("", ".json", ".csv", ".html")


@dataclass(frozen=True)
class Pair:
    """The clients of two stores for one viewer, and the ids of what lies outside in either."""

    one: Client
    other: Client
    offices: tuple[Office, Office]
    outside: tuple[str, ...]

    def close(self) -> None:
        for office in self.offices:
            office.close()


def loaded(folder: Path) -> Store:
    """A store of a county of the sample, whole, and one reduced to a hundred units."""
    for workbook in (*generate("丙县"), *generate("丁市", units=100)):
        target = folder / workbook.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write(workbook, target)
    store = EmbeddedStore(folder / "sample.lbug", create=True)
    request = pipeline.LoadRequest([folder], Locality(), author="测试", book=book(), as_of=REFERENCE_DATE)
    pipeline.load(store, request)
    return store


def places(store: Store) -> list[str]:
    """A town and a park, each the one with the most in it."""
    most = "MATCH (n)-[:{}]->(r:Region) WHERE r.kind = '{}' RETURN r.name AS name, count(*) AS n ORDER BY n DESC, name LIMIT 1"
    with store.reader() as reader:
        kinds = (("LOCATED_IN", "镇街"), ("IN_PLACE", "园区"))
        return [str(reader.query(most.format(*of))["name"][0].as_py()) for of in kinds]


def pair(store: Store, folder: Path, region: str, clearance: Iterable[str] = ("members", "person", "case")) -> Pair:
    """A store copied twice, once as it is and once with everything changed that does not lie in the region."""
    with store.reader() as reader:
        portions = list(transfer.portions(reader, load()))
        inside, named = _inside(reader, region)
    names = ("as-it-is", "changed")
    for name, content in zip(names, (portions, list(_changed(portions, inside, named))), strict=True):
        copy = EmbeddedStore(folder / f"{name}.lbug", create=True)
        with copy.writer("测试", name) as writer:
            transfer.write(writer, content)
        copy.close()
    offices = tuple(open_office(str(folder / f"{name}.lbug"), as_of=REFERENCE_DATE) for name in names)
    viewer = Viewer("镇上的人", (region,), frozenset(clearance))
    clients = [Client(create_app(office, viewer)) for office in offices]
    ids = {id_ for p in portions if not p.ends and not load().nodes[p.kind].system for id_ in p.rows["id"].to_pylist()}
    return Pair(clients[0], clients[1], (offices[0], offices[1]), tuple(sorted(ids - inside)))


def _inside(reader: Reader, region: str) -> tuple[set[str], set[str]]:
    """The ids of what lies in a region, by the relations of the store, and of the other things whose name is known."""
    tree = Regions.read(reader)
    root = next(id_ for id_, name in tree.names.items() if name == region)
    regions = [*tree.below([root])]
    lying = "MATCH (n)-[:{}]->(r:Region) WHERE r.id IN $regions RETURN n.id AS id"
    inside = {*regions}
    for edge in ("LOCATED_IN", "IN_PLACE"):
        inside |= {*reader.query(lying.format(edge), {"regions": regions})["id"].to_pylist()}
    # no question may ask for the type of an edge
    assert isinstance(reader, Reading)
    pairs = reader.ask("MATCH (a)-[e]->(b) RETURN a.id AS a, b.id AS b, label(e) AS type").to_pylist()
    named = {p[far] for p in pairs for near, far in (("a", "b"), ("b", "a")) if p[near] in inside}
    named |= {*tree.path(root)}
    inside |= {p["a"] for p in pairs if p["type"] == "DEFERS" and p["b"] in {*inside, *tree.path(root)}}
    size = -1
    while size != len(named):
        size = len(named)
        for p in pairs:
            low, high = ("b", "a") if p["type"] == "LEADS_CHAIN" else ("a", "b")
            if p["type"] in ABOVE and p[low] in named | inside:
                named.add(p[high])
    return inside, named - inside


def _changed(portions: Iterable[Portion], inside: set[str], named: set[str]) -> Iterator[Portion]:
    """The portions with all else changed: texts, numbers and dates of other things, and the relations among them."""
    ontology = load()
    for portion in portions:
        rows = portion.rows.to_pylist()
        if portion.ends:
            kept = [
                r
                for n, r in enumerate(rows)
                if portion.kind in (*ABOVE, "LOCATED_IN") or {r["from"], r["to"]} & inside or n % 2
            ]
            yield Portion(portion.kind, pa.Table.from_pylist(kept, portion.rows.schema), portion.ends)
            continue
        kind = ontology.nodes[portion.kind]
        if not kind.system:
            rows = [r if r["id"] in inside else _other(r, kind.called.name if r["id"] in named else "") for r in rows]
            if portion.kind == "Unit":
                rows += [
                    dict.fromkeys(rows[0]) | {"id": f"u{n:016x}", "name": f"{ELSEWHERE}{n}", "listed": True}
                    for n in range(9)
                ]
        elif portion.kind == "SourceRow":
            rows = [
                r
                if r["entity"] in inside
                else r | {"file": f"{ELSEWHERE}.csv", "line": r["line"] + 1, "values": '{"a": 1}'}
                for r in rows
            ]
        elif portion.kind == "Review":
            rows = [r if {r["subject"], r["other"]} & inside else r | {"question": ELSEWHERE} for r in rows]
            rows += [r | {"id": f"{r['id']}0", "question": ELSEWHERE} for r in rows if ELSEWHERE in r["question"]]
        elif portion.kind == "Measurement":
            rows = [
                r if r["division"] in inside else r | {"population": r["population"] + 3, "findings": r["findings"] + 1}
                for r in rows
            ]
        elif portion.kind == "FindingSpan":
            rows = [r for n, r in enumerate(rows) if r["subject"] in inside or n % 3]
        elif portion.kind in ("Change", "Import"):
            rows = [
                r | {name: ELSEWHERE if name == "note" else "{}" for name in ("note", "report") if name in r}
                for r in rows
            ]
        yield Portion(portion.kind, pa.Table.from_pylist(rows, portion.rows.schema))


def _other(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A thing of which all but its id, its `name` and what rules judge by is changed."""

    def value(key: str, old: Any) -> Any:
        if key in ("id", name) or key in JUDGED or old is None:
            return old
        if isinstance(old, bool):
            return not old
        if isinstance(old, int | float):
            return old + 7
        if isinstance(old, str):
            # divisions of the sample are known by their codes
            return old if key == "code" and name else f"{old}{ELSEWHERE}"
        return [f"{item}{ELSEWHERE}" for item in old] if isinstance(old, list) else None

    return {key: value(key, old) for key, old in row.items()}


def starts(office: Office) -> list[str]:
    """The pages and files from which everything else is linked."""
    open_ = [q.name for q in office.questions.values() if not any(p.required for p in q.parameters)]
    pages = ["/", "/load", "/reviews", "/deferrals", "/help", "/docs", "/questions", "/openapi.json", "/healthz"]
    return pages + [f"/answers/{name}{suffix}" for suffix in FORMATS for name in open_]


def crawl(made: Pair, most: int) -> list[str]:
    """Follow the links of both stores, breadth first and each once, up to `most`; what differs or tells of elsewhere."""
    wrong: list[str] = []
    waiting = dict.fromkeys(starts(made.offices[0]))
    for number, address in enumerate(waiting := [*waiting]):
        if number >= most:
            break
        accept = {} if "." in address.partition("?")[0] else {"accept": "text/html"}
        got = [client.get(address, **accept) for client in (made.one, made.other)]
        texts = [_plain(answer.text) for answer in got]
        if got[0].status_code != got[1].status_code or texts[0] != texts[1]:
            wrong.append(f"{address}: {got[0].status_code} {got[1].status_code} {_difference(*texts)}")
        if ELSEWHERE in texts[1]:
            wrong.append(f"{address}: {texts[1][max(0, texts[1].find(ELSEWHERE) - 60) :][:100]}")
        if got[0].status_code >= 500:
            wrong.append(f"{address}: {got[0].status_code}")
        links = [got[0].headers.get("location", ""), *LINK.findall(got[0].text)]
        known = {*waiting}
        for link in dict.fromkeys(html.unescape(link) for link in links):
            if link.startswith("/") and not link.startswith("/static/") and link not in known:
                waiting.append(link)
    return wrong


def _plain(text: str) -> str:
    """A body without what differs with every request: the nonce, the number of an error."""
    text = re.sub(r'nonce="[^"]*"|编号 ?<code>[^<]*|"number": ?"[^"]*"', "", text)
    return re.sub(r"编号[^，。<]{0,4}[0-9a-f]{6,}", "", text)


def _difference(one: str, other: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"…{one[max(0, at - 50) : at + 50]}… / …{other[max(0, at - 50) : at + 50]}…"


def main() -> None:
    """Everything, on a town and a park of the sample."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        store = loaded(root / "sample")
        for region in places(store):
            own = root / region
            own.mkdir()
            made = pair(store, own, region)
            wrong = crawl(made, int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
            made.close()
            print(region, *(wrong or ["没有差别"]), sep="\n")
            if wrong:
                raise SystemExit(1)


if __name__ == "__main__":
    main()
