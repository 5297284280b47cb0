"""What outsiders may send, through every door, and where a secret could end up."""
