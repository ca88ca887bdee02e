"""The service's own MQTT endpoint: not a broker, it takes messages of devices in and hands commands out.

`codec` (bytes and packets) and `session` (one connection) do no I/O; `login` decides who may come in;
`endpoint` is the thin listener that joins them to sockets, the pipeline and the database.
"""
