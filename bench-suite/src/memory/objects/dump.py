"""Writes all objects that the collector reaches, one a line, as JSON.

    import dump
    dump.dump("objects.json")

No values are written, only types, sizes, lengths, names of modules, classes and
functions, and who refers to whom. Runs on CPython 3.
"""

import gc
import json
import sys
import types

NAMED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)


def dump(path):
    """Writes the snapshot; returns the number of objects."""
    gc.collect()
    found = gc.get_objects()
    # What this function itself needs is no part of the program.
    seen = {id(found)}
    seen.add(id(seen))
    stack = found
    own = {id(sys._getframe()), id(stack)}
    count = 0
    with open(path, "w", encoding="ascii") as file:
        own.update((id(file), id(own), id(file.buffer)))
        while stack:
            value = stack.pop()
            address = id(value)
            if address in seen or address in own:
                continue
            seen.add(address)
            refs = gc.get_referents(value)
            line = {"address": address, "type": type(value).__name__, "size": size(value)}
            if isinstance(value, NAMED):
                line["name"] = str(getattr(value, "__name__", ""))
            if isinstance(value, (str, bytes, bytearray, list, tuple, dict, set, frozenset)):
                line["len"] = len(value)
            line["refs"] = [id(ref) for ref in refs if id(ref) not in own]
            file.write(json.dumps(line, separators=(",", ":")))
            file.write("\n")
            count += 1
            stack.extend(ref for ref in refs if id(ref) not in seen)
    return count


def size(value):
    """What getsizeof says, or 0 for an object whose own words about that fail."""
    try:
        return sys.getsizeof(value)
    except Exception:
        return 0
