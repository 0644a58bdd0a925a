"""The service's log: one JSON object per line, with the id of its request.

Questions, answers and texts are logged only if the setting `log_questions` allows it; keys never are.
"""

import json
import logging
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TextIO

from service.answering.types import Answer
from service.storage.permissions import Caller

request_id: ContextVar[str] = ContextVar("request_id", default="")  # chosen by clients, perhaps not unique

_log = logging.getLogger("inyong")
_MAX_CHARS = 8000  # per message or traceback
_FIELDS = "fields"  # the attribute of a record that holds additional fields


class JsonLines(logging.Formatter):
    """A log formatter that writes one line of JSON per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return UTC time, level, logger, message, request id, further fields, and the traceback if any."""
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{second}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_MAX_CHARS],
        }
        if identity := request_id.get():
            line["request_id"] = identity
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)[-_MAX_CHARS:]
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(stream: TextIO | None = None) -> None:
    """Log to the stream, by default standard output; from libraries only warnings and errors."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in (_log.name, "service", "index", "uvicorn.error"):
        logging.getLogger(ours).setLevel(logging.INFO)


def log_request(method: str, route: str, status: int, seconds: float) -> None:
    """Log a finished request. route: its template, without ids."""
    fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    _log.info("request", extra={_FIELDS: fields})


@dataclass(frozen=True, slots=True)
class AnswerLog:
    """Records answers in the log. with_questions: include question and answer."""

    with_questions: bool

    def note_answer(self, answer: Answer, caller: Caller) -> None:
        """Log one answer."""
        numbers = answer.verification.unsupported_numbers if answer.verification else ()
        fields: dict[str, Any] = {
            "answer_id": answer.id,
            "caller": caller.name,
            "outcome": answer.abstain_reason or "answered",
            "citations": len(answer.citations),
            "unsupported_numbers": len(numbers),
            "tokens": answer.usage.completion_tokens,
            "ms": round(answer.timings.total, 1),
        }
        if self.with_questions:
            fields |= {"question": answer.question, "answer": answer.answer}
        _log.info("answer", extra={_FIELDS: fields})

    def note_no_answer(self, *, abandoned: bool) -> None:
        """Do nothing: the failure itself is logged where it is reported to the client."""
