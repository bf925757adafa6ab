"""Arguments and results as bytes: UTF-8 JSON, `{"args": {name: value}}` and `{"result": value}`, with tagged types.

No pickle: reading data never runs code other than the constructors of enums and dataclasses that are loaded already.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any

from horizon.core.errors import InvalidPayload
from horizon.jobs.tagged import PLAIN, TAG, ModelRef, Refused, pack, unpack

_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))
_decoder = json.JSONDecoder()
_MARK = f'"{TAG}"'.encode()
MODEL_MARK = f'"{TAG}":"model"'.encode()
"""Stands in every payload written here that holds a row of the host's database, and in no other."""
MAYBE_MODEL = b'"model"'
"""The same of payloads written elsewhere, with spaces perhaps; stands in some others too."""

Load = Callable[[ModelRef], object]


def _writer() -> Callable[[object], str]:
    """`JSONEncoder.encode` makes its inner encoder anew for every document, which costs more than to use it: here it is kept.

    Where this Python's json has none of this kind, `encode` itself.
    """
    try:
        pieces = c_make_encoder(None, _encoder.default, encode_basestring, None, ":", ",", False, False, False)
    except TypeError:
        return _encoder.encode
    return lambda document: "".join(pieces(document, 0))


_write = _writer()


def encode(arguments: Mapping[str, object]) -> bytes:
    """The payload of these arguments. Raises InvalidPayload that names the argument and what is wrong with it."""
    for value in arguments.values():
        if type(value) not in PLAIN:
            return _encode_slowly(arguments)
    try:
        return _write({"args": arguments}).encode()
    except ValueError:
        return _encode_slowly(arguments)


def _encode_slowly(arguments: Mapping[str, object]) -> bytes:
    packed = {name: _packed(name, value) for name, value in arguments.items()}
    try:
        return _write({"args": packed}).encode()
    except (ValueError, RecursionError) as error:
        for name, value in packed.items():
            _blame(f"the argument {name!r}", value)
        raise InvalidPayload(f"the arguments cannot be written as JSON: {error}") from error


def _packed(name: str, value: object) -> Any:
    try:
        return pack(value)
    except Refused as refused:
        where = f"{name}{''.join(refused.path)}"
        raise InvalidPayload(
            f"the argument {where!r} is {refused.why}; a job can keep JSON values, datetime, date, time, timedelta, Decimal, "
            "UUID, bytes, set, tuple, enums, dataclasses and SQLAlchemy models: pass an id or plain data instead"
        ) from None
    except RecursionError:
        raise InvalidPayload(f"the argument {name!r} contains itself or is nested too deeply to be kept") from None


