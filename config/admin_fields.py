"""Form fields that let staff write lists as lines of text instead of JSON."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget


class ListField(forms.CharField):
    """Words with commas or on lines of their own: IN, LK."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 2}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # noqa: ANN401
        words = re.split(r"[,\n]", super().clean(value))
        return [word.strip() for word in words if word.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return _changed(self, initial, data)


class PairsField(forms.CharField):
    """A line for each pair, as in "CGST: 9": a dict, or dicts of two keys that `keys` names."""

    def __init__(self, *, keys: tuple[str, str] | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 3}))
        self.keys = keys
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            value = {row[self.keys[0]]: row[self.keys[1]] for row in value} if self.keys else {}
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name}: {text}" for name, text in value.items())

    def clean(self, value: Any) -> Any:  # noqa: ANN401
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        pairs = [self._pair(line) for line in lines]
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise forms.ValidationError("Write each name once.")
        if self.keys is None:
            return dict(pairs)
        return [dict(zip(self.keys, pair, strict=True)) for pair in pairs]

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return _changed(self, initial, data)

    def _pair(self, line: str) -> tuple[str, str]:
        name, colon, text = (part.strip() for part in line.partition(":"))
        if not (name and colon and text):
            raise forms.ValidationError(f"'{line.strip()}': write a name, a colon and a value.")
        return name, text


def _changed(field: forms.Field, initial: Any, data: Any) -> bool:  # noqa: ANN401
    """Compare by what is meant: line ends and spaces do not count."""
    try:
        return field.clean(data) != (initial or type(field.clean(""))())
    except forms.ValidationError:
        return True
