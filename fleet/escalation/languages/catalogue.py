"""The texts a language must have."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Templates: `{number}` and `{device}` name the ticket; `{place}` and `{what}` may be shortened to fit.

    Write them in GSM-7 letters and within one segment. The words of the carriers (STOP, YES, CANCEL …) are never asked
    for as an answer.
    """

    offer: str
    """Also `{code}`. Who, where, what, and how to answer, which comes last and is never cut."""
    wins: str
    passes_on: str
    has_it: str
    taken: str
    """Also `{holder}`."""
    passed_before: str
    resolved: str
    rescinded: str
    """Unasked: somebody else took it. Also `{holder}`."""
    assigned: str
    """Unasked: the operator gave it to them."""
    unknown_code: str
    """`{code}` only."""
    which: str
    """`{count}` offers are pending; `{code}` is one of them."""
    help: str
    """`{code}` is an example."""
