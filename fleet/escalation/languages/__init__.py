"""What people are told, one catalogue a language. `FALLBACK` is used for languages without one."""

from fleet.escalation.languages import en
from fleet.escalation.languages.catalogue import Catalogue

FALLBACK = "en"
CATALOGUES: dict[str, Catalogue] = {"en": en.CATALOGUE}

__all__ = ["CATALOGUES", "FALLBACK", "Catalogue"]
