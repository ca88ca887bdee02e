"""English."""

from fleet.escalation.languages.catalogue import Catalogue

CATALOGUE = Catalogue(
    offer="{device} {place}: {what}. Ticket {number}. Reply {code}A to accept, {code}E to pass on.",
    wins="Ticket {number} is yours: {device} {place}: {what}.",
    passes_on="Ticket {number}, {device}: passed on to the next technician.",
    has_it="Ticket {number}, {device}: it is yours already. Call your dispatcher to hand it back.",
    taken="Ticket {number}, {device}: {holder} has it. No need to go.",
    passed_before="Ticket {number}, {device}: it was passed on before. Reply {code}A to take it after all.",
    resolved="Ticket {number}, {device}: resolved. No need to go.",
    rescinded="Ticket {number}, {device}: taken by {holder}. No need to go.",
    assigned="Ticket {number} was given to you: {device} {place}: {what}.",
    unknown_code="Code {code} is no offer of yours. Check the code in the text you got and reply again.",
    which="You have {count} offers open. Reply with the code of the one you mean, such as {code}A.",
    help="Not understood. Reply with code and letter, such as {code}A to accept or {code}E to pass on.",
)
