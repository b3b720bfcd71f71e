"""Here-documents: the scripts that a shell reads of them, and several on one line."""

import pytest

from migcheck.scripts.shell.command import Command
from migcheck.scripts.shell.parsed import read_shell
from migcheck.scripts.shell.taken_out import put_back, taken_out
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, project_findings, workflow
from tests.support.repositories import GitRepository

PUSH = ("npx", "drizzle-kit", "push")


def pushes(text: str) -> list[Command]:
    """The pushes among its commands."""
    return [each for each in read_shell(text) if each.words == PUSH]


@pytest.mark.parametrize(
    "reader",
    [
        "bash",
        "sh -e",
        "/bin/bash -s",
        "bash -s -- a b",
        "bash -euo pipefail",
        "bash -o pipefail -e",
        "bash -",
        "bash /dev/stdin",
        "bash --norc",
        "A=1 exec bash",
        "sudo -u app bash",
        "su - app",
        "sudo su app",
        "env A=1 sh",
        "ssh host",
        "ssh -tt -i key -o StrictHostKeyChecking=no -p2222 app@host",
        "ssh -oBatchMode=yes host bash -s",
        "ssh host 'bash -s'",
        "ssh host 'sudo bash -se' x",
        "sshpass -p x ssh host",
        'ssh "${ssh_opts[@]}" $SSH_ARGS "$USER@$HOST"',
        "sh -c 'exec bash'",
        "docker exec -i app sh",
        "docker compose exec -T app bash -e",
        "bash -euo pipefail /dev/stdin a",
        "kubectl exec -i app -- /bin/sh",
    ],
)
@pytest.mark.parametrize("operator", ["<<EOF", "<< 'EOF'", '<<-"EOF"', "<<\\EOF"])
def test_a_shell_runs_what_it_reads(reader: str, operator: str) -> None:
    (found,) = pushes(f"\n{reader} {operator} >log\n\n  cd app\n  npx drizzle-kit push\nEOF\nm")
    assert (found.line, found.directory) == (5, "app")


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF | bash\n\nnpx drizzle-kit push\nEOF",
        "if ssh host <<EOF; then\n\nnpx drizzle-kit push\nEOF\nm; fi",
        "x=$(ssh host <<EOF\n\nnpx drizzle-kit push\nEOF\n)",
        "f() { bash <<EOF; }\n\nnpx drizzle-kit push\nEOF",
        'x="$(bash <<EOF\n\nnpx drizzle-kit push\nEOF\n)"',
        "bash <<EOF; m\nn\nnpx drizzle-kit push\nEOF",
        "bash <<A <<B\nm\nA\nnpx drizzle-kit push\nB".replace("m\nA", "A"),
        "bash <<-A\n\tsh <<B\nnpx drizzle-kit push\nB\n\tA",
        "bash <<'A'\r\n\r\nnpx drizzle-kit push\r\nA\r\n".replace("push\r", "push"),
    ],
)
def test_wherever_it_stands(text: str) -> None:
    assert [each.line for each in pushes(text)] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF\nnpx drizzle-kit push\nEOF",
        "cat > x.sh <<EOF\nnpx drizzle-kit push\nEOF",
        "bash x.sh <<EOF\nnpx drizzle-kit push\nEOF",
        "bash -c m <<EOF\nnpx drizzle-kit push\nEOF",
        "echo bash <<EOF\nnpx drizzle-kit push\nEOF",
        "ssh host cat <<EOF\nnpx drizzle-kit push\nEOF",
        "ssh host 'cat >x.sh; bash' <<EOF\nnpx drizzle-kit push\nEOF",
        "su app -c m <<EOF\nnpx drizzle-kit push\nEOF",
        "cat <<EOF | grep x | bash\nnpx drizzle-kit push\nEOF",
        "bash <<EOF\necho npx drizzle-kit push\nEOF",
        "bash <<EOF\nexit 1\nnpx drizzle-kit push\nEOF",
        "node <<EOF\nnpx drizzle-kit push\nEOF",
        "bash <<EOF <<E\nnpx drizzle-kit push\nEOF\nm\nE",
        "grep -c 'npx drizzle-kit push' x",
    ],
)
def test_what_no_shell_reads_is_not_run(text: str) -> None:
    assert pushes(text) == []


