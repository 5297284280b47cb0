"""Which customer of the desk is which account, by evidence that points one way only. Pure."""
