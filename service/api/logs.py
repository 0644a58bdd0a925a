"""The service's log: one JSON object a line, each with the id of the request that it belongs to.

Questions, answers and texts stand in it only when the setting `log_questions` says so; keys never do.
"""

import json
import logging
import sys
import time
from typing import Any, TextIO

from service.api.observing import Observed, request_id
from service.types import Answer

_log = logging.getLogger("inyong")
_MOST_CHARS = 8000  # of one message or traceback
_FIELDS = "fields"  # the attribute of a record that holds what is to stand beside the message


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, logger, message, request id, further fields, and the traceback if any."""
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{second}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_MOST_CHARS],
        }
        if identity := request_id.get():
            line["request_id"] = identity
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)[-_MOST_CHARS:]
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(stream: TextIO | None = None) -> None:
    """Sends the log of the process to the stream, standard output; of libraries only what is amiss."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in (_log.name, "service", "index", "uvicorn.error"):
        logging.getLogger(ours).setLevel(logging.INFO)


def log_request(observed: Observed) -> None:
    """One line for a request that is over."""
    fields = {
        "method": observed.method,
        "route": observed.route,
        "status": observed.status,
        "ms": round(observed.seconds * 1000, 1),
    }
    _log.info("request", extra={_FIELDS: fields})


def log_answer(answer: Answer, caller: str, *, with_question: bool) -> None:
    """One line for an answer. caller: the name of the key; with_question: question and answer, too."""
    fields: dict[str, Any] = {
        "answer_id": answer.id,
        "caller": caller,
        "outcome": answer.abstain_reason or "answered",
        "citations": len(answer.citations),
        "unsupported_numbers": len(answer.grounding.unsupported_numbers),
        "tokens": answer.usage.completion_tokens,
        "ms": round(answer.timings.total, 1),
    }
    if with_question:
        fields |= {"question": answer.question, "answer": answer.answer}
    _log.info("answer", extra={_FIELDS: fields})
