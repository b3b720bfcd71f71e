"""The roles that a provider brings: made on scratch, because no migration makes them.

Source: drizzle-kit 0.31 `prepareRoles`, which leaves these out of what it generates for `entities.roles.provider`.
"""

from migcheck.config import Provider

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


def provider_prelude(provider: Provider | None) -> str:
    """SQL that makes the provider's roles, without a right and a login; those that the server has stay as they are."""
    return "".join(
        f"do $$ begin create role {role} nologin; exception when duplicate_object or unique_violation then null; "
        "end $$;\n"
        for role in (ROLES[provider] if provider else ())
    )
