"""What customers of a small shop for office software write, in our own words, with the label a team would give it."""

BY_LABEL = {
    "billing": """
        why was my card charged twice this month
        the invoice for october shows the wrong amount
        please refund the last payment
        I want my money back for the duplicate charge
        can you send me the invoice again
        our VAT number is missing on the bill
        you charged us after we had cancelled
        the payment failed but the money is gone
        how do I change the card we pay with
        we need a receipt for last year's payments
        is there a discount if we pay yearly
        the price on the invoice isn't what we agreed
    """,
    "login": """
        I can't log in any more
        the password reset mail never arrives
        my account is locked after three tries
        sign in says wrong password though it is right
        two factor code is not accepted
        how do I reset my password
        the login page keeps loading
        single sign-on sends me back to the login page
        I lost my phone and can't get the login code
        our new colleague cannot sign in
        it logs me out every five minutes
        I forgot which address I signed in with
    """,
    "export": """
        the CSV export is empty
        exporting the report takes an hour
        columns are missing in the exported file
        can I export all contacts at once
        umlauts are broken in the CSV file
        the export button does nothing
        we need the report as a spreadsheet every week
        export to Excel fails with error 502
        how many rows can be exported
        the exported dates are in the wrong format
        is there an export of the audit log
        download of the file stops at 99 percent
    """,
    "delivery": """
        where is my parcel
        the router we ordered has not arrived
        tracking says delivered but nothing is here
        please change the delivery address
        the box arrived damaged
        when will the second headset be shipped
        can you deliver on a saturday
        the courier left the parcel with a neighbour
        half of the order is missing in the box
        how long does shipping to Norway take
        the tracking number does not work
        I was not at home, can it be delivered again
    """,
    "cancel": """
        please cancel our subscription
        I want to close my account
        how do I end the contract
        we do not want to renew next year
        stop the subscription at the end of the month
        delete our workspace and all users
        what is the notice period for cancelling
        we are leaving, please terminate the plan
        cancel the trial before it turns into a paid plan
        I don't need this any more, close everything
        our company shuts down, end all licences
        remove my account for good
    """,
}
ROWS = [(line.strip(), label) for label, lines in BY_LABEL.items() for line in lines.strip().splitlines()]
TEXTS = [text for text, _ in ROWS]
LABELS = [label for _, label in ROWS]

OUTSIDE = """
    what's the weather in Bergen tomorrow
    tell me a joke about cats
    who won the chess championship
    best recipe for lentil soup
    how tall is the Eiffel tower
    play some jazz
"""
STRANGE = [line.strip() for line in OUTSIDE.strip().splitlines()]
