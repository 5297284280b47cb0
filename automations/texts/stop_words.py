"""English words that say nothing of a problem. Those of contractions stand as the reader of tokens leaves them."""

import re
from typing import Final

STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
    a about above after again all also am an and any are aren as at be because been before being below between both
    but by can cannot could couldn did didn do does doesn doing don down during each few for from further get gets
    got had has hasn have haven having he her here hers him his how i if in into is isn it its itself just ll let me
    more most my no nor not now of off on once only or other our out over own please re s same she should shouldn so
    some such t than thanks that the their them then there these they this those through to too under until up us ve
    very was wasn we were weren what when where which while who whom why will with won would wouldn you your
        """,
    )
)
