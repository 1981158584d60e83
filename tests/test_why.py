"""The sample: what a rule says of one subject is what its run says, subject by subject."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from loaders.sample import REFERENCE_DATE

#: of those who are clear or outside, one of so many is asked about; of findings and 待核实 all are
ONE_OF = 11


@pytest.fixture(scope="module")
def reader(either_sample: Store) -> Iterator[Reader]:
    with either_sample.reader() as reader:
        yield CachingReader(reader, TableCache())


@pytest.mark.parametrize("rule", book().rules)
def test_one_subject_is_judged_as_all_are(reader: Reader, rule: str) -> None:
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), book=book())
    outcome = book().run(reader, rule, context)
    said = dict.fromkeys(outcome.population, "clear")
    said |= dict.fromkeys((f.subject for f in outcome.unverified), "unverified")
    said |= dict.fromkeys((f.subject for f in outcome.findings), "finding")
    facts = {f.subject: f.facts for f in (*outcome.unverified, *outcome.findings)}
    asked = set(facts)
    for node_type in outcome.rule.subjects:
        asked |= set(reader.query(f"MATCH (n:{node_type}) RETURN n.id AS id ORDER BY id")["id"].to_pylist()[::ONE_OF])
    for subject in sorted(asked):
        judgement = book().judged(reader, rule, context, subject)
        assert judgement.state == said.get(subject, "outside"), subject
        assert judgement.facts == facts.get(subject, judgement.facts), subject
