"""Samples of other projects, under their licences: what they say a modem says, against our readers."""
