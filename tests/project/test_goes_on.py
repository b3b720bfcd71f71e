"""MC602: a deploy that goes on where its migrations fail."""

import json

import pytest

from migcheck.catalogue import PROJECT_RULES
from migcheck.rule import judge
from migcheck.wording import waived_by_path
from tests.support.projects import CONFIG, DEPLOY, a_project, package, project_facts, project_findings, workflow
from tests.support.repositories import GitRepository
from tests.support.runners import found, runner

ENTRYPOINT = "npx drizzle-kit migrate\nexec node server.js\n"
BASH = 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\n'


def test_a_change_that_lets_ci_go_on_is_an_error(a_repo: GitRepository) -> None:
    a_project(a_repo, {"package.json": package(db__migrate="drizzle-kit migrate")})
    a_repo.commit({DEPLOY: workflow("pnpm db:migrate || true", "deploy")})
    assert project_findings(a_repo) == [
        f"MC602 error {DEPLOY}:6 where `pnpm db:migrate` fails, CI goes on: `|| true`",
    ]


def test_an_error_says_how_to_mend_it_and_how_to_accept_it(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow("drizzle-kit migrate || true")})
    (finding,) = judge(PROJECT_RULES, project_facts(a_repo))
    assert finding.fix.startswith("Let the failure end the run: join commands with `&&`")
    # Whose shell is dash ends with 2 at `set -o pipefail`.
    assert "begin a shell script with `set -e` (in bash" in finding.fix
    assert finding.fix.endswith(waived_by_path("MC602", DEPLOY))


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("package.json", package(build="drizzle-kit migrate; next build"), "the build goes on: `; next build`"),
        ("package.json", package(build="drizzle-kit migrate\nnext build"), "the build goes on: there is no `set -e`"),
        ("package.json", package(start="drizzle-kit migrate & node x"), "nobody waits for what `&` puts behind"),
        (DEPLOY, workflow("npx drizzle-kit migrate | tee log\nx"), "CI goes on: `| tee log`"),
        (DEPLOY, workflow("set +e\nsource .env\nnpx drizzle-kit migrate\nx"), "CI goes on: there is no `set -e`"),
        (DEPLOY, workflow("npx drizzle-kit migrate && echo done\nx"), "`set -e` looks past what stands before `&&`"),
        (DEPLOY, workflow("npx drizzle-kit migrate", job="    continue-on-error: true\n"), "`continue-on-error: true`"),
        (DEPLOY, workflow("uvx drizzle-migcheck apply || echo failed"), "CI goes on: `|| echo failed`"),
        (DEPLOY, workflow("npx drizzle-kit migrate || echo '::error::bad'"), "CI goes on: `|| echo '::error::bad'`"),
        (".gitlab-ci.yml", "a: {script: drizzle-kit migrate, allow_failure: true}", "`allow_failure: true`"),
        (
            "Dockerfile",
            "FROM a\nRUN npx drizzle-kit migrate | tee log",
            "the image goes on: `| tee log`",
        ),
        ("a.containerfile", "CMD npx drizzle-kit migrate ; node x", "the start goes on: `; node x`"),
        ("dockerfile", "CMD npx drizzle-kit migrate ; node x", "the start goes on: `; node x`"),
    ],
)
def test_every_way_to_go_on_is_told(a_repo: GitRepository, path: str, content: str, why: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: content})
    (finding,) = project_findings(a_repo)
    assert finding.startswith(f"MC602 error {path}:")
    assert finding.endswith(why)


@pytest.mark.parametrize(
    "lines",
    [
        "npx drizzle-kit migrate || echo failed",
        "npx drizzle-kit migrate && echo done\nx",
        "npx drizzle-kit migrate &\nx",
        "<#\n npx drizzle-kit push # or\n npx drizzle-kit migrate || true\n#>\nx",
    ],
)
def test_what_powershell_makes_of_a_failure_and_of_a_comment_accuses_nobody(a_repo: GitRepository, lines: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: workflow(lines, job="    defaults: {run: {shell: pwsh}}\n")})
    assert project_findings(a_repo) == []
    a_repo.commit({DEPLOY: None, "azure-pipelines.yml": f"steps: [{{pwsh: {json.dumps(lines)}}}]"})
    assert project_findings(a_repo) == []


