"""The id of the request that is being answered, for errors and logs."""

import logging
from contextvars import ContextVar

current: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Give each log record the id of its request, or "-" outside one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current.get()
        return True
