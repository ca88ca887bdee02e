"""The way in for what machines report: read `pipeline` first, it is the list of steps."""
