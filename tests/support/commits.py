"""A commit written as git writes it, without git: thousands of tests make one, and two processes take 8 ms for each.

Formats: gitformat-index(5), gitrepository-layout(5), and of objects chapter 10.2 of "Pro Git".
"""

import hashlib
import os
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

WHO = {"NAME": "Ada", "EMAIL": "ada@example.org"}
"""Author and committer of every commit."""

_SIGNED = "{NAME} <{EMAIL}>".format_map(WHO)
# Of these git alone knows what they change about a commit.
_READ_BY_GIT = {".git", ".gitignore", ".gitattributes", ".gitmodules"}
_PLAIN = {"COMMIT_EDITMSG", "HEAD", "ORIG_HEAD", "config", "index", "logs", "objects", "refs"}
_LINK, _PROGRAM, _FILE, _TREE = 0o120000, 0o100755, 0o100644, 0o40000
# What an index ends with, by the directory that it is in, where it was written here: git may have put marks on entries.
_written: dict[Path, bytes] = {}


class _Entry(NamedTuple):
    """A file as the index has it."""

    path: bytes
    told: os.stat_result
    mode: int
    blob: bytes


def write_commit(top: Path, config: bytes, message: str, date: str) -> bool:
    """Commit all that lies in the work tree at `top`, as `git add --all` and `git commit --allow-empty` do.

    False, and nothing is written, where more has a say in it than files and the `config` of a new repository.
    """
    kept = top / ".git"
    if not (message.isprintable() and message == message.strip() != "" and _is_plain(kept, config)):
        return False
    found = list(_files(top))
    if any(path.rpartition("/")[2] in _READ_BY_GIT for path, _ in found):
        return False
    entries = sorted(_entry(kept / "objects", top, path, told) for path, told in found)
    branch = kept / (kept / "HEAD").read_text("utf-8").removeprefix("ref: ").strip()
    parent = branch.read_text("utf-8").strip() if branch.is_file() else ""
    tree = _tree(kept / "objects", [(each.path.split(b"/"), each.mode, each.blob) for each in entries])
    lines = [f"tree {tree.hex()}", *([f"parent {parent}"] if parent else [])]
    lines += [f"author {_SIGNED} {date}", f"committer {_SIGNED} {date}", "", message, ""]
    made = _object(kept / "objects", b"commit", "\n".join(lines).encode()).hex()
    _written[kept] = _write_index(kept / "index", entries)
    _point(
        kept, branch, f"{parent or '0' * 40} {made} {_SIGNED} {date}\tcommit{'' if parent else ' (initial)'}: {message}"
    )
    return True


def _is_plain(kept: Path, config: bytes) -> bool:
    """Whether nothing is set there, nothing is under way, HEAD is a branch, and the index is as it was left here."""
    if not kept.is_dir() or {each.name for each in kept.iterdir()} - _PLAIN or (kept / "config").read_bytes() != config:
        return False
    index = kept / "index"
    left = index.read_bytes()[-20:] if index.exists() else b""
    return left == _written.get(kept, b"") and (kept / "HEAD").read_text("utf-8").startswith("ref: refs/heads/")


def _files(top: Path, below: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Every file and link below `top` but git's own, by its path from there."""
    with os.scandir(top / below) as found:
        for each in found:
            path = f"{below}/{each.name}" if below else each.name
            if each.is_dir(follow_symlinks=False) and each.name != ".git":
                yield from _files(top, path)
            elif path != ".git":
                yield path, each.stat(follow_symlinks=False)


def _entry(objects: Path, top: Path, path: str, told: os.stat_result) -> _Entry:
    link = stat.S_ISLNK(told.st_mode)
    content = os.fsencode((top / path).readlink()) if link else (top / path).read_bytes()
    mode = _LINK if link else _PROGRAM if told.st_mode & stat.S_IXUSR else _FILE
    return _Entry(os.fsencode(path), told, mode, _object(objects, b"blob", content))


def _tree(objects: Path, below: Sequence[tuple[list[bytes], int, bytes]]) -> bytes:
    """Write the tree of these files, by the parts of their paths, and those below it; its id."""
    named: dict[bytes, tuple[int, bytes]] = {}
    inner: dict[bytes, list[tuple[list[bytes], int, bytes]]] = {}
    for (name, *rest), mode, blob in below:
        if rest:
            inner.setdefault(name, []).append((rest, mode, blob))
        else:
            named[name] = mode, blob
    named |= {name: (_TREE, _tree(objects, files)) for name, files in inner.items()}
    # A directory stands where its name would with a slash behind it.
    ordered = sorted(named, key=lambda name: name + b"/" * (name in inner))
    return _object(
        objects, b"tree", b"".join(b"%o %s\0%s" % (named[name][0], name, named[name][1]) for name in ordered)
    )


def _object(objects: Path, kind: bytes, content: bytes) -> bytes:
    """Write an object where there is none like it; its id."""
    whole = b"%s %d\0%s" % (kind, len(content), content)
    digest = hashlib.sha1(whole, usedforsecurity=False)
    file = objects / digest.hexdigest()[:2] / digest.hexdigest()[2:]
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(zlib.compress(whole, 1))
        file.chmod(0o444)
    return digest.digest()


def _write_index(index: Path, entries: Sequence[_Entry]) -> bytes:
    """Write the index, version 2; what it ends with."""
    parts = [struct.pack(">4sLL", b"DIRC", 2, len(entries))]
    for path, told, mode, blob in entries:
        times = [part for time in (told.st_ctime_ns, told.st_mtime_ns) for part in divmod(time, 10**9)]
        numbers = (*times, told.st_dev, told.st_ino, mode, told.st_uid, told.st_gid, told.st_size)
        entry = struct.pack(">10L20sH", *(each & 0xFFFFFFFF for each in numbers), blob, min(len(path), 0xFFF)) + path
        parts.append(entry + bytes(8 - len(entry) % 8))
    content = b"".join(parts)
    end = hashlib.sha1(content, usedforsecurity=False).digest()
    index.write_bytes(content + end)
    return end


def _point(kept: Path, branch: Path, moved: str) -> None:
    """Let `branch`, and HEAD by it, move as a line of the reflog says."""
    branch.parent.mkdir(parents=True, exist_ok=True)
    branch.write_text(f"{moved.split()[1]}\n", "utf-8")
    for log in (kept / "logs/HEAD", kept / "logs" / branch.relative_to(kept)):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as lines:
            lines.write(f"{moved}\n")
