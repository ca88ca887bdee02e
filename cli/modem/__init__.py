"""`fleet modem`: the modem at a port of this machine, without the service."""

import typer

from cli.decode import decode
from cli.modem import at, call, info, ports, record, texts, ussd, watch

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.command("list")(ports.list_)
app.command("info")(info.info)
app.command("monitor")(watch.monitor)
app.command("send")(texts.send)
app.command("listen")(texts.listen)
app.command("call")(call.call)
app.command("ussd")(ussd.ussd)
app.command("at")(at.at)
app.command("record")(record.record)
app.command("decode")(decode)
