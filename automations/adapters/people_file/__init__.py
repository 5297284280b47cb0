"""The company's people from a file that another system writes: CSV (RFC 4180) or a JSON array of objects.

It is read whole or not at all. A JSON file that was cut is no JSON any more. A CSV file that was cut at the end of a
line looks whole: only `identity.at_least` tells it from one.
"""
