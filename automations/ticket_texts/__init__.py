"""What customers and agents wrote on tickets, redacted and kept for a while, for rules that look at words.

Read from the desk only where a ticket changed. It can be thrown away and read anew; the desk's own text stays there.
"""
