"""Compares an answer with botocore's model of it: what is there must be modelled,
of the right type and among the enumerated values; what is required must be there.

botocore itself drops a member that it does not know without a word, so the
bytes on the wire are compared, not only what its parser made of them."""

import datetime
import json
import re

ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


class Recorder:
    """Checks every successful answer that a botocore client receives."""

    def __init__(self, client):
        self.mistakes, self.answers = [], 0
        self.models = client.meta.service_model
        client.meta.events.register("response-received.*.*", self.received)

    def received(self, event_name, response_dict, parsed_response, **_):
        if response_dict is None or response_dict["status_code"] >= 300:
            return
        self.answers += 1
        operation = event_name.rsplit(".", 1)[-1]
        shape = self.models.operation_model(operation).output_shape
        if shape is None:
            return
        if self.models.metadata["protocol"] == "query":
            parsed = {k: v for k, v in parsed_response.items() if k != "ResponseMetadata"}
            found = mismatches(shape, parsed, operation, wire=False)
        else:
            found = mismatches(shape, json.loads(response_dict["body"] or b"{}"), operation)
        self.mistakes += found


def mismatches(shape, value, path, wire=True):
    """Every place where `value` departs from `shape`. `wire` for JSON as sent
    (location names, times as text or seconds), else for botocore's parsed form."""
    kind = shape.type_name
    if value is None:
        return [f"{path}: null"]
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{path}: {type(value).__name__}, not an object"]
        if getattr(shape, "is_document_type", False):
            return []
        found, known = [], {}
        for name, member in shape.members.items():
            if wire and member.serialization.get("location") in ("header", "headers", "statusCode"):
                continue
            known[member.serialization.get("name", name) if wire else name] = (name, member)
        found += [f"{path}.{key}: not in the model" for key in value if key not in known]
        for key, (name, member) in known.items():
            if key in value:
                found += mismatches(member, value[key], f"{path}.{key}", wire)
            elif name in shape.required_members:
                found.append(f"{path}.{key}: required and absent")
        return found
    if kind == "list":
        if not isinstance(value, list):
            return [f"{path}: {type(value).__name__}, not a list"]
        return [m for i, v in enumerate(value) for m in mismatches(shape.member, v, f"{path}[{i}]", wire)]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{path}: {type(value).__name__}, not a map"]
        return [m for k, v in value.items() for m in mismatches(shape.value, v, f"{path}.{k}", wire)]
    return _scalar(shape, kind, value, path, wire)


def _scalar(shape, kind, value, path, wire):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("string", "blob", "char"):
        if not isinstance(value, str) and not (kind == "blob" and not wire):
            return [f"{path}: {type(value).__name__}, not text"]
        if getattr(shape, "enum", None) and value not in shape.enum:
            return [f"{path}: {value!r} is none of {shape.enum}"]
        return []
    if kind == "timestamp":
        right = number or (isinstance(value, str) and ISO.match(value)) if wire else isinstance(value, datetime.datetime)
    elif kind == "boolean":
        right = isinstance(value, bool)
    elif kind == "integer":
        right = number and float(value).is_integer() and -(2**31) <= value < 2**31
    elif kind in ("long", "bigint"):
        right = number and float(value).is_integer()
    else:  # float, double
        right = number
    return [] if right else [f"{path}: {value!r} is no {kind}"]
