#!/usr/bin/env python3
"""Writes the test vectors: what a stock CPython answers.

    python3 generate.py SEED FOLDER [SHARE]

writes one file of JSON lines for each kind of case into FOLDER. The same seed
and the same minor version of Python give the same bytes. SHARE (1.0 if it is
not given) scales how many cases there are of each kind. `cases` lists the
kinds; each function that makes one says what its fields mean.

The oracles are `memoryview`, `struct`, `array`, `bytearray` and `list`, and
`_testbuffer.ndarray` for memory of any shape. The committed files come from
seed 7 and CPython 3.11.

Values are written without loss. A number or a truth value is itself, a float
is `f` and the 16 hex digits of its bits as a double, bytes are `b` and hex
digits, and a list or tuple is a list.
"""

import array
import json
import math
import pathlib
import random
import struct
import sys

from _testbuffer import (
    PyBUF_ANY_CONTIGUOUS,
    PyBUF_C_CONTIGUOUS,
    PyBUF_F_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_ND,
    PyBUF_STRIDES,
    PyBUF_WRITABLE,
    ND_WRITABLE,
    ndarray,
)

NATIVE = "cbB?hHiIlLqQnNefdP"
STANDARD = "cbB?hHiIlLqQefd"
INTEGERS = "bBhHiIlLqQnNP"


# How values are written.


def encode(value):
    if isinstance(value, float):
        return "f" + struct.pack(">d", value).hex()
    if isinstance(value, (bytes, bytearray)):
        return "b" + value.hex()
    if isinstance(value, (list, tuple)):
        return [encode(each) for each in value]
    return value