def test_a_step_of_powershell_whose_failure_its_job_looks_past_is_told(a_repo: GitRepository) -> None:
    a_project(a_repo)
    job = "    continue-on-error: true\n    defaults: {run: {shell: pwsh}}\n"
    a_repo.commit({DEPLOY: workflow("<# to\nit #> npx drizzle-kit migrate\nx", job=job)})
    assert [each.split(" where")[0] for each in project_findings(a_repo)] == [f"MC602 error {DEPLOY}:8"]


def test_a_script_without_set_e_is_told_with_the_way_to_it(a_repo: GitRepository) -> None:
    a_project(a_repo, {"docker/entrypoint.sh": f"#!/bin/sh\nset -e\n{ENTRYPOINT}"})
    a_repo.commit({"docker/entrypoint.sh": f"#!/bin/sh\n{ENTRYPOINT}", "Dockerfile": 'CMD ["/entrypoint.sh"]'})
    said = "where `npx drizzle-kit migrate` fails, the start goes on: there is no `set -e`"
    way = "Dockerfile:1: /entrypoint.sh\ndocker/entrypoint.sh:2: npx drizzle-kit migrate"
    assert project_findings(a_repo) == [f"MC602 error docker/entrypoint.sh:2 {said} | {way}"]


def test_what_an_action_runs_by_ssh_is_no_step_beside_the_jobs_own_database(a_repo: GitRepository) -> None:
    a_project(a_repo)
    job = "    services: {db: {image: postgres}}\n    env: {DATABASE_URL: postgres://localhost/x}\n"
    ssh = "      - uses: appleboy/ssh-action@v1\n        with:\n          script: |\n"
    script = "".join(
        f"            {each}\n"
        for each in ("cd /srv/app", "npx drizzle-kit push", "npx drizzle-kit migrate", "pm2 restart app")
    )
    a_repo.commit({DEPLOY: workflow("m", job=job) + ssh + script})
    pushed, gone_on = project_findings(a_repo)
    assert pushed.startswith(f"MC601 error {DEPLOY}:13 `npx drizzle-kit push` changes the database past")
    said = "where `npx drizzle-kit migrate` fails, CI goes on: there is no `set -e`"
    assert gone_on == f"MC602 error {DEPLOY}:14 {said}"


def test_make_that_looks_past_a_failure_is_told(a_repo: GitRepository) -> None:
    a_project(a_repo, {"Makefile": "deploy:\n\tdrizzle-kit migrate\n\tx\n"})
    a_repo.commit({"Makefile": "deploy:\n\t-drizzle-kit migrate\n\tx\n", DEPLOY: workflow("make deploy")})
    (finding,) = project_findings(a_repo)
    assert "make looks past a line that begins with `-`" in finding


def test_what_landed_warns(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("npx drizzle-kit migrate || true")})
    a_repo.commit({DEPLOY: workflow("echo first", "npx drizzle-kit migrate || echo x", "drizzle-kit migrate || :")})
    assert [each.split(" where")[0] for each in project_findings(a_repo)] == [
        f"MC602 warning {DEPLOY}:7",
        f"MC602 error {DEPLOY}:8",
    ]


@pytest.mark.parametrize(
    ("lib", "told"),
    [
        ("up() {\n  npx drizzle-kit migrate\n}\n", []),
        ("up() {\n  npx drizzle-kit migrate\n}\nup\n", ["main.sh:1"]),
        ("up() { x; }\nnpx drizzle-kit migrate\n", ["main.sh:1"]),
    ],
)
def test_what_is_taken_in_and_only_defines_functions_runs_none_of_them(
    a_repo: GitRepository, lib: str, told: list[str]
) -> None:
    a_project(a_repo)
    a_repo.commit({"lib.sh": lib, "main.sh": ". ./lib.sh\nup || exit 1\nx\n", DEPLOY: workflow("bash main.sh")})
    assert [each.split()[1] for each in found(a_repo, "MC602")] == told
    a_repo.commit({DEPLOY: workflow("bash main.sh || true")})
    assert len(found(a_repo, "MC602")) == len(told) * 2


