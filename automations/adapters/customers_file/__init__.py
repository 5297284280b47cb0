"""Customers from a file that another system writes: CSV (RFC 4180, commas or semicolons) or a JSON array of objects.

It is read whole or not at all. A CSV file has to end with the end of a line, since one that was cut in its last value
looks whole otherwise; one that was cut between two lines only `at_least` tells from a whole one.
"""
