"""/v1/users and their tokens: who may do what."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from fleet.api.access import FleetContext, Operator
from fleet.api.paging import Page, PagingQuery, page
from fleet.auth import user_tokens, users
from fleet.auth.models import Token, User, UserCreate
from fleet.auth.roles import UserRole

router = APIRouter(prefix="/v1", tags=["auth"])


class UserView(BaseModel):
    """Somebody who uses the API."""

    name: str
    role: UserRole
    created_at: datetime
    disabled_at: datetime | None


class UserChange(BaseModel):
    """What to change; what is left out stays."""

    role: UserRole | None = None
    disabled: bool | None = None


class TokenWanted(BaseModel):
    """A token to issue: what for, and for how many days."""

    label: str = "default"
    days: Annotated[int, Field(ge=1, le=3650)] = 90


class TokenView(BaseModel):
    """A token of a person; `user` begins with `operator` for that of an `endpoints.json`, which never expires."""

    id: UUID
    user: str
    label: str
    created_at: datetime
    expires_at: datetime | None


class NewToken(TokenView):
    """A token, shown this once."""

    token: str


@router.post("/users", status_code=HTTPStatus.CREATED)
async def add_user(fleet: FleetContext, operator: Operator, wanted: UserCreate) -> UserView:
    """Add a user; they come in with a token, which is issued apart."""
    return _user(await fleet.database.write(lambda tx: users.add(tx, operator, fleet.clock.now(), wanted)))


@router.get("/users")
async def list_users(fleet: FleetContext, operator: Operator, asked: PagingQuery) -> Page[UserView]:
    """Users by name."""
    rows = await fleet.database.read(
        lambda tx: users.listed(tx, operator.account_id, asked.after or "", asked.limit + 1)
    )
    return page([_user(row) for row in rows], asked, lambda item: item.name)


@router.patch("/users/{name}")
async def change_user(fleet: FleetContext, operator: Operator, name: str, change: UserChange) -> UserView:
    """Give a user another role, disable or enable them; it holds from their next call on."""
    now = fleet.clock.now()

    def write(tx: Session) -> UserView:
        user = users.get(tx, operator.account_id, name)
        if change.role is not None:
            users.set_role(tx, operator, now, user, change.role)
        if change.disabled is not None:
            (users.disable if change.disabled else users.enable)(tx, operator, now, user)
        return _user(user)

    return await fleet.database.write(write)


@router.post("/users/{name}/tokens", status_code=HTTPStatus.CREATED)
async def issue_token(fleet: FleetContext, operator: Operator, name: str, wanted: TokenWanted) -> NewToken:
    """Issue a token. The answer holds it; it is stored hashed and not shown again."""
    now, lifetime = fleet.clock.now(), timedelta(days=wanted.days)

    def write(tx: Session) -> NewToken:
        user = users.get(tx, operator.account_id, name)
        row, token = user_tokens.issue(tx, operator, now, user, wanted.label, lifetime)
        return NewToken(**_token(row).model_dump(), token=token)

    return await fleet.database.write(write)


@router.delete("/users/{name}/tokens/{label}", status_code=HTTPStatus.NO_CONTENT)
async def revoke_token(fleet: FleetContext, operator: Operator, name: str, label: str) -> None:
    """End a token, from the next call on."""
    now = fleet.clock.now()

    def write(tx: Session) -> None:
        user_tokens.revoke(tx, operator, now, users.get(tx, operator.account_id, name), label)

    await fleet.database.write(write)


@router.get("/user-tokens")
async def list_tokens(
    fleet: FleetContext, operator: Operator, asked: PagingQuery, user: Annotated[str, Query()] = ""
) -> Page[TokenView]:
    """The tokens of people that are not revoked, oldest first; only those of `user`."""
    after = asked.after_id()

    def read(tx: Session) -> list[TokenView]:
        of = users.get(tx, operator.account_id, user) if user else None
        return [_token(row) for row in user_tokens.listed(tx, operator.account_id, of, after, asked.limit + 1)]

    return page(await fleet.database.read(read), asked, lambda item: str(item.id))


def _user(user: User) -> UserView:
    return UserView(**user.model_dump(include=set(UserView.model_fields)))


def _token(token: Token) -> TokenView:
    return TokenView(user=token.name, **token.model_dump(include=set(TokenView.model_fields) - {"user"}))
