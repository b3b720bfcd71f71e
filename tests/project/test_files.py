"""The files that say what is run: each is read by its own format, and what cannot be read is passed over."""

import json

import pytest

from migcheck.scripts.ci.gitlab import read_gitlab
from migcheck.scripts.ci.platforms import read_platform
from migcheck.scripts.ci.workflows import read_workflow
from migcheck.scripts.reach import Starter
from migcheck.scripts.shell.command import ShellOptions
from migcheck.scripts.tasks.makefile import read_makefile
from migcheck.scripts.tasks.packages import dependencies_of, read_package
from migcheck.scripts.yaml_nodes import BadYamlError, members, read_yaml, text
from tests.support.growth import LINEAR, growth
from tests.support.projects import placed


def test_a_package_has_its_scripts_with_their_lines() -> None:
    content = b'{\n  "name": "@acme/db",\n  "scripts": {\n    "a": "x",\n    "b:\\u0063": "y && z", "n": 1\n  }\n}'
    package = read_package("packages/db/package.json", content)
    assert package is not None
    assert (package.directory, package.name) == ("packages/db", "@acme/db")
    assert placed(*package.scripts.values()) == [(4, "x"), (5, "y"), (5, "z")]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"scripts": "x"}', b'{"scripts": {"a": []}, "name": 1}']
)
def test_a_package_that_npm_could_not_read_has_none(content: bytes) -> None:
    package = read_package("package.json", content)
    assert package is None or package.scripts == {}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"dependencies": ["knex"]}'])
def test_a_package_that_cannot_be_read_depends_on_nothing(content: bytes) -> None:
    assert dependencies_of(content) == frozenset()


WORKFLOW = b"""\
on: push
defaults: {run: {working-directory: app}}
env: {DATABASE_URL: "postgres://u:p@localhost:5432/x"}
jobs:
  test:
    steps:
      - uses: actions/checkout@v4
      - run: a
      - run: |
          b ${{ secrets.X }}

          c
        working-directory: ./db/
        shell: bash
      - run: d
        env: {DATABASE_URL: "${{ secrets.DATABASE_URL }}"}
        continue-on-error: true
  other:
    services: {db: {image: "postgis/postgis:17"}}
    continue-on-error: true
    defaults: {run: {working-directory: "${{ matrix.app }}"}}
    env: {DATABASE_URL: "postgres://db.example.org/x"}
    steps: [{run: e}]
"""


def test_a_workflow_has_its_steps() -> None:
    uses, a, b, d, e = read_workflow(".github/workflows/x.yml", WORKFLOW)
    assert placed(uses) == [(7, "uses actions/checkout@v4")]
    assert placed(a, b, d, e) == [(8, "a"), (10, "b $EXPRESSION"), (12, "c"), (15, "d"), (23, "e")]
    assert [each.directory for each in (a, b, d, e)] == ["app", "db", "app", None]
    assert [each.own_database for each in (a, b, d, e)] == [True, True, False, False]
    assert [each.goes_on for each in (a, d, e)] == ["", "continue-on-error: true", "continue-on-error: true"]
    assert [each.options.pipefail for each in (a, b)] == [False, True]
    assert {each.started_by for each in (a, b, d, e)} == {Starter.CI}


@pytest.mark.parametrize(
    ("step", "own"),
    [
        ("{run: docker compose up -d db}", True),
        ("{run: docker run -d -p 5432:5432 pgvector/pgvector:pg17 postgres}", True),
        ("{run: npx supabase start}", True),
        ("{run: sudo systemctl start postgresql}", True),
        ("{uses: ankane/setup-postgres@v1}", True),
        ("{uses: nick-fields/retry@v3, with: {command: docker compose up -d db}}", True),
        ("{uses: actions/checkout@v4}", False),
        ("{run: docker compose pull}", False),
        ("{run: ssh host docker compose up -d}", False),
        ("{uses: appleboy/ssh-action@v1, with: {script: docker compose up -d}}", False),
        ("{uses: garygrossgarten/github-action-ssh@v1, with: {command: docker compose up -d}}", False),
    ],
)
def test_a_job_may_start_a_database_of_its_own(step: str, *, own: bool) -> None:
    github = f"jobs: {{a: {{steps: [{step}, {{run: x}}]}}}}".encode()
    assert [each.own_database for each in read_workflow("x.yml", github)] == [own, own]
    secret = github.replace(b"run: x", b"run: x, env: {DATABASE_URL: '${{ secrets.URL }}'}")
    assert [each.own_database for each in read_workflow("x.yml", secret)][-1] is False
    if step.startswith("{run"):
        gitlab = f"a: {{script: ['{step[6:-1]}', x]}}".encode()
        assert [each.own_database for each in read_gitlab("x", gitlab)] == [own]


def test_an_action_runs_nothing_before_a_workflow_uses_it() -> None:
    (script,) = read_workflow(".github/actions/x/action.yml", b"runs: {using: composite, steps: [{run: a, shell: sh}]}")
    assert (script.started_by, placed(script)) == (None, [(1, "a")])


