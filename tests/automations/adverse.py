"""Pieces of text that, repeated, would make a careless pattern search for hours."""

from automations.redact import MASK

PEM = "-----BEGIN PRIVATE" + " KEY-----"
ADVERSARIAL = [
    "a", "a=", 'a:"', "password=", "password ", "key=", "key key ", "token is ", "eyJ", "-eyJ0aaaaaaaaa", "sk-", PEM,
    "sk_live_", PEM + "\nAAAA\n", "Private-Lines: 1\n", "Cookie: a=", "://a:", "a:b@", "://a:b@c ", "Authorization: ",
    "mysql ", '"name":"', '"value":"', "<a>", "--password ", "AKIA", "\n", "xoxb-", "A" * 100 + " ", "= ", " ", "\\n",
    MASK, MASK + "x", "a.", "a-", "a_", "1.", "1/", "d" * 50 + ".", "3Q~", "identified by ", 'key="', "key='",
    "pk." + "a" * 20 + "-", "a1B2c3=", "token=a,", "curl -u a:", "eyaaaaaaaaaa.",
    "| a ", "| a | b1 ", "|", 'variable "a" { ', "login a ", "login a password ", "%20", "%20xoxb-",
]  # fmt: skip
