"""MuninX (https://api.muninx.com) behind the ports: tickets, agents, customer organizations.

Source: the vendor's documentation under https://docs.muninx.com, read in November 2026. Creating, listing and getting a
ticket have no reference page that could be read: these three calls are inferred, marked so in `calls` and where they
are made, and each of their field names is a setting (`[desk.muninx.names]`, here `names.Names`). No numeric status of
an answer is documented, so errors are told apart by the usual meaning of HTTP. Nothing here was run against MuninX
itself.

There are no keys, no change feed, no webhooks and no groups. A token acts as the person who made it and shows only what
their role sees, without an error: it has to be an admin's.
"""
