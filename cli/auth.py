"""`fleet auth`: who uses the service, in which role, and their tokens."""

from typing import Annotated

import typer

from cli.options import DataDir, Json
from cli.output import Output, when

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
users = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
tokens = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(users, name="users", help="People and programs, and what they may do.")
app.add_typer(tokens, name="tokens", help="What they come in with.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the audit log calls them.")]
Role = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="viewer reads, operator runs the fleet, admin also manages users.")
]


@users.command("add")
def add_user(name: Name, role: Role = "viewer", json: Json = False, data_dir: DataDir = None) -> None:
    """Add a user.

    Example: fleet auth users add ana --role operator
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        added = client.post("/v1/users", {"name": name, "role": role})
    Output(json).done(added, f"Added user {name}, {role}.", next=f"fleet auth tokens issue {name}")


@users.command("list")
def list_users(json: Json = False, data_dir: DataDir = None) -> None:
    """List users by name.

    Example: fleet auth users list
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/users"),
            {
                "NAME": "name",
                "ROLE": "role",
                "ADDED": lambda row: when(row["created_at"]),
                "DISABLED": lambda row: when(row["disabled_at"]),
            },
            empty="No users yet: add one with `fleet auth users add NAME --role ROLE`.",
        )


@users.command("role")
def change_role(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="viewer, operator or admin.")],
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Give a user another role; their tokens keep working.

    Example: fleet auth users role ana admin
    """
    _change(name, {"role": role}, f"User {name} is now {role}.", json, data_dir)


@users.command("disable")
def disable_user(name: Name, json: Json = False, data_dir: DataDir = None) -> None:
    """Keep a user out; their tokens end for good.

    Example: fleet auth users disable ana
    """
    _change(name, {"disabled": True}, f"User {name} is disabled, and their tokens are revoked.", json, data_dir)


@users.command("enable")
def enable_user(name: Name, json: Json = False, data_dir: DataDir = None) -> None:
    """Let a user in again, with a new token.

    Example: fleet auth users enable ana
    """
    _change(name, {"disabled": False}, f"User {name} may come in with a new token.", json, data_dir)


@tokens.command("issue")
def issue_token(
    name: Name,
    label: Annotated[
        str, typer.Option(metavar="TEXT", help="What the token is for; one valid token has it.")
    ] = "default",
    days: Annotated[int, typer.Option(metavar="N", min=1, max=3650, help="How long it is valid.")] = 90,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Issue a token to a user and print it, this once.

    Example: fleet auth tokens issue ana --label laptop --days 30
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        issued = client.post(f"/v1/users/{name}/tokens", {"label": label, "days": days})
        url = client.endpoints.http
    Output(json).done(
        issued,
        f"Issued a token to {name}, valid until {when(issued['expires_at'])}.",
        f"token  {issued['token']}",
        next=f"give it to {name} (it is not shown again), who sets FLEET_URL={url} and FLEET_TOKEN",
    )


@tokens.command("list")
def list_tokens(
    user: Annotated[str, typer.Option(metavar="NAME", help="Only those of this user.")] = "",
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List the tokens of people, oldest first; never their text.

    Example: fleet auth tokens list --user ana
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        Output(json).table(
            client.pages("/v1/user-tokens", user=user),
            {
                "USER": "user",
                "LABEL": "label",
                "ISSUED": lambda row: when(row["created_at"]),
                "EXPIRES": lambda row: when(row["expires_at"]),
            },
            empty="No tokens: issue one with `fleet auth tokens issue NAME`.",
        )


@tokens.command("revoke")
def revoke_token(
    name: Name,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="The token's label.")],
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """End a token at once.

    Example: fleet auth tokens revoke ana laptop
    """
    from cli.client import Client

    with Client.find(data_dir) as client:
        client.call("DELETE", f"/v1/users/{name}/tokens/{label}")
    Output(json).done({"user": name, "label": label}, f"Revoked the token {label} of {name}.")


def _change(name: str, change: dict[str, object], said: str, json: bool, data_dir: DataDir) -> None:
    from cli.client import Client

    with Client.find(data_dir) as client:
        changed = client.call("PATCH", f"/v1/users/{name}", body=change)
    Output(json).done(changed, said)
