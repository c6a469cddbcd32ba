"""Pinyin: whether a word in Latin letters can be a given name or a surname in a Chinese name."""

from __future__ import annotations

import re

FINALS = {
    "": "a ai an ang ao e en er ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e eng i ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao ei eng i ian iang iao ie in ing iu ong u uan uo v ve ü",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo v ü",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "an ang ao e en eng i ong ou u ua uan uang ui un uo",
    "ch": "ang ao e en eng i ong ou u uan uang ui un uo an ai",
    "sh": "a ai an ang ao e en eng i ou u uan uang ui un uo",
    "r": "an ang ao en eng i ong ou u uan ui un uo",
    "z": "ai an ang ao e en eng i ong ou u uan ui un uo",
    "c": "ai an ang ao en eng i ong ou u uan ui un uo",
    "s": "an ang ao en eng i ong ou u uan ui un uo a",
    "y": "a an ang ao e i in ing ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}  # fmt: skip
"""The syllables by their initial, without those that no given name holds (ce, ne, me, re, se, te)."""
SYLLABLES = "|".join(
    sorted((head + tail for head, tails in FINALS.items() for tail in tails.split()), key=len, reverse=True)
)
ONE = re.compile(rf"(?:{SYLLABLES})$")
WORD = re.compile(rf"(?:{SYLLABLES}){{1,3}}$")


def is_syllable(word: str) -> bool:
    """Whether a word in lower case is one syllable."""
    return ONE.match(word) is not None


def is_given(word: str) -> bool:
    """Whether a word in lower case reads as one to three syllables: xiaoqiang, xiao-qiang, jian'guo."""
    return WORD.match(word.replace("-", "").replace("'", "")) is not None