def answer(work):
    """What `work` returns, as a field of a case; or the error that it raises."""
    try:
        return work()
    except (
        struct.error,
        ArithmeticError,
        BufferError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        name = type(error).__name__
        return {"error": "struct.error" if isinstance(error, struct.error) else name}


# Formats and values.


def an_order(rng):
    return rng.choice(["", "@", "<", ">", "=", "!"])


def a_single_format(rng):
    """One code in any order, with a value to it."""
    order = an_order(rng)
    codes = NATIVE if order in ("", "@") else STANDARD
    code = rng.choice(codes)
    if rng.random() < 0.08:
        return order + rng.choice(["1s", "3s", "4s", "3p", "5p"])
    return order + code


def a_record_format(rng):
    """Several codes with counts and padding, and at least one value."""
    order = an_order(rng)
    codes = NATIVE if order in ("", "@") else STANDARD
    parts = []
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        if kind < 0.12:
            parts.append(rng.choice(["x", "2x", "3x"]))
        elif kind < 0.24:
            parts.append(rng.choice(["s", "2s", "5s", "3p", "p", "0s"]))
        elif kind < 0.4:
            parts.append(str(rng.randint(0, 3)) + rng.choice(codes))
        else:
            parts.append(rng.choice(codes))
    return order + "".join(parts)


def any_format(rng):
    return a_single_format(rng) if rng.random() < 0.7 else a_record_format(rng)


def an_element_format(rng):
    """A format that memory can be made of: it has bytes and values."""
    while True:
        format = any_format(rng)
        if struct.calcsize(format) and struct.unpack(
            format, bytes(struct.calcsize(format))
        ):
            return format


def an_integer(rng, bits=64):
    edge = 1 << rng.choice([0, 1, 7, 8, 15, 16, 31, 32, 63])
    # The last that fit, and the first that do not.
    edges = [edge - 1, edge, -edge, -edge - 1]
    value = rng.choice(
        [rng.randint(-9, 120), *rng.sample(edges, 2), rng.getrandbits(bits)]
    )
    return max(-(1 << 63), min((1 << 64) - 1, value))


def a_float(rng):
    return rng.choice(
        [
            0.0,
            -0.0,
            1.0,
            -2.5,
            97.0,
            0.1,
            1e300,
            -1e-320,
            65504.0,
            65520.0,
            5.960464477539063e-08,
            2.980232238769531e-08,
            3.4028235677973366e38,
            1e39,
            2.0**53,
            math.inf,
            -math.inf,
            math.nan,
            rng.uniform(-100, 100),
            float(rng.randint(-5, 200)),
        ]
    )


def fitting(rng, format):
    """A value for each field of a format, as it reads them back."""
    size = struct.calcsize(format)
    plain = rng.random() < 0.5
    memory = bytes(
        rng.choice([0, 1, 2, 97]) if plain else rng.getrandbits(8) for _ in range(size)
    )
    values = []
    # Payloads of NaNs survive a detour through a double or not, depending on the processor.
    for value in struct.unpack(format, memory):
        if isinstance(value, float) and (math.isnan(value) or rng.random() < 0.3):
            value = rng.choice([math.nan, 0.5, -1.0, 97.0, 1.0, math.inf])
        values.append(value)
    return struct.unpack(format, struct.pack(format, *values))


# Memory with a layout.


class Memory:
    """Elements somewhere in memory, and the `ndarray` that has them."""

    def __init__(self, rng, format, shape, strides, offset, count, elements=None):
        self.format, self.shape, self.strides, self.offset = (
            format,
            shape,
            strides,
            offset,
        )
        elements = elements or [fitting(rng, format) for _ in range(count)]
        self.bytes = b"".join(struct.pack(format, *element) for element in elements)
        items = [element[0] if len(element) == 1 else element for element in elements]
        self.writable = rng.random() < 0.5
        self.array = ndarray(
            items,
            shape=shape,
            strides=strides,
            offset=offset,
            format=format,
            flags=ND_WRITABLE if self.writable else 0,
        )
        self.view = memoryview(self.array)

    def twin(self, rng):
        """The same elsewhere."""
        elements = list(struct.iter_unpack(self.format, self.bytes))
        made = Memory(
            rng, self.format, self.shape, self.strides, self.offset, 0, elements
        )
        return made.array

    def fields(self):
        return {
            "format": self.format,
            "bytes": self.bytes.hex(),
            "shape": self.shape,
            "strides": self.strides,
            "offset": self.offset,
        }


def a_shape(rng, dimensions):
    shape = [rng.choice([1, 2, 2, 3, 3, 4, 5]) for _ in range(dimensions)]
    while math.prod(shape) > 30:
        shape[shape.index(max(shape))] = 2
    if shape and rng.random() < 0.08:
        shape[rng.randrange(dimensions)] = 0
    return shape


def a_layout(rng, shape, itemsize):
    """Strides, offset and number of elements: C, Fortran, or with steps, gaps and any order."""
    axes = list(range(len(shape)))
    kind = rng.random()
    plain = kind < 0.5
    if kind < 0.3:
        axes.reverse()
    elif kind > 0.5:
        rng.shuffle(axes)
    strides, extent, offset = [0] * len(shape), 1, 0
    for axis in axes:
        step = 1 if plain or extent > 24 else rng.choice([1, 1, 2, -1, -1, -2])
        strides[axis] = extent * step * itemsize
        if step < 0 and shape[axis]:
            offset -= (shape[axis] - 1) * strides[axis]
        extent *= max(shape[axis], 1) * abs(step)
    if not plain and rng.random() < 0.05 and shape:
        strides[rng.randrange(len(shape))] = 0
        offset = 0 if min(strides, default=0) >= 0 else offset
    lead = 0 if plain else rng.choice([0, 0, 1, 2])
    return strides, offset + lead * itemsize, extent + lead


def a_memory(rng, formats=an_element_format, dimensions=None):
    format = formats(rng)
    while True:
        count = rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 3, 4])
        shape = a_shape(rng, count if dimensions is None else dimensions)
        size = struct.calcsize(format)
        strides, offset, count = a_layout(rng, shape, size)
        # Small memory keeps the files small; an axis of 5 is as good as one of 500.
        if count * size > 48 and rng.random() < 0.97:
            continue
        try:
            return Memory(rng, format, shape, strides, offset, count)
        except ValueError:
            continue


def a_native_format(rng):
    return rng.choice(["", "@"]) + rng.choice(NATIVE.replace("e", ""))


def flatten(nested, dimensions):
    if dimensions == 0:
        return [nested]
    return [each for part in nested for each in flatten(part, dimensions - 1)]


def packed(format, elements):
    whole = (
        element if isinstance(element, tuple) else (element,) for element in elements
    )
    return b"".join(struct.pack(format, *element) for element in whole)