def test_a_script_that_is_renamed_makes_nothing_new(a_repo: GitRepository) -> None:
    script = package(db__mig="drizzle-kit migrate")
    a_project(a_repo, {DEPLOY: workflow("npm run db:mig || true"), "package.json": script})
    a_repo.commit({DEPLOY: workflow("make mig || true"), "Makefile": "mig:\n\tdrizzle-kit migrate\n"})
    assert [each.split(" where")[0] for each in project_findings(a_repo)] == [f"MC602 warning {DEPLOY}:6"]
    a_repo.commit({DEPLOY: workflow("npm run db:mig || true", "make mig || true")})
    assert [each.split(" where")[0] for each in project_findings(a_repo)] == [
        f"MC602 warning {DEPLOY}:6",
        f"MC602 error {DEPLOY}:7",
    ]


def test_a_configuration_that_moves_makes_nothing_new(a_repo: GitRepository) -> None:
    a_project(a_repo, {DEPLOY: workflow("drizzle-kit migrate || true")})
    a_repo.write({"db/drizzle.config.ts": CONFIG})
    moved = workflow("drizzle-kit migrate --config db/drizzle.config.ts || true")
    a_repo.commit({"drizzle.config.ts": None, DEPLOY: moved})
    assert [each.split(" where")[0] for each in project_findings(a_repo)] == [f"MC602 warning {DEPLOY}:6"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("package.json", package(build="drizzle-kit migrate && next build")),
        ("package.json", package(dev="drizzle-kit migrate; next dev")),
        ("package.json", package(build="drizzle-kit generate || true")),
        ("package.json", package(build="drizzle-kit migrate --config other.ts; next build")),
        (DEPLOY, workflow("npx drizzle-kit migrate\nx")),
        (DEPLOY, workflow("for i in 1 2 3; do\nnpx drizzle-kit migrate && break\nsleep 2\ndone\nnpm run build")),
        (DEPLOY, workflow("set +e\nnpx drizzle-kit migrate || failed=1\nx")),
        (DEPLOY, workflow("if ! npx drizzle-kit migrate; then exit; fi\nx")),
        ("package.json", package(start="say() { echo bad; }; drizzle-kit migrate || say; node x")),
        (DEPLOY, workflow("npx drizzle-kit migrate || exit 1")),
        (DEPLOY, workflow("npx drizzle-kit migrate || { rm -r tmp; exit; }\nx")),
        (DEPLOY, workflow("npx drizzle-kit migrate || rc=$?\necho rc=$rc >> $GITHUB_OUTPUT")),
        (DEPLOY, workflow("rc=0\nnpx drizzle-kit migrate || rc=$?\necho rc=$rc\nexit $rc")),
        (DEPLOY, workflow("npx drizzle-kit migrate || rc=$?\necho $rc | ./look.sh")),
        (DEPLOY, workflow('npx drizzle-kit migrate || rc=$?\necho "::set-output name=rc::$rc"')),
        (DEPLOY, workflow("npx drizzle-kit migrate || rc=$?\nexec >> $GITHUB_OUTPUT\necho rc=$rc")),
        (
            "azure-pipelines.yml",
            "steps: [script: \"rc=0; drizzle-kit migrate || rc=$?; echo '##vso[task.setvariable variable=rc]'$rc\"]",
        ),
        (
            "azure-pipelines.yml",
            "steps: [script: \"drizzle-kit migrate || echo '##vso[task.complete result=Failed;]'\"]",
        ),
        (DEPLOY, workflow("trap 'exit 1' EXIT\nif ! npx drizzle-kit migrate; then exit; fi\nx")),
        ("Dockerfile", "CMD set -e; if ! drizzle-kit migrate; then exit; fi; exec node x"),
        (DEPLOY, workflow("if ! npx drizzle-kit migrate; then exit 1; fi\nx")),
        (DEPLOY, workflow("for i in 1 2 3; do npx drizzle-kit migrate && exit 0; sleep 5; done; exit 1")),
        (DEPLOY, workflow("for i in 1 2 3; do npx drizzle-kit migrate && exit 0 || sleep 5; done; exit 1")),
        (DEPLOY, workflow("npx drizzle-kit migrate && { echo done; exit 0; }; echo failed; exit 1")),
        ("Dockerfile", f"FROM a AS b\n{BASH}FROM b\nRUN npx drizzle-kit migrate | tee log\n"),
        (DEPLOY, workflow("drizzle-kit migrate || true", job="    services: {db: {image: postgres}}\n")),
    ],
)
def test_what_ends_or_is_no_deploy_is_no_finding(a_repo: GitRepository, path: str, content: str) -> None:
    a_project(a_repo)
    a_repo.commit({path: content})
    assert project_findings(a_repo) == []


