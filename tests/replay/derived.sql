-- undo
select 1;
-- by

-- undo
create table tags (id int primary key);
-- by
DROP TABLE public.tags;

-- undo
create table tags (id int primary key);
alter table posts add column tag int references tags;
create index on posts (tag);
-- by
ALTER TABLE public.posts DROP COLUMN tag;
DROP TABLE public.tags;

-- undo
alter table users add column nick text;
-- by
ALTER TABLE public.users DROP COLUMN nick;

-- undo
alter table users add column old serial;
-- by
ALTER TABLE public.users DROP COLUMN old;

-- undo
alter table users alter column name set not null;
-- by
ALTER TABLE public.users ALTER COLUMN name DROP NOT NULL;

-- undo
alter table users alter column name drop default;
-- by
ALTER TABLE public.users ALTER COLUMN name SET DEFAULT 'nobody'::text;

-- undo
alter table posts alter column body type varchar(9);
-- by
ALTER TABLE public.posts ALTER COLUMN body TYPE text;

-- undo
drop index posts_body;
alter table posts alter column body type int using 1;
-- by
ALTER TABLE public.posts ALTER COLUMN body TYPE text;
CREATE INDEX posts_body ON public.posts USING btree (body) WHERE (body <> ''::text);

-- undo
alter table posts alter column id drop identity;
-- by
ALTER TABLE public.posts ALTER COLUMN id ADD generated always as identity (sequence name public.posts_id_seq start 1 increment 1 minvalue 1 maxvalue 2147483647 cache 1);

-- undo
drop index logs_body_idx;
-- by
CREATE INDEX logs_old_body_idx ON public.logs_old USING btree (body);
CREATE INDEX logs_body_idx ON public.logs USING btree (body);

-- undo
drop index of_many;
alter table many drop constraint many_pkey;
-- by
ALTER TABLE public.many ADD CONSTRAINT many_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX many_11_at_id_idx ON public.many_11 USING btree (at, id);
CREATE UNIQUE INDEX a_many_at_id_idx ON public.a_many USING btree (at, id);
CREATE UNIQUE INDEX of_many ON public.many USING btree (at, id);

-- undo
drop index a_of_all;
-- by
CREATE INDEX many_11_at_idx ON public.many_11 USING btree (at);
CREATE INDEX z_of_some ON public.a_many USING btree (at);
CREATE INDEX a_of_all ON public.many USING btree (at);

-- undo
drop index waiting;
-- by
CREATE INDEX waiting ON ONLY public.a_many USING btree (at, id);

-- undo
create index waited_for on many_11 (at, id);
alter index waiting attach partition waited_for;
-- by
DROP INDEX public.waiting;
CREATE INDEX waiting ON ONLY public.a_many USING btree (at, id);

-- undo
create index on logs (at);
-- by
DROP INDEX public.logs_at_idx;

-- undo
create unique index names on users (name);
-- by
DROP INDEX public.names;

-- undo
drop index posts_body;
-- by
CREATE INDEX posts_body ON public.posts USING btree (body) WHERE (body <> ''::text);

-- undo
alter table users drop constraint users_email_key;
-- by
ALTER TABLE public.users ADD CONSTRAINT users_email_key UNIQUE (email);

-- undo
alter table posts drop constraint posts_author_fkey;
alter table posts add constraint posts_author_fkey foreign key (author) references users on delete cascade;
-- by
ALTER TABLE public.posts DROP CONSTRAINT posts_author_fkey;
ALTER TABLE public.posts ADD CONSTRAINT posts_author_fkey FOREIGN KEY (author) REFERENCES public.users(id);

-- undo
alter type mood add value 'angry';
-- by
DROP INDEX public.users_mood;
ALTER TYPE public.mood RENAME TO "mood__old";
CREATE TYPE public.mood AS ENUM ('happy', 'sad');
ALTER TABLE public.users ALTER COLUMN mood DROP DEFAULT;
ALTER TABLE public.users ALTER COLUMN mood TYPE public.mood USING mood::text::public.mood;
ALTER TABLE public.users ALTER COLUMN mood SET DEFAULT 'happy'::public.mood;
DROP TYPE public."mood__old";
CREATE INDEX users_mood ON public.users USING btree (id) WHERE (mood <> 'sad'::public.mood);

-- undo
alter type mood rename value 'sad' to 'blue';
-- by
ALTER TYPE public.mood RENAME VALUE 'blue' TO 'sad';

-- undo
drop view authors;
-- by
CREATE VIEW public.authors AS
SELECT u.email
   FROM (public.users u
     JOIN public.posts p ON ((p.author = u.id)));

-- undo
create or replace function twice(n int) returns int language sql as 'select n + n';
-- by
CREATE OR REPLACE FUNCTION public.twice(n integer)
 RETURNS integer
 LANGUAGE sql
AS $function$select n * 2$function$;

