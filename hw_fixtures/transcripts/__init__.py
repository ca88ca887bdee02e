"""Modems that were recorded, and the player that takes their place."""

from hw_fixtures.transcripts.replay import Replay, load, names

__all__ = ["Replay", "load", "names"]
