"""Who a customer is: what every automation reads of the small set of fields that the team keeps about them.

Shared and read-only. The rows are kept by `automations.customer_context`, which alone decides what stands in them.
"""
