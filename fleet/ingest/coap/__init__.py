"""The way in over CoAP (RFC 7252) on UDP, by aiocoap: `POST /devices/{id}/telemetry|events?t=TOKEN`.

`door` listens; `requests` answers one request; `blocks` puts payloads together that came in parts (RFC 7959);
`recent` and `wire` bound what aiocoap keeps for strangers.
"""
