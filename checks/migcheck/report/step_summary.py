"""The summary of a job on GitHub, in Markdown: what will run, what nobody judged, what blocks or warns, old debt."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from migcheck.drizzle.folder import Migration
from migcheck.facts.target.sizes import Unsized
from migcheck.finding import Finding, Severity
from migcheck.regex import regex
from migcheck.report.deploy import Deploy, End, become, what_is_left, what_is_there
from migcheck.report.ended import Ended
from migcheck.report.run import Run
from migcheck.report.sizes import bytes_of, rows_of
from migcheck.report.visible import shortened, visible
from migcheck.verdict import Answer, Judged, Skipped, Undecided, Verdict
from migcheck.wording import counted, first_of

_SHOWN = 50
_UNREAD_SHOWN = 5
# Bytes. GitHub drops all of a summary of more than 1 MiB; other steps of the job have theirs.
_LARGEST = 1_000_000
# Where a fix ends in lines for migcheck.toml, they begin here.
_TOML = regex(r"\s*^(?=\[\[[\w.]+\]\]$)", re.MULTILINE)


def render_step_summary(run: Run) -> str:
    """Write one section for each folder, and what came of each deploy; not beyond what GitHub shows."""
    lines = [line for each in run.verdicts for line in _folder(each)]
    lines += [line for each in run.deploys for line in _deploy(each)]
    return "\n".join(_fitting(lines)) + "\n"


def _fitting(lines: Sequence[str]) -> Iterator[str]:
    room, opened = _LARGEST, 0
    for line in lines:
        room -= len(line.encode(errors="backslashreplace")) + 1
        if room < 0:
            # Else what follows, of other steps as well, is folded away with it.
            yield from ["\n</details>\n"] * opened
            yield "\nThe rest is too long for a summary, and in the log."
            return
        opened += line.count("<details>") - line.count("</details>")
        yield line


def render_ended_summary(ended: Ended) -> str:
    """Write one section on what ended a run."""
    lines = (f"### migcheck {_text(ended.command)}: {Answer.UNDECIDED.value}", _text(ended.problem))
    return "".join(f"{line}\n\n" for line in (*lines, *([f"**Next:** {_text(ended.remedy)}"] if ended.remedy else ())))


def _folder(verdict: Verdict) -> Iterator[str]:
    yield from (f"### migcheck: {verdict.answer.value} · {_code(verdict.name)}", "")
    if verdict.judge_changes:
        yield from ("**This change alters how it is judged:**", "")
        yield from (f"- {_text(change)}" for change in first_of(verdict.judge_changes, _SHOWN))
        yield ""
    yield from _next(verdict)
    yield from _sizes(verdict)
    yield from _not_judged(verdict)
    undecided = [(each.name, each.outcome) for each in verdict.gates if isinstance(each.outcome, Undecided)]
    if undecided:
        rows = ([_text(name), _text(outcome.cause), _text(outcome.remedy)] for name, outcome in undecided)
        yield from _table("Undecided", ["gate", "why", "what to do"], rows)
    findings = verdict.foremost
    blocks = [each for each in findings if each.blocks]
    yield from _findings(f"Blocks ({len(blocks)})", blocks)
    waived = [each for each in findings if each.waived is not None]
    old = frozenset(verdict.old_debt)
    warns = [each for each in findings if each.severity is Severity.WARNING and each.waived is None and each not in old]
    yield from _folded("Warns", warns)
    yield from _folded("Old debt, to be left as it is", verdict.old_debt)
    yield from _folded("Waived", waived)


def _next(verdict: Verdict) -> Iterator[str]:
    """What a deploy will run, as the rehearsal ran it; without one, what is known of that."""
    if verdict.rehearsal is None:
        if verdict.pending is not None:
            yield from (_tags("Runs next", verdict.pending), "")
        elif verdict.new is not None:
            yield from (_tags("New in this change", verdict.new), "")
        return
    yield _tags("Runs next", verdict.rehearsal.request.new)
    if outside := verdict.rehearsal.request.runs_outside():
        yield f"\n**Outside of a transaction:** {', '.join(first_of([_code(tag) for tag in outside], _SHOWN))}"
    changes = verdict.rehearsal.catalogue_change
    yield ""
    if changes:
        yield f"<details><summary>{counted(len(changes), 'change')} of the schema</summary>\n"
        yield f"{_lines(changes)}\n\n</details>\n"


def _lines(lines: Sequence[str]) -> str:
    shown = "\n".join(first_of([shortened(visible(line)) for line in lines], _SHOWN))
    return f"<pre>{html.escape(shown)}</pre>"


def _tags(title: str, migrations: Sequence[Migration]) -> str:
    return f"**{title}:** {', '.join(first_of([_code(each.tag) for each in migrations], _SHOWN)) or 'nothing'}"


def _sizes(verdict: Verdict) -> Iterator[str]:
    if isinstance(verdict.sizes, Unsized):
        yield from (f"**Sizes on the target are not known:** {_text(verdict.sizes.reason)}", "")
    elif verdict.sizes:
        rows = (
            [_code(each.migration), _code(each.table), each.lock, rows_of(each), bytes_of(each)]
            for each in verdict.sizes
        )
        yield from _table("Touched on the target", ["migration", "table", "lock", "rows", "size"], rows)


def _not_judged(verdict: Verdict) -> Iterator[str]:
    """The gates that say nothing: one that is not named here or below has judged."""
    skipped = [(each.name, each.outcome) for each in verdict.gates if isinstance(each.outcome, Skipped)]
    if skipped:
        told = ", ".join(f"{_text(name)} ({_text(outcome.reason)})" for name, outcome in skipped)
        yield from (f"**Not judged:** {told}", "")
    unread = [each for gate in verdict.gates if isinstance(gate.outcome, Judged) for each in gate.outcome.unread]
    if unread:
        yield from (f"**Not read:** {'; '.join(map(_text, first_of(unread, _UNREAD_SHOWN)))}", "")


def _findings(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        shown = findings[:_SHOWN]
        last = "what to do" if any(each.waived is None for each in shown) else "waived, because"
        yield from _table(title, ["rule", "where", "what", last], map(_row, shown))
        if len(findings) > _SHOWN:
            yield from (f"… and {len(findings) - _SHOWN} more, in the log", "")
        yield from _for_config([toml for each in shown if each.waived is None and (toml := _told(each)[1])])


def _for_config(tables: Sequence[str]) -> Iterator[str]:
    """What the findings above say of migcheck.toml: lines to copy, which no cell of a table keeps."""
    if tables:
        lines = html.escape(visible("\n\n".join(dict.fromkeys(tables))))
        yield "<details><summary>For migcheck.toml, where that is meant</summary>\n"
        yield f"<pre>{lines}</pre>\n\n</details>\n"


def _folded(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        yield f"<details><summary>{title} ({len(findings)})</summary>\n"
        yield from _findings("", findings)
        yield "</details>\n"


def _row(finding: Finding) -> list[str]:
    last = _told(finding)[0] if finding.waived is None else finding.waived
    return [f"{finding.code} {finding.rule}", _code(str(finding.at)), _text(finding.message), _text(last)]


def _told(finding: Finding) -> tuple[str, str]:
    """What to do, and the lines for migcheck.toml that it ends with; empty where it has none."""
    todo, *toml = _TOML.split(finding.fix, maxsplit=1)
    return (f"{todo.removesuffix(':')}, as below", toml[0]) if toml else (todo, "")


def _deploy(deploy: Deploy) -> Iterator[str]:
    yield from (f"### migcheck: {deploy.end.value} · {_code(deploy.folder)} on {_text(deploy.target)}", "")
    if deploy.rows:
        word, _ = become(deploy)
        yield from (f"**{word}:** {', '.join(_code(row.tag) for row in deploy.rows)}", "")
    if deploy.earlier:
        yield from (f"**applied by an earlier run:** {', '.join(map(_code, deploy.earlier))}", "")
    if deploy.differences:
        yield from (_lines(deploy.differences), "")
    if deploy.proposed:
        yield from ("proposed, not tried:", "", _lines([f"{each};" for each in deploy.proposed]), "")
    if deploy.begun:
        yield from (f"**did not end:** {_code(deploy.begun)}, which the next deploy begins anew", "")
    told = [*deploy.costs, deploy.message, deploy.remedy, *deploy.warnings]
    if deploy.end is End.NOTHING and not deploy.message:
        told.append(what_is_there(deploy))
    elif deploy.end in {End.FAILED, End.INTERRUPTED}:
        told.append(what_is_left(deploy))
    for line in (*told, *(f"note: {each}" for each in deploy.notes)):
        if line:
            yield from (_text(line), "")


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    if title:
        yield from (f"**{title}**", "")
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _text(text: str) -> str:
    """Text of a change under review as one cell: nothing in it is Markdown or HTML."""
    plain = html.escape(shortened(visible(text)), quote=False)
    marked = "".join(f"&#{ord(each)};" if each in "|`*_[]~#@\\" else each for each in plain)
    return marked.replace("\n", "<br>")


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"