def test_a_here_string_is_read_as_well() -> None:
    (found,) = pushes("m\nbash -e <<< 'n; npx drizzle-kit push'")
    assert found.line == 2


def test_how_it_goes_on_is_told_by_the_shell_that_reads() -> None:
    def going_on(text: str) -> str:
        return pushes(text)[0].goes_on

    body = "<<EOF\nnpx drizzle-kit push\nm\nEOF"
    assert going_on(f"set -e\nssh host {body}") == "no `set -e`"
    assert going_on(f"ssh host bash -se {body}") == ""
    assert going_on(f"bash -o errexit {body}") == ""
    assert going_on("ssh host <<EOF || true\nnpx drizzle-kit push\nEOF") == "|| true"
    assert going_on(f"bash -e {body.replace('EOF', 'EOF | tee log', 1)}\nn") == "| tee log"


def test_what_is_set_here_is_not_set_on_another_machine() -> None:
    text = "export A=1\n{} <<EOF\nB=2 npx drizzle-kit push\nEOF"
    assert [dict(pushes(text.format(each))[0].settings) for each in ("bash", "ssh host")] == [
        {"A": "1", "B": "2"},
        {"B": "2"},
    ]
    (found,) = pushes("export A=1; ssh host 'cd app && npx drizzle-kit push'")
    assert dict(found.settings) == {}


@pytest.mark.parametrize("escaped", ["\\$A", "$A"])
def test_a_word_without_quotes_has_backslashes_taken_away(escaped: str) -> None:
    assert read_shell(f"bash <<E\nm {escaped}\nE")[1].words == ("m", "$A")


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("cat <<A; psql <<B\na\nA\nb\nB\nm", {"cat": "a", "psql": "b", "m": ""}),
        ("psql <<A && cat <<'B'\na\nA\nb\nB\nm", {"psql": "a", "cat": "b", "m": ""}),
        ("psql <<A;\na\nA\nm", {"psql": "a", "m": ""}),
        ("psql <<A; m\na\nA\nn", {"psql": "a", "m": "", "n": ""}),
        ("psql <<'A B' # <<C\na\nA B\nm\nC", {"psql": "a", "m": "", "C": ""}),
        ("psql <<A\n\n a\n\nA\nm", {"psql": "\n a\n", "m": ""}),
        ('m "<<A" 1\nA', {"m <<A 1": "", "A": ""}),
        ("# psql <<A\nm\nA", {"m": "", "A": ""}),
        ('m \\" <<A\na\nA', {'m "': "a"}),
        ("m <<< a\na\nA", {"m": "a", "a": "", "A": ""}),
        ("echo 'a <<A\n'; m\nn <<A\nb\nA", {"echo a <<A\n": "", "m": "", "n": "b"}),
        ('echo "a <<A\n"; m\nn <<A\nb\nA', {"echo a <<A\n": "", "m": "", "n": "b"}),
        ("m $((1<<2)) $((3<<(4))) <<A\na\nA", {"m $((1<<2)) $((3<<(4)))": "a"}),
        ("m <<A\"B\"\\C'D'\n$a\nABCD\nn", {"m": "$a", "n": ""}),
        ("m <<''\na\n\nn", {"m": "a", "n": ""}),
        ("m ;# it's\nn <<A # '\nb\nA", {"m": "", "n": "b"}),
        ("m $'\\'' 'a\nb' <<A\nc\nA", {"m $'\\'' a\nb": "c"}),
    ],
)
def test_each_document_is_read_by_its_own_command(text: str, given: dict[str, str]) -> None:
    assert {str(each): each.stdin for each in read_shell(text)} == given


def test_a_string_of_several_lines_begins_no_document() -> None:
    text = "usage() { echo 'Usage: run <<EOF\n'; }\nnpx drizzle-kit push\nsh <<EOF\nnpx drizzle-kit push\nEOF"
    assert [each.line for each in pushes(text)] == [3, 5]


