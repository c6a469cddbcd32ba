"""Measures imposed, who they hit, and how much.

A sentence that tells of measures is read from left to right as a list of tokens: who (对该公司, "its manager"), what
(警告, "fined"), how much (5万元), and the words that spread one over several (各, 分别, each). A measure hits who was
named last before it; several amounts behind 分别 go to several subjects in their order; an amount without a measure of
its own (…, its manager RMB 8,000) repeats the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from enrich.money import Money
from enrich.passage import Passage, evidence
from enrich.reading import Span
from netdocket.records import Penalty, Target

ON_INDIVIDUALS = frozenset(
    {
        "ADMONISH",
        "ADMIN_DETENTION",
        "CRIM_COERCIVE",
        "CRIM_DETENTION",
        "ARREST",
        "IMPRISONMENT",
        "CAREER_BAN",
        "DISCIPLINARY",
    }
)
ON_EITHER = frozenset(
    {
        "WARNING",
        "FINE",
        "CONFISCATE",
        "STOP_NETWORK",
        "PROSECUTION",
        "CRIM_FINE",
        "CREDIT_RECORD",
        "NO_PENALTY",
        "OTHER",
        "INTERVIEW",
    }
)
WITH_AMOUNT = frozenset({"FINE", "CONFISCATE", "CRIM_FINE"})
GENERIC = frozenset({"OTHER"})
FLAGS = re.IGNORECASE
ORDER_ZH = re.compile(
    r"责令(?:(?!暂停|停业|停产|停机|停止|下架|关闭|关停|退赔|赔偿|具结|下线|注销|作出检查|书面|[，。；\n])[\s\S]){0,24}?"
    r"(?:改正|整改|履行|纠正|落实|完善|加强|规范|消除|整顿)"
)
ORDER_EN = re.compile(
    r"\b(?:order(?:ed|ing)?|required|instructed|directed|told|requested|urged)\b(?! (?:by|of)\b)"
    r"(?:(?!\b(?:suspend|close|cease|stop|remove|shut|disconnect|delete|pay)\w*\b)[^.;\n]){0,70}?"
    r"\b(?:rectif\w+|correct(?:ions?|ed)?|remed(?:y|ied|iate)|improve(?:ments?)?|make rectifications?|fix)\b",
    FLAGS,
)
ORDERED_EN = re.compile(
    r"\brectification was ordered\b|\brectify\b[^.;\n]{0,30}\bwithin\b|\b(?:have|had|has|given) until\b[^.;\n]{1,30}\bto\s(?:rectify|correct|resolve|fix|remedy)\b",
    FLAGS,
)
DAYS_ZH = re.compile(r"(?:行政)?拘留(?:[一二三四五六七八九十\d]{1,3})[日天]")
EACH = re.compile(r"[各均]|分别|每[家人名]|\beach\b|\brespectively\b|\bapiece\b", FLAGS)
COMBINED = re.compile(
    r"罚没|共计?|合计|总计|累计|\bin total\b|\ba total of\b|\btotall?ing\b|\bcombined\b|\baltogether\b|\baggregate\b",
    FLAGS,
)
COUNT_OF = re.compile(
    r"([二两三四五六七八九十]|\d{1,3})(?:家|名|个|位|人|所)(?!月)|"
    r"\b(two|three|four|five|six|seven|eight|nine|ten|\d{1,3})\s+(?:\w+\s){0,2}?(?:companies|operators|firms|directors|executives|managers|individuals|persons|people|banks|schools|hospitals|entities|employees|men|suspects|apps)\b",
    FLAGS,
)
NUMERALS = {w: i for i, w in enumerate("零一二三四五六七八九十")} | {"两": 2} | {
    w: i for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}  # fmt: skip
ASKED = re.compile(r"(?:建议|请|要求|督促|申请|提请|不得|避免|防止|免受|接受)[^，。；]{0,6}$")
SHARED = re.compile(r"[二两三四五六七八九十\d]+项违法行为|等违法行为类型", FLAGS)
HISTORY = re.compile(r"（已[判处]|\(已[判处]|已被(?:判|另案)|另案处理|all of whom had earlier", FLAGS)

TokenKind = Literal["target", "measure", "money", "each"]


class _Token(NamedTuple):
    start: int
    end: int
    kind: TokenKind
    code: str
    money: Money | None = None


@dataclass
class _Measure:
    """A penalty as it is read; amounts are filled in as they come."""

    start: int
    end: int
    code: str
    target: Target
    money: Money | None = None
    count: int | None = None
    combined: bool = False
    confidence: float = 0.9


def penalties(passage: Passage, default: Target, *, app_list: bool = False) -> tuple[Penalty, ...]:
    """The penalties of a case. `default`: whom a measure hits where the sentence does not say. `app_list`: the case is
    a list of apps, and to be on it is a measure."""
    found: list[_Measure] = []
    for sentence in _sentences(passage):
        found += _read(passage, sentence, default)
    found = _merged(passage, found)
    if app_list:
        found = _named(passage, found)
    if any(m.code == "IMPRISONMENT" for m in found):
        for measure in found:
            if measure.code == "FINE":  # imposed by the court beside a sentence
                measure.code, measure.target = "CRIM_FINE", "individual"
    shared = len(_grounds(passage)) > 0
    return tuple(_penalty(passage, measure, n, shared) for n, measure in enumerate(found, 1))


def _sentences(passage: Passage) -> list[Span]:
    """Sentences that tell of measures: of the body, or, where it tells of none, the heading."""
    spans: dict[Span, None] = {}
    for cue in passage.imposed:
        if cue.start >= passage.body_start:
            sentence = passage.reading.sentence_at(cue.start)
            spans[Span(max(sentence.start, passage.body_start), min(sentence.end, passage.end))] = None
    for match in _orders(passage):
        sentence = passage.reading.sentence_at(match)
        spans[Span(max(sentence.start, passage.body_start), min(sentence.end, passage.end))] = None
    if not spans and passage.heading and passage.signals.imposed_in(*passage.heading):
        spans[passage.heading] = None
    return sorted(spans)


def _orders(passage: Passage) -> Iterator[int]:
    pattern = ORDER_ZH if passage.language == "zh" else ORDER_EN
    for match in pattern.finditer(passage.text, passage.body_start, passage.end):
        if passage.signals.context_at(match.start()) in ("penalty", None) and not passage.signals.is_quiet(
            match.start()
        ):
            yield match.start()


def _read(passage: Passage, sentence: Span, default: Target) -> list[_Measure]:
    tokens = _tokens(passage, sentence)
    return (
        _english(passage, tokens, default) if passage.language == "en" else _chinese(passage, tokens, default)
    )


def _tokens(passage: Passage, sentence: Span) -> list[_Token]:
    start, end = sentence
    text = passage.text
    tokens: list[_Token] = []
    orders = [
        _Token(m.start(), m.end(), "measure", "ORDER_RECTIFY")
        for pattern in ((ORDER_ZH,) if passage.language == "zh" else (ORDER_EN, ORDERED_EN))
        for m in pattern.finditer(text, start, end)
        if passage.signals.context_at(m.start()) in ("penalty", None)
    ]
    tokens += orders
    accounts = ACCOUNTS_ZH if passage.language == "zh" else ACCOUNTS_EN
    closed = [
        _Token(m.start(), m.end(), "measure", "ACCOUNT_ACTION")
        for m in accounts.finditer(text, start, end)
        if passage.signals.context_at(m.start()) in ("penalty", None)
    ]
    tokens += closed
    orders = orders + closed
    for cue in passage.signals.imposed_in(start, end):
        if any(order.start <= cue.start < order.end for order in orders):
            continue
        if ASKED.search(text, max(start, cue.start - 8), cue.start) and cue.code != "ORDER_RECTIFY":
            continue
        tokens.append(_Token(cue.start, cue.end, "measure", cue.code))
    for cue in passage.reading.cues("target", start, end):
        tokens.append(_Token(cue.start, cue.end, "target", cue.code))
    for money in passage.facts.money:
        if start <= money.start < end and money.range is None:
            tokens.append(_Token(money.start, money.end, "money", money.currency, money))
    for match in EACH.finditer(text, start, end):
        tokens.append(_Token(match.start(), match.end(), "each", match.group().lower()))
    tokens.sort(key=lambda token: (token.start, token.kind != "measure"))
    return _dropped(tokens)


def _dropped(tokens: Sequence[_Token]) -> list[_Token]:
    """Without who stands inside the name of a measure or of a sum."""
    out: list[_Token] = []
    for token in tokens:
        if (
            token.kind in ("target", "each")
            and out
            and token.start < out[-1].end
            and out[-1].kind in ("measure", "money")
        ):
            continue
        out.append(token)
    return out


# --- Chinese ------------------------------------------------------------------------------------------


def _chinese(passage: Passage, tokens: Sequence[_Token], default: Target) -> list[_Measure]:
    text = passage.text
    found: list[_Measure] = []
    targets: list[tuple[Target, int]] = [(default, 1)]
    measure: _Measure | None = None
    pending: Money | None = None
    zipped: list[_Measure] = []
    position = tokens[0].start if tokens else 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "target":
            group, index = _addressed(text, tokens, index)
            if group:
                targets, measure, zipped, pending = group, None, [], None
            position = token.end
            continue
        if token.kind == "money" and token.money is not None:
            if (
                measure is not None
                and measure.code in WITH_AMOUNT
                and _belongs(text, measure.end, token.start)
            ):
                if measure.money is None:
                    _give(passage, measure, token.money, targets, found)
                    zipped = [m for m in found if m.start == measure.start]
                elif zipped and len(zipped) > 1 and any(m.money is token.money for m in zipped):
                    pass
                else:
                    extra = _next_amount(zipped, measure, token.money)
                    if extra is not None:
                        found.append(extra)
            else:
                pending = token.money
        elif token.kind == "measure":
            if token.code == "NO_PENALTY":
                index += 1
                continue
            if pending is not None and token.code in WITH_AMOUNT and 0 <= token.start - pending.end <= 6:
                last = found[-1] if found else None
                if (
                    last is not None
                    and last.code in WITH_AMOUNT
                    and last.money is None
                    and token.start - last.start < 20
                ):
                    measure = last
                else:
                    measure = _add(found, token, targets)
                _give(passage, measure, pending, targets, found)
                zipped = [m for m in found if m.start == measure.start]
            elif (
                measure is not None
                and measure.code == token.code
                and measure.money is not None
                and token.start - measure.money.end <= 3
            ):  # 罚款5万元罚款, 处罚款人民币5万元的罚款
                pass
            else:
                measure = _add(found, token, targets)
                zipped = [m for m in found if m.start == measure.start]
            pending = None
        position = token.end
        index += 1
    del position
    return found


def _addressed(text: str, tokens: Sequence[_Token], index: int) -> tuple[list[tuple[Target, int]], int]:
    """The subjects of a measure: a run of who-tokens after 对, 给予, 责令 or at the head of a clause, joined by 及, 和
    or 、, and the index behind them."""
    first = tokens[index]
    before = text[max(0, first.start - 30) : first.start]
    clause = re.split(r"[，。；：\n]", before)[-1]
    at = index
    group: list[tuple[Target, int]] = []
    end = first.start
    while at < len(tokens) and tokens[at].kind == "target":
        token = tokens[at]
        between = text[end : token.start]
        if group and (len(between) > 24 or re.search(r"[，。；]", between)):
            break
        role: Target = "individual" if token.code == "individual" else "entity"
        if group and not re.search(r"[及和与、]", between):
            group[-1] = (role, group[-1][1])  # 该公司法定代表人: the last word says who
        else:
            group.append((role, _count_before(text, token.start)))
        end = token.end
        at += 1
    addressed = (
        re.search(r"对|给予|向|责令|将|把|被|依法|分别|约谈|抓获|处罚了|由|其$", clause) is not None
        or not clause.strip()
    )
    following = text[end : end + 12]
    passive = re.match(r"(?:因|被|均被|分别被|受到|等\S{0,4}被|予以)", following) is not None
    return (group if addressed or passive else []), at


def _count_before(text: str, position: int) -> int:
    before = text[max(0, position - 8) : position]
    match = re.search(r"([二两三四五六七八九十]|\d{1,3})(?:家|名|个|位|所)\S{0,4}$", before)
    if not match:
        return 1
    printed = match.group(1)
    return int(printed) if printed.isdigit() else NUMERALS[printed]


def _add(found: list[_Measure], token: _Token, targets: Sequence[tuple[Target, int]]) -> _Measure:
    """A measure on each of the subjects in turn; returns the first."""
    new: list[_Measure] = []
    for target, count in targets:
        hit = _target_of(token.code, target)
        same = next((m for m in new if m.target == hit), None)
        if same is not None:
            same.count = (same.count or 1) + count
        else:
            new.append(_Measure(token.start, token.end, token.code, hit, count=count if count > 1 else None))
    found.extend(new)
    return new[0]


def _target_of(code: str, target: Target) -> Target:
    if code in ON_INDIVIDUALS:
        return "individual"
    return target if code in ON_EITHER else "entity"


def _give(
    passage: Passage,
    measure: _Measure,
    money: Money,
    targets: Sequence[tuple[Target, int]],
    found: Sequence[_Measure],
) -> None:
    """The amount to the measure, and to its twins where it is each one's."""
    text = passage.text
    twins = [m for m in found if m.start == measure.start]
    around = text[max(passage.start, min(measure.start, money.start) - 14) : max(money.start, measure.start)]
    each = EACH.search(around) is not None
    for twin in twins if each or len(twins) == 1 else twins[:1]:
        twin.money = money
    if any(twin.count for twin in twins) and not each:
        for twin in twins:
            twin.combined, twin.count = True, None
    if COMBINED.search(around):
        measure.combined = True
    del targets


