"""The program that is loaded already is the program: what it is told, what it writes, and how it ends."""

from pathlib import Path

import pytest

from tests.support.command import migcheck
from tests.support.repositories import init


@pytest.mark.parametrize(("arguments", "code"), [(("apply",), 2), (("explain", "MC201"), 0)])
def test_it_is_the_program(warm: Path, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    init(tmp_path).commit({"drizzle.config.ts": "export default { dialect: 'postgresql', out: './none' };"})
    real = migcheck(*arguments, cwd=tmp_path, env={"COLUMNS": "60"})
    assert migcheck(*arguments, cwd=tmp_path, env={"COLUMNS": "60"}, program=[str(warm)]) == real
    assert real.code == code
