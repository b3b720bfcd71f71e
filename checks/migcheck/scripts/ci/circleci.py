"""What CircleCI runs: the steps of the jobs of .circleci/config.yml.

Facts: circleci.com "Configuration reference": a step without `shell` is run by `bash -eo pipefail`, in the job's
directory (`~/project`), into which `checkout` puts the repository; nobody waits for one in the `background`; of the
images of `docker`, the first runs the steps and the others are beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from posixpath import join, normpath
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.regex import regex
from migcheck.scripts.ci.circleci_jobs import Config, Step, Use
from migcheck.scripts.ci.deploys import deploys
from migcheck.scripts.ci.own_database import is_own
from migcheck.scripts.databases import Starts, addresses_in, is_database_image, names_a_database, starts_a_database
from migcheck.scripts.file_names import CIRCLECI
from migcheck.scripts.reach import Starter
from migcheck.scripts.script import Script, kept_short
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.yaml_nodes import BadYamlError, items, line, lines_of, member, read_yaml, text

if TYPE_CHECKING:
    from yaml import Node

_LARGEST = 1024 * 1024
_MOST_IMAGES = 20
_RUN = frozenset({"run", "deploy"})
_STRICT = "-eo pipefail"
_HOME = regex(r"/root(?=/|$)|/home/circleci(?=/|$)|\$\{?HOME\}?")
_DIRECTORY = "~/project"
_LASTING = "BASH_ENV"


class _Job(Struct, frozen=True):
    """A job as it is used, with what runs it, and its steps."""

    config: Config
    use: Use
    executor: "Node | None"
    steps: Sequence[Step]

    def told(self, name: str) -> "Node | None":
        """What the job says at `name`, or its executor."""
        found = member(self.use.job, name)
        return member(self.executor, name) if found is None else found

    def text(self, node: "Node | None", *keys: str, values: Mapping[str, str] | None = None) -> str:
        """What stands at `keys` below `node`, with what parameters stand for."""
        found = text(member(node, *keys))
        return self.config.filled(found, self.use.values if values is None else values)

    def command(self, step: Step) -> "Node | None":
        """What a step runs."""
        return step.node if text(step.node) else member(step.node, "command")


def read_circleci(path: str, content: bytes, starts: Starts = starts_a_database) -> Iterator[Script]:
    """The steps of the jobs that workflows run. Nothing where the file cannot be read.

    Of steps that are the same line of the same command, run in the same way, the first stands for all.
    """
    try:
        config = Config(read_yaml(content), _LARGEST, continued=path != CIRCLECI)
    except BadYamlError:
        return
    uses = list(config.uses())
    late = {name for each in uses if each.late and _deploys(_job(config, each)) for name in each.late}
    seen = set[tuple[object, ...]]()
    for use in uses:
        for each in _scripts(path, _job(config, use), "requires: failed" if use.name in late else "", starts):
            key = each.line, each.text, each.directory, each.goes_on, each.own_database, each.options
            config.left -= len(each.text)
            if config.left <= 0:
                return
            if key not in seen:
                seen.add(key)
                yield each


def _job(config: Config, use: Use) -> _Job:
    named = member(use.job, "executor")
    name = config.filled(text(named) or text(member(named, "name")), use.values)
    executor = member(config.document, "executors", name) if name else None
    return _Job(config, use, executor, list(config.every_step(use)))


def _deploys(job: _Job) -> bool:
    return any(deploys(text(job.command(each))) for each in job.steps if each.key in _RUN)


def _scripts(path: str, job: _Job, goes_on: str, starts: Starts) -> Iterator[Script]:
    images = list(islice(items(job.told("docker")), _MOST_IMAGES))
    environment: dict[str, str] = {}
    for node in (*images[:1], job.executor, job.use.job):
        environment |= _settings(job, member(node, "environment"), job.use.values)
    served = any(is_database_image(job.text(each, "image")) for each in images[1:])
    served = served or any(starts(text(job.command(each))) for each in job.steps if each.key in _RUN)
    place, top = _places(job)
    late = max((at for at, each in enumerate(job.steps, 1) if _is_regardless(job, each)), default=0)
    for number, step in enumerate(job.steps, 1):
        command = job.command(step)
        if step.key not in _RUN or command is None:
            continue
        told, lines = _filled(job, step, command)
        given = {
            **environment,
            **_settings(job, member(step.node, "environment"), step.values),
        }
        begin = job.text(step.node, "working_directory", values=step.values)
        beside = text(member(step.node, "background")) == "true"
        yield Script(
            path=path,
            name=f"{kept_short(job.use.name)}/{number}",
            line=line(command),
            text=told,
            directory=None if job.use.job is None else _from(top, _joined(place, begin)),
            options=ShellOptions().told(job.text(step.node, "shell") or text(job.told("shell")) or _STRICT),
            started_by=None if job.use.waits else Starter.CI,
            goes_on="background: true" if beside else "when: always" if number < late else goes_on,
            own_database=is_own(given, told, served=served),
            lines=lines,
            given=(*job.use.contexts, *(f"{name}={value}" for name, value in sorted(given.items()))),
        )
        if _LASTING in told:
            environment |= addresses_in(told)


def _is_regardless(job: _Job, step: Step) -> bool:
    when = text(member(step.node, "when"))
    return when == "always" and step.key in _RUN and deploys(text(job.command(step)))


def _filled(job: _Job, step: Step, command: "Node") -> tuple[str, tuple[int, ...]]:
    """The text of a step, and the line of each of its lines where a value has brought in more of them."""
    texts = [job.config.filled(each, step.values).split("\n") for each in text(command).split("\n")]
    begins = lines_of(command)
    lines = tuple(begins[number] for number, several in enumerate(texts) for _ in several)
    return "\n".join(each for several in texts for each in several), lines if len(texts) > 1 or len(lines) > 1 else ()


def _settings(job: _Job, environment: "Node | None", values: Mapping[str, str]) -> dict[str, str]:
    """The addresses of databases that `environment` sets: a mapping, or a list of mappings and of `NAME=value`."""
    found: dict[str, str] = {}
    for each in (environment, *items(environment)):
        for name, value in (*job.config.settings(each), text(each).partition("=")[::2]):
            found |= {name: job.config.filled(value, values)} if names_a_database(name) else {}
    return found


def _places(job: _Job) -> tuple[str, str]:
    """Where the steps of a job run, and where the repository is then: put there, or taken over from another job."""
    place = _joined(
        _DIRECTORY, job.text(job.use.job, "working_directory") or job.text(job.executor, "working_directory")
    )
    for step in job.steps:
        if step.key == "checkout":
            return place, _joined(place, job.text(step.node, "path", values=step.values))
    taken = (_joined(place, job.text(each.node, "at")) for each in job.steps if each.key == "attach_workspace")
    return place, next((each for each in taken if "/" in each and place.startswith(f"{each}/")), place)


def _joined(directory: str, place: str) -> str:
    """`place`, seen from `directory`, with `~` for the home of the images' users."""
    found = _HOME.sub("~", place, count=1) if _HOME.match(place) else place
    return normpath(found if found.startswith("~") else join(directory, found))


def _from(top: str, place: str) -> str | None:
    """The directory `place`, seen from `top`, where the repository is; None where it is none of it."""
    if place == top:
        return "."
    return place.removeprefix(f"{top}/") if place.startswith(f"{top}/") and "$" not in place else None
