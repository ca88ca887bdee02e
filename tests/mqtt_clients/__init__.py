"""Strangers' MQTT clients, each in a process of its own, put through the same steps.

Called with host, port, version (`3.1.1` or `5`), device and token; prints as one JSON object what became of the steps:
`wrong_token`: why it was turned away; `published`: the QoS levels that were completed; `subscribed`: the answers to its
own commands and to `#`; `foreign`: the answer to a message on another device's topic, or `closed`.
"""
