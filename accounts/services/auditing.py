"""Writes what staff change into the audit trail, in the transaction of the change.

A service that staff call is `audited`, and calls `track` on each row before it changes it. What
customers do, and the shop by itself, is not written down and costs nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from config import acting, request_ids
from config.audit import Changes, Values, name_of, rules_of, told, values_of

from ..models import AuditEntry

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
_BATCH = 500

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class _Author:
    """Who is written down, and how the call came in."""

    source: str
    user_id: UUID | None


@dataclass
class _Tracked:
    """A row as it was before a service changed it."""

    row: Model
    object_id: str
    before: Values
    is_new: bool
    action: str = ""
    lists: Changes = field(default_factory=dict)

    @property
    def is_gone(self) -> bool:
        return self.row.pk is None and not self.is_new

    @property
    def is_written(self) -> bool:
        return not (self.is_new and self.row._state.adding)

    @property
    def key(self) -> tuple[str, str]:
        return self.row._meta.label_lower, self.object_id or str(self.row.pk)


@dataclass
class _Frame:
    """The rows that one outermost service changes."""

    author: _Author
    # By the identity of their objects: each is held here, so that no other can have it.
    tracked: dict[int, _Tracked] = field(default_factory=dict)
    deeds: list[AuditEntry] = field(default_factory=list)

    def forget_since(self, tracked: int, deeds: int) -> None:
        for key in list(self.tracked)[tracked:]:
            del self.tracked[key]
        del self.deeds[deeds:]

    def write(self) -> None:
        by_row: dict[tuple[str, str], list[_Tracked]] = {}
        for each in self.tracked.values():
            if each.is_written:
                by_row.setdefault(each.key, []).append(each)
        entries = [_entry(self.author, group) for group in by_row.values()]
        _insert([*filter(None, entries), *self.deeds])


_frame: ContextVar[_Frame | None] = ContextVar("audit_frame", default=None)


@contextmanager
def audited() -> Iterator[None]:
    """Write an entry for each row that is tracked and changed meanwhile, if staff are acting.

    The outermost block writes them all at its end; what fails within it is not written.
    """
    frame, author = _frame.get(), _author()
    if author is None:
        yield
    elif frame is not None:
        seen = len(frame.tracked), len(frame.deeds)
        try:
            yield
        except BaseException:
            frame.forget_since(*seen)
            raise
    else:
        yield from _outermost(author)


def _outermost(author: _Author) -> Iterator[None]:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("The trail belongs to a transaction.")
    frame = _Frame(author)
    token = _frame.set(frame)
    try:
        yield
    finally:
        _frame.reset(token)
    frame.write()


def track(row: Row, action: str = "") -> Row:
    """Remember a row that is about to be inserted, changed or deleted, and return it.

    `action` is a verb that says more than created, changed or deleted.
    """
    if frame := _frame.get():
        known = frame.tracked.get(id(row))
        if known is None:
            known = _Tracked(row, _id_of(row), values_of(row), row._state.adding)
            frame.tracked[id(row)] = known
        known.action = action or known.action
    return row


def track_as_it_was(row: Model, before: Values, *, is_new: bool) -> None:
    """Remember a row that a form has written into already."""
    if frame := _frame.get():
        object_id = "" if is_new else _id_of(row)
        frame.tracked[id(row)] = _Tracked(row, object_id, values_of(row) | before, is_new)


def set_members(row: Model, name: str, wanted: Collection[Model]) -> None:
    """Make `wanted` the members of a list of a row, and remember who left and who came."""
    manager = getattr(row, name)
    if _frame.get() is None:
        manager.set(wanted)
        return
    present, wanted = set(manager.all()), set(wanted)
    gone, new = present - wanted, wanted - present
    if gone:
        manager.remove(*gone)
    if new:
        manager.add(*new)
    note_members(row, name, gone=gone, new=new)


def note_members(
    row: Model, name: str, *, gone: Iterable[Model] = (), new: Iterable[Model] = ()
) -> None:
    """Remember which members left and joined a list of a row."""
    frame, left, came = _frame.get(), _names(gone), _names(new)
    if frame is None or not (left or came):
        return
    track(row)
    frame.tracked[id(row)].lists[name] = [left, came]


def record_new(row: Model) -> None:
    """Write down that staff inserted a row."""
    if _author():
        record(row, CREATED, told(rules_of(row), None, values_of(row)))


def record(row: Model, action: str, changes: Changes | None = None) -> None:
    """Write down that staff did something to a row, though none of its fields tells it."""
    author = _author()
    if author is None:
        return
    key = row._meta.label_lower, str(row.pk)
    entry = _new_entry(author, key, name_of(row), action, changes or {})
    if frame := _frame.get():
        frame.deeds.append(entry)
    else:
        _insert([entry])


def _author() -> _Author | None:
    """Return who is acting, if it is a member of staff or a command."""
    call = acting.current.get()
    if call is None:
        return None
    if call.source == acting.COMMAND:
        return _Author(call.source, None)
    user = call.user()
    is_staff = user is not None and user.is_authenticated and user.is_staff
    return _Author(call.source, user.pk) if is_staff else None


def _entry(author: _Author, group: list[_Tracked]) -> AuditEntry | None:
    """Return the entry of one row, which a service may have read several times."""
    first, last = group[0], group[-1]
    is_new, is_gone = first.is_new, any(each.is_gone for each in group)
    after: Values = {} if is_new else dict(first.before)
    lists: Changes = {}
    for each in group:
        now = values_of(each.row)
        after |= {
            name: value
            for name, value in now.items()
            if each.is_new or each.before.get(name) != value
        }
        lists |= each.lists
    before = None if is_new else first.before
    changes = told(rules_of(first.row), before, None if is_gone else after) | lists
    action = next((each.action for each in reversed(group) if each.action), "")
    if not action:
        action = CREATED if is_new else DELETED if is_gone else CHANGED
    if not changes and not (is_new or is_gone):
        return None
    return _new_entry(author, first.key, name_of(last.row), action, changes)


def _new_entry(
    author: _Author, key: tuple[str, str], name: str, action: str, changes: Changes
) -> AuditEntry:
    request_id = request_ids.current.get()
    return AuditEntry(
        actor_id=author.user_id,
        source=author.source,
        action=action,
        model=key[0],
        object_id=key[1],
        object_name=name[:255],
        changes=changes,
        request_id="" if request_id == "-" else request_id,
    )


def _insert(entries: list[AuditEntry]) -> None:
    if entries:
        AuditEntry.objects.bulk_create(entries, batch_size=_BATCH)


def _id_of(row: Model) -> str:
    return "" if row.pk is None or row._state.adding else str(row.pk)


def _names(members: Iterable[Model]) -> list[str]:
    return sorted(name_of(member) or str(member.pk) for member in members)