@pytest.mark.parametrize(
    ("step", "text", "options"),
    [
        ("{uses: nick-fields/retry@v3, with: {command: m}}", "m", ShellOptions(errexit=True)),
        ("{uses: appleboy/ssh-action@v1, with: {script: m}}", "m", ShellOptions()),
        ("{uses: appleboy/ssh-action@v1, with: {script: m, script_stop: true}}", "m", ShellOptions()),
        ("{uses: garygrossgarten/github-action-ssh@v1, with: {command: m}}", "m", ShellOptions()),
        ("{uses: ./ci, with: {command: m}}", "uses ./ci m", ShellOptions(errexit=True)),
        ("{uses: acme/drizzle-migcheck@v1, with: {command: apply}}", "uses acme/drizzle-migcheck@v1 apply", None),
        ("{run: m, shell: 'bash -l {0}'}", "m", ShellOptions()),
        ("{run: m, shell: '/bin/bash --noprofile -eo pipefail {0}'}", "m", ShellOptions(errexit=True, pipefail=True)),
        ("{run: m, shell: pwsh}", "m", ShellOptions(errexit=True, pipefail=True, powershell=True)),
        ("{run: m, shell: 'python {0}'}", "m", ShellOptions(errexit=True)),
    ],
)
def test_a_step_runs_what_its_action_or_its_shell_is_given(step: str, text: str, options: ShellOptions | None) -> None:
    (script,) = read_workflow("x.yml", f"jobs: {{a: {{steps: [{step}]}}}}".encode())
    assert (script.text, script.options) == (text, options or script.options)


@pytest.mark.parametrize("content", [b"", b"a: [", b"- x", b"jobs: 1", b"jobs: {a: {steps: x}}", b"\x00", b"a: *b"])
def test_a_workflow_that_cannot_be_read_has_none(content: bytes) -> None:
    assert placed(*read_workflow("x.yml", content)) == []


@pytest.mark.parametrize("content", [b"[" * 1000, b"- " * 1000, b"x" * 600_000])
def test_yaml_that_is_made_to_hurt_is_refused(content: bytes) -> None:
    with pytest.raises(BadYamlError):
        read_yaml(content)


def test_yaml_whose_aliases_multiply_is_refused() -> None:
    chained = "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 20)}]\n" for at in range(1, 9))
    with pytest.raises(BadYamlError):
        read_yaml(f"a0: &a0 [x]\n{chained}".encode())
    assert read_yaml(f"a0: &a0 [x]\nb: [{', '.join(['*a0'] * 1000)}]".encode()) is not None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("{a: 1, <<: *t, b: 2}", {"a": "1", "b": "2", "t": "t"}),
        ("{<<: *t, a: 1}", {"a": "1", "b": "t", "t": "t"}),
        ("{<<: [*t, *u]}", {"a": "t", "b": "t", "t": "t", "u": "u"}),
        ("{<<: *v}", {"a": "v", "b": "t", "t": "t"}),
        ("{<<: {a: 1, <<: *u}, b: 2}", {"a": "1", "b": "2", "u": "u"}),
        ("{<<: [1, [*u], x], '<<': 2, ? [x] : 3, a: 1}", {"a": "1", "u": "u", "<<": "2"}),
        ("&m {<<: *m, <<: [*m, *m], a: 1}", {"a": "1"}),
    ],
)
def test_a_mapping_has_what_it_merges_and_what_it_says_itself_goes_first(told: str, expected: dict[str, str]) -> None:
    merged = "- &t {a: t, b: t, t: t}\n- &u {a: u, u: u}\n- &v {<<: *t, a: v}\n"
    document = read_yaml(f"{merged}- {told}".encode())
    assert document is not None
    assert {name: text(value) for name, value in members(document.value[3])} == expected


def test_a_merge_is_read_in_workflows_as_well() -> None:
    steps = b"x: &s {working-directory: db, run: n}\njobs:\n  a:\n    steps:\n    - {<<: *s, run: m}\n"
    (script,) = read_workflow("x.yml", steps)
    assert (script.text, script.directory) == ("m", "db")


@pytest.mark.parametrize("inner", ["  k{0}: {{<<: *p}}\n", "  <<: *p\n"])
def test_a_mapping_that_is_merged_into_what_it_holds_takes_no_longer_than_its_size(inner: str) -> None:
    assert growth(lambda size: read_yaml(("a: &p\n" + "".join(map(inner.format, range(size)))).encode()), 500) < LINEAR


def test_yaml_that_holds_itself_comes_to_an_end() -> None:
    assert placed(*read_gitlab("x", b"a: {script: &s [x, *s, [*s, y]]}")) == [(1, "x"), (1, "y")]
    assert placed(*read_platform("render.yaml", b"a: &a {buildCommand: x, b: *a, c: [*a]}")) == [(1, "x")]


GITLAB = b"""\
services: [postgres:17]
a:
  before_script: x
  script:
    - [y, z]
    - |
      v
  allow_failure: true
"""


