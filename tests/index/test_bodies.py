"""Bodies taken one by one: what is refused and how it is named, what answers look like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.embedded import EmbeddedStore
from index.store import Write
from netdocket.errors import MalformedQuery, UnsupportedQuery

TEXT = (
    "某市网信办近日通报。甲公司未履行网络安全保护义务，被处以罚款五万元。"
    "乙公司泄露个人信息，被责令改正。The Data Security Law applies to APP operators.\n附件：名单"
)
DOCUMENTS: dict[str, dict[str, Any]] = {
    "a": {
        "record_id": "a",
        "title": "网络安全处罚",
        "text": TEXT,
        "event_date": "2024-01-31",
        "published": "2024",
        "violation": ["V1", "V2"],
        "place": {"province": "320000", "prefecture": "320100"},
        "kind_label": {"en": "Enforcement case", "zh": "执法案例"},
        "record": {"anything": [{"at": 1}]},
        "fine_total": 5_000_000,
        "amount_unknown": False,
    },
    "b": {
        "record_id": "b",
        "title": "数据出境",
        "event_date": "2024-03",
        "violation": ["V2"],
        "amount_unknown": True,
    },
    "c": {"record_id": "c", "title": "安全 网络", "event_date": "2023-12-31T23:30:00+08:00", "fine_total": 0},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path_factory.mktemp("store"), writer=True) as opened:
        opened.bulk([Write("cases", id, 1, document) for id, document in DOCUMENTS.items()])
        opened.refresh()
        yield opened


def found(store: EmbeddedStore, query: Any) -> str:
    hits = store.search("cases", {"query": query, "sort": ["record_id"]})["hits"]["hits"]
    return "".join(hit["_id"] for hit in hits)


UNSUPPORTED = {
    "query.fuzzy": {"query": {"fuzzy": {"title": "x"}}},
    "query.bool.must[1].regexp": {
        "query": {"bool": {"must": [{"match_all": {}}, {"regexp": {"region": "x"}}]}}
    },
    "query.term.nonsense": {"query": {"term": {"nonsense": 1}}},
    "query.match.title.fuzziness": {"query": {"match": {"title": {"query": "x", "fuzziness": 1}}}},
    "query.term.region.boost": {"query": {"term": {"region": {"value": "x", "boost": 2}}}},
    "query.range.event_date.format": {
        "query": {"range": {"event_date": {"gte": "01/2024", "format": "MM/yyyy"}}}
    },
    "query.query_string.query": {"query": {"query_string": {"query": "a AND b OR c"}}},
    "aggs.by_type.significant_terms": {"aggs": {"by_type": {"significant_terms": {"field": "kind"}}}},
    "aggs.a.aggs.b.derivative": {
        "aggs": {"a": {"terms": {"field": "kind"}, "aggs": {"b": {"derivative": {"buckets_path": "x"}}}}}
    },
    "aggs.a.terms.script": {"aggs": {"a": {"terms": {"field": "kind", "script": "x"}}}},
    "aggs.a.terms.include": {"aggs": {"a": {"terms": {"field": "kind", "include": "E.*"}}}},
    "aggs.a.date_histogram.format": {
        "aggs": {
            "a": {"date_histogram": {"field": "event_date", "calendar_interval": "month", "format": "MMM"}}
        }
    },
    "aggs.a.terms.order": {"aggs": {"a": {"terms": {"field": "kind", "order": {"b>c": "asc"}}}}},
    "collapse": {"collapse": {"field": "kind"}},
    "sort[0].title": {"sort": ["title"]},
    "sort[0].violation": {"sort": [{"violation": "desc"}]},
    "highlight.fields.nonsense": {"highlight": {"fields": {"nonsense": {}}}},
}
MALFORMED = {
    "query": {"query": {"term": {}, "terms": {}}},
    "query.bool.must[0]": {"query": {"bool": {"must": ["x"]}}},
    "query.range.event_date.gte": {"query": {"range": {"event_date": {"gte": "soon"}}}},
    "query.range.fine_total.gte": {"query": {"range": {"fine_total": {"gte": "much"}}}},
    "query.range.event_date.time_zone": {
        "query": {"range": {"event_date": {"gte": "2024", "time_zone": "Mars/Olympus"}}}
    },
    "query.term.amount_unknown": {"query": {"term": {"amount_unknown": "perhaps"}}},
    "query.query_string.query": {"query": {"query_string": {"query": "(a AND b"}}},
    "aggs.a": {"aggs": {"a": {"terms": {"field": "kind"}, "filter": {"match_all": {}}}}},
    "aggs.a.terms": {"aggs": {"a": {"terms": {}}}},
    "aggs.a.terms.size": {"aggs": {"a": {"terms": {"field": "kind", "size": 0}}}},
    "aggs.a.terms.field": {"aggs": {"a": {"terms": {"field": "title"}}}},
    "aggs.a.histogram.field": {"aggs": {"a": {"histogram": {"field": "conduct_date", "interval": 1}}}},
    "aggs.a.sum.field": {"aggs": {"a": {"sum": {"field": "kind"}}}},
    "aggs.a.aggs": {"aggs": {"a": {"sum": {"field": "fine_total"}, "aggs": {"b": {"global": {}}}}}},
    "aggs.a.aggs.b.global": {"aggs": {"a": {"terms": {"field": "kind"}, "aggs": {"b": {"global": {}}}}}},
    "aggs.a.aggs.b.composite": {
        "aggs": {"a": {"terms": {"field": "kind"}, "aggs": {"b": {"composite": {"sources": []}}}}}
    },
    "aggs.a.date_histogram": {"aggs": {"a": {"date_histogram": {"field": "event_date"}}}},
    "sort[0].nonsense": {"sort": [{"nonsense": "asc"}]},
    "sort[0].kind.order": {"sort": [{"kind": "sideways"}]},
    "search_after": {"sort": ["kind", "record_id"], "search_after": ["x"]},
    "from": {"from": 9_999, "size": 10},
    "size": {"size": -1},
    "track_total_hits": {"track_total_hits": "yes"},
}


@pytest.mark.parametrize("path", UNSUPPORTED)
def test_what_is_not_supported_is_named(store: EmbeddedStore, path: str) -> None:
    with pytest.raises(UnsupportedQuery) as caught:
        store.search("cases", UNSUPPORTED[path])
    assert caught.value.where == path


@pytest.mark.parametrize("path", MALFORMED)
def test_what_is_ill_formed_is_named(store: EmbeddedStore, path: str) -> None:
    with pytest.raises(MalformedQuery) as caught:
        store.search("cases", MALFORMED[path])
    assert caught.value.where == path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"网络安全"', "a"),
        ('"安全网络"', "c"),
        ('title:"网络安全" OR title:数据出境', "ab"),
        ('title:("网络安全" OR "数据")', "ab"),
        ("+title:网络 -violation:V1", "c"),
        ("NOT violation:V2", "c"),
        ("violation:V2 AND NOT title:数据", "a"),
        ("app* AND operators", "a"),
        ("_exists_:fine_total", "ac"),
        ("fine_total:0", "c"),
        ("event_date:2024-01-31", "a"),
        ("*", "abc"),
        ("", ""),
        ("Security law", "a"),
    ],
)
def test_query_strings(store: EmbeddedStore, text: str, expected: str) -> None:
    query = {"query_string": {"query": text, "fields": ["title", "text"], "default_operator": "and"}}
    assert found(store, query) == expected


def test_a_chinese_word_can_be_taken_as_a_phrase(store: EmbeddedStore) -> None:
    loose = {"query_string": {"query": "网络安全", "fields": ["title"], "default_operator": "and"}}
    assert found(store, loose) == "ac"
    assert found(store, {"query_string": {**loose["query_string"], "type": "phrase"}}) == "a"
    assert (
        found(store, {"multi_match": {"query": "网络安全", "fields": ["title", "text"], "type": "phrase"}})
        == "a"
    )


def test_a_phrase_with_slop_lets_words_stand_between(store: EmbeddedStore) -> None:
    assert found(store, {"match_phrase": {"text": "甲公司网络安全"}}) == ""
    assert found(store, {"match_phrase": {"text": {"query": "甲公司网络安全", "slop": 3}}}) == "a"


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({"gte": "2024-01-31", "lte": "2024-01-31"}, "a"),
        ({"gte": "2024"}, "ab"),
        ({"lt": "2024"}, "c"),
        ({"lt": "2023-12-31", "time_zone": "Asia/Shanghai"}, ""),
        ({"lte": "2023-12-31", "time_zone": "+08:00"}, "c"),
        ({"gte": "2024-01-15||/M", "lt": "2024-01-15||+1M/M"}, "a"),
        ({"gt": "2024-01-15||/M"}, "b"),
        ({"gte": "2024-03-31||-1M/d", "lte": "2024-03-31||/M"}, "b"),
        ({"gte": 1706659200000, "format": "epoch_millis"}, "ab"),
        ({"lt": "now-1d/d"}, "abc"),
    ],
)
def test_date_ranges(store: EmbeddedStore, ends: dict[str, Any], expected: str) -> None:
    assert found(store, {"range": {"event_date": ends}}) == expected


def test_a_month_lies_in_its_time_zone(store: EmbeddedStore) -> None:
    def months(**options: Any) -> list[str]:
        histogram = {"field": "event_date", "calendar_interval": "month", "min_doc_count": 1, **options}
        body = {"size": 0, "aggs": {"m": {"date_histogram": histogram}}}
        return [one["key_as_string"] for one in store.search("cases", body)["aggregations"]["m"]["buckets"]]

    assert months(format="yyyy-MM") == ["2023-12", "2024-01", "2024-03"]
    assert months(time_zone="-09:00", format="yyyy-MM") == ["2023-12", "2024-01", "2024-02"]
    assert months(time_zone="Asia/Shanghai")[0] == "2023-12-01T00:00:00.000+08:00"
    assert months()[1] == "2024-01-01T00:00:00.000Z"


def test_bounds_of_a_histogram_widen_and_narrow(store: EmbeddedStore) -> None:
    def keys(**options: Any) -> list[str]:
        histogram = {"field": "event_date", "calendar_interval": "year", "format": "yyyy", **options}
        body = {
            "size": 0,
            "query": {"exists": {"field": "violation"}},
            "aggs": {"m": {"date_histogram": histogram}},
        }
        return [one["key_as_string"] for one in store.search("cases", body)["aggregations"]["m"]["buckets"]]

    assert keys() == ["2024"]
    assert keys(extended_bounds={"min": "2022", "max": "2025"}) == ["2022", "2023", "2024", "2025"]
    assert keys(extended_bounds={"min": "2022", "max": "2025"}, hard_bounds={"min": "2023"}) == [
        "2023",
        "2024",
        "2025",
    ]
    assert keys(hard_bounds={"min": "2025"}) == []


def test_sources_can_be_cut(store: EmbeddedStore) -> None:
    def source(given: Any) -> Any:
        hit = store.search("cases", {"query": {"ids": {"values": ["a"]}}, "_source": given})["hits"]["hits"][
            0
        ]
        return hit.get("_source", "none")

    assert source(True) == DOCUMENTS["a"]
    assert source(False) == "none"
    assert source("title") == {"title": "网络安全处罚"}
    assert source(["place", "kind_label.e*"]) == {
        "place": {"province": "320000", "prefecture": "320100"},
        "kind_label": {"en": "Enforcement case"},
    }
    assert set(source({"excludes": ["text", "rec*", "place.province"]})) == set(DOCUMENTS["a"]) - {
        "text", "record", "record_id"
    }  # fmt: skip
    assert source({"includes": ["place"], "excludes": ["*.province"]}) == {"place": {"prefecture": "320100"}}


def test_marks_stand_around_whole_words_in_short_fragments(store: EmbeddedStore) -> None:
    def marks(query: Any, **options: Any) -> Any:
        body = {"query": query, "highlight": {"fields": {"text": {}, "title": {}}, **options}}
        return store.search("cases", body)["hits"]["hits"][0].get("highlight")

    phrase = {"match_phrase": {"text": "网络安全"}}
    assert marks(phrase, fragment_size=30) == {
        "text": ["甲公司未履行<em>网络安全</em>保护义务，被处以罚款五万元。"]
    }
    tags = {"pre_tags": ["["], "post_tags": ["]"], "number_of_fragments": 0}
    whole = marks({"bool": {"should": [phrase, {"match": {"text": "app"}}]}}, **tags)
    assert whole["text"] == [TEXT.replace("网络安全", "[网络安全]").replace("APP", "[APP]")]
    excluded = {
        "bool": {"must": [{"match_phrase": {"title": "处罚"}}], "must_not": [{"match": {"text": "丙"}}]}
    }
    assert marks(excluded) == {"title": ["网络安全<em>处罚</em>"]}


def test_marked_text_can_be_made_safe_for_html(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path, writer=True) as store:
        store.bulk([Write("cases", "x", 1, {"text": "<script>罚款</script>"})])
        store.refresh()
        body = {
            "query": {"match_phrase": {"text": "罚款"}},
            "highlight": {"fields": {"text": {}}, "encoder": "html"},
        }
        marked = store.search("cases", body)["hits"]["hits"][0]["highlight"]["text"]
    assert marked == ["&lt;script&gt;<em>罚款</em>&lt;/script&gt;"]


def test_the_answer_has_elasticsearchs_shape(store: EmbeddedStore) -> None:
    body = {
        "size": 1,
        "sort": [{"fine_total": {"order": "asc", "missing": "_first"}}, "record_id"],
        "track_total_hits": 2,
        "aggs": {
            "unknown": {"terms": {"field": "amount_unknown"}},
            "years": {"terms": {"field": "published"}},
            "share": {"avg": {"field": "confidence"}},
        },
    }
    answer = store.search("cases", body)
    assert answer.pop("took") >= 0
    assert answer == {
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": 2, "relation": "gte"},
            "max_score": None,
            "hits": [
                {
                    "_index": "cases",
                    "_id": "b",
                    "_score": None,
                    "_source": DOCUMENTS["b"],
                    "sort": [-(2**63), "b"],
                }
            ],
        },
        "aggregations": {
            "unknown": {
                "doc_count_error_upper_bound": 0,
                "sum_other_doc_count": 0,
                "buckets": [
                    {"key": 0, "key_as_string": "false", "doc_count": 1},
                    {"key": 1, "key_as_string": "true", "doc_count": 1},
                ],
            },
            "years": {
                "doc_count_error_upper_bound": 0,
                "sum_other_doc_count": 0,
                "buckets": [
                    {"key": 1704067200000, "key_as_string": "2024-01-01T00:00:00.000Z", "doc_count": 1}
                ],
            },
            "share": {"value": None},
        },
    }


def test_relevance_orders_hits_where_no_sort_is_given(store: EmbeddedStore) -> None:
    hits = store.search("cases", {"query": {"match": {"title": "网络安全处罚"}}})["hits"]
    assert [hit["_id"] for hit in hits["hits"]] == ["a", "c"]
    assert hits["max_score"] == hits["hits"][0]["_score"] > hits["hits"][1]["_score"] > 0
    plain = store.search("cases", {"query": {"bool": {"filter": [{"term": {"violation": "V2"}}]}}})["hits"]
    assert [(hit["_id"], hit["_score"]) for hit in plain["hits"]] == [("a", 0.0), ("b", 0.0)]


def test_an_index_without_documents_answers_like_any_other(store: EmbeddedStore) -> None:
    body = {"aggs": {"t": {"terms": {"field": "penalty_type"}}, "s": {"stats": {"field": "amount"}}}}
    answer = store.search("penalties", body)
    assert answer["hits"]["total"] == {"value": 0, "relation": "eq"}
    assert answer["aggregations"]["t"]["buckets"] == []
    assert answer["aggregations"]["s"] == {"count": 0, "min": None, "max": None, "avg": None, "sum": 0.0}


def test_a_tie_of_thousands_is_cut_by_key(tmp_path: Path) -> None:
    """More terms tie than may be fetched; each count is spread over several commits."""
    names = [f"subject {number:05}" for number in range(70_000)]
    documents = {"better": names[69_990:], "rest": names}
    with EmbeddedStore(tmp_path, writer=True) as store:
        for part, (key, held) in enumerate([*documents.items(), ("again", names[10:69_995])]):
            chunks = [held[start : start + 500] for start in range(0, len(held), 500)]
            store.bulk(
                [
                    Write(
                        "cases",
                        f"{part}-{number}",
                        1,
                        {"region": key, "subject_name": chunk, "penalty_count": 1},
                    )
                    for number, chunk in enumerate(chunks)
                ]
            )
            store.refresh()
        terms = {"field": "subject_name", "size": 8}
        body = {
            "size": 0,
            "aggs": {"t": {"terms": terms, "aggs": {"s": {"sum": {"field": "penalty_count"}}}}},
        }
        answer = store.search("cases", body)["aggregations"]["t"]
    counts = [(one["key"], one["doc_count"], one["s"]["value"]) for one in answer["buckets"]]
    thrice = [(name, 3, 3.0) for name in names[69_990:69_995]]
    assert counts == thrice + [(name, 2, 2.0) for name in names[10:13]]
    assert answer["sum_other_doc_count"] == 10 + 70_000 + 69_985 - 15 - 6
