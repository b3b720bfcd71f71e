"""What runs as administrator comes from base, never from the change under review."""

from posixpath import dirname, join, normpath

from msgspec import Struct
from msgspec.structs import replace

from migcheck.config.config import Config, ScratchConfig
from migcheck.config.text import parse_config, table_of
from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.configuration.config import OWN_FILE, Loaded
from migcheck.facts.git.trees import GitTree
from migcheck.facts.replay.lacking import LackingError
from migcheck.postgres.scratch.contract import NoServerError

# A change under review may name neither what runs as administrator nor where: each of these would be its way out.
_FROM_BASE = ("image", "prelude", "extensions", "dsn")


class TrustedScratch(Struct, frozen=True):
    """The scratch configuration to use, the text of its prelude, and what of head's was left out (keys)."""

    config: ScratchConfig
    prelude: str = ""
    left_out: tuple[str, ...] = ()


def trust_head(loaded: Loaded, head: GitTree) -> TrustedScratch:
    """Take everything as it is in head, because a person said so (`--trust-prelude`)."""
    scratch = loaded.config.scratch
    return TrustedScratch(scratch, _read_prelude(head, scratch.prelude))


def trust_base(loaded: Loaded, base: GitTree | None, head: GitTree) -> TrustedScratch:
    """Take what is dangerous from `base` (None: nothing has landed, so none of it is used) and the rest from head.

    Raises UndecidableError where base names a prelude that it does not have.
    """
    landed = ScratchConfig() if base is None else _scratch_in(base, loaded.path or OWN_FILE)
    scratch = loaded.config.scratch
    config = replace(scratch, **{key: getattr(landed, key) for key in _FROM_BASE})
    prelude = "" if base is None else _read_prelude(base, landed.prelude)
    changed = [key for key in _FROM_BASE if getattr(scratch, key) != getattr(landed, key)]
    if scratch.prelude and scratch.prelude == landed.prelude and head.find(scratch.prelude) != prelude.encode():
        changed.append("prelude")
    return TrustedScratch(config, prelude, tuple(f"scratch.{key}" for key in changed))


def config_in(base: GitTree, path: str) -> Config:
    """The configuration at `path` as `base` has it; that of a project which says nothing, where it has none.

    So it is where base's cannot be used: the change that mends it, or brings a migcheck that reads another, is cleared.
    """
    content = base.find(path)
    try:
        text = "" if content is None else content.decode("utf-8", "replace")
        return parse_config(text, f"{path} of base", table_of(path)) or Config()
    except UsageError:
        return Config()


def _scratch_in(base: GitTree, path: str) -> ScratchConfig:
    scratch = config_in(base, path).scratch
    if scratch.prelude is None:
        return scratch
    return replace(scratch, prelude=normpath(join(dirname(path), scratch.prelude)))


def _read_prelude(tree: GitTree, path: str | None) -> str:
    if path is None:
        return ""
    content = tree.find(path)
    if content is None:
        raise UndecidableError(f"the prelude {path} is not there", "commit it, or correct `scratch.prelude`")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UndecidableError(f"the prelude {path} is not UTF-8", "save it as UTF-8") from error


def once_landed(error: LackingError | NoServerError, left_out: tuple[str, ...]) -> UndecidableError:
    """The same error, where what it lacks may be among `left_out`: then the remedy is to land that."""
    # A server of one's own has whatever its owner gave it.
    wanted = {"scratch.dsn", f"scratch.{error.setting}" if isinstance(error, LackingError) else ""}
    keys = [key for key in left_out if key in wanted]
    if not keys:
        return error
    return UndecidableError(
        error.problem,
        f"land {' and '.join(keys)} first, in a change of its own: what this change sets there is not used before it "
        "has landed; or, where you trust this change, use --trust-prelude",
    )
