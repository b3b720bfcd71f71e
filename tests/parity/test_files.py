"""Files are read as Drizzle reads them: the same hash and the same pieces of whatever bytes."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migcheck.drizzle.pieces import migration_hash, split_pieces
from tests.support.drizzle import drizzle_read
from tests.support.folders import STEP, WHEN, a_folder

pytestmark = pytest.mark.node

MARKER = b"--> statement-breakpoint"
# What decoders disagree on: cut sequences, surrogates, overlong forms, a byte order mark, CRs, NUL, noncharacters.
ODD = [
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbf\xbf",
    b"\r\n",
    b"\r",
    b"\0",
    b"\n",
    "é😀".encode(),
    MARKER,
    MARKER.upper(),
    b"-->statement-breakpoint",
    b"select 1;",
]
texts = st.lists(st.sampled_from(ODD) | st.binary(max_size=8), max_size=12).map(b"".join)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(texts, min_size=1, max_size=150))
def test_any_bytes_have_drizzles_hash_and_pieces(files: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as where:
        folder = a_folder(Path(where), {f"{at:04}_m": text for at, text in enumerate(files)}, snapshots=False)
        read = drizzle_read(folder)
    assert [each["hash"] for each in read] == [migration_hash(text) for text in files]
    assert [each["sql"] for each in read] == [[piece.text for piece in split_pieces(text)] for text in files]
    assert [each["folderMillis"] for each in read] == [WHEN + at * STEP for at in range(len(files))]


def test_each_odd_sequence_alone_and_between_others(tmp_path: Path) -> None:
    files = [*ODD, *(b"a" + odd + b"b" for odd in ODD), *(odd + other for odd in ODD for other in ODD)]
    folder = a_folder(tmp_path, {f"{at:04}_m": text for at, text in enumerate(files)}, snapshots=False)
    assert [each["hash"] for each in drizzle_read(folder)] == [migration_hash(text) for text in files]
