"""The fields of a form of tags: a line, or some lines for a text that may have several.

Where files differ a field is empty and leaves them as they are, until something is typed; to empty it in all of them is
a wish of its own, which deleting in the empty field says.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.widgets import Input, TextArea

_DIFFERS = "(differs; what is typed goes into all, delete empties all)"
_EMPTIED = "(will be emptied in all of them)"


class _Wish:
    """What is to become of a field: another text, nothing in any of the files, or what it is."""

    def __init__(self, shown: str, *, is_various: bool) -> None:
        self._shown = shown
        self._is_various = is_various
        self._is_emptied = False

    def of(self, text: str) -> str | None:
        """What is to be in a field that holds that text; None where it stays as it is."""
        return text if text != self._shown or self._is_emptied else None

    def delete(self, field: TagLine | TagText, text: str, delete: Callable[[], None]) -> None:
        """Deletes in the text of a field; an empty one says then that it is to be empty, or not."""
        if text:
            delete()
        elif self._is_various:
            self._is_emptied = not self._is_emptied
            field.placeholder = _EMPTIED if self._is_emptied else _DIFFERS


class TagLine(Input):
    """One line."""

    DEFAULT_CSS = """
    TagLine, TagLine:focus { width: 1fr; height: 1; border: none; padding: 0; }
    TagLine:focus { background: $primary 40%; }
    """

    def __init__(self, name: str, text: str, *, is_various: bool) -> None:
        super().__init__(text, placeholder=_DIFFERS if is_various else "", id=f"tag-{name}", select_on_focus=False)
        self._wish = _Wish(text, is_various=is_various)

    @property
    def wanted(self) -> str | None:
        """What is to be in it; None where it stays as it is."""
        return self._wish.of(self.value)

    def action_delete_left(self) -> None:
        """In an empty line says that it is to be empty, or not."""
        self._wish.delete(self, self.value, super().action_delete_left)

    def action_delete_right(self) -> None:
        """The same by the other key."""
        self._wish.delete(self, self.value, super().action_delete_right)


class TagText(TextArea):
    """Some lines; Enter begins another one."""

    DEFAULT_CSS = """
    TagText, TagText:focus { width: 1fr; height: auto; min-height: 1; max-height: 6; border: none; padding: 0; }
    TagText { background: $surface; }
    TagText:focus { background: $primary 40%; }
    """

    def __init__(self, name: str, text: str, *, is_various: bool) -> None:
        placeholder = _DIFFERS if is_various else ""
        super().__init__(text, placeholder=placeholder, id=f"tag-{name}", compact=True, highlight_cursor_line=False)
        self._wish = _Wish(self.text, is_various=is_various)

    @property
    def wanted(self) -> str | None:
        """What is to be in it; None where it stays as it is."""
        return self._wish.of(self.text)

    def action_delete_left(self) -> None:
        """In an empty text says that it is to be empty, or not."""
        self._wish.delete(self, self.text, super().action_delete_left)

    def action_delete_right(self) -> None:
        """The same by the other key."""
        self._wish.delete(self, self.text, super().action_delete_right)
