"""Bytes of files, in by the address that files.getUploadURLExternal gave, out to the page and to whoever downloads."""

from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.workspace import files
from bot.workspace.api.endpoint import spoiled_after, spoiled_before
from bot.workspace.errors import SlackRefusal
from bot.workspace.model import Json
from bot.workspace.runtime import Runtime

UPLOAD = "upload"
"""What faults and the log of calls name the sending of bytes, as if it were a method."""

_SEALED = {
    "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-cache",
}  # fmt: skip


async def _bytes_in(request: Request) -> Response:
    """Take raw bytes; Slack answers `OK - <how many>`."""
    runtime, content = Runtime.of(request), await request.body()
    line: Json = {"at": datetime.now(UTC).isoformat(), "method": UPLOAD, "arguments": {"bytes": len(content)}}
    runtime.calls.append(line)
    fault = runtime.faults.next_for(UPLOAD)
    if (spoiled := await spoiled_before(runtime, request, fault, line)) is not None:
        return spoiled
    try:
        row = files.take_bytes(runtime.workspace, request.path_params["address"], content)
    except SlackRefusal as refusal:
        line["outcome"] = refusal.error
        return PlainTextResponse(refusal.error, refusal.status)
    line |= {"outcome": "ok", "arguments": {"bytes": len(content), "file": row["file"]["id"]}}
    return spoiled_after(runtime, request, fault, line) or PlainTextResponse(f"OK - {len(content)}")


async def _bytes_out(request: Request) -> Response:
    """A file's bytes: pictures to look at, everything else, and what is asked for by `download`, to be kept."""
    id = request.path_params["file"].rpartition("-")[2]
    row = Runtime.of(request).workspace.files.get(id)
    if row is None or row["state"] == "named":
        return JSONResponse({"ok": False, "error": "file_not_found"}, 404)
    file, shown = row["file"], "/download/" not in request.url.path
    how = "inline" if shown and file["mimetype"].startswith("image/") else "attachment"
    named = {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(file['name'])}"}
    return Response(files.bytes_of(row), media_type=file["mimetype"], headers={**_SEALED, **named})


def file_routes() -> list[Route]:
    """The routes of bytes."""
    return [
        Route("/upload/v1/{address}", _bytes_in, methods=["POST"]),
        Route("/files-pri/{file}", _bytes_out),
        Route("/files-pri/{file}/{name}", _bytes_out),
        Route("/files-pri/{file}/download/{name}", _bytes_out),
    ]
