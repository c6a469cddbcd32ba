"""Bulletins and what classification might find in them, made at random from a seed: every kind of record, both
languages, known and unknown amounts and dates, other jurisdictions, secondary sources.

The texts are put together piece by piece, so that every value's evidence is where it says.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from netdocket.identity import bulletin_id, record_id
from netdocket.records import (
    Archive,
    Authority,
    Bulletin,
    Case,
    CaseDates,
    Citation,
    Classified,
    DateValue,
    Division,
    EventDate,
    Figure,
    Incident,
    Origin,
    Penalty,
    Period,
    Place,
    Product,
    Record,
    Regulatory,
    Report,
    Scale,
    Severity,
    SourceState,
    Span,
    Stated,
    Subject,
    Violation,
)

VIOLATIONS = ("NET_SEC_DUTY", "MLPS", "LOG_RETENTION", "DATA_SEC_DUTY", "PI_CONSENT", "PI_EXCESSIVE", "REAL_NAME",
              "HACKING", "CONTENT_MGMT", "DATA_EXPORT", "RUMOUR", "MINORS", "AID_CYBERCRIME", "OTHER")  # fmt: skip
AUTHORITIES = (
    ("CAC_LOCAL", "某市互联网信息办公室"), ("POLICE_LOCAL", "某市公安局网安支队"), ("MIIT", "工业和信息化部"),
    ("CA_PROVINCIAL", "某省通信管理局"), ("CAC_NATIONAL", "国家互联网信息办公室"), ("PBOC", "中国人民银行某分行"),
)  # fmt: skip
PLACES = (
    (Division(code="320000", zh="江苏省", en="Jiangsu"), Division(code="320100", zh="南京市", en="Nanjing")),
    (
        Division(code="440000", zh="广东省", en="Guangdong"),
        Division(code="440300", zh="深圳市", en="Shenzhen"),
    ),
    (Division(code="110000", zh="北京市", en="Beijing"), None),
    (Division(code="510000", zh="四川省", en="Sichuan"), Division(code="510100", zh="成都市", en="Chengdu")),
    (
        Division(code="330000", zh="浙江省", en="Zhejiang"),
        Division(code="330100", zh="杭州市", en="Hangzhou"),
    ),
)
ARTICLES = (("CSL", "CSL-2016", "21"), ("CSL", "CSL-2016", "59"), ("DSL", None, "27"), ("PIPL", None, "66"),
            ("CSL", "CSL-2025", "23"), ("DSL", None, "45"))  # fmt: skip
SECTORS = ("EDU", "HEALTH", "IT_SERVICE", "INTERNET_PLATFORM", "GOV", "LOGISTICS")
SOURCES = ("cac", "dlapiper", "twobirds")
SUBJECTS = (("ENTITY_ANON", "某科技有限公司", "a technology company"), ("ENTITY_NAMED", "蓝湖数据公司", "Lanhu Data Ltd"),
            ("PERSON_NAMED", "徐某某", "Xu XXXXX"), ("STATE_ORGAN", "某县中学", "a county school"))  # fmt: skip
PHRASES = {
    "WARNING": ("警告", "warning"), "FINE": ("罚款", "fine"), "ORDER_RECTIFY": ("责令改正", "ordered to rectify"),
    "CONFISCATE": ("没收违法所得", "confiscation of illegal gains"), "APP_REMOVAL": ("下架", "removed from stores"),
    "INTERVIEW": ("约谈", "regulatory interview"), "ADMIN_DETENTION": ("行政拘留", "administrative detention"),
    "SUSPEND_BUSINESS": ("责令停业整顿", "business suspended"), "OTHER": ("公开道歉", "public apology"),
}  # fmt: skip


class Text:
    """A text in the making: `add` appends words and gives their span."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def add(self, words: str) -> Span:
        span = Span(start=self.length, end=self.length + len(words))
        self.parts.append(words)
        self.length += len(words)
        return span

    def __str__(self) -> str:
        return "".join(self.parts)


def made(count: int, *, seed: int = 1, origin: Origin = "replica") -> list[tuple[Bulletin, Classified]]:
    """`count` bulletins with one to four records each."""
    rng = random.Random(seed)
    return [_bulletin(rng, n, origin) for n in range(count)]


