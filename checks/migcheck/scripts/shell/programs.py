"""Names of programs, by what they do with the words behind them."""


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


INERT = _set(
    "echo printf grep egrep rg rm cat ls git which type cp mv mkdir touch test [ curl wget sed awk head tail find "
    "chmod chown export unset alias cd exit return true false : read set trap tar zip jq eslint prettier biome "
    "vitest jest mocha playwright oxlint knip depcheck info warning error"
)
"""They name things and run none of them. By the last three make only says something: `$(error …)`."""
INSTALLS = _set("install i ci add remove rm uninstall un up update upgrade why view info ls list link outdated")
"""What a package manager does with packages, not with scripts."""
INSTALL_TESTS = {
    "npm": _set("it install-test cit install-ci-test clean-install-test sit"),
    "pnpm": _set("it install-test"),
}
"""What each manager has for an install with the tests behind it."""
MAKES = _set("make gmake")
MANAGERS = _set("npm pnpm yarn bun")
SHELLS = _set("sh bash dash ash zsh ksh")
RUNTIMES = SHELLS | _set(
    "node nodejs tsx ts-node ts-node-esm bun deno vite-node esno jiti sucrase-node babel-node nodemon pm2 pm2-runtime "
    "swc-node source . exec dumb-init tini"
)
"""They run the file that is named to them."""
VALUED = _set(
    "F filter C dir prefix cwd w workspace e f env-file log-level loglevel reporter concurrency c t target p projects "
    "output-logs"
)
"""Options of task runners that take a value, without dashes; of package managers not known any better as well."""
VALUED_OF = {
    "npm": _set("C prefix w workspace loglevel c call p package"),
    "pnpm": _set("F filter filter-prod C dir prefix cwd loglevel reporter workspace-concurrency resume-from package"),
    "yarn": _set("F filter C dir prefix cwd w workspace package include exclude from j jobs"),
    "bun": _set(
        "F filter C dir prefix cwd w workspace env-file e eval p print r preload require import d define l loader port "
        "shell elide-lines package"
    ),
}
"""The same of each package manager: what takes a value of one is a flag of another (`pnpm -c`, `npm -f`, `pnpm -w`)."""
