"""Lists in pages: `?limit=` and an opaque `?cursor=`, answered as `{"items": […], "next": cursor or null}`."""

import base64
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel

from fleet.errors import Invalid

Item = TypeVar("Item")
MAX_LIMIT = 1000
NO_CURSOR = "expected a cursor from an earlier page, got something else: start again without one"
NUMBER = re.compile(r"[0-9]{1,18}")


class Page(BaseModel, Generic[Item]):
    """One page; `next` is the cursor of the following one, null on the last."""

    items: list[Item]
    next: str | None = None


class Paging(BaseModel):
    """What the caller asked for: `after` is the key of the last item of the page before."""

    limit: int
    after: str | None

    def after_id(self) -> UUID | None:
        """The key, where it is an id; raises Invalid."""
        try:
            return UUID(self.after) if self.after else None
        except ValueError as error:
            raise Invalid(NO_CURSOR) from error

    def after_number(self) -> int | None:
        """The key, where it is a number; raises Invalid."""
        if self.after and not NUMBER.fullmatch(self.after):
            raise Invalid(NO_CURSOR)
        return int(self.after) if self.after else None


def paging(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100, cursor: Annotated[str | None, Query()] = None
) -> Paging:
    """The dependency of list endpoints."""
    if cursor is None:
        return Paging(limit=limit, after=None)
    try:
        after = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
        if not after.isprintable():
            raise ValueError
        return Paging(limit=limit, after=after)
    except ValueError as error:
        raise Invalid(NO_CURSOR) from error


PagingQuery = Annotated[Paging, Depends(paging)]


def page(rows: Sequence[Item], asked: Paging, key: Callable[[Item], str]) -> Page[Item]:
    """The page made of `rows`, which were read with `limit + 1`; `key` names a row for the next cursor."""
    items = list(rows[: asked.limit])
    more = len(rows) > asked.limit
    return Page(items=items, next=base64.urlsafe_b64encode(key(items[-1]).encode()).decode() if more else None)