-- undo
create schema s;
create table s.t (id int);
-- by
DROP TABLE s.t;
DROP SCHEMA s;

-- undo
create sequence more;
-- by
DROP SEQUENCE public.more;

-- undo
drop sequence tickets;
-- by
CREATE SEQUENCE public.tickets as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1;

-- undo
comment on table users is null;
-- by
COMMENT ON TABLE public.users IS 'People';

-- undo
comment on column users.name is 'x';
-- by
COMMENT ON COLUMN public.users.name IS NULL;

-- undo
alter table users disable row level security;
-- by
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

-- undo
drop policy own on users;
-- by
CREATE POLICY own ON public.users for select to public
using ((id = 1));

-- undo
grant select (name), update on users to public;
-- by
REVOKE update ON TABLE public.users FROM public;
REVOKE select (name) ON TABLE public.users FROM public;

-- undo
alter default privileges in schema public grant select, insert on tables to public;
alter default privileges revoke execute on functions from public;
-- by
ALTER DEFAULT PRIVILEGES GRANT execute ON FUNCTIONS TO public;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE insert, select ON TABLES FROM public;

-- undo
drop view authors;
drop table posts;
-- by
CREATE TABLE public.posts (
	id integer generated always as identity (sequence name public.posts_id_seq start 1 increment 1 minvalue 1 maxvalue 2147483647 cache 1) NOT NULL,
	author integer,
	body text
);
CREATE VIEW public.authors AS
SELECT u.email
   FROM (public.users u
     JOIN public.posts p ON ((p.author = u.id)));
CREATE INDEX posts_body ON public.posts USING btree (body) WHERE (body <> ''::text);
ALTER TABLE public.posts ADD CONSTRAINT posts_author_fkey FOREIGN KEY (author) REFERENCES public.users(id);

-- undo
alter table users drop column born cascade;
-- by
ALTER TABLE public.users ADD COLUMN born integer;
ALTER TABLE public.users ADD COLUMN age integer generated always as ((2026 - born)) stored;
ALTER TABLE public.users ADD CONSTRAINT users_born_check CHECK ((born > 1900));

-- undo
alter table logs detach partition logs_old;
-- by
ALTER TABLE public.logs ATTACH PARTITION public.logs_old FOR VALUES FROM (1) TO (10);

-- undo
create table logs_new (at int not null, body text);
alter table logs attach partition logs_new default;
-- by
DROP TABLE public.logs_new;

-- undo
alter table logs detach partition logs_old;
alter table logs_old add column more int;
alter table logs_old set unlogged;
-- by
ALTER TABLE public.logs_old DROP COLUMN more;
ALTER TABLE public.logs ATTACH PARTITION public.logs_old FOR VALUES FROM (1) TO (10);
ALTER TABLE public.logs_old SET LOGGED;

-- undo
alter table logs detach partition logs_old;
alter table logs attach partition logs_old for values from (1) to (99);
-- by
ALTER TABLE public.logs DETACH PARTITION public.logs_old;
ALTER TABLE public.logs ATTACH PARTITION public.logs_old FOR VALUES FROM (1) TO (10);

-- undo
alter table logs attach partition " FOR VALUES IN (3)" default;
-- by
ALTER TABLE public.logs DETACH PARTITION public." FOR VALUES IN (3)";
DROP INDEX public." FOR VALUES IN (3)_body_idx";

-- undo
alter table " FOR VALUES FROM (1)" detach partition "b.c";
-- by
ALTER TABLE public." FOR VALUES FROM (1)" ATTACH PARTITION public."b.c" FOR VALUES IN (3, 4);

-- undo
create table " new" (at int not null, body text) partition by range (at);
alter table " new" attach partition " FOR VALUES IN (3)" default;
-- by
ALTER TABLE public." new" DETACH PARTITION public." FOR VALUES IN (3)";
DROP TABLE public." new";

-- undo
alter table logs detach partition logs_old;
create table archive (like logs) partition by range (at);
alter table archive attach partition logs_old for values from (0) to (99);
-- by
ALTER TABLE public.archive DETACH PARTITION public.logs_old;
DROP TABLE public.archive;
ALTER TABLE public.logs ATTACH PARTITION public.logs_old FOR VALUES FROM (1) TO (10);

-- undo
alter table logs detach partition logs_old;
alter table logs_old rename column body to text;
alter table logs_old rename to archive;
-- by
ALTER TABLE public.archive RENAME TO logs_old;
ALTER TABLE public.logs_old RENAME COLUMN "text" TO "body";
ALTER TABLE public.logs ATTACH PARTITION public.logs_old FOR VALUES FROM (1) TO (10);

-- undo
alter table logs rename column body to text;
alter table logs_old rename to logs_1;
-- by
ALTER TABLE public.logs_1 RENAME TO logs_old;
ALTER TABLE public.logs RENAME COLUMN "text" TO "body";