def source_states(origin: Origin = "replica") -> list[SourceState]:
    rest = {"run_id": "run-1", "origin": origin}
    return [
        SourceState(source="cac", state="ok", since="2026-11-01T00:00:00Z", at="2026-11-20T06:30:00Z",
                    last_good="2026-11-20T06:30:00Z", found=20, new=4, unchanged=16, requests=26, **rest),
        SourceState(source="dlapiper", state="nothing_new", since="2026-11-19T00:00:00Z", at="2026-11-20T06:31:00Z",
                    last_good="2026-11-20T06:31:00Z", found=10, unchanged=10, requests=2, **rest),
        SourceState(source="twobirds", state="blocked", since="2026-11-18T00:00:00Z", at="2026-11-20T06:32:00Z",
                    last_good="2026-11-17T06:31:00Z", reason="403 Forbidden", where="/insights", failed=1, requests=3,
                    **rest),
    ]  # fmt: skip


def _bulletin(rng: random.Random, n: int, origin: Origin) -> tuple[Bulletin, Classified]:
    source = rng.choices(SOURCES, weights=(5, 2, 2))[0]
    zh = source == "cac"
    role = "official" if zh else "secondary"
    url = f"https://{source}.example/{n}.htm"
    id = bulletin_id(source, url)
    revision = 1_760_000_000 + n
    text = Text()
    year = rng.choice((2018, 2021, 2022, 2023, 2024, 2025))
    published = f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    title = f"典型案例通报（第{n}批）" if zh else f"China data protection update no. {n}"
    text.add(title + "\n\n")
    makers: list[Callable[[Maker], Record]] = []
    for _ in range(rng.randint(1, 4)):
        makers += rng.choices([case, report, development, incident], weights=(8, 1, 1.5, 1.5))
    records = []
    seen: dict[str, int] = {}
    for make in makers:
        maker = Maker(rng, text, zh, published, {
            "bulletin_id": id, "revision": revision, "rules_version": 7, "source": source, "source_role": role, "url": url,
            "language": "zh" if zh else "en", "origin": origin, "fetched_at": "2026-11-20T06:30:00Z",
            "archive": Archive(file="crawl-0001.warc.gz", offset=1000 + n),
            "jurisdiction": "CN" if rng.random() < 0.93 else "US",
        }, n)  # fmt: skip
        record = make(maker)
        text.add("\n\n")
        head = str(text)[record.span.start : record.span.end][:80]
        ordinal = seen.get(head, 0)
        seen[head] = ordinal + 1
        records.append((record, head, ordinal))
    whole = str(text)
    done = tuple(_with_ids(record, record_id(id, head, ordinal)) for record, head, ordinal in records)
    bulletin = Bulletin(
        bulletin_id=id, source=source, url=url, title=title, text=whole, language="zh" if zh else "en",
        publisher="国家互联网信息办公室" if zh else "A law firm", published=published,
        fetched_at="2026-11-20T06:30:00Z", archive=Archive(file="crawl-0001.warc.gz", offset=1000 + n),
        content_digest="0" * 64, revision=revision, ordinal=1, origin=origin,
    )  # fmt: skip
    classified = Classified(
        bulletin_id=id, revision=revision, rules_version=7, masked_title=title, masked_text=whole, source_role=role,
        publisher=Authority(name="国家互联网信息办公室", type="CAC_NATIONAL") if zh else None,
        published=DateValue(value=published, precision="day"), records=done,
    )  # fmt: skip
    return bulletin, classified


def _with_ids(record: Record, id: str) -> Record:
    import msgspec

    def renamed(parts, kind):  # type: ignore[no-untyped-def]
        return tuple(msgspec.structs.replace(p, id=f"{id}:{kind}:{n}") for n, p in enumerate(parts, 1))

    section: dict[str, object] = {}
    if record.case:
        section["case"] = msgspec.structs.replace(
            record.case,
            penalties=renamed(record.case.penalties, "p"),
            citations=renamed(record.case.citations, "c"),
        )
    if record.report:
        section["report"] = msgspec.structs.replace(
            record.report, figures=renamed(record.report.figures, "f")
        )
    return msgspec.structs.replace(record, record_id=id, **section)