def _next_amount(zipped: Sequence[_Measure], measure: _Measure, money: Money) -> _Measure | None:
    """A further amount behind one measure: the next subject's, or of a repeated measure."""
    for twin in zipped:
        if twin.money is None or (twin is not zipped[0] and twin.money is zipped[0].money):
            twin.money = money
            return None
    if len(zipped) > 1:
        return None
    if measure.count and measure.count > 1:  # 对两人分别罚款1万元和5千元
        measure.count = measure.count - 1 if measure.count > 2 else None
        return _Measure(money.start, money.end, measure.code, measure.target, money)
    return None


def _belongs(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    return len(between) <= 40 and not re.search(r"[。；]", between)


# --- English ------------------------------------------------------------------------------------------


def _english(passage: Passage, tokens: Sequence[_Token], default: Target) -> list[_Measure]:
    text = passage.text
    found: list[_Measure] = []
    measure: _Measure | None = None
    last_end = tokens[0].start if tokens else 0
    current: Target = default
    count: int | None = None
    for index, token in enumerate(tokens):
        if token.kind == "target":
            # Who an active verb hits comes after it; who is told of comes before a passive one.
            current = "individual" if token.code == "individual" else "entity"
            count = _count_in(text, token)
            if measure is not None and measure.money is None and measure.code not in ON_INDIVIDUALS:
                between = text[measure.end : token.start]
                if re.fullmatch(
                    r"(?:\s|\b(?:to|on|upon|against|of|for|the|its|their|an?|both|two|three|\d+|each|respective|app|network|\w+'s|\w+)\b){1,9}\s*",
                    between,
                    FLAGS,
                ) and not re.search(r"\b(?:and|while|with)\b", between):
                    if measure.code in ON_EITHER:
                        measure.target = current
                    if count and measure.count is None:
                        measure.count = count
                else:
                    _address(text, found, token, current, count)
            elif measure is not None and measure.money is not None and measure.money.end <= token.start:
                between = text[measure.money.end : token.start]
                if (
                    len(between) <= 40
                    and re.match(r"\s*(?:each\s+)?(?:on|upon|for|against|to)\b|\s+each\b", between, FLAGS)
                    and "," not in between
                ):
                    measure.target = current
                    measure.count = count or measure.count
        elif token.kind == "measure":
            if token.code == "NO_PENALTY":
                continue
            if (
                measure is not None
                and measure.code == token.code
                and measure.money is None
                and token.start - measure.end < 14
                and token.code in WITH_AMOUNT
            ):
                measure.end = token.end
                continue
            target = _target_of(token.code, _subject_before(text, tokens, index, default))
            measure = _Measure(token.start, token.end, token.code, target)
            measure.count = _passive_count(text, tokens, index)
            found.append(measure)
        elif token.kind == "money" and token.money is not None:
            if (
                measure is not None
                and measure.code in WITH_AMOUNT
                and measure.money is None
                and _near(text, measure.end, token.start)
            ):
                measure.money = token.money
                if COMBINED.search(text, max(passage.start, measure.start - 12), token.start):
                    measure.combined = True
            elif measure is not None and measure.code in WITH_AMOUNT and measure.money is not None:
                between = text[measure.money.end : token.start]
                if len(between) <= 90 and not re.search(
                    r"\b(?:profit|gain|earn|worth|sold|selling|paid|loss|revenue|income|about|equivalent)\w*\b|[()]",
                    between,
                    FLAGS,
                ):
                    here = [
                        t for t in tokens if t.kind == "target" and measure.money.end <= t.start < token.start
                    ]
                    who: Target = (
                        ("individual" if here[-1].code == "individual" else "entity")
                        if here
                        else measure.target
                    )
                    measure = _Measure(
                        token.start, token.end, measure.code, _target_of(measure.code, who), token.money
                    )
                    measure.count = _count_in(text, here[-1]) if here else None
                    found.append(measure)
        last_end = token.end
    del last_end, current
    _spread(text, tokens, found)
    return found


ADDRESSED = re.compile(
    r"\b(?:to|on|upon|against)\s(?:each of\s)?(?:the\s|its\s|their\s|an?\s)?(?:[\w-]+\s){0,3}$", FLAGS
)


def _address(text: str, found: Sequence[_Measure], token: _Token, who: Target, count: int | None) -> None:
    """Whom a row of measures is given to when that is said behind it: warnings and fines of … to three managers."""
    if not ADDRESSED.search(text, max(0, token.start - 50), token.start):
        return
    for measure in reversed(found):
        if measure.money is not None or re.search(
            r"[.;]|\b(?:was|were|who|which)\b", text[measure.end : token.start]
        ):
            break
        if measure.code in ON_EITHER:
            measure.target, measure.count = who, count or measure.count


OF_BODY = re.compile(r"\s(?:of|at|in|from)\s(?:an?\s|the\s|its\s|that\s)?(?:[\w'’-]+\s){0,4}\Z", FLAGS)


def _head_noun(text: str, tokens: Sequence[_Token], index: int) -> _Token:
    """Of "an employee of a hospital" the employee."""
    token = tokens[index]
    while (
        index > 0
        and tokens[index - 1].kind == "target"
        and OF_BODY.fullmatch(text, tokens[index - 1].end, token.start)
    ):
        index -= 1
        token = tokens[index]
    return token


def _subject_before(text: str, tokens: Sequence[_Token], index: int, default: Target) -> Target:
    """Who stands before a measure as its subject: the nearest who-token in front of it in the sentence, not one behind
    "of" or in another measure's object."""
    token = tokens[index]
    for at in range(index - 1, -1, -1):
        earlier = tokens[at]
        if earlier.kind == "measure":
            between = text[earlier.end : token.start]
            if re.search(r"\band\b|,", between) is None:
                return default
            continue
        if earlier.kind == "target":
            earlier = _head_noun(text, tokens, at)
            between = text[earlier.end : token.start]
            if (
                re.search(
                    r"\b(?:was|were|has been|have been|had been|be|been|being|is|are|received|got)\b",
                    between,
                    FLAGS,
                )
                and len(between) < 160
            ):
                return "individual" if earlier.code == "individual" else "entity"
            if len(between) < 4:
                return "individual" if earlier.code == "individual" else "entity"
            return default
    return default


def _passive_count(text: str, tokens: Sequence[_Token], index: int) -> int | None:
    token = tokens[index]
    for earlier in reversed(tokens[:index]):
        if earlier.kind == "target":
            between = text[earlier.end : token.start]
            if re.fullmatch(r"[^.;]{0,60}?\b(?:were|have been|had been)\b[^.;]{0,20}", between, FLAGS):
                return _count_in(text, earlier)
            return None
    return None


def _count_in(text: str, token: _Token) -> int | None:
    """How many of them: "two directors", "27 apps"."""
    before = text[max(0, token.start - 32) : token.end]
    match = re.search(
        r"\b(two|three|four|five|six|seven|eight|nine|ten|\d{1,3})\s+(?:[\w-]+\s){0,2}\Z",
        before[: token.start - max(0, token.start - 32)],
        FLAGS,
    )
    if not match:
        return None
    printed = match.group(1).lower()
    value = int(printed) if printed.isdigit() else NUMERALS[printed]
    return value if value > 1 else None


def _near(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    return len(between) <= 80 and not re.search(
        r"\b(?:profit|gained?|earn(?:ed|ing)?|worth|sold|selling|paid|loss|revenue|income|sale)\b",
        between,
        FLAGS,
    )


def _spread(text: str, tokens: Sequence[_Token], found: Sequence[_Measure]) -> None:
    """ "each": the amount is each one's, so that the count stays; without it one sum for several is combined."""
    each = any(token.kind == "each" for token in tokens)
    for measure in found:
        if (
            measure.money is not None
            and measure.count
            and measure.count > 1
            and not each
            and measure.code in WITH_AMOUNT
        ):
            measure.combined, measure.count = True, None
    if each and re.search(
        r"\b(?:both|the two|the operator and its|and its \w+)\b",
        text[tokens[0].start : tokens[-1].end],
        FLAGS,
    ):
        for measure in found:
            if (
                measure.money is not None
                and measure.count is None
                and len([m for m in found if m.code == measure.code]) == 1
            ):
                measure.count = 2


# --- what comes of it ---------------------------------------------------------------------------------


def _named(passage: Passage, found: list[_Measure]) -> list[_Measure]:
    """With the naming of the apps, unless the list is one of removals only."""
    if any(m.code == "PUBLIC_NAMING" for m in found):
        return found
    cues = [cue for cue in passage.cues("naming") if not passage.signals.is_quiet(cue.start)]
    if passage.language == "en":
        cues = [cue for cue in cues if cue.start >= passage.body_start] or cues
    if not cues or (
        any(m.code == "APP_REMOVAL" for m in found)
        and passage.language == "zh"
        and "侵害" not in passage.text[passage.start : passage.end]
    ):
        return found
    return [_Measure(cues[0].start, cues[0].end, "PUBLIC_NAMING", "entity"), *found]


ACCOUNTS_EN = re.compile(
    r"\b(?:close[ds]?|closing|shut(?:ting)? down|ban(?:ned|s)?|block(?:ed|s)?|suspend(?:ed|s)?|cancel(?:led|ed)?)\b[^.;,\n]{0,40}\baccounts?\b",
    FLAGS,
)
ACCOUNTS_ZH = re.compile(
    r"(?:关闭|封禁|封停|禁言|永久关闭|注销|处置)[^，。；\n]{0,16}账号|账号[^，。；\n]{0,8}(?:予以|被|进行)?(?:关闭|封禁|封停|禁言)"
)


BEFORE_JUDGMENT = frozenset({"ARREST", "PROSECUTION", "CRIM_DETENTION", "CRIM_COERCIVE"})


def _merged(passage: Passage, found: Sequence[_Measure]) -> list[_Measure]:
    """Each measure once: told again without its amount, or in other words, it is the same one. Where a judgment is
    told, capture and prosecution before it are history."""
    if passage.has("court_outcome", passage.body_start) and passage.has("court"):
        found = [m for m in found if m.code not in BEFORE_JUDGMENT]
    named = [m for m in found if m.code not in GENERIC]
    out: list[_Measure] = []
    for measure in named or found:
        key = (measure.code, measure.target)
        amount = measure.money.fen if measure.money else None
        twin = next(
            (
                m
                for m in out
                if (m.code, m.target) == key and (amount is None or m.money is None or m.money.fen == amount)
            ),
            None,
        )
        if twin is None:
            out.append(measure)
        elif twin.money is None and measure.money is not None:
            at = out.index(twin)
            out[at] = measure
        elif twin.money is not None and measure.money is not None and measure.start != twin.start:
            same_sentence = passage.reading.sentence_at(twin.start) == passage.reading.sentence_at(
                measure.start
            )
            if same_sentence:
                twin.count = (twin.count or 1) + (measure.count or 1)
    # The court's fine is told as 罚金; a 罚款 without an amount beside it in the same case is the same one.
    if any(m.code == "CRIM_FINE" for m in out):
        out = [m for m in out if m.code != "FINE" or m.money is not None]
    return out


def _grounds(passage: Passage) -> list[str]:
    return SHARED.findall(passage.text, passage.start, passage.end)


def _penalty(passage: Passage, measure: _Measure, ordinal: int, shared: bool) -> Penalty:
    money = measure.money
    amount = money.fen if money else None
    currency = money.currency if money else None
    total = None
    if amount is not None and currency == "CNY":
        total = amount if measure.combined else amount * (measure.count or 1)
    start = min(measure.start, money.start) if money else measure.start
    end = max(measure.end, money.end) if money else measure.end
    printed = passage.text[measure.start : measure.end]
    return Penalty(
        id=f"p:{ordinal}",
        type=measure.code,
        phrase=phrase(printed),
        target=measure.target,
        amount=amount,
        currency=currency,
        approximate=bool(money and money.approximate),
        count=measure.count,
        combined=measure.combined or "罚没" in printed,
        shared=shared and money is not None,
        total=total,
        confidence=measure.confidence,
        evidence=evidence(Span(start, end)),
        rule=f"penalties.{measure.code}",
    )


ADVERBS = re.compile(r"^(?:依法|依规|并|予以|给予|处以|处|被|was|were|been|has|have|had|be)\s*")
DIGITS = re.compile(r"[\d一二三四五六七八九十百千万亿余多,.]+(?:元|日|天|个月|年)?")


def phrase(printed: str) -> str:
    """A measure's words, normalised as the contract asks for penalties of no listed type: lower case, white space
    folded, without adverbs and numbers."""
    text = " ".join(printed.lower().split())
    previous = ""
    while previous != text:
        previous, text = text, ADVERBS.sub("", text)
    return DIGITS.sub("", text).strip() or printed
