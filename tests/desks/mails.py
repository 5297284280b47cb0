"""Mails that a server would have sent."""

import base64
from email import message_from_string
from email.utils import getaddresses


def recipients(mail: str) -> list[str]:
    """Every address that a mail goes to, in lower case."""
    message = message_from_string(mail)
    heads = [str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])]
    return [address.lower() for _, address in getaddresses(heads) if address]


def base64_text(content: str) -> str:
    """The text of an attachment, which Request Tracker gives in base64 when it is read alone."""
    return base64.b64decode(content).decode("utf-8", "replace")
