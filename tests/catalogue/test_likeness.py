"""Whether a target is what a folder builds, told from catalogues alone."""

from collections.abc import Mapping

import pytest

from migcheck.postgres.catalogue import Catalogue, Key
from migcheck.postgres.catalogue.likeness import Likeness, likeness

Things = Mapping[str, tuple[str, ...]]

BLANK = {"schema public": (), "grant on schema public to public": ("usage",)}
USERS: Things = {"table public.users": (), "column public.users.id": ("integer", "not null")}


def catalogue(things: Things) -> Catalogue:
    """Of each thing the last word but those behind `to` is its name, what is before it its kind."""
    return Catalogue({_key(told): parts for told, parts in things.items()})


def _key(told: str) -> Key:
    kind, _, identity = told.partition(" public") if " public" in told else told.rpartition(" ")
    return Key(f"public{identity}" if " public" in told else identity, kind)


def like(target: Things, built: Things = USERS, later: Things | None = None) -> Likeness:
    after = catalogue(later or {}).things.keys()
    return likeness(catalogue(BLANK), catalogue({**BLANK, **built}), after, catalogue(target))


def test_what_the_migrations_build_is_alike() -> None:
    assert like(USERS) == Likeness(())


def test_what_the_target_lacks_has_more_and_has_otherwise() -> None:
    target = {
        "table public.users": ("row level security",),
        "column public.users.age": ("integer",),
    }
    assert like(target).lines == (
        "~ table public.users: + row level security",
        "+ column public.users.age integer",
        "- column public.users.id integer not null",
    )


@pytest.mark.parametrize(
    "more",
    [
        {"constraint public.users.once": ("UNIQUE (id)",)},
        {"trigger public.users.touch": ("CREATE TRIGGER touch",)},
        {"policy public.users.own": ("for all",)},
        {"rule public.users.no": ("CREATE RULE no",)},
        {"index public.by_id": ("CREATE INDEX by_id ON public.users USING btree (id)",)},
        {"sequence public.users_id_seq": ("as integer", "owned by public.users.id")},
        {"sequence public.users_id_seq": ("as integer", "identity of public.users.id")},
    ],
    ids=lambda more: next(iter(more)).replace(" public", ""),
)
def test_what_is_more_on_a_table_of_the_folder_is_a_difference(more: Things) -> None:
    assert [line[0] for line in like({**USERS, **more}).lines] == ["+"]


def test_a_table_of_the_targets_own_is_told_and_no_difference() -> None:
    own = {
        "table public.legacy": (),
        "column public.legacy.id": ("integer",),
        "column order public.legacy": ("id",),
        "index public.legacy_by_id": ("CREATE INDEX legacy_by_id ON public.legacy USING btree (id)",),
        "sequence public.legacy_id_seq": ("owned by public.legacy.id",),
        "view public.report": ("as SELECT 1;",),
    }
    assert like({**USERS, **own}) == Likeness((), alone=("table public.legacy", "view public.report"))


def test_a_table_that_only_begins_like_one_of_the_folders_is_the_targets_own() -> None:
    own = {'table public."users.old"': (), 'column public."users.old".id': ("integer",)}
    assert like({**USERS, **own}) == Likeness((), alone=('table public."users.old"',))


def test_other_schemas_and_what_a_provider_brings_are_nobodys_business() -> None:
    others = {
        "schema auth": (),
        "table auth.sessions": (),
        "extension pg_stat_statements": ("version 1.10",),
        "publication all": ("for all tables",),
        "comment on table public.users": ("'people'",),
        "grant on table public.users to readers": ("select",),
        "event trigger audit": ("on ddl_command_end",),
    }
    assert like({**USERS, **others}) == Likeness(())


def test_what_was_there_before_the_migrations_is_not_compared() -> None:
    assert like({**USERS, "schema public": ("owner pg_database_owner",)}) == Likeness(())


def test_what_a_later_migration_makes_is_a_difference() -> None:
    later = {"table public.tags": (), "column public.tags.id": ("integer",), "extension citext": ()}
    assert like(USERS, later=later) == Likeness(())
    target = {**USERS, "table public.tags": (), "extension citext": ("version 1.6",)}
    assert like(target, later=later).lines == ("+ extension citext", "+ table public.tags")


def test_of_a_table_that_is_missing_each_column_is_not_told() -> None:
    built = {**USERS, "index public.by_id": ("CREATE INDEX by_id ON ONLY public.users USING btree (id)",)}
    assert like({}, built).lines == ("- table public.users",)


def test_the_order_of_columns_is_no_difference() -> None:
    built = {**USERS, "column order public.users": ("id", "name")}
    assert like({**USERS, "column order public.users": ("name", "id")}, built) == Likeness(())


def test_another_owner_is_told_and_no_difference() -> None:
    target = {**USERS, "table public.users": ("owner postgres",)}
    assert like(target) == Likeness((), owners=("postgres",))


def test_a_line_of_a_body_is_no_owner() -> None:
    built = {"function public.f()": ("CREATE FUNCTION", "owner one")}
    assert like({"function public.f()": ("CREATE FUNCTION", "owner two")}, built) == Likeness(
        ("~ function public.f(): owner one -> owner two",)
    )
    assert like({"function public.f()": ("owner app", "CREATE FUNCTION", "owner one")}, built).owners == ("app",)


def test_an_extension_is_there_in_whatever_version() -> None:
    built = {"extension citext": ("version 1.6", "in public")}
    assert like({"extension citext": ("version 1.4", "in extensions")}, built) == Likeness(())
    assert like({}, built).lines == ("- extension citext",)


def test_what_was_granted_may_be_granted_with_more() -> None:
    built = {"grant on table public.users to readers": ("select",)}
    assert like({"grant on table public.users to readers": ("select by admin, update",)}, built) == Likeness(())
    assert like({"grant on table public.users to readers": ("update",)}, built).lines == (
        "~ grant on table public.users to readers: select -> update",
    )


def test_what_the_migrations_took_away_must_be_gone() -> None:
    after = catalogue(USERS)
    seen = likeness(catalogue(BLANK), after, frozenset(), catalogue({**BLANK, **USERS}))
    assert seen.lines == ("+ schema public", "+ grant on schema public to public usage")


def test_a_table_that_migrations_only_change_may_have_more() -> None:
    """Such as auth.users of Supabase, of which scratch has no more than migrations refer to."""
    blank = {"table auth.users": (), "column auth.users.id": ("uuid",)}
    built = {**blank, "trigger auth.users.made": ("CREATE TRIGGER made",), "table auth.users": ("row level security",)}
    target = {**built, "column auth.users.email": ("text",)}
    assert likeness(catalogue(blank), catalogue(built), frozenset(), catalogue(target)) == Likeness(())
