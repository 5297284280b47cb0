"""For each of our own rules, lines that it has to find and lines that it must not."""

BAD = {
    "handoff-compare-secret-in-constant-time": "def f(token, held):\n    return token == held\n",
    "handoff-no-redirects": "import httpx\nhttpx.get('https://x', follow_redirects=True)\n",
    "handoff-http-client-has-timeout-and-no-environment": "import httpx\nclient = httpx.Client(base_url='https://x')\n",
    "handoff-no-sql-from-pieces": "def f(session, name):\n    session.execute(text(f\"select '{name}'\"))\n",
    "handoff-no-body-in-log": "def f(log, body):\n    log.warning('refused', sent=body)\n",
    "handoff-audit-is-append-only": (
        "from sqlalchemy import delete\nfrom storage.models import AuditEntry\n\n\n"
        "def f(session):\n    session.execute(delete(AuditEntry))\n"
    ),
    "handoff-no-unsafe-reading": "import pickle\npickle.loads(b'x')\n",
    "handoff-no-shell": "import subprocess\nsubprocess.run('ls', shell=True)\n",
    "handoff-randomness-of-secrets": "import uuid\nkey = uuid.uuid4().hex\n",
    "handoff-no-autoescape-off": "import jinja2\njinja2.Environment(autoescape=False)\n",
    "handoff-posts-unfurl-nothing": "def f(client):\n    client.chat_postMessage(channel='C1', text='x')\n",
    "handoff-tls-is-verified": "import httpx\nhttpx.get('https://x', verify=False)\n",
}

GOOD = """
import hmac, httpx, secrets, subprocess

def fine(token, held, session, name, log, client, body):
    hmac.compare_digest(token, held)
    httpx.Client(base_url="https://x", timeout=5, trust_env=False)
    session.execute(text("select :name"), {"name": name})
    log.warning("refused", size=len(body))
    subprocess.run(["ls"], check=True)
    key = secrets.token_hex(16)
    client.chat_postMessage(channel="C1", text="x", unfurl_links=False, unfurl_media=False)
    return key
"""
