"""Messages as senders post them, in other words than any reference has, each with what should be read from it."""
