"""The yardstick: an endpoint that checks a signature, reads the event and inserts one row, and does nothing else.

The same web server, signature, model, database settings (SQLite, WAL, synchronous FULL) and one transaction a request.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Request
from sqlalchemy import JSON, Column, Integer, MetaData, Table, insert
from standardwebhooks.webhooks import Webhook

from automations.failure_tickets.event import FailureEvent
from storage.engine import Database
from tests.serving import announce

METADATA = MetaData()
ROWS = Table("bare", METADATA, Column("id", Integer, primary_key=True), Column("body", JSON, nullable=False))


async def raw_body(request: Request) -> bytes:
    return await request.body()


def create_app(database: Database, webhook: Webhook) -> FastAPI:
    METADATA.create_all(database.engine)
    app = FastAPI()

    @app.post("/v1/failures", status_code=202)
    def take(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> dict[str, str]:
        webhook.verify(body, dict(request.headers))
        event = FailureEvent.model_validate_json(body)
        with database.begin() as session:
            session.execute(insert(ROWS).values(body=event.model_dump(mode="json")))
        return {"event_id": event.id}

    return app


def main() -> None:
    database = Database(f"sqlite:///{Path(sys.argv[1]) / 'bare.db'}")
    app = create_app(database, Webhook(os.environ["BENCH_SECRET"]))
    announce(uvicorn.Config(app, log_level="warning", access_log=False))


if __name__ == "__main__":
    main()
