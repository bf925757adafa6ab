"""The body of a request to the API, looked at before anything is done: JSON, an object, known fields, proper types."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from flask import abort, request

from horizon.core.clock import Micros, from_datetime
from horizon.core.errors import InvalidOption
from horizon.web.errors import MalformedRequest
from horizon.web.state import state_of


class Body:
    """The fields of a JSON object. Reading one raises InvalidOption where its type is another."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    @classmethod
    def read(cls, known: Sequence[str]) -> Body:
        """The body of the current request. Raises MalformedRequest, or InvalidOption for a field that is not known."""
        data, most = request.get_data(cache=False), state_of().max_body
        if len(data) > most:
            abort(413, f"the body has more than the {most:,} bytes that are taken")
        found = parse(data)
        if not isinstance(found, dict):
            raise MalformedRequest(f"expected a JSON object such as {{...}}, got {_kind(found)}")
        for name in found:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise InvalidOption(f"there is no field {name[:80]!r}{hint} There are: {', '.join(known)}")
        return cls(found)

    def text(self, name: str) -> str | None:
        """A text, None where it is absent or null."""
        value = self.fields.get(name)
        return value if value is None or isinstance(value, str) else _wrong(name, "a text", value)

    def integer(self, name: str) -> int | None:
        """A whole number."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return _wrong(name, "a whole number", value)

    def number(self, name: str) -> float | None:
        """A number."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            return value
        return _wrong(name, "a number", value)

    def texts(self, name: str) -> list[str] | None:
        """A list of texts."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            return value
        return _wrong(name, "a list of texts", value)

    def object(self, name: str) -> dict[str, Any] | None:
        """A JSON object."""
        value = self.fields.get(name)
        return value if value is None or isinstance(value, dict) else _wrong(name, "an object", value)

    def moment(self, name: str) -> Micros | None:
        """A time: ISO 8601 with its zone, such as 2026-11-22T14:00:00Z."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return from_datetime(datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            raise InvalidOption(
                f"{name} takes a time in ISO 8601 with its zone, such as 2026-11-22T14:00:00Z; got {value[:80]!r}"
            ) from None


def parse(data: bytes) -> Any:
    """The value that this JSON text means. Raises MalformedRequest, saying where it breaks."""
    try:
        # decoded here, for `json.loads` lets halves of characters pass
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_constant)
        if b"\\u" in data:
            json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise MalformedRequest(f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"the body is not JSON in UTF-8: {error.reason} at byte {error.start:,}") from None
    except UnicodeEncodeError:
        raise MalformedRequest("the body holds a lone surrogate, which is not valid text") from None
    except RecursionError:
        raise MalformedRequest("the body is nested too deeply") from None
    except MalformedRequest:  # of `_constant`; it is a ValueError too
        raise
    except ValueError:
        raise MalformedRequest("the body holds a number of more digits than can be read") from None
    return found


def _constant(word: str) -> NoReturn:
    raise MalformedRequest(f"the body is not JSON: {word} is not a JSON number")


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)


def _wrong(name: str, expected: str, value: object) -> NoReturn:
    raise InvalidOption(f"{name} takes {expected}, got {_kind(value)}")
