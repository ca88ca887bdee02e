"""Replies and unsolicited lines, read: what stands behind a line's prefix in, a structure or None out.

None means that the text is not what the function reads. A value a modem does not know is None inside the
structure, never 0, 99 or 255. Readers are tolerant where modems are seen to be odd, strict elsewhere.
"""