@pytest.mark.parametrize("text", ["cat <<<\ue0d01:abc:abc", "cat < \ue0d01:abc:abc", "m <<A\n\ue0d01:a:a\nA"])
def test_what_looks_like_a_document_that_was_taken_out_is_none(text: str) -> None:
    assert [str(each) for each in read_shell(text)] in (["cat"], ["m"])


@pytest.mark.parametrize("text", ["m", "a <<E\nno end", "echo $((1<<2))\n", "x <<E\n", "<<\n\n"])
def test_a_script_without_documents_stays_as_it_is(text: str) -> None:
    assert taken_out(text) == text


def test_the_findings_line_is_that_of_the_file(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("sh scripts/deploy.sh"), "scripts/deploy.sh": "set -e\n"})
    a_repo.commit(
        {"scripts/deploy.sh": "set -e\nssh app@host bash -s <<'EOF'\n  cd app\n  npx drizzle-kit push\nEOF\n"}
    )
    (found,) = project_findings(a_repo)
    assert found.startswith("MC601 error scripts/deploy.sh:4 `npx drizzle-kit push` changes the database past")


@pytest.mark.parametrize(
    "line", ["m <<E\n", "m <<E\nE\n", "m <<-E <<E", '"\\"\\"', "'<<", "<<a\n", '"$(', "m <<a;", "$'\\'", "((a(a)"]
)
def test_the_time_it_takes_grows_with_the_script(line: str) -> None:
    assert growth(lambda size: taken_out(line * size), 2_000) < LINEAR


def test_a_directory_of_another_machine_need_not_be_one_of_the_repository(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("m"), "web/package.json": package(dev="m")})
    told = []
    for text in (
        "cd app && npx drizzle-kit push",
        "cd /srv/app && npx drizzle-kit push",
        "cd web && npx drizzle-kit push",
    ):
        a_repo.stage({DEPLOY: workflow(f"ssh host '{text}'", text)})
        told.append([each.split()[2] for each in project_findings(a_repo, staged=True)])
    assert told == [[f"{DEPLOY}:6"], [f"{DEPLOY}:6", f"{DEPLOY}:7"], []]


@pytest.mark.parametrize("text", ["ssh host <<EOF\n{}\nEOF", "ssh host '{}'", "sh -c '{}'", "bash <<EOF\n{}\nEOF"])
def test_a_shell_that_goes_on_after_a_migration_is_found_though_the_step_does_not(
    a_repo: GitRepository, text: str
) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow(text.format("npx drizzle-kit migrate\npm2 restart app"))})
    assert [each.split()[:2] for each in project_findings(a_repo)] == [["MC602", "error"]]


def test_a_database_on_the_machine_that_ssh_leads_to_is_not_at_hand(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("m")})
    push = "npx drizzle-kit push --url postgres://u:p@localhost/app"
    told = []
    for text in (
        push,
        f"ssh host '{push}'",
        "ssh host 'DATABASE_URL=postgres://u:p@localhost/app npx drizzle-kit push'",
    ):
        a_repo.stage({DEPLOY: workflow(text)})
        told.append([each.split()[1] for each in project_findings(a_repo, staged=True)])
    assert told == [[], ["error"], ["error"]]


@pytest.mark.parametrize(
    "text",
    [
        "cat <<A; psql <<-'B'\na\n\nA\nb\n\tB\nm",
        'm "$(n <<A "$(o <<B\nB\n)"\na\nA\n)" <<C\nb\nC',
        'ssh host "cat > f <<E\n\\$a\nE\nm"',
        "m <<< a",
        "\nm <<\\E\nE",
        "m <<E >x\r\na\r\nE\r\n",
    ],
)
def test_what_is_taken_out_can_be_put_back(text: str) -> None:
    assert put_back(taken_out(text)) == text


def test_a_document_within_an_argument_is_left_there() -> None:
    found = read_shell("ssh host 'bash <<E\nnpx drizzle-kit push\nE\nm'")
    assert [str(each) for each in found] == [
        "ssh host bash <<E\nnpx drizzle-kit push\nE\nm",
        "bash",
        "npx drizzle-kit push",
        "m",
    ]
    assert read_shell('X="$(cat <<E\na\nE\n)" m')[-1].settings == (("X", "$(cat <<E\na\nE\n)"),)