def _blame(where: str, value: Any) -> None:
    """Raise InvalidPayload for the first text or number in `value` that JSON in UTF-8 cannot hold."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidPayload(f"{where} holds {value!r}, which JSON cannot say; use None or text instead")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidPayload(
                f"{where} holds a lone surrogate at character {error.start}, which is not valid text; decode it with errors='replace', or pass bytes"
            ) from None
    if isinstance(value, int) and abs(value).bit_length() > 10_000:
        raise InvalidPayload(f"{where} holds an integer of {value.bit_length()} bits; pass such a number as text")
    if isinstance(value, list):
        for item in value:
            _blame(where, item)
    if isinstance(value, dict):
        for key, item in value.items():
            _blame(where, key)
            _blame(where, item)


def decode(payload: bytes) -> dict[str, object]:
    """The arguments that `encode` wrote; models are still `ModelRef`s. Raises InvalidPayload, or UnknownClass."""
    document = _read(payload)
    arguments = document.get("args") if isinstance(document, dict) else None
    if not isinstance(arguments, dict):
        raise InvalidPayload('the payload is not an object of the form {"args": {...}}')
    if _MARK not in payload:
        return arguments
    try:
        return {name: unpack(value) for name, value in arguments.items()}
    except InvalidPayload:
        raise
    except Exception as error:
        raise InvalidPayload(f"the payload cannot be read: {type(error).__name__}: {error}") from error


def _parse(text: str) -> Any:
    """`json.loads`, with less ado where nothing stands around the document."""
    try:
        value, end = _decoder.raw_decode(text)
    except ValueError:
        end = -1  # something before the document, or a fault: the slow way says which
    return value if end == len(text) else _decoder.decode(text)


def _read(payload: bytes) -> Any:
    try:
        return _parse(payload.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidPayload(f"the payload is not JSON: {error}") from error


def with_models(value: Any, load: Load) -> Any:
    """The same data with every `ModelRef` in it replaced by what `load` returns for it."""
    if isinstance(value, ModelRef):
        return load(value)
    if type(value) is dict:
        return {key: with_models(item, load) for key, item in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(with_models(item, load) for item in value)
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            object.__setattr__(value, field.name, with_models(getattr(value, field.name), load))
    return value


# results ------------------------------------------------------------------------------------------


def encode_result(value: object, limit: int) -> bytes | None:
    """What `handle()` returned, as bytes; None for None.

    What cannot be written is kept as its repr, and what exceeds `limit` bytes is cut; both are marked as such.
    """
    if value is None:
        return None
    try:
        data = _write({"result": value if type(value) in PLAIN else pack(value)}).encode()
    except (Refused, ValueError, RecursionError):
        data = _marked("repr", _repr(value), limit)
    return data if len(data) <= limit else _marked("cut", data[10:-1].decode(), limit)


def encode_value(value: object) -> bytes | None:
    """The same of what must be read back as it was; None for None. Raises InvalidPayload."""
    if value is None:
        return None
    try:
        return _write({"result": pack(value)}).encode()
    except Refused as refused:
        raise InvalidPayload(f"the value{''.join(refused.path)} is {refused.why}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidPayload(f"the value cannot be written as JSON: {error}") from None


def _marked(how: str, text: str, limit: int) -> bytes:
    kept = text.encode("utf-8", "backslashreplace")[:limit].decode("utf-8", "ignore")
    return _write({"result": {TAG: how, "v": kept, "size": len(text)}}).encode()


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def decode_result(data: bytes | None) -> object:
    """The result that `encode_result` wrote; of a marked one, the text that was kept. Raises InvalidPayload."""
    if data is None:
        return None
    value = _read(data)["result"]
    if type(value) is dict and value.get(TAG) in ("repr", "cut"):
        return value["v"]
    return unpack(value)


# for people ---------------------------------------------------------------------------------------


def readable(data: bytes | None) -> object:
    """Arguments or result as plain JSON data for pages and the API: tagged values become the text people know.

    Never raises: data that cannot be read is shown as text.
    """
    if data is None:
        return None
    try:
        document = json.loads(data)
        for key in ("args", "result"):
            if isinstance(document, dict) and document.keys() in ({key}, {key, "sensitive"}):
                document = document[key]
                return {name: _plain(value) for name, value in document.items()} if key == "args" else _plain(document)
        return _plain(document)
    except Exception:
        return data.decode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if type(value) is list:
        return [_plain(item) for item in value]
    if type(value) is not dict:
        return value
    if TAG not in value:
        return {key: _plain(item) for key, item in value.items()}
    inner: Any = value.get("v")
    tag, name = value[TAG], str(value.get("c", "")).rpartition(":")[2]
    match tag:
        case "dict":
            return {str(key): _plain(item) for key, item in inner}
        case "enum" | "flag":
            return f"{name}.{inner}"
        case "dataclass":
            return {key: _plain(item) for key, item in inner.items()}
        case "model":
            return f"{name} {', '.join(str(_plain(part)) for part in inner)}"
        case "timedelta":
            return f"{inner[0] * 86400 + inner[1] + inner[2] / 1e6:g} s"
        case "bytes":
            return f"{len(inner) * 3 // 4 - inner[-2:].count('=')} bytes"
        case "datetime" if "zone" in value:
            return f"{inner} {value['zone']}"
        case "cut":
            return f"{inner}… (cut, {value.get('size')} characters)"
    return _plain(inner)