# Kinds of cases: struct.


def format_case(rng):
    """`size` of `format`, or that it is no format."""
    text = an_order(rng)
    for _ in range(rng.randint(0, 6)):
        if rng.random() < 0.35:
            text += str(rng.choice([0, 1, 2, 3, 7, 12, 100, rng.randint(0, 999)]))
        if rng.random() < 0.08:
            text += rng.choice([" ", "\t", "\n", "  "])
        text += rng.choice(NATIVE + STANDARD + "xsp" * 3)
        if rng.random() < 0.02:
            text += rng.choice(
                ["<", "@", "y", "w", "Z", "é", "5", "99999999999999999999x", ",", "*"]
            )
    if rng.random() < 0.01:
        text += rng.choice(
            ["9223372036854775807x", "9223372036854775808x", "4611686018427387904h"]
        )
    return {"format": text} | answer(lambda: {"size": struct.calcsize(text)})


def unpack_case(rng):
    """`values` of `bytes`, or the error."""
    format = any_format(rng)
    values = fitting(rng, format)
    memory = bytearray(struct.pack(format, *values))
    if rng.random() < 0.15:
        memory = memory + b"\0" if rng.random() < 0.5 else memory[:-1]
    elif not any(code in format for code in "efd"):
        # Padding that is not zero is not looked at, and a truth value is any byte but 0.
        memory = bytes(byte or rng.choice([0, 0, 255]) for byte in memory)
    case = {"format": format, "bytes": memory.hex()}
    return case | answer(
        lambda: {"values": encode(struct.unpack(format, bytes(memory)))}
    )


def arguments(rng, format):
    """Arguments for a format, most of them good."""
    values = list(fitting(rng, format))
    for at, value in enumerate(values):
        if rng.random() < 0.3:
            if isinstance(value, bool):
                # Anything is true or false.
                values[at] = rng.choice([an_integer(rng), a_float(rng), b"", b"\0", 0])
            elif isinstance(value, int):
                values[at] = an_integer(rng)
            elif isinstance(value, float):
                values[at] = rng.choice([a_float(rng), an_integer(rng)])
            elif isinstance(value, bytes):
                values[at] = rng.choice([value + b"xy", value[:-1], b"", b"a" * 300])
    if values and rng.random() < 0.15:
        at = rng.randrange(len(values))
        values[at] = rng.choice([b"x", b"", 1.5, 0.0, True, False, 7, -1])
    if rng.random() < 0.05:
        values = values + [1] if rng.random() < 0.5 else values[:-1]
    return values


def pack_case(rng):
    """`bytes` of `arguments`, or the error."""
    format = any_format(rng)
    values = arguments(rng, format)
    case = {"format": format, "arguments": encode(values)}
    return case | answer(lambda: {"bytes": struct.pack(format, *values).hex()})


def an_offset(rng, room):
    return rng.choice(
        [0, 1, room, room, rng.randint(0, room), rng.randint(-room - 9, room + 9)]
        + [-1, -room, -room - 7, room + 1, -(1 << 40)]
    )


def pack_into_case(rng):
    """`before` is `after` once `arguments` were packed into it at `offset`, or were refused."""
    format = any_format(rng)
    values = arguments(rng, format)
    room = rng.randint(0, 6)
    before = bytearray(
        rng.getrandbits(8) for _ in range(struct.calcsize(format) + room)
    )
    offset = an_offset(rng, room)
    case = {
        "format": format,
        "arguments": encode(values),
        "before": before.hex(),
        "offset": offset,
    }

    def work():
        struct.pack_into(format, before, offset, *values)
        return {}

    return case | answer(work) | {"after": before.hex()}


def unpack_from_case(rng):
    """`values` of `bytes` from `offset` on, or the error."""
    format = any_format(rng)
    room = rng.randint(0, 6)
    offset = an_offset(rng, room)
    inner = struct.pack(format, *fitting(rng, format))
    # From the front or from the end, the record lies where it is looked for.
    start = offset if offset >= 0 else room + len(inner) + offset
    start = max(0, min(start, room))
    memory = bytes(start) + inner + bytes(room - start)
    case = {"format": format, "bytes": memory.hex(), "offset": offset}
    return case | answer(
        lambda: {"values": encode(struct.unpack_from(format, memory, offset))}
    )


