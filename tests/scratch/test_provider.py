"""What a provider brings on scratch: there for every migration, and no fault where the server has it already."""

import psycopg
import pytest
from tests.support.servers import Servers, Which

from migcheck.config.config import Provider, ScratchConfig
from migcheck.postgres.scratch.provider import ROLES, provider_prelude, provider_search_path

pytestmark = pytest.mark.server


@pytest.mark.parametrize("provider", ROLES)
def test_the_roles_are_there_and_can_do_nothing(own_servers: Servers, provider: Provider) -> None:
    twice = provider_prelude(provider) * 2
    with own_servers.another("dsn", 17, prelude=twice) as server:
        server.create_database("app")
        with server.connect("app") as session:
            query = "select rolname from pg_roles where rolname = any(%s) and not (rolcanlogin or rolsuper)"
            there = {str(name) for (name,) in session.execute(query, (list(ROLES[provider]),))}
    assert there == set(ROLES[provider])
    with own_servers.another("dsn", 17) as server:
        server.create_database("app")
        with server.connect("app") as session:
            left = session.execute("select from pg_roles where rolname = any(%s)", (list(ROLES[provider]),)).fetchall()
    assert left == []


# What drizzle-kit writes for a schema with `authUsers` and policies, and what is written by hand beside it.
SUPABASE = """
create table profiles (id uuid primary key references auth.users (id) on delete cascade, name text);
alter table profiles enable row level security;
create policy own on profiles to "authenticated" using ((select auth.uid()) = id and auth.role() = 'authenticated');
create function handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles values (new.id, new.raw_user_meta_data ->> 'name');
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users for each row execute function public.handle_new_user();
insert into auth.users (id, email, raw_user_meta_data)
  values ('00000000-0000-0000-0000-000000000001', 'a@example.org', '{"name": "Ada"}');
create view members as select name, email, auth.jwt() from profiles join auth.users using (id);
insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true);
create policy avatars on storage.objects for insert to anon with check ((storage.foldername(name))[1] = 'avatars');
create policy listen on realtime.messages for select to authenticated using (realtime.topic() = 'room');
alter publication supabase_realtime add table profiles;
"""


def test_an_owner_may_refer_to_what_supabase_brings(any_kind: Which, servers: Servers) -> None:
    with servers.another(*any_kind, prelude=provider_prelude("supabase") * 2) as server:
        server.create_database("app")
        with server.connect("app") as session:
            session.execute(SUPABASE)
            assert session.execute("select name, email from members").fetchall() == [("Ada", "a@example.org")]
            for sql in ("alter table auth.users add column mine int", "create table auth.mine ()"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    session.execute(sql)


def test_extensions_of_supabase_are_on_the_search_path(servers: Servers) -> None:
    config = ScratchConfig(search_path=provider_search_path("supabase"))
    with servers.another("embedded", 17, config, prelude=provider_prelude("supabase")) as server:
        server.create_database("app")
        with server.connect("app") as session:
            session.execute("create table t (salt text default gen_salt('bf'))")
            found = session.execute(
                "select relnamespace::regnamespace::text from pg_class where relname = 't'"
            ).fetchall()
    assert found == [("public",)]


def test_without_a_provider_there_is_nothing_to_run() -> None:
    assert provider_prelude(None) == ""