def stepping(later: str, *, before: str = "{run: install}") -> str:
    migrates = "{id: m, run: npx drizzle-kit migrate, continue-on-error: true}"
    return f"on: push\njobs:\n  a:\n    steps:\n      - {before}\n      - {migrates}\n      - {later}\n"


FAILS = "{uses: actions/github-script@v7, with: {script: \"if ('${{ steps.m.outputs.ok }}') core.setFailed('x')\"}}"


@pytest.mark.parametrize(
    "later",
    [
        "{if: steps.m.outcome == 'failure', run: exit 1}",
        "{if: \"${{ steps.m.outcome == 'success' }}\", run: deploy}",
        "{run: 'test ${{ steps.m.outcome }} = success'}",
        "{run: ./look.sh, env: {OUTCOME: '${{ steps.m.outcome }}'}}",
        FAILS.replace("outputs.ok", "outcome"),
    ],
)
def test_a_step_whose_outcome_a_later_one_asks_for_is_looked_at(a_repo: GitRepository, later: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: stepping(later)})
    assert found(a_repo, "MC602") == []
    a_repo.commit({DEPLOY: stepping(later.replace("steps.m", "steps.n"))})
    assert len(found(a_repo, "MC602")) == 1


@pytest.mark.parametrize(
    ("kept", "later"),
    [
        ('|| echo "ok=false" >> "$GITHUB_OUTPUT"', "{if: \"steps.m.outputs.ok == 'false'\", run: exit 1}"),
        ("&& echo ok=1 >> $GITHUB_OUTPUT\nx", "{run: 'test 1 = ${{ steps.m.outputs.ok }}'}"),
        ("|| { echo bad; echo OK=0 >> $GITHUB_ENV; }", "{if: env.OK == 0, run: exit 1}"),
        ("|| echo OK=0 >> $GITHUB_ENV", "{run: 'exit ${OK:-0}'}"),
        ("|| echo ok=0 >> $GITHUB_OUTPUT", "{run: ./look.sh, env: {X: '${{ steps.m.outputs.ok }}'}}"),
        ("|| echo ok=0 >> $GITHUB_OUTPUT", "{if: steps.m.outputs.ok, run: curl $DEPLOY_HOOK}"),
        ("|| echo ok=0 >> $GITHUB_OUTPUT", FAILS),
        ("|| echo ok=0 >> $GITHUB_OUTPUT", "{uses: ./look, with: {failed: '${{ steps.m.outputs.ok }}'}}"),
        ("|| echo ok=0 >> $GITHUB_OUTPUT", "{if: \"steps['m'].outputs['ok'] == 0\", run: exit 1}"),
    ],
)
def test_a_failure_that_a_step_hands_on_is_left_to_who_asks_for_it(
    a_repo: GitRepository, kept: str, later: str
) -> None:
    a_project(a_repo)
    steps = stepping(later, before=json.dumps({"id": "m", "run": f"npx drizzle-kit migrate {kept}"}))
    steps = steps.replace("{id: m, run: npx drizzle-kit migrate, continue-on-error: true}", "{run: build}")
    a_repo.commit({DEPLOY: steps})
    assert found(a_repo, "MC602") == []


