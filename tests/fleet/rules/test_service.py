"""Rules are added once, with a policy, for one device or all."""

import pytest

from fleet.errors import Conflict, Invalid, NotFound
from fleet.rules import service
from fleet.rules.kinds import RuleKind
from tests.fleet.yard import SOLD_OUT, WARM, Yard


def test_a_rule_is_kept_as_it_was_told_and_audited(yard: Yard) -> None:
    rule = yard.rule("warm", WARM, device="vm-04", severity="critical")
    assert (rule.kind, rule.severity, rule.device_name, rule.enabled) == (RuleKind.THRESHOLD, "critical", "vm-04", True)
    assert rule.spec == {
        "kind": "threshold",
        "point": "temperature",
        "raise_when": "above",
        "level": 5.0,
        "clear_level": 4.0,
        "for_s": 0.0,
        "max_gap_s": 3600.0,
    }
    (entry,) = yard.audit("rule.added")
    assert (entry.subject, entry.facts) == ("rule warm", {"device": "vm-04", "policy": "day", **rule.spec})


def test_what_cannot_be_a_rule_is_refused_and_leaves_nothing(yard: Yard) -> None:
    yard.rule("warm", WARM)
    with pytest.raises(Conflict, match=r"^expected a new rule name, got 'warm', which exists: choose another$"):
        yard.rule("warm", SOLD_OUT)
    with pytest.raises(Invalid, match="a rule name"):
        yard.rule("too warm!", WARM)
    with pytest.raises(NotFound, match="'vm-99'"):
        yard.rule("other", WARM, device="vm-99")
    with pytest.raises(Invalid, match="clear level at or below"):
        yard.rule("upside-down", WARM.model_copy(update={"clear_level": 9.0}))
    assert [rule.name for rule in yard.read(lambda tx: service.page(tx, yard.account_id, None, 10))] == ["warm"]


def test_rules_are_listed_by_name_in_pages(yard: Yard) -> None:
    for name in ("c", "a", "b"):
        yard.rule(name, SOLD_OUT)
    pages = [yard.read(lambda tx, at=at: service.page(tx, yard.account_id, at, 2)) for at in (None, "b", "c")]  # type: ignore[misc]
    assert [[rule.name for rule in found] for found in pages] == [["a", "b"], ["c"], []]