class Maker:
    def __init__(
        self, rng: random.Random, text: Text, zh: bool, published: str, shared: dict[str, object], n: int
    ) -> None:
        self.rng, self.text, self.zh, self.published, self.shared, self.n = (
            rng,
            text,
            zh,
            published,
            shared,
            n,
        )
        self.start = text.length

    def words(self, zh: str, en: str) -> Span:
        return self.text.add(zh if self.zh else en)

    def some(self, values: tuple[str, ...], most: int) -> list[str]:
        return self.rng.sample(values, self.rng.randint(0, most))

    def authority(self) -> Authority:
        type_, name = self.rng.choice(AUTHORITIES)
        return Authority(name=name, type=type_, evidence=self.text.add(name), rule="authority/name")

    def place(self) -> Place | None:
        if self.rng.random() < 0.25:
            return None
        province, prefecture = self.rng.choice(PLACES)
        return Place(province=province, prefecture=prefecture, derived="authority")

    def event(self) -> EventDate | None:
        chance = self.rng.random()
        if chance < 0.08:
            return None
        if chance < 0.2:
            return EventDate(value=self.published[:4], precision="year", from_="conduct")
        if chance < 0.4:
            return EventDate(value=self.published[:7], precision="month", from_="decision")
        return EventDate(value=self.published, precision="day", from_="published")

    def record(self, kind: str, title: str, **given: object) -> Record:
        return Record(
            record_id="", kind=kind, span=Span(start=self.start, end=self.text.length), title=title,
            published=DateValue(value=self.published, precision="day", derived="bulletin"),
            event_date=self.event(), confidence=round(self.rng.uniform(0.6, 1), 2), **self.shared, **given,
        )  # fmt: skip


def case(m: Maker) -> Record:
    rng = m.rng
    kind = rng.choices(("ENFORCEMENT_CASE", "COURT_CASE", "APP_LIST"), weights=(8, 1, 1))[0]
    subject_kind, subject_zh, subject_en = rng.choice(SUBJECTS)
    title = f"{subject_zh}被处罚案" if m.zh else f"Penalty on {subject_en}"
    m.text.add(title + "\n")
    authorities = tuple(m.authority() for _ in range(rng.choices((0, 1, 2), weights=(1, 8, 1))[0]))
    m.words("对", " acted on ")
    subject = Subject(name=subject_zh if m.zh else subject_en, kind=subject_kind, sector=None,
                      evidence=m.words(subject_zh, subject_en), rule="subject/name")  # fmt: skip
    violations = []
    for code in m.some(VIOLATIONS, 3):
        m.words("，其行为", ", which ")
        span = m.words(f"违反了义务{code.lower()}", f"breached the duty {code.lower()}")
        violations.append(
            Violation(
                code=code, confidence=round(rng.uniform(0.5, 1), 2), evidence=span, rule="violation/cue"
            )
        )
    penalties, citations = [], []
    for type_ in m.some(tuple(PHRASES), 3):
        zh, en = PHRASES[type_]
        m.words("，处以", ", and imposed ")
        amount = None
        if type_ in ("FINE", "CONFISCATE") and rng.random() < 0.75:
            amount = rng.choice(
                (10_000, 50_000, 100_000, 1_234_567, 5_000_000, 80_000_000, 119_100_000)
            ) * 100 + rng.choice((0, 0, 7))
        count = rng.choice((None, None, None, 3)) if type_ == "FINE" else None
        combined = amount is not None and rng.random() < 0.1
        span = m.words(
            f"{zh}{f'人民币{amount / 100:.2f}元' if amount else ''}",
            f"{en}{f' of CNY {amount / 100:.2f}' if amount else ''}",
        )
        total = None if amount is None else amount if combined else amount * (count or 1)
        penalties.append(
            Penalty(
                id="",
                type=type_,
                phrase=zh if m.zh else en,
                target=rng.choice(("entity", "individual")),
                amount=amount,
                currency="CNY" if amount else None,
                count=count,
                combined=combined,
                approximate=rng.random() < 0.1,
                total=total,
                evidence=span,
                rule="penalty/phrase",
            )
        )
    for law, version, article in rng.sample(ARTICLES, rng.randint(0, 3)):
        m.words("，依据", ", under ")
        role = rng.choice(("violated", "basis", "mentioned"))
        span = m.words(f"《{law}》第{article}条", f"article {article} of {law}")
        citations.append(
            Citation(
                id="",
                law=law,
                version=version,
                article=article,
                role=role,
                printed=f"{law} {article}",
                evidence=span,
                rule="citation/article",
            )
        )
    m.words("。", ".")
    sector = rng.choice((None, *SECTORS))
    return m.record(
        kind, title, authorities=authorities, place=m.place(), violations=tuple(violations),
        sector=Stated(value=sector, rule="sector/cue") if sector else None,
        case=Case(subjects=(subject,), penalties=tuple(penalties), citations=tuple(citations),
                  dates=CaseDates(decision=DateValue(value=m.published, precision="day", derived="published")),
                  status=Stated(value="decided" if penalties else "open", derived="penalties")),
    )  # fmt: skip


