"""A program that tells that it was started, named wherever a repository's configuration may name one."""

from pathlib import Path

from tests.support.repositories import GitRepository

PROGRAMS = (
    *(f"filter.evil.{each}" for each in ("clean", "smudge", "process")),
    *(f"diff.evil.{each}" for each in ("textconv", "command")),
    *(f"core.{each}" for each in ("sshCommand", "gitProxy", "askPass", "pager", "editor", "alternateRefsCommand")),
    *(f"pager.{each}" for each in ("rev-parse", "ls-files", "diff-index", "rev-list", "log")),
    *(f"gpg{each}.program" for each in ("", ".ssh", ".x509")),
    "credential.helper",
    "diff.external",
    "merge.evil.driver",
    "remote.evil.uploadpack",
    "uploadpack.packObjectsHook",
)
ALIASES = ("rev-parse", "ls-files", "ls-tree", "cat-file", "diff-index", "check-attr", "config", "for-each-ref", "log")
HOOKS = ("post-index-change", "reference-transaction", "pre-commit", "fsmonitor-watchman", "query-watchman")
State = dict[str, tuple[int, int, int]]


class Canary:
    """The program, in a directory of its own; `.gitattributes` may call its filter `evil`."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._sign = directory, directory / "was-here"
        self._program = directory / "evil"
        (directory / "hooks").mkdir(parents=True)
        self._program.write_text(f'#!/bin/sh\necho "$0 $*" >> {self._sign}\ncat\n')
        self._program.chmod(0o755)
        (directory / "included").write_text(
            f"[core]\n\thooksPath = {directory / 'hooks'}\n\tfsmonitor = {self._program}\n"
            "[log]\n\tshowSignature = true\n"
        )

    def configure(self, repo: GitRepository) -> None:
        """Name the program in `repo`: by its own configuration, by a file that it includes, and as its hooks."""
        kept = Path(repo.git("rev-parse", "--absolute-git-dir"))
        keys = {
            **dict.fromkeys(PROGRAMS, str(self._program)),
            **{f"alias.{each}": f"!{self._program}" for each in ALIASES},
        }
        keys[f"includeIf.gitdir:{kept}.path"] = str(self._directory / "included")
        sections = (key.split(".", 1) for key in keys)
        text = "".join(
            f"[{_section(section, name)}]\n\t{name.rpartition('.')[2]} = {keys[f'{section}.{name}']}\n"
            for section, name in sections
        )
        with (kept / "config").open("a") as config:
            config.write(text)
        (kept / "hooks").mkdir(exist_ok=True)
        for hook in HOOKS:
            for place in (kept, self._directory):
                (place / "hooks" / hook).unlink(missing_ok=True)
                (place / "hooks" / hook).symlink_to(self._program)
        self._sign.unlink(missing_ok=True)

    def started(self) -> str:
        """How the program was called, a line for each time; empty where it never was."""
        return self._sign.read_text() if self._sign.exists() else ""


def _section(section: str, name: str) -> str:
    """The header of a key in a configuration file: `filter.evil.clean` stands below `[filter "evil"]`."""
    inner = name.rpartition(".")[0]
    return f'{section} "{inner}"' if inner else section


def state(top: Path) -> State:
    """Everything below `top`, `.git` among it: kind and rights, size, and the time of the last change."""
    found = {path: path.lstat() for path in top.rglob("*")}
    return {str(path): (each.st_mode, each.st_size, each.st_mtime_ns) for path, each in found.items()}
