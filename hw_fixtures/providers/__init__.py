"""Connectivity providers to rehearse with, as real HTTP servers."""
