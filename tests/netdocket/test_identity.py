"""Ids and versions: fixed for good, so their values are written out here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netdocket import identity
from netdocket.errors import ConfigurationError

BASE = "https://www.example.org"


def test_replica_on_another_port_gives_the_same_address() -> None:
    live = identity.canonical_url(f"{BASE}/a/b.htm?id=3&utm=x#top", base=BASE, query_parameters=["id"])
    replica = identity.canonical_url(
        "http://127.0.0.1:8123/a/b.htm?utm=y&id=3", base=BASE, query_parameters=["id"]
    )
    assert live == replica == "https://www.example.org/a/b.htm?id=3"


def test_ids_never_change() -> None:
    bulletin = identity.bulletin_id("cac", "https://www.cac.gov.cn/x.htm")
    assert bulletin == "a29643df-e14d-521d-8dbf-8f27e233f450"
    assert identity.record_id(bulletin, "某公司  未履行\n义务", 0) == identity.record_id(
        bulletin, "某公司 未履行 义务", 0
    )
    assert identity.record_id(bulletin, "某公司", 0) != identity.record_id(bulletin, "某公司", 1)


def test_digest_ignores_white_space_and_normal_form_only() -> None:
    def digest(**changed: str | None) -> str:
        return identity.content_digest(
            **{"title": "t", "published": "2024", "publisher": "p", "text": "a b"} | changed
        )

    assert digest(text="a \n b ") == digest()
    assert digest(text="é") == digest(text="é")
    others = [digest(text="a c"), digest(title="u"), digest(published=None), digest(publisher="q")]
    assert len({digest(), *others}) == 5


@given(
    st.tuples(st.integers(0, identity.MAX_REVISION - 1), st.integers(0, identity.MAX_RULES_VERSION)),
    st.tuples(st.integers(0, identity.MAX_REVISION - 1), st.integers(0, identity.MAX_RULES_VERSION)),
)
def test_versions_order_by_revision_then_rules(a: tuple[int, int], b: tuple[int, int]) -> None:
    assert (identity.external_version(*a) < identity.external_version(*b)) == (a < b)
    assert identity.external_version(*a) < identity.REMOVED_VERSION < 2**53


@pytest.mark.parametrize("revision, rules", [(-1, 1), (identity.MAX_REVISION, 1), (1, -1), (1, 2**20)])
def test_versions_out_of_bounds_are_refused(revision: int, rules: int) -> None:
    with pytest.raises(ConfigurationError):
        identity.external_version(revision, rules)
