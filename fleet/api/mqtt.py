"""POST /v1/mqtt/mosquitto-config: what a Mosquitto needs to let this service's devices in."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from fleet import audit, inputs
from fleet.api.access import FleetContext, Operator
from fleet.auth import service as auth
from fleet.ingest.mqtt import mosquitto
from fleet.secrets import mosquitto_verifier, new_token

router = APIRouter(prefix="/v1/mqtt", tags=["mqtt"])

Line = Annotated[str, Field(max_length=400, pattern=inputs.LINE)]


class MosquittoWanted(BaseModel):
    """Where the files will be, where Mosquitto shall listen; the service's password, if it has one already."""

    directory: Line
    host: Annotated[str, Field(max_length=253, pattern=inputs.HOST)] = "127.0.0.1"
    port: int = Field(default=1884, ge=1, le=65535)
    service_password: Annotated[str, Field(max_length=200, pattern=inputs.PRINTABLE)] = ""


class MosquittoFiles(BaseModel):
    """The text of each file by its name; `devices`: how many may come in."""

    files: dict[str, str]
    username: str
    devices: int


@router.post("/mosquitto-config")
async def mosquitto_config(fleet: FleetContext, operator: Operator, wanted: MosquittoWanted) -> MosquittoFiles:
    """Configuration, passwords and access list for a Mosquitto. Through it a device's newest token alone is valid."""

    now = fleet.clock.now()

    def write(tx: Session) -> list[tuple[str, str]]:
        found = auth.mosquitto_verifiers(tx, operator.account_id)
        facts = {"devices": len(found), "password": "kept" if wanted.service_password else "new"}
        subject = f"broker {wanted.host}:{wanted.port}"
        audit.record(tx, operator, now, "broker.configured", subject, directory=wanted.directory, **facts)
        return found

    devices = await fleet.database.write(write)
    password = wanted.service_password or new_token()
    users = [(mosquitto.SERVICE, mosquitto_verifier(password)), *devices]
    files = {
        mosquitto.CONFIG: mosquitto.config(wanted.directory, wanted.host, wanted.port),
        mosquitto.PASSWORDS: mosquitto.passwords(users),
        mosquitto.ACCESS: mosquitto.access(),
        mosquitto.SECRET: f"{password}\n",
    }
    return MosquittoFiles(files=files, username=mosquitto.SERVICE, devices=len(devices))
