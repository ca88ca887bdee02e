"""MQTT packets as a server reads and writes them: bytes in, packets out, no I/O.

`frames` cuts a stream into packets, `connect` reads the first one and knows which versions are spoken, and each version
has a file for all that follows: `v311`, `v31` (the differences) and `v5`, with its `properties`; `dialects` lists them.
"""