def iter_unpack_case(rng):
    """The `records` of `bytes`, or the error."""
    format = any_format(rng)
    memory = b"".join(
        struct.pack(format, *fitting(rng, format)) for _ in range(rng.randint(0, 4))
    )
    if rng.random() < 0.15:
        memory += b"\0"
    case = {"format": format, "bytes": memory.hex()}
    return case | answer(
        lambda: {"records": encode(list(struct.iter_unpack(format, memory)))}
    )


# Kinds of cases: memoryview.


def layout_case(rng):
    """Nested `list`, bytes in the order of C (`c`) and of Fortran (`f`; none if the same), which
    of them `A` is, and which contiguities there are. Or that the layout leaves the memory."""
    if rng.random() < 0.2:
        return bad_layout_case(rng)
    memory = a_memory(rng)
    view = memory.view
    in_c, in_f = view.tobytes("C"), view.tobytes("F")
    case = memory.fields() | {
        "list": encode(memory.array.tolist()),
        "c": in_c.hex(),
        "a": "C" if view.tobytes("A") == in_c else "F",
        "contiguous": "".join(
            letter
            for letter, yes in zip(
                "CFA", (view.c_contiguous, view.f_contiguous, view.contiguous)
            )
            if yes
        ),
        "nbytes": view.nbytes,
    }
    return case if in_f == in_c else case | {"f": in_f.hex()}


def bad_layout_case(rng):
    format = rng.choice(["B", "<h", "i", ">d", "<hb"])
    size = struct.calcsize(format)
    shape = a_shape(rng, rng.randint(1, 4))
    strides, offset, count = a_layout(rng, shape, size)
    kind = rng.random()
    if kind < 0.4:
        count = max(1, count - rng.randint(1, 3))
    elif kind < 0.7:
        offset += size * rng.randint(-6, 6)
    else:
        strides[rng.randrange(len(strides))] += size * rng.choice([-3, -1, 1, 2, 9])
    memory = bytes(count * size)
    element = struct.unpack(format, bytes(size))
    items = [element[0] if len(element) == 1 else element] * count
    case = {"format": format, "bytes": memory.hex(), "shape": shape}
    case |= {"strides": strides, "offset": offset}

    def work():
        made = memoryview(
            ndarray(items, shape=shape, strides=strides, offset=offset, format=format)
        )
        return {"nbytes": made.nbytes}

    return case | answer(work)


def a_slice(rng, size):
    def end():
        return rng.choice(
            [None, None, rng.randint(-size - 2, size + 2), rng.randint(0, max(size, 1))]
        )

    step = rng.choice([None, 1, 1, 2, 3, -1, -1, -2, -3, 7])
    if rng.random() < 0.01:
        step = 0
    return slice(end(), end(), step)


def an_index(rng, shape):
    count = rng.choice([1, len(shape), len(shape), max(1, len(shape) - 1)])
    index = []
    for size in shape[:count]:
        if rng.random() < 0.3 and size:
            index.append(
                rng.randrange(-size, size) if rng.random() < 0.95 else size + 1
            )
        else:
            index.append(a_slice(rng, size))
    return index


def sliced(nested, index):
    """The oracle for what neither `memoryview` nor `ndarray` do: lists of lists."""
    if not index:
        return nested
    if isinstance(index[0], int):
        return sliced(nested[index[0]], index[1:])
    return [sliced(each, index[1:]) for each in nested[index[0]]]


def shape_after(shape, index):
    kept = [
        len(range(size)[at]) for size, at in zip(shape, index) if isinstance(at, slice)
    ]
    return kept + shape[len(index) :]


