"""The queue report: the same few numbers every week, stored with their period, filters, definitions and data time.

It counts and shows; it never explains a number and changes nothing outside Slack. Agents may run it for themselves,
leads may post it; the schedule posts it once for each period, however many processes there are.
"""
