"""Secrets in command lines: PINs, PUKs and passwords are masked wherever lines are shown or kept."""

import re
from typing import Final

MASK: Final = "****"

_CODES: Final = re.compile(r"(?i)(\+(?:CPIN2?|CLCK|CPWD)=)([^;\r\n]*)")
_CODE: Final = re.compile(r"(?<![0-9])[0-9]{4,8}(?![0-9])")  # 3GPP TS 51.011 clause 9.3
_PASSWORDS: Final = re.compile(r"(?i)((?:\+CGAUTH|\+UAUTHREQ|#PDPAUTH)(?:=|: ?))([^;\r\n]*)")
_AFTER_APN: Final = re.compile(r'(?i)((?:\+QICSGP|\+CNCFG|\+CSTT)=[^";\r\n]*"[^"\r\n]*")([^;\r\n]*)')
_QUOTED: Final = re.compile(r'"[^"\r\n]*"?')


def mask(text: str) -> str:
    """The text with every PIN, PUK, user and password in it replaced by ****: commands, echoes, answers."""
    text = _CODES.sub(lambda found: found[1] + _CODE.sub(MASK, found[2]), text)
    for pattern in (_PASSWORDS, _AFTER_APN):
        text = pattern.sub(lambda found: found[1] + _QUOTED.sub(f'"{MASK}"', found[2]), text)
    return text