def test_a_job_may_hand_on_what_came_of_a_step(a_repo: GitRepository) -> None:
    a_project(a_repo)
    outputs = "    outputs: {migrated: '${{ steps.m.outcome }}'}\n"
    a_repo.commit({DEPLOY: stepping("{run: x}").replace("    steps", f"{outputs}    steps")})
    assert found(a_repo, "MC602") == []


def test_a_runner_of_the_projects_own_migrates_as_well(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"package.json": package(start="node dist/migrate.js; node dist/server.js")})
    assert found(a_repo, "MC602") == []
    a_repo.commit({"src/migrate.ts": runner()})
    assert found(a_repo, "MC602") == [
        "error package.json:4 where `node dist/migrate.js` fails, the start goes on: `; node dist/server.js`"
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "case $1 in\n  migrate) npx drizzle-kit migrate ;;\n  server) exec node server.js ;;\nesac\n",
        "up() { npx drizzle-kit migrate; }\nup || exit 1\nexec node server.js\n",
        "die() { echo bad; exit 1; }\nnpx drizzle-kit migrate || die\nexec node server.js\n",
        "for i in 1 2 3; do\n  npx drizzle-kit migrate && exec node server.js\n  sleep 5\ndone\nexit 1\n",
        'npx drizzle-kit migrate || rc=$?\nif [ "${rc:-0}" -ne 0 ]; then exit 1; fi\nexec node server.js\n',
        'npx drizzle-kit migrate || { echo bad; failed=1; }\n[ -n "$failed" ] && exit 1\nexec node server.js\n',
        'npx drizzle-kit migrate || bad=$((bad + 1))\n[ "$bad" = 0 ] || exit 1\nexec node server.js\n',
        'npx drizzle-kit migrate && ok=1\nif [ -z "$ok" ]; then exit 1; fi\nexec node server.js\n',
        "fail() { echo bad; kill $$; }\nnpx drizzle-kit migrate || fail x\nexec node server.js\n",
        'if [ "$1" = up ]; then\n  npx drizzle-kit migrate\n  exit\nfi\nexec node server.js\n',
    ],
)
def test_an_entrypoint_that_goes_on_nowhere_is_no_finding(a_repo: GitRepository, entry: str) -> None:
    a_project(a_repo)
    a_repo.commit({"docker/entry.sh": f"#!/bin/sh\n{entry}", "Dockerfile": 'ENTRYPOINT ["sh", "docker/entry.sh"]'})
    assert project_findings(a_repo) == []


BARE = "npx drizzle-kit migrate\nnode x.js\n"
PIPED = "npx drizzle-kit migrate | tee log\nnode x.js\n"


@pytest.mark.parametrize(
    ("called", "others"),
    [
        ({DEPLOY: workflow("bash -e deploy.sh")}, {}),
        ({DEPLOY: workflow(". ./deploy.sh")}, {}),
        ({DEPLOY: workflow("bash -euo pipefail deploy.sh")}, {"deploy.sh": PIPED}),
        ({DEPLOY: workflow("./main.sh")}, {"main.sh": "set -e; . ./deploy.sh"}),
        # Each of these may say it itself for whoever takes it in.
        ({DEPLOY: workflow("bash d.sh")}, {"d.sh": "source scripts/lib.sh\nnpx drizzle-kit migrate\nnode x"}),
        ({DEPLOY: workflow("bash d.sh")}, {"d.sh": '. "$(dirname "$0")/lib.bash"\nnpx drizzle-kit migrate\nnode x'}),
        ({DEPLOY: workflow("sh -e main.sh")}, {"main.sh": ". ./deploy.sh"}),
        ({"Dockerfile": 'ENTRYPOINT ["/bin/sh", "-e", "/deploy.sh"]'}, {}),
        ({DEPLOY: workflow("set +e; bash -e < deploy.sh")}, {}),
        ({DEPLOY: workflow("cat deploy.sh | bash -eo pipefail")}, {"deploy.sh": PIPED}),
        ({DEPLOY: workflow("ssh host 'bash -e' < deploy.sh")}, {}),
    ],
)
def test_a_shell_that_is_told_to_end_at_a_failure_does(
    a_repo: GitRepository, called: dict[str, str], others: dict[str, str]
) -> None:
    a_project(a_repo)
    a_repo.commit({"deploy.sh": BARE, **others, **called})
    assert project_findings(a_repo) == []


