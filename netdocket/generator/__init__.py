"""Bulletins with known truth, as many as wanted: what is in each is known because it was written from it.

    for made in generate(1000, seed=7):
        made.text, made.truth
    bulletin(999_999, seed=7)          # any of them, without the others

Imports nothing of `enrich`, and words most of what it tells otherwise than the rules expect it.
"""

from netdocket.generator.bulletins import Generated, Plan, bulletin, generate, generate_matching, plan

__all__ = ["Generated", "Plan", "bulletin", "generate", "generate_matching", "plan"]