def slice_case(rng):
    """`shape` and bytes (`c`) of what the indices in `chain` leave, one after the other."""
    memory = a_memory(rng)
    while not memory.shape:
        memory = a_memory(rng)
    nested, shape, chain, error, made = (
        memory.array.tolist(),
        memory.shape,
        [],
        {},
        memory.array,
    )
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if error or not shape:
            break
        index = an_index(rng, shape)
        chain.append(
            [
                [each.start, each.stop, each.step] if isinstance(each, slice) else each
                for each in index
            ]
        )

        def work():
            # An index that is wrong is wrong for an axis of length 0 too.
            for size, each in zip(shape, index):
                range(size)[each]
            return {"done": (sliced(nested, index), shape_after(shape, index))}

        error = answer(work)
        if "done" not in error:
            break
        nested, shape = error.pop("done")
        whole = len(index) == made.ndim if made is not None else False
        if whole and all(isinstance(each, slice) for each in index):
            made = made[tuple(index)] if len(index) > 1 else made[index[0]]
            assert list(made.shape) == shape and made.tobytes() == packed(
                memory.format, flatten(nested, len(shape))
            )
        else:
            made = None
    case = memory.fields() | {"chain": chain}
    if error:
        return case | error
    case |= {
        "result": shape,
        "c": packed(memory.format, flatten(nested, len(shape))).hex(),
    }
    if made is not None and all(size > 1 for size in shape):
        case["steps"] = list(made.strides)
    return case


def item_case(rng):
    """The `value` at `index`, or the error."""
    memory = a_memory(rng, a_native_format)
    index = [
        (
            rng.randrange(-size, size)
            if size and rng.random() < 0.9
            else rng.choice([size, -size - 1])
        )
        for size in memory.shape
    ]
    if rng.random() < 0.05:
        index.append(0)
    case = memory.fields() | {"index": index}
    return case | answer(lambda: {"value": encode(memory.view[tuple(index)])})


