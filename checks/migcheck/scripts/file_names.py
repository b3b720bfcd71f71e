"""The names of the files that say what is run. Nothing but names: a hook asks for them before anything else."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from posixpath import basename, dirname

PACKAGE = "package.json"
GITLAB = ".gitlab-ci.yml"
GITHUBS = (".github", ".gitea", ".forgejo")
"""The directories of GitHub's workflows and of a repository's own actions, and what Gitea and Forgejo have for it."""
CIRCLECI = ".circleci/config.yml"
CIRCLECIS = (CIRCLECI, ".circleci/continue_config.yml")
"""The second is what a setup of the first goes on to, unless it is told of another."""
BITBUCKET = "bitbucket-pipelines.yml"
AZURES = ("azure-pipelines*.yml", "azure-pipelines*.yaml")
"""Pipelines of Azure, in any directory."""
AZURE_DIRECTORIES = (".azure-pipelines", "azure-pipelines", ".azuredevops")
"""At the top of the repository: in these they may be called anything."""
TRAVIS = ".travis.yml"
"""Nobody here reads it, nor what is next."""
DRONE = ".drone.yml"
WOODPECKERS = (".woodpecker.yml", ".woodpecker.yaml")
PIPELINE_DIRECTORIES = (".woodpecker", ".buildkite")
"""At the top of the repository: what is in them is of Woodpecker and of Buildkite, whatever it is called."""
JENKINSFILES = ("Jenkinsfile*", "*.Jenkinsfile", "*.jenkinsfile")
"""Pipelines of Jenkins, in any directory: programs of Groovy, which nobody here reads."""
ACTIONS = ("action.yml", "action.yaml")
"""A repository's own actions, in any directory: `uses: ./` is the one at its root."""
SHELL_ENDS = (".sh", ".bash")
POWERSHELL = ".ps1"
"""Nobody here reads it, nor TASKFILES and JUSTFILES."""
MAKEFILES = ("Makefile", "makefile", "GNUmakefile")
"""In the order of which the last is the one that make takes."""
TASKFILES = ("Taskfile.y*ml", "taskfile.y*ml", "Taskfile.dist.y*ml", "taskfile.dist.y*ml")
JUSTFILES = (".justfile", "JUSTFILE", "Justfile", "justfile", "*.just")
DENOS = ("deno.json", "deno.jsonc")
"""In the order in which deno takes them."""
TURBOS = ("turbo.json", "turbo.jsonc")
NX = "nx.json"
NX_PROJECT = "project.json"
"""What it says is Nx's where an nx.json stands above it."""
PNPM_LOCK = "pnpm-lock.yaml"
PNPM_WORKSPACE = "pnpm-workspace.yaml"
PLATFORMS = (
    "vercel.json",
    "app.json",
    "railway.json",
    "render.yaml",
    "railway.toml",
    "netlify.toml",
    "fly.toml",
    "nixpacks.toml",
    "wrangler.toml",
    "wrangler.json",
    "wrangler.jsonc",
    "Procfile",
)
HEROKU = "heroku.yml"
"""Nobody here reads it, nor what is next."""
BUILDSPECS = ("buildspec*.yml", "buildspec*.yaml")
AMPLIFYS = ("amplify.yml", "amplify.yaml")
CLOUD_BUILDS = ("cloudbuild*.yml", "cloudbuild*.yaml", "cloudbuild*.json")
BAKES = ("docker-bake*.hcl", "docker-bake*.json")
FLIES = ("fly.*.toml",)
"""Of several apps: `fly.toml` itself is read."""
DOCKERFILES = (
    "Dockerfile*",
    "dockerfile",
    "*.Dockerfile",
    "*.dockerfile",
    "Containerfile*",
    "*.Containerfile",
    "*.containerfile",
)
COMPOSES = ("*compose*.yml", "*compose*.yaml")
ENVIRONMENT = ".env"
"""What holds an environment. Compose reads it where it is called: it may name other files to take."""
NAMES = (
    PACKAGE,
    *(f"*{each}" for each in SHELL_ENDS),
    f"*{POWERSHELL}",
    *MAKEFILES,
    "*.mk",
    *TASKFILES,
    *JUSTFILES,
    *DENOS,
    *TURBOS,
    NX,
    NX_PROJECT,
    PNPM_WORKSPACE,
    *PLATFORMS,
    HEROKU,
    *BUILDSPECS,
    *AMPLIFYS,
    *CLOUD_BUILDS,
    *BAKES,
    *FLIES,
    *DOCKERFILES,
    *COMPOSES,
    ENVIRONMENT,
    *ACTIONS,
    *AZURES,
    *JENKINSFILES,
)
"""What they are called in any directory."""
TOPS = (GITLAB, BITBUCKET, *CIRCLECIS, TRAVIS, DRONE, *WOODPECKERS)
"""What they are called at the top of the repository."""
PATTERNS = (
    *TOPS,
    *(f"{directory}/*.{end}" for directory in (*AZURE_DIRECTORIES, *PIPELINE_DIRECTORIES) for end in ("yml", "yaml")),
    *(f"{each}/**/*.{end}" for each in GITHUBS for end in ("yml", "yaml")),
    *(f"**/{each}" for each in NAMES),
)
"""All of them, as git's globs from the top."""


def files_called(files: Mapping[str, bytes], name: str) -> Iterator[tuple[str, bytes]]:
    """Those of `files` that are called `name`, in any directory."""
    return ((path, content) for path, content in files.items() if basename(path) == name)


def has_jobs_of_its_own(path: str) -> bool:
    """Whether a job of CI in the file at `path` is another than one of that name elsewhere.

    Files of GitLab take one another in, and a name is one job's in all of them.
    """
    return is_of_github(path) or is_azure(path)


def is_of_github(path: str) -> bool:
    """Whether the file at `path` is one of GitHub's workflows, or of a repository's own actions."""
    return path.partition("/")[0] in GITHUBS and path.endswith((".yml", ".yaml"))


def is_azure(path: str) -> bool:
    """Whether the file at `path` is a pipeline of Azure, by its name."""
    named = any(fnmatchcase(basename(path), each) for each in AZURES)
    return named or (dirname(path) in AZURE_DIRECTORIES and path.endswith((".yml", ".yaml")))
