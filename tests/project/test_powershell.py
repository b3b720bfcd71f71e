"""Scripts of PowerShell: their plain command lines, and who comes to them."""

import json

import pytest

from migcheck.scripts.calls import Push
from migcheck.scripts.shell.powershell import in_shell, read_powershell
from tests.project.test_reach import reached, scripts
from tests.support.growth import LINEAR, growth
from tests.support.projects import DEPLOY, a_project, package, placed, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found

PUSH = "npm ci\r\nnpx drizzle-kit push\r\n"


def test_ci_gets_to_a_script_of_powershell(a_repo: GitRepository) -> None:
    a_project(a_repo, {"scripts/db.ps1": PUSH})
    said = "`npx drizzle-kit push` changes the database past the migrations"
    assert project_findings(a_repo) == [f"MC601 warning scripts/db.ps1:2 {said}, when somebody runs it"]
    a_repo.commit({DEPLOY: workflow("pwsh -File scripts/db.ps1")})
    way = f"{DEPLOY}:6: pwsh -File scripts/db.ps1\nscripts/db.ps1:2: npx drizzle-kit push"
    assert project_findings(a_repo) == [f"MC601 error scripts/db.ps1:2 {said}, and CI runs it | {way}"]


@pytest.mark.parametrize(
    "command", ["./scripts/db.ps1", "powershell scripts/db.ps1", "pwsh -NoProfile ./scripts/db.ps1"]
)
def test_a_script_is_run_in_many_ways(command: str) -> None:
    assert reached({"scripts/db.ps1": PUSH, DEPLOY: workflow(command)}) is not None


SCRIPT = b"""\
<# npx drizzle-kit push
#>
# a comment
$env:DATABASE_URL = 'postgres://localhost/x' # at hand
Set-Location -Path packages\\db
& .\\tools\\x.ps1 -Force "a b"
if ($x) {
  pnpm run y # why
  exit 1
}
Write-Host @"
npx drizzle-kit push
"@
$r = npx z
npx $z; w
Write-Output npx drizzle-kit push
npx z | Out-Null
last
a 'b c'; $x = "y;"; d # e; npx drizzle-kit push
exit 1; npx drizzle-kit push
npx drizzle-kit push
"""


def test_what_is_no_plain_command_is_left_out() -> None:
    script = read_powershell("x.ps1", SCRIPT)
    several = [(15, "npx $z"), (15, "w"), (17, "npx z"), (18, "last"), (19, "a b c"), (19, "d")]
    first = [(5, "cd packages/db"), (6, "./tools/x.ps1 -Force a b"), (8, "pnpm run y")]
    assert placed(script) == [*first, *several]
    assert [each.directory for each in script.commands] == [".", *["packages/db"] * 8]
    assert {each.settings for each in script.commands} == {(("DATABASE_URL", "postgres://localhost/x"),)}


def test_the_encodings_of_windows_are_read() -> None:
    for encoding in ("utf-16", "utf-8-sig"):
        assert placed(read_powershell("x.ps1", "x é\r\ny".encode(encoding))) == [(1, "x é"), (2, "y")]


def test_what_powershell_makes_of_a_failure_accuses_nobody(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"x.ps1": "npx drizzle-kit migrate\nnext build\n", "package.json": package(build="pwsh x.ps1")})
    assert found(a_repo, "MC602") == []


