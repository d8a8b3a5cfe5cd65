"""Bytes: the golden ones of PROTOCOL.md, and answers cut anywhere."""
import random
import re
import zlib

import msgpack
import numpy as np
import pytest

import ffd
from conftest import TREE
from ffd.show import png
from ffd.wire import Reader, Response, request

PAGE = (TREE / "proto/PROTOCOL.md").read_text(encoding="utf-8")
GOLDEN = [bytes.fromhex(" ".join(block.split()))
          for block in re.findall(r"```hex\n(.*?)```", PAGE, re.S)]


def test_requests_are_the_golden_bytes_of_the_page():
    checked = 0
    for data in GOLDEN:
        message = msgpack.unpackb(data, raw=False, strict_map_key=False)
        if message[0] != 0:
            continue
        again = request(message[1], message[2], message[3])
        assert msgpack.unpackb(again, raw=False) == message
        if again == data:
            checked += 1
    assert checked > 10


def test_golden_answers_are_read_however_they_are_cut():
    answers = [d for d in GOLDEN if d[1:2] == b"\x01" and d[0] == 0x94]
    assert len(answers) > 1
    whole = b"".join(answers)
    rng = random.Random(1)
    for _ in range(200):
        reader, got, at = Reader(), [], 0
        while at < len(whole):
            n = rng.randint(1, 9)
            got += reader.feed(whole[at:at + n])
            at += n
        assert len(got) == len(answers)
        assert all(isinstance(m, Response) for m in got)


def test_what_is_not_ffd_is_said_so():
    for data in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xc1", b"\x93\x01"
                 b"\x02\x03", b"\x05"):
        with pytest.raises(ffd.Disconnected, match="not ffd"):
            list(Reader().feed(data))


def test_errors_become_their_class():
    busy = ffd.errors.of("BUSY: full; retry_after_ms 40")
    assert isinstance(busy, ffd.Busy) and busy.retry_after_ms == 40
    assert type(ffd.errors.of("NEW_CODE: later")) is ffd.Refused


def test_pictures_are_png_files():
    for shape in ((4, 6), (4, 6, 1), (4, 6, 3)):
        image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
        file = png(image)
        assert file.startswith(b"\x89PNG\r\n\x1a\n")
        at = file.index(b"IDAT")
        n = int.from_bytes(file[at - 4:at], "big")
        rows = np.frombuffer(zlib.decompress(file[at + 4:at + 4 + n]),
                             np.uint8).reshape(4, -1)
        assert (rows[:, 1:] == image.reshape(4, -1)).all()
