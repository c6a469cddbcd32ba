"""Old and new articles of an amended law are one provision where the catalogue says so."""

from __future__ import annotations

from enrich import load_knowledge
from enrich.concordance import provisions

FOUND = {found.code: found for found in provisions(load_knowledge().laws.values())}


def test_an_article_that_was_renumbered_is_one_provision() -> None:
    assert FOUND["CSL:21>23"].article_keys == ("CSL-2016:21", "CSL-2025:23")
    assert FOUND["PSAPL:29>33"].article_keys == ("PSAPL-2012:29", "PSAPL-2025:33")


def test_articles_that_were_split_or_merged_stand_together() -> None:
    assert "CSL:18>19,20" in FOUND
    assert "CSL:64,66,70>71" in FOUND
    assert "CSL:68,69>69,70" in FOUND
    assert "PSAPL:49>58,59" in FOUND


def test_a_new_article_without_a_former_one_stands_alone() -> None:
    assert FOUND["CSL:>63"].article_keys == ("CSL-2025:63",)
    assert "CSL:>20" not in FOUND  # part of the former 18


def test_every_article_of_the_cybersecurity_law_is_in_one_provision() -> None:
    keys = [key for found in FOUND.values() if found.law == "CSL" for key in found.article_keys]
    assert sorted(keys) == sorted(
        [f"CSL-2016:{n}" for n in range(1, 80)] + [f"CSL-2025:{n}" for n in range(1, 82)]
    )
