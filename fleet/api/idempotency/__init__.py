"""A POST with an Idempotency-Key is done once: sent again, it gets the answer that the first one got."""
