"""What a provider brings and migrations refer to: made on scratch, because no migration makes it.

The roles are those of drizzle-kit 0.31 `prepareRoles`, which leaves them out of what it generates for
`entities.roles.provider`. `supabase.sql` has the rest of Supabase, and its sources.
"""

from migcheck.config.config import Provider

ROLES: dict[Provider, tuple[str, ...]] = {
    "neon": ("authenticated", "anonymous"),
    "supabase": (
        "anon",
        "authenticator",
        "authenticated",
        "service_role",
        "supabase_auth_admin",
        "supabase_storage_admin",
        "dashboard_user",
        "supabase_admin",
    ),
}
# Schemas, tables and a publication, as a server names those that it misses.
_OBJECTS: dict[Provider, tuple[str, ...]] = {
    "supabase": (
        "auth",
        "storage",
        "realtime",
        "auth.users",
        "storage.buckets",
        "storage.objects",
        "realtime.messages",
        "supabase_realtime",
    )
}
_SEARCH_PATHS: dict[Provider, str] = {"supabase": '"$user", public, extensions'}


def provider_prelude(provider: Provider | None) -> str:
    """SQL that makes the provider's roles, without a right and a login, and its objects; what is there stays."""
    if provider is None:
        return ""
    roles = "".join(
        f"do $$ begin create role {role} nologin; exception when duplicate_object or unique_violation then null; "
        "end $$;\n"
        for role in ROLES[provider]
    )
    return roles + (_supabase() if provider == "supabase" else "")


def provider_search_path(provider: Provider | None) -> str | None:
    """The search_path of the role that runs migrations there; None where it is PostgreSQL's own."""
    return _SEARCH_PATHS.get(provider) if provider else None


def providers_of(name: str) -> tuple[Provider, ...]:
    """Whose prelude makes the role, schema, table or publication `name`."""
    return tuple(each for each, roles in ROLES.items() if name in (*roles, *_OBJECTS.get(each, ())))


def _supabase() -> str:
    from importlib.resources import files  # noqa: PLC0415 - not needed offline

    return files(__package__).joinpath("supabase.sql").read_text(encoding="utf-8")
