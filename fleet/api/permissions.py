"""What each role may do: every verb of the API with the least role it needs. Read it to audit it.

`access.py` holds every call to this table, and needs an admin for a verb that is missing here; a test compares it
with the routes that exist.
"""

from fleet.auth.roles import UserRole

VIEWER, OPERATOR, ADMIN = UserRole

LEAST: dict[str, UserRole] = {
    "GET /v1/audit": VIEWER,
    "GET /v1/devices": VIEWER,
    "POST /v1/devices": OPERATOR,
    "GET /v1/devices/{name}": VIEWER,
    "POST /v1/devices/{name}/token": OPERATOR,
    "GET /v1/dead-letters": VIEWER,
    "GET /v1/rules": VIEWER,
    "POST /v1/rules": OPERATOR,
    "GET /v1/alerts": VIEWER,
    "GET /v1/tickets": VIEWER,
    "GET /v1/tickets/{number}": VIEWER,
    "GET /v1/tickets/{number}/offers": VIEWER,
    "POST /v1/tickets/{number}/accept": OPERATOR,
    "POST /v1/tickets/{number}/resolve": OPERATOR,
    "GET /v1/technicians": VIEWER,
    "POST /v1/technicians": OPERATOR,
    "GET /v1/policies": VIEWER,
    "POST /v1/policies": OPERATOR,
    "GET /v1/texts": OPERATOR,  # what was written to whom, and by whom
    "GET /v1/texts/{text_id}": OPERATOR,
    "GET /v1/sims": VIEWER,
    "POST /v1/sims": OPERATOR,
    "GET /v1/sims/{iccid}": VIEWER,
    "POST /v1/sims/{iccid}/activate": OPERATOR,
    "POST /v1/sims/{iccid}/suspend": OPERATOR,
    "POST /v1/sims:import": OPERATOR,
    "POST /v1/sims:activate": OPERATOR,
    "POST /v1/sims:suspend": OPERATOR,
    "GET /v1/provision-runs": VIEWER,
    "POST /v1/provision-runs": OPERATOR,
    "GET /v1/provision-runs/{run_id}": VIEWER,
    "POST /v1/provision-runs/{run_id}/steps": OPERATOR,  # the answer may hold a PIN
    "POST /v1/mqtt/mosquitto-config": ADMIN,
    "GET /v1/users": ADMIN,
    "POST /v1/users": ADMIN,
    "PATCH /v1/users/{name}": ADMIN,
    "POST /v1/users/{name}/tokens": ADMIN,
    "DELETE /v1/users/{name}/tokens/{label}": ADMIN,
    "GET /v1/user-tokens": ADMIN,
}

OTHER_PROOFS: dict[str, str] = {
    "POST /v1/devices/{name}/telemetry": "the device's own token",
    "POST /v1/devices/{name}/events": "the device's own token",
    "POST /v1/providers/{name}/callback": "the provider's signature",
    "GET /health/live": "none",
    "GET /health/ready": "none",
    "GET /metrics": "none: figures alone, no names but those of modem ports and rules",
}
"""The rest, and what proves who calls."""
