"""What happens to a bulletin between the spool and the store."""
