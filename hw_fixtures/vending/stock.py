"""What a machine sells, what is left of it, and the coins it took. Pure."""

import math
import random
from dataclasses import dataclass, field


@dataclass
class Selection:
    """One column of the machine: `par` is how much a refill brings it to, `price` in cents."""

    code: str
    price: int
    par: int
    left: int = -1

    def __post_init__(self) -> None:
        if self.left < 0:
            self.left = self.par


def planogram() -> list[Selection]:
    """A usual small machine: water, soft drink, crisps, chocolate."""
    return [Selection("A1", 120, 24), Selection("A2", 150, 24), Selection("B1", 130, 16), Selection("B2", 110, 16)]


@dataclass
class Store:
    """Selections and the cash box. `sales_per_hour` is how many people come."""

    selections: list[Selection] = field(default_factory=planogram)
    sales_per_hour: float = 6.0
    cash: int = 0
    sold: int = 0
    jammed: bool = False
    """A coin is stuck: nobody can buy."""

    @property
    def empty(self) -> list[Selection]:
        """The selections that are sold out."""
        return [selection for selection in self.selections if selection.left == 0]

    def trade(self, seconds: float, chance: random.Random) -> None:
        """Let people come for `seconds`; who finds the wanted selection empty buys nothing."""
        for _ in range(_poisson(self.sales_per_hour * seconds / 3600, chance)):
            wanted = chance.choice(self.selections)
            if wanted.left and not self.jammed:
                wanted.left -= 1
                self.cash += wanted.price
                self.sold += 1

    def sell_out(self, code: str | None = None) -> None:
        """Everything of one selection (None: of all) is bought; raises KeyError for an unknown one."""
        for selection in self._chosen(code):
            self.cash += selection.left * selection.price
            self.sold += selection.left
            selection.left = 0

    def refill(self, code: str | None = None) -> None:
        """One selection (None: all) is brought to par; raises KeyError for an unknown one."""
        for selection in self._chosen(code):
            selection.left = selection.par

    def _chosen(self, code: str | None) -> list[Selection]:
        chosen = [selection for selection in self.selections if code in (None, selection.code)]
        if not chosen:
            raise KeyError(code)
        return chosen


def _poisson(mean: float, chance: random.Random) -> int:
    """How many of independent events with this mean happen; for large means the normal curve is close enough."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, bound = 0, chance.random(), math.exp(-mean)
    while product > bound:
        count += 1
        product *= chance.random()
    return count