def cast_case(rng):
    """`result`, a shape, and nested `list` after a cast to format `to`, along `axes` if they are
    given. If it is refused, whether `formats` are to blame."""

    def source(rng):
        if rng.random() < 0.6:
            return rng.choice("BbcB")
        return a_native_format(rng) if rng.random() < 0.85 else an_element_format(rng)

    if rng.random() < 0.7:
        size = rng.choice([0, 1, 4, 8, 8, 12, 16, 24, 24, 32])
        format = source(rng)
        count = max(1, size // struct.calcsize(format))
        shape = [count] if size else [0]
        if size and rng.random() < 0.2 and count % 2 == 0:
            shape = [2, count // 2]
        stride = struct.calcsize(format)
        strides = [stride] if len(shape) == 1 else [stride * shape[1], stride]
        memory = Memory(rng, format, shape, strides, 0, count)
    else:
        memory = a_memory(rng, source)
    to = rng.choice(["B", "b", "c", a_native_format(rng), a_native_format(rng)])
    if rng.random() < 0.06:
        to = rng.choice(["<i", ">H", "ii", "3s", "=B", "@B", "hb"])
    axes = None
    if rng.random() < 0.5:
        total = memory.view.nbytes // struct.calcsize(to)
        axes = rng.choice(
            [[total], [2, total // 2], [total // 4, 2, 2], [total, 1], [3, total]]
        )
        if rng.random() < 0.05:
            axes = rng.choice([[0], [], [1 << 62, 8], [total, 0]])

    case = memory.fields() | {"to": to} | ({} if axes is None else {"axes": axes})
    given = [] if axes is None else [axes]
    try:
        cast = memory.view.cast(to, *given)
    except (TypeError, ValueError) as error:
        blamed = "format" in str(error)
        return case | {"error": type(error).__name__, "formats": blamed}
    return case | {"result": list(cast.shape), "list": encode(cast.tolist())}


def recoded(rng, memory):
    """The same values, or nearly, in another format, order and layout."""
    elements = flatten(memory.array.tolist(), len(memory.shape))
    elements = [
        element if isinstance(element, tuple) else (element,) for element in elements
    ]
    if elements and rng.random() < 0.3:
        format = memory.format
        elements[rng.randrange(len(elements))] = fitting(rng, format)
    # Other formats are tried until one takes the values; the same one always does.
    for _ in range(8):
        format = any_format(rng) if rng.random() < 0.8 else memory.format
        if len(elements and elements[0]) > 1:
            codes = memory.format.lstrip("@=<>!")
            if not any(code in codes for code in "nNP"):
                format = rng.choice("<>=!") + codes
        try:
            if elements:
                packed(format, elements)
                break
        except (struct.error, OverflowError):
            continue
    else:
        format = memory.format
    shape = memory.shape
    if rng.random() < (0.5 if 0 in shape else 0.08):
        # Behind a 0, any lengths are as good as others; before it, they are not.
        shape = [length and rng.choice([length, length + 1]) for length in shape]
    size = struct.calcsize(format)
    if not size or not struct.unpack(format, bytes(size)):
        return None
    strides, offset, count = a_layout(rng, shape, size)
    places = [offset // size]
    for length, stride in zip(shape, strides):
        places = [
            place + at * stride // size for place in places for at in range(length)
        ]
    whole = [fitting(rng, format) for _ in range(count)]
    for place, element in zip(places, elements):
        if not 0 <= place < count:
            return None
        whole[place] = element
    try:
        return Memory(rng, format, shape, strides, offset, count, whole)
    except (struct.error, ValueError, OverflowError, TypeError):
        return None


def equal_case(rng):
    """Whether `left` and `right` are `equal`."""
    while True:
        left = a_memory(rng)
        right = recoded(rng, left) if rng.random() < 0.9 else a_memory(rng)
        if right is not None:
            break
    return {
        "left": left.fields(),
        "right": right.fields(),
        "equal": left.view == right.view,
    }


def hash_case(rng):
    """Whether there is a hash. If so, it is that of the bytes in the order of C."""
    formats = ["B", "b", "c", "@B", "<B", a_single_format(rng)]
    memory = a_memory(rng, lambda rng: rng.choice(formats))
    while memory.writable:
        # What may be written has no hash, and `toreadonly` asks its exporter.
        memory = a_memory(rng, lambda rng: rng.choice(formats))
    view = memory.view
    try:
        hashable = hash(view) == hash(view.tobytes())
        assert hashable
    except ValueError:
        hashable = False
    return memory.fields() | {"hashable": hashable}


def hex_case(rng):
    """`hex` with `separator` (none if null) and `group`."""
    memory = a_memory(rng)
    separator = rng.choice([None, ":", " ", "-", "_", ".", "x"])
    if rng.random() < 0.03:
        separator = rng.choice(["", "ab", "é"])
    group = rng.choice([1, 1, 2, 3, 4, -1, -2, -3, -4, 0, 9, 1000, -1000])
    case = memory.fields() | {"separator": separator, "group": group}

    def work():
        view = memory.view
        return {"hex": view.hex() if separator is None else view.hex(separator, group)}

    return case | answer(work)


def search_case(rng):
    """Where `value` is first (`index`, null for nowhere) between `start` and `stop`, and how
    often it is there at all (`count`), by `list`."""
    memory = a_memory(
        rng,
        lambda rng: a_native_format(rng) if rng.random() < 0.6 else a_single_format(rng),
        dimensions=1,
    )
    values = memory.array.tolist()
    value = rng.choice(values) if values and rng.random() < 0.8 else an_integer(rng)
    if rng.random() < 0.15 and isinstance(value, int):
        value = rng.choice([float(value), bool(value), bytes([value & 255])])
    # A list finds a NaN that is the very same object; equal values are what is asked for.
    if isinstance(value, float):
        value = struct.unpack("d", struct.pack("d", value))[0]
    size = len(values)
    start, stop = rng.choice(
        [(0, size), (0, size), (rng.randint(-size - 1, size + 1), rng.randint(-size - 1, size + 1))]
    )
    try:
        index = values.index(value, start, stop)
    except ValueError:
        index = None
    return memory.fields() | {
        "value": encode(value),
        "start": start,
        "stop": stop,
        "index": index,
        "count": values.count(value),
    }


def request_case(rng):
    """What a memoryview answers to a request with `flags`: `w` writable, `f` format, `n` axes,
    `s` strides, and `C`, `F` or `A` for contiguous. `refused` is the flag that failed."""
    memory = a_memory(rng)
    names = {
        "w": PyBUF_WRITABLE,
        "f": PyBUF_FORMAT,
        "n": PyBUF_ND,
        "s": PyBUF_STRIDES,
        "C": PyBUF_C_CONTIGUOUS,
        "F": PyBUF_F_CONTIGUOUS,
        "A": PyBUF_ANY_CONTIGUOUS,
    }
    flags = "".join(
        name for name in "wfnsCFA" if rng.random() < (0.2 if name in "CFA" else 0.4)
    )
    if sum(name in flags for name in "CFA") > 1:
        flags = flags.rstrip("CFA") + rng.choice("CFA")
    value = 0
    for name in flags:
        value |= names[name]
    case = memory.fields() | {"writable": memory.writable, "flags": flags}
    reasons = {
        "underlying buffer is not writable": "w",
        "underlying buffer is not C-contiguous": "C",
        "underlying buffer is not Fortran contiguous": "F",
        "underlying buffer is not contiguous": "A",
        "cannot cast to unsigned bytes if the format flag is present": "f",
    }
    try:
        got = ndarray(memory.view, getbuf=value)
    except BufferError as error:
        # A consumer that copes with no strides is told that it gets no contiguous memory.
        reason = reasons[str(error).removeprefix("memoryview: ")]
        return case | {"refused": reason if reason in flags else "s"}
    return case | {
        "axes": list(got.shape) if "n" in flags or value & PyBUF_ND else None
    }


def a_writable_memory(rng, formats=an_element_format):
    while True:
        memory = a_memory(rng, formats)
        if memory.writable and math.prod(memory.shape):
            return memory


def store_case(rng):
    """The bytes in the order of C (`after`) when `value` is stored at `index`, or the error."""
    memory = a_writable_memory(rng, a_native_format)
    index = [
        (
            rng.randrange(-size, size)
            if rng.random() < 0.95
            else rng.choice([size, -size - 1])
        )
        for size in memory.shape
    ]
    value = rng.choice(arguments(rng, memory.format) or [1])
    case = memory.fields() | {"index": index, "value": encode(value)}

    def work():
        memory.view[tuple(index)] = value
        return {"after": memory.view.tobytes().hex()}

    return case | answer(work)


def copy_case(rng):
    """The bytes in the order of C (`after`) when the part `to` is assigned the part `of` the same
    memory, which may overlap, or of the memory `other`. Or the error."""
    memory = a_writable_memory(rng)
    while not memory.shape:
        memory = a_writable_memory(rng)
    target = [a_slice(rng, size) for size in memory.shape]
    # A step of 0 is no part, and an error later.
    lengths = [
        len(range(size)[part]) if part.step != 0 else 0
        for size, part in zip(memory.shape, target)
    ]
    source, origin, other = [], memory, {}
    if rng.random() < 0.4:
        origin = a_memory(rng, lambda rng: memory.format, dimensions=len(memory.shape))
        other = {"other": origin.fields()}
    for size, length in zip(origin.shape, lengths):
        # Most of them fit: as many elements from anywhere, in any direction.
        part = a_slice(rng, size)
        if rng.random() < 0.9 and length <= size:
            step = rng.choice([1, 1, -1, 2, -2])
            if (length - 1) * abs(step) >= size:
                step = 1 if step > 0 else -1
            first = rng.randint(0, size - 1 - max(length - 1, 0) * abs(step)) if size else 0
            last = first + max(length - 1, 0) * abs(step)
            part = slice(first, last + 1, step)
            if step < 0:
                part = slice(last, first - 1 if first else None, step)
            if not length:
                part = slice(0, 0, 1)
        source.append(part)
    written = [[[each.start, each.stop, each.step] for each in part] for part in (target, source)]
    case = memory.fields() | {"to": written[0], "of": written[1]} | other

    def work():
        one = len(target) == 1
        given = origin.array
        if not one:
            # `ndarray` copes with parts that overlap along one axis only.
            given = origin.twin(rng)
        part = given[source[0] if one else tuple(source)]
        memory.array[target[0] if one else tuple(target)] = part
        return {"after": memory.array.tobytes().hex()}

    return case | answer(work)


# Kinds of cases: array and bytearray.

TYPES = "bBhHiIlLqQfd"


def array_case(rng):
    """The bytes (`after`) of an array of `code` made of `before`, after `steps`. Each step is a
    name, its arguments, and what it returned; or the error that left the array as it was."""
    code = rng.choice(TYPES)
    value = lambda: fitting(rng, code)[0]
    made = array.array(code, [value() for _ in range(rng.randint(0, 6))])
    case = {"code": code, "before": made.tobytes().hex()}
    steps = []
    for _ in range(rng.randint(1, 5)):
        name = rng.choice(
            "append extend insert pop remove reverse byteswap frombytes index count".split()
        )
        inside = rng.choice(made) if made and rng.random() < 0.7 else value()
        place = rng.randint(-len(made) - 2, len(made) + 2)
        given = {
            "append": lambda: [value()],
            "extend": lambda: [array.array(code, [value() for _ in range(3)])],
            "insert": lambda: [place, value()],
            "pop": lambda: rng.choice([[], [place]]),
            "remove": lambda: [inside],
            "frombytes": lambda: [
                rng.randbytes(made.itemsize * rng.randint(0, 2) + (rng.random() < 0.2))
                if code not in "fd"
                else struct.pack(code, value()) + b"\0" * (rng.random() < 0.2)
            ],
            "index": lambda: [inside],
            "count": lambda: [inside],
        }.get(name, list)()
        if any(isinstance(each, float) and math.isnan(each) for each in made) and name in (
            "remove",
            "index",
            "count",
        ):
            continue
        written = [list(each) if isinstance(each, array.array) else each for each in given]
        step = {"name": name, "given": encode(written)}
        got = answer(lambda: {"got": encode(getattr(made, name)(*given))})
        steps.append(step | got)
        if name == "byteswap" and code in "fd":
            break
    return case | {"steps": steps, "after": made.tobytes().hex()}


def export_case(rng):
    """What a bytearray, or an array of `code`, answers while views of it live. `view` makes one,
    `release` lets go of the given one; of the other steps, `refused` says whether they were."""
    code = rng.choice(["bytearray", "bytearray", "h", "d"])
    count = rng.randint(0, 5)
    made = bytearray(count) if code == "bytearray" else array.array(code, [0] * count)
    views, steps = [], []
    for _ in range(rng.randint(2, 9)):
        name = rng.choice(["view", "view", "release", "append", "extend", "pop"])
        if name == "view":
            views.append(memoryview(made))
            steps.append({"name": name})
        elif name == "release":
            alive = [at for at, view in enumerate(views) if view is not None]
            if alive:
                at = rng.choice(alive)
                views[at].release()
                views[at] = None
                steps.append({"name": name, "view": at})
        else:
            if name == "pop" and not made:
                continue

            def work():
                if name == "append":
                    made.append(1)
                elif name == "extend":
                    made.extend([1, 2])
                else:
                    made.pop()
                return {}

            got = answer(work)
            assert got in ({}, {"error": "BufferError"}), got
            steps.append({"name": name, "refused": bool(got)})
    after = bytes(made) if code == "bytearray" else made.tobytes()
    return {"code": code, "count": count, "steps": steps, "after": after.hex()}


KINDS = {
    "format": (format_case, 2500),
    "unpack": (unpack_case, 2500),
    "pack": (pack_case, 3000),
    "pack_into": (pack_into_case, 1200),
    "unpack_from": (unpack_from_case, 1200),
    "iter_unpack": (iter_unpack_case, 800),
    "layout": (layout_case, 2200),
    "slice": (slice_case, 2800),
    "item": (item_case, 1200),
    "cast": (cast_case, 2000),
    "equal": (equal_case, 2200),
    "hash": (hash_case, 300),
    "hex": (hex_case, 800),
    "search": (search_case, 1500),
    "request": (request_case, 1200),
    "array": (array_case, 1200),
    "export": (export_case, 600),
    "store": (store_case, 800),
    "copy": (copy_case, 1200),
}


def cases(kind, seed, share):
    """Lines of that kind, no two the same."""
    make, count = KINDS[kind]
    rng = random.Random(f"{seed} {kind}")
    lines = {}
    while len(lines) < max(1, int(count * share)):
        case = json.dumps(make(rng), separators=(",", ":"))
        lines[case] = None
    return lines


def main(seed, folder, share="1.0"):
    for kind in KINDS:
        text = "".join(line + "\n" for line in cases(kind, seed, float(share)))
        pathlib.Path(folder, f"{kind}.jsonl").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
