"""Words to technicians: rendered in their language, in GSM-7, cut so that a text is one segment."""

import unicodedata
from dataclasses import dataclass

from fleet.errors import Invalid
from fleet.escalation.languages import CATALOGUES, FALLBACK, Catalogue
from modem_drivers import pdu

SEGMENT = 160
"""Septets of one GSM-7 segment (3GPP TS 23.040 §9.2.3.24.1)."""
MAY_BE_CUT = (("what", "place"), ("holder",), ("device",))
"""What gives way when a text is too long, in this order; of those named together the longest first."""
CUT = ".."


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket as a text names it."""

    number: int
    device: str
    place: str
    what: str


def check_language(language: str) -> str:
    """`language` if there is a catalogue of it; raises Invalid."""
    if language not in CATALOGUES:
        known = ", ".join(sorted(CATALOGUES))
        raise Invalid(f"expected a language that texts are written in ({known}), got {language[:40]!r}: choose one")
    return language


def catalogue(language: str) -> Catalogue:
    """The catalogue of `language` ("de-AT" falls back to "de", then to English)."""
    for known in (language, language.split("-")[0].split("_")[0]):
        if known in CATALOGUES:
            return CATALOGUES[known]
    return CATALOGUES[FALLBACK]


def offer(language: str, job: Job, code: int) -> str:
    """The offer of a job: one segment, the way to answer whole at its end."""
    return about(language, "offer", job, code=code)


def about(language: str, kind: str, job: Job, **words: object) -> str:
    """The text `kind` of the catalogue about a job: one segment that names machine and ticket."""
    template: str = getattr(catalogue(language), kind)
    facts = {"number": job.number, "device": job.device, "place": job.place, "what": job.what, **words}
    said = {name: to_gsm7(str(fact)) for name, fact in facts.items()}
    while True:
        text = " ".join(template.format(**said).split()).replace(" :", ":")
        if pdu.segment(text).units <= SEGMENT:
            return text
        cut = next(names for names in MAY_BE_CUT if any(said.get(name) for name in names))
        longest = max(cut, key=lambda name: len(said.get(name, "")))
        said[longest] = _shorter(said[longest])


def plain(language: str, kind: str, **words: object) -> str:
    """The text `kind` of the catalogue, which is about no job."""
    template: str = getattr(catalogue(language), kind)
    return template.format(**words)


def to_gsm7(text: str) -> str:
    """`text` in letters of the GSM-7 alphabet: accents dropped where they must be, what has no likeness becomes `?`."""
    return "".join(_letters(char) for char in " ".join(text.split()))


def _letters(char: str) -> str:
    for form in (char, _LIKE.get(char, ""), unicodedata.normalize("NFKD", char)):
        kept = "".join(c for c in form if not unicodedata.combining(c))
        if kept and pdu.segment(kept).alphabet is pdu.Alphabet.GSM7:
            return kept
    return "?"


_LIKE = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "þ": "th", "œ": "oe", "Œ": "OE",
    "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "…": "..", "°": "o", "µ": "u",
}  # fmt: skip


def _shorter(word: str) -> str:
    kept = word.removesuffix(CUT)[:-1].rstrip()
    return kept + CUT if len(kept) > len(CUT) else ""
