"""What machines reported: the committed log of messages, the newest values, and queries over both."""