def test_a_plain_step_of_powershell_ends_as_its_last_program_does(a_repo: GitRepository) -> None:
    a_project(a_repo)
    goes_on = "npx drizzle-kit migrate\nWrite-Host 'Done'\nnpx vercel deploy --prod"
    ends = [
        "npm ci\nnpx drizzle-kit migrate\nWrite-Host 'Done'",
        "npx drizzle-kit migrate\nif ($LASTEXITCODE) { exit 1 }\nnpx vercel deploy",
        f"$PSNativeCommandUseErrorActionPreference = $true\n{goes_on}",
        "npx drizzle-kit migrate\necho 'Done'",
    ]
    windows = "on: push\njobs:\n  a:\n    runs-on: windows-latest\n    steps:\n"
    a_repo.commit({DEPLOY: windows + "".join(f"      - run: {json.dumps(each)}\n" for each in (*ends, goes_on))})
    (finding,) = found(a_repo, "MC602")
    said = "CI goes on: a script of PowerShell runs the next line, and ends as its last program does"
    assert finding.endswith(said)
    # So it is with a script that a step calls, unless that may have told PowerShell of failures.
    a_repo.commit({"x.ps1": goes_on, DEPLOY: f"{windows}      - run: ./x.ps1\n"})
    (finding,) = found(a_repo, "MC602")
    assert finding.startswith("error x.ps1:1 where `npx drizzle-kit migrate` fails, " + said)
    for script, step in ((ends[1], "./x.ps1"), (goes_on, "$PSNativeCommandUseErrorActionPreference = $true; ./x.ps1")):
        a_repo.write({"x.ps1": script, DEPLOY: f"{windows}      - run: {json.dumps(step)}\n"})
        assert found(a_repo, "MC602") == []


@pytest.mark.parametrize(
    ("step", "local"),
    [
        ('$env:DATABASE_URL = "postgres://a:b@localhost:5432/x"\nnpx drizzle-kit push', [True]),
        ("if ($a) {\n  exit 1\n}\nnpx drizzle-kit push", [False]),
        ("cd packages\\db; npx drizzle-kit push && npm x", [False]),
        ('npx drizzle-kit push --url "$env:URL"', [False]),
        ("Write-Host npx drizzle-kit push\n<#\nnpx drizzle-kit push\n#>", []),
        ("Write-Host 'Pushing'; npx drizzle-kit push; foreach ($a in $b) {\n x\n}", [False]),
        ("if ($a) {\n x\n} else {\n  npx drizzle-kit push\n}", [False]),
        ("if ($a) {\n x\n} else { npx drizzle-kit push }", []),
        ("if (-not (Test-Path x)) { exit 1 }\nnpx drizzle-kit push\nif (-not $?) { throw 'x' }", [False]),
        ("try { npx drizzle-kit push --url $(Get-Url x) }\ncatch { Write-Error $_; exit 1 }", []),
        ("try {\n  npx drizzle-kit push\n}\ncatch { Write-Error $_; exit 1 }", [False]),
        ("Write-Output y | npx drizzle-kit push | Tee-Object log", [False]),
        ("npx drizzle-kit push --force # don't\nWrite-Host 'a; npx drizzle-kit push' {", [False]),
        ("npx drizzle-kit push --url \"${{ secrets.URL || 'x' }}\" --x $env:X", [False]),
        ("Write-Host 'disabled'\nthrow\nnpx drizzle-kit push", []),
        ("if ($a) { throw 'x' }\nf ||\n throw\nnpx drizzle-kit push; exit 1\nnpx drizzle-kit push", [False]),
        ('node -e "\nnpx drizzle-kit push\n"', []),
    ],
)
def test_a_step_of_ci_is_read_as_its_shell_reads_it(step: str, local: list[bool]) -> None:
    quoted = json.dumps(step)
    for files in (
        {DEPLOY: f"on: push\njobs: {{a: {{steps: [{{shell: pwsh, run: {quoted}}}]}}}}"},
        {DEPLOY: f"on: push\njobs: {{a: {{runs-on: windows-latest, steps: [{{run: {quoted}}}]}}}}"},
    ):
        assert [each.local for each in scripts(files).runs if isinstance(each.call, Push)] == local


@pytest.mark.parametrize("part", ["<#", '@"\n', "a ", "a\n", "'a' ", '"', "$env:A = ", "& a", "a;'"])
def test_a_script_that_is_made_to_hurt_takes_no_longer_than_its_size(part: str) -> None:
    assert growth(lambda size: read_powershell("x.ps1", (part * size).encode()), 2_000) < LINEAR
    assert growth(lambda size: in_shell(part * size), 2_000) < LINEAR