def test_gitlab_runs_every_script_of_a_job() -> None:
    found = tuple(read_gitlab(".gitlab-ci.yml", GITLAB))
    assert placed(*found) == [(3, "x"), (5, "y"), (5, "z"), (7, "v")]
    assert {(each.started_by, each.own_database, each.goes_on) for each in found} == {
        (Starter.CI, True, "allow_failure: true")
    }
    assert [each.own_database for each in read_gitlab("x", b"a: {script: x, services: [redis]}")] == [False]


MAKEFILE = b"""\
TOOL = npx drizzle-kit
.PHONY: push all

all: build push  # everything
build:; cc x
push: check
\t@cd db && \\
\t  $(TOOL) push
\t-$(MAKE) again X=$(Y) Z=$$HOME
check again: ; @true
"""


def test_make_gives_each_line_a_shell() -> None:
    made = read_makefile("db/Makefile", MAKEFILE)
    assert list(made.targets) == ["all", "build", "push", "check", "again"]
    assert list(made.targets["all"].needs) == ["build", "push"]
    first, second = made.targets["push"].lines
    assert placed(first, second) == [(7, "cd db"), (8, "npx drizzle-kit push"), (9, "make again X=$VARIABLE Z=$HOME")]
    assert [each.goes_on for each in (first, second)] == ["", "a `-` before it"]


@pytest.mark.parametrize("part", ["a ", "a:\n\\\n", "\\\n", "a = ", "a=\\\n ", "x: ; \\\n"])
def test_a_makefile_costs_in_proportion_to_its_length(part: str) -> None:
    assert growth(lambda size: read_makefile("Makefile", (part[0] + part[1:] * size + "#\n").encode()), 2_000) < LINEAR


def test_a_setting_and_a_rule_lose_the_blanks_around_them() -> None:
    made = read_makefile("Makefile", b"T  :=  a b   # c\nx   y : z # d\n\t$(T)c\n")
    assert ({*made.targets}, [*made.targets["x"].needs]) == ({"x", "y"}, ["z"])
    assert placed(*made.targets["x"].lines) == [(3, "a bc")]


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("vercel.json", '{\n\t"buildCommand": "x"\n}', [(2, "x", Starter.BUILD)]),
        ("app.json", json.dumps({"scripts": {"postdeploy": "x"}}), [(1, "x", Starter.DEPLOY)]),
        ("railway.json", '{"deploy": {"preDeployCommand": ["x"]}}', [(1, "x", Starter.DEPLOY)]),
        ("render.yaml", "services:\n  - startCommand: x\n", [(2, "x", Starter.START)]),
        ("render.yaml", "services:\n  - dockerCommand: x\n", [(2, "x", Starter.START)]),
        ("railway.toml", '[deploy]\nstartCommand = "x"', [(2, "x", Starter.START)]),
        ("netlify.toml", '[build]\ncommand = "x"\n[dev]\ncommand = "y"', [(2, "x", Starter.BUILD)]),
        ("fly.toml", '[deploy]\nrelease_command = "x"\n[processes]\napp = "y"', [(2, "x", "D"), (4, "y", "S")]),
        ("nixpacks.toml", '[phases.build]\ncmds = ["x"]\n[start]\ncmd = "y"', [(2, "x", "B"), (4, "y", "S")]),
        ("wrangler.toml", '[vars]\ncommand = "v"\n[env.p.build]\ncommand = "x"', [(4, "x", Starter.BUILD)]),
        ("wrangler.jsonc", '{ // c\n"build": {\n"command": "x", "cwd": "../"}}', [(3, "x", Starter.BUILD)]),
        ("Procfile", "# c\nrelease: x\nweb: y", [(2, "x", Starter.DEPLOY), (3, "y", Starter.START)]),
    ],
)
def test_a_platform_runs_what_it_is_told(path: str, content: str, expected: list[tuple[int, str, str]]) -> None:
    short = {"D": Starter.DEPLOY, "S": Starter.START, "B": Starter.BUILD}
    found = read_platform(path, content.encode())
    assert [(each.line, each.text, each.started_by) for each in found] == [
        (line, text, short.get(starter, starter)) for line, text, starter in expected
    ]


def test_wrangler_builds_where_it_is_told() -> None:
    told = b'[build]\ncommand = "x"\ncwd = "../web"\n[env]\np = 1'
    assert [each.directory for each in read_platform("workers/a/wrangler.toml", told)] == ["workers/web"]


def test_what_wrangler_builds_for_a_person_is_that_persons() -> None:
    each = {name: {"build": {"command": "x"}} for name in ("dev", "local", "preview", "production", "devices")}
    told = b"\xef\xbb\xbf" + json.dumps({"build": {"command": "x"}, "env": each}).encode()
    build = Starter.BUILD
    found = [one.started_by for one in read_platform("wrangler.jsonc", told)]
    assert found == [build, None, None, build, build, build]


@pytest.mark.parametrize("path", ["vercel.json", "render.yaml", "fly.toml", "wrangler.json", "Procfile"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[[", b'buildCommand = "'])
def test_a_platforms_file_that_cannot_be_read_has_none(path: str, content: bytes) -> None:
    assert placed(*read_platform(path, content)) == []
