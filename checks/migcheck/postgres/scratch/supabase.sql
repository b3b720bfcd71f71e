-- What Supabase brings and migrations refer to, for a scratch database: its names, types and rights, and no behaviour.
--
-- Sources: supabase/postgres migrations/db/init-scripts (schemas, extensions, publication, usage) and supautils.conf
-- (policy_grants); the migrations of supabase/auth, supabase/storage and supabase/realtime for the tables.
--
-- There the role `postgres` runs migrations; here whoever owns the database does, who is in pg_database_owner. What is
-- there already stays as it is.

do $supabase$
declare
  wanted text;
begin
  if to_regnamespace('extensions') is null then
    create schema extensions;
    grant all on schema extensions to pg_database_owner;
    grant usage on schema extensions to anon, authenticated, service_role;
    -- A server without them can still run most folders.
    for wanted in select name from pg_available_extensions where name in ('pgcrypto', 'uuid-ossp') loop
      execute format('create extension if not exists %I with schema extensions', wanted);
    end loop;
  end if;
end $supabase$;

do $supabase$ begin
  if to_regnamespace('auth') is null then
    create schema auth;
    create table auth.users (
      instance_id uuid,
      id uuid primary key,
      aud varchar(255),
      role varchar(255),
      email varchar(255),
      encrypted_password varchar(255),
      email_confirmed_at timestamptz,
      invited_at timestamptz,
      last_sign_in_at timestamptz,
      raw_app_meta_data jsonb,
      raw_user_meta_data jsonb,
      is_super_admin boolean,
      created_at timestamptz,
      updated_at timestamptz,
      phone text unique,
      phone_confirmed_at timestamptz,
      confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
      banned_until timestamptz,
      is_sso_user boolean not null default false,
      deleted_at timestamptz,
      is_anonymous boolean not null default false
    );
    alter table auth.users enable row level security;
    create function auth.jwt() returns jsonb language sql stable
      as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
    create function auth.uid() returns uuid language sql stable as $$ select (auth.jwt() ->> 'sub')::uuid $$;
    create function auth.role() returns text language sql stable as $$ select auth.jwt() ->> 'role' $$;
    create function auth.email() returns text language sql stable as $$ select auth.jwt() ->> 'email' $$;
    grant usage on schema auth to pg_database_owner, anon, authenticated, service_role;
    grant all on auth.users to pg_database_owner;
  end if;
end $supabase$;

-- CREATE POLICY takes the table's owner. There an extension lets it through for storage and realtime; nothing but
-- ownership does here.
do $supabase$ begin
  if to_regnamespace('storage') is null then
    create schema storage;
    create table storage.buckets (
      id text primary key,
      name text not null unique,
      owner uuid,
      created_at timestamptz default now(),
      updated_at timestamptz default now(),
      public boolean default false,
      avif_autodetection boolean default false,
      file_size_limit bigint,
      allowed_mime_types text[],
      owner_id text
    );
    create table storage.objects (
      id uuid primary key default gen_random_uuid(),
      bucket_id text references storage.buckets,
      name text,
      owner uuid,
      created_at timestamptz default now(),
      updated_at timestamptz default now(),
      last_accessed_at timestamptz default now(),
      metadata jsonb,
      path_tokens text[] generated always as (string_to_array(name, '/')) stored,
      version text,
      owner_id text,
      user_metadata jsonb,
      unique (bucket_id, name)
    );
    create function storage.foldername(name text) returns text[] language sql immutable
      as $$ select trim_array(string_to_array(name, '/'), 1) $$;
    create function storage.filename(name text) returns text language sql immutable
      as $$ select split_part(name, '/', -1) $$;
    create function storage.extension(name text) returns text language sql immutable
      as $$ select split_part(storage.filename(name), '.', -1) $$;
    alter table storage.buckets enable row level security;
    alter table storage.objects enable row level security;
    grant usage on schema storage to pg_database_owner, anon, authenticated, service_role;
    grant create on schema storage to pg_database_owner; -- Whoever is given a table must be able to make one there.
    alter table storage.buckets owner to pg_database_owner;
    alter table storage.objects owner to pg_database_owner;
    revoke create on schema storage from pg_database_owner;
  end if;
end $supabase$;

do $supabase$ begin
  if to_regnamespace('realtime') is null then
    create schema realtime;
    create table realtime.messages (
      topic text not null,
      extension text not null,
      payload jsonb,
      event text,
      private boolean default false,
      updated_at timestamp not null default now(),
      inserted_at timestamp not null default now(),
      id uuid not null default gen_random_uuid(),
      primary key (id, inserted_at)
    ) partition by range (inserted_at);
    create function realtime.topic() returns text language sql stable
      as $$ select nullif(current_setting('realtime.topic', true), '') $$;
    alter table realtime.messages enable row level security;
    grant usage on schema realtime to pg_database_owner, anon, authenticated, service_role;
    grant create on schema realtime to pg_database_owner;
    alter table realtime.messages owner to pg_database_owner;
    revoke create on schema realtime from pg_database_owner;
  end if;
  if not exists (select from pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
    alter publication supabase_realtime owner to pg_database_owner;
  end if;
end $supabase$;
