"""Request Tracker 5 over its own REST API, `/REST/2.0`, with auth tokens of two users.

A ticket's group is its queue. Our key, the customer and tags are custom fields, which somebody makes once. What was
written here was measured against Request Tracker 5.0.3 (Debian), and its source was read: `lib/RT/REST2`,
`lib/RT/Transactions.pm`. Not checked: other versions, databases other than SQLite, custom roles, approvals.
"""
