"""The steps of a job of Azure: what each is told to run, by which shell, and where.

Facts: learn.microsoft.com "Azure Pipelines task reference" for the inputs of the tasks below, whose names know no case;
"Template expressions": `${{ if … }}:` stands around stages, jobs and steps.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from migcheck.scripts.ci.deploys import deploys
from migcheck.scripts.yaml_nodes import items, member, members, text

if TYPE_CHECKING:
    from yaml import Node

_EXPRESSION = "${{"
_DEEPEST = 5
_SHORT = ("bash", "script", "pwsh", "powershell")
_TASKS: Mapping[str, tuple[str, str]] = {
    "bash": ("bash", "script"),
    "cmdline": ("script", "script"),
    "powershell": ("pwsh", "script"),
    "azurecli": ("", "inlinescript"),
    "azurepowershell": ("pwsh", "inline"),
    "shellscript": ("bash", ""),
}
"""The shell of each task, and its input that holds a script; of AzureCLI another input names the shell."""
_FILES = ("filepath", "scriptpath")
_DIRECTORIES = ("workingdirectory", "cwd", "workingdir", "projectdirectory")
_DEPLOYS = frozenset(
    {
        "azurewebapp",
        "azurewebappcontainer",
        "azurermwebappdeployment",
        "azurefunctionapp",
        "azurefunctionappcontainer",
        "azurecontainerapps",
        "azurestaticwebapp",
        "kubernetesmanifest",
        "helmdeploy",
    }
)


class Told(Struct, frozen=True):
    """What a step runs: `before`, if anything, and what stands at `node`. `shell` is empty where it is one command."""

    node: "Node"
    shell: str = ""
    before: str = ""
    after: str = ""
    directory: str = ""

    @property
    def text(self) -> str:
        """The whole of it."""
        return f"{self.before}{text(self.node)}{self.after}"


def spread(listed: "Node | None", deep: int = 0, seen: frozenset[int] = frozenset()) -> Iterator["Node"]:
    """The items of a list, and in their place those that stand in it under conditions and loops; a text is none."""
    for each in items(listed):
        inner = [value for key, value in members(each) if key.startswith(_EXPRESSION)]
        for value in inner if deep < _DEEPEST else ():
            if id(value) not in seen:
                yield from spread(value, deep + 1, seen | {id(value)})
        if not inner:
            yield each


def task_of(step: "Node") -> str:
    """The name of the task that a step is, in small letters and without its version."""
    return text(member(step, "task")).partition("@")[0].lower()


def told_of(step: "Node") -> Told | None:
    """What a step runs; None where that is nothing of its own."""
    for key in _SHORT:
        if (node := member(step, key)) is not None:
            place = text(member(step, "workingDirectory"))
            return Told(node, "pwsh" if key == "powershell" else key, directory=place)
    inputs = {name.lower(): node for name, node in members(member(step, "inputs"))}
    place = next((text(inputs[each]) for each in _DIRECTORIES if each in inputs), "")
    match task_of(step):
        case "npm" if "customcommand" in inputs:
            return Told(inputs["customcommand"], before="npm ", directory=place)
        case "yarn" if "arguments" in inputs:
            return Told(inputs["arguments"], before="yarn ", directory=place)
        case task if task in _TASKS:
            return _of_shell(*_TASKS[task], inputs, place)
        case _:
            return None


def _of_shell(shell: str, key: str, inputs: Mapping[str, "Node"], place: str) -> Told | None:
    if key in inputs:
        named = text(inputs["scripttype"]).lower() if "scripttype" in inputs else ""
        return Told(inputs[key], shell or ("bash" if named == "bash" else "pwsh"), directory=place)
    file = next((inputs[each] for each in _FILES if each in inputs), None)
    if file is None:
        return None
    arguments = text(inputs["arguments"]) if "arguments" in inputs else ""
    return Told(file, after=f" {arguments}" if arguments else "", directory=place)


def is_deploying(step: "Node") -> bool:
    """Whether a step is known to deploy."""
    told = told_of(step)
    return task_of(step) in _DEPLOYS or (told is not None and deploys(told.text))