def report(m: Maker) -> Record:
    number = m.rng.randint(10, 9000)
    title = f"专项行动统计{number}" if m.zh else f"Campaign figures {number}"
    m.text.add(title + "\n")
    m.words("共查处案件", "In total ")
    span = m.words(f"{number}起", f"{number} cases")
    m.words("。", " were handled.")
    figure = Figure(id="", metric="CASES", value=number, unit="起", evidence=span, rule="figure/metric",
                    phrase="查处案件" if m.zh else "cases handled")  # fmt: skip
    return m.record(
        m.rng.choice(("CAMPAIGN_STATS", "INDUSTRY_REPORT")), title, place=m.place(),
        report=Report(figures=(figure,), campaign=m.rng.choice((None, "净网", "护网")), period=Period(start="2023-01", end="2023-06")),
    )  # fmt: skip


def development(m: Maker) -> Record:
    law = m.rng.choice(("NDSR", "PIPL", "CSL", "一部尚未收录的办法"))
    status = m.rng.choice(("planned", "draft", "issued", "in_force", "amended"))
    title = f"{law}有关文件发布（{m.n}）" if m.zh else f"New step for {law} ({m.n})"
    m.text.add(title + "\n")
    issuer = m.authority()
    m.words("发布了", " released ")
    span = m.words(f"《{law}》", law)
    m.words("。", ".")
    return m.record(
        "REGULATORY_DEV", title, authorities=(issuer,),
        regulatory=Regulatory(
            instrument=Stated(value=law, evidence=span, rule="instrument/name"), issuers=(issuer,),
            co_issuer_count=m.rng.choice((None, 3)), status=Stated(value=status, evidence=span, rule="regulatory/verb"),
            published=DateValue(value=m.published, precision="day", derived="published"),
            effective=DateValue(value="2025-01-01", precision="day", derived="catalogue") if status == "in_force" else None,
            consultation_until=DateValue(value="2025-03-01", precision="day", derived="x") if status == "draft" else None,
        ),
    )  # fmt: skip


def incident(m: Maker) -> Record:
    number = m.rng.randint(1000, 9999)
    title = f"关于CVE-2024-{number}漏洞的风险提示" if m.zh else f"Notice on CVE-2024-{number}"
    m.text.add(title + "\n")
    product = Product(
        vendor="Northwind",
        name="Gateway",
        versions=("<= 4.2",),
        evidence=m.text.add("Northwind Gateway"),
        rule="product/list",
    )
    m.words("存在", " has ")
    span = m.words("高危漏洞", "a high-risk flaw")
    m.words("，编号", ", ")
    identifier = Stated(
        value=f"CVE-2024-{number}", evidence=m.text.add(f"CVE-2024-{number}"), rule="identifier/cve"
    )
    m.words("。", ".")
    return m.record(
        "INCIDENT", title,
        incident=Incident(
            notice_class=Stated(value=m.rng.choice(("VULNERABILITY", "THREAT_ALERT")), evidence=span, rule="notice/title"),
            types=(Stated(value=m.rng.choice(("VULN_NOTICE", "RANSOMWARE", "MALWARE")), evidence=span, rule="incident/cue"),),
            severity=Severity(scale="vulnerability", value="HIGH", evidence=span, rule="severity/word"),
            products=(product,), identifiers=(identifier,),
            scale=(Scale(what=("persons", "records")[m.n % 2], value=float(m.n), unit="", evidence=span, rule="scale/number"),) if m.n % 3 else (),
        ),
    )  # fmt: skip