def test_a_script_that_only_some_call_so_is_told_once(a_repo: GitRepository) -> None:
    a_project(a_repo)
    a_repo.commit({"deploy.sh": BARE, DEPLOY: workflow("bash -e deploy.sh", "bash deploy.sh", "set +e; . ./deploy.sh")})
    assert [each.partition(" | ")[2] for each in project_findings(a_repo)] == [
        f"{DEPLOY}:7: bash deploy.sh\ndeploy.sh:1: npx drizzle-kit migrate"
    ]
    a_repo.commit({"deploy.sh": BARE.replace("\n", " || true\n", 1)})
    assert [each.partition(" | ")[0].rpartition(": ")[2] for each in project_findings(a_repo)] == ["`|| true`"]
    a_repo.commit({DEPLOY: workflow("bash -e deploy.sh", "bash deploy.sh", "npx migcheck apply")})
    assert [each[:5] for each in project_findings(a_repo)] == ["MC602", "MC605"]


MIGRATES = "{run: npx drizzle-kit migrate}"
PROD = "npx vercel deploy --prod"


def jobs(*steps: str, other: str = "") -> str:
    listed = "".join(f"      - {each}\n" for each in steps)
    return f"on: push\njobs:\n  a:\n    steps:\n{listed}{other}"


def deploying(condition: str, step: str = f"{{run: {PROD}}}") -> str:
    return jobs(MIGRATES, other=f"  b:\n    needs: [a]\n    if: {condition}\n    steps:\n      - {step}\n")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (jobs(MIGRATES, f"{{if: always(), run: {PROD}}}"), "if: always()"),
        (jobs(MIGRATES, "{run: x}", f"{{if: '${{{{ !cancelled() }}}}', run: {PROD}}}"), "if: !cancelled()"),
        (deploying("always()"), "if: always()"),
        (deploying("${{ !cancelled() }}"), "if: !cancelled()"),
    ],
)
def test_a_deploy_that_waits_for_no_success_is_an_error(a_repo: GitRepository, content: str, why: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: content})
    assert found(a_repo, "MC602") == [
        f"error {DEPLOY}:5 where `npx drizzle-kit migrate` fails, CI goes on: `{why}`",
    ]


@pytest.mark.parametrize(
    "content",
    [
        jobs(MIGRATES, "{if: always(), run: ./notify.sh}"),
        jobs(MIGRATES, "{if: always(), uses: actions/upload-artifact@v4}"),
        jobs(MIGRATES, f"{{run: {PROD}}}"),
        jobs(MIGRATES, f"{{if: failure(), run: {PROD}}}"),
        jobs(MIGRATES, f"{{if: always() && steps.m.outcome == 'success', run: {PROD}}}"),
        jobs(f"{{if: always(), run: {PROD}}}", MIGRATES),
        deploying("always()", "{run: ./notify.sh}"),
        deploying("always()", f"{{if: needs.a.result == 'success', run: {PROD}}}"),
        deploying("always() && needs.a.result == 'success'"),
        deploying("always()").replace("needs: [a]", "needs: [c]"),
    ],
)
def test_what_waits_for_success_or_deploys_nothing_is_no_finding(a_repo: GitRepository, content: str) -> None:
    a_project(a_repo)
    a_repo.commit({DEPLOY: content})
    assert found(a_repo, "MC602") == []
