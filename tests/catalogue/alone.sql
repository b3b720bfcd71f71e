CREATE TABLE public.t ();
--> + table public.t

CREATE VIEW public.v AS SELECT 1 AS one;
--> + view public.v as SELECT 1 AS one;
--> + column public.v.one integer

CREATE MATERIALIZED VIEW public.m AS SELECT 1 AS one;
--> + materialized view public.m as SELECT 1 AS one;
--> + column public.m.one integer

CREATE SEQUENCE public.s;
--> + sequence public.s as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1

CREATE TYPE public.pair AS (one integer);
--> + composite type public.pair
--> + attribute public.pair.one integer

CREATE TYPE public.mood AS ENUM ('happy');
--> + enum public.mood ('happy')

CREATE TYPE public.shell;
--> + type public.shell shell

CREATE TYPE public.span AS RANGE (subtype = integer);
--> + range public.span subtype integer subtype operator class pg_catalog.int4_ops multirange public.span_multirange

CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0);
--> + domain public.positive integer
--> + domain constraint public.positive.positive_check CHECK ((VALUE > 0))

CREATE TABLE public.t (a integer PRIMARY KEY);
--> + table public.t
--> + column public.t.a integer not null
--> + constraint public.t.t_pkey PRIMARY KEY (a)

CREATE TABLE public.t (a integer); CREATE INDEX t_a ON public.t (a);
--> + table public.t
--> + column public.t.a integer
--> + index public.t_a CREATE INDEX t_a ON public.t USING btree (a)

CREATE TABLE public.t (a integer); CREATE POLICY mine ON public.t;
--> + table public.t
--> + column public.t.a integer
--> + policy public.t.mine for all to public

CREATE TABLE public.t (a integer); CREATE RULE none AS ON DELETE TO public.t DO INSTEAD NOTHING;
--> + table public.t
--> + rule public.t."none" CREATE RULE "none" AS ON DELETE TO public.t DO INSTEAD NOTHING;
--> + column public.t.a integer

CREATE TABLE public.t (a integer, b integer); CREATE STATISTICS public.both (dependencies) ON a, b FROM public.t;
--> + statistics public."both" CREATE STATISTICS public."both" (dependencies) ON a, b FROM public.t
--> + table public.t
--> + column public.t.a integer
--> + column public.t.b integer

CREATE TABLE public.t (a integer);
CREATE TRIGGER same BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
--> + table public.t
--> + column public.t.a integer
--> + trigger public.t.same CREATE TRIGGER same BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()

CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION public.watch();
--> + function public.watch() CREATE OR REPLACE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS $function$BEGIN END$function$
--> + event trigger watcher on ddl_command_end execute public.watch()

CREATE PROCEDURE public.nothing() LANGUAGE sql AS '';
--> + procedure public.nothing() CREATE OR REPLACE PROCEDURE public.nothing() LANGUAGE sql AS $procedure$$procedure$

CREATE AGGREGATE public.total(integer) (sfunc = int4pl, stype = integer);
--> + aggregate public.total(integer) returns integer arguments integer sfunc int4pl(integer,integer) stype integer

CREATE COLLATION public.plain FROM "C";
--> + collation public.plain provider libc collate C ctype C

CREATE CONVERSION public.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
--> + conversion public.latin for LATIN1 to UTF8 from iso8859_1_to_utf8(integer,integer,cstring,internal,integer,boolean)

CREATE TEXT SEARCH CONFIGURATION public.search (parser = "default");
--> + text search configuration public.search parser pg_catalog."default"

CREATE TEXT SEARCH DICTIONARY public.words (template = simple);
--> + text search dictionary public.words template pg_catalog.simple

CREATE TEXT SEARCH PARSER public.parser (
    start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype
);
--> + text search parser public.parser start prsd_start, token prsd_nexttoken, end prsd_end, headline -, types prsd_lextype

CREATE TEXT SEARCH TEMPLATE public.template (lexize = dsimple_lexize);
--> + text search template public.template init -, lexize dsimple_lexize

CREATE OPERATOR public.=== (leftarg = integer, rightarg = integer, function = int4eq);
--> + operator public.===(integer,integer) returns boolean function int4eq(integer,integer)

CREATE OPERATOR FAMILY public.numbers USING hash;
--> + operator family public.numbers using hash

CREATE OPERATOR CLASS public.places FOR TYPE point USING gist FAMILY point_ops AS STORAGE box;
--> + operator class public.places using gist for type point family pg_catalog.point_ops storage box

CREATE CAST (point AS text) WITH INOUT;
--> + cast (point as text) with inout explicit

CREATE LANGUAGE other HANDLER plpgsql_call_handler;
--> + language other handler plpgsql_call_handler()

CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler;
--> + access method other for tables handler heap_tableam_handler(internal)

CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
--> + transform for integer language sql from sql prsd_lextype(internal)

CREATE FOREIGN DATA WRAPPER elsewhere;
--> + foreign data wrapper elsewhere

CREATE PUBLICATION news;
--> + publication news publish insert, update, delete, truncate

CREATE SUBSCRIPTION news CONNECTION 'host=localhost' PUBLICATION news WITH (connect = false);
--> + subscription news to news disabled

ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
--> + grant on future tables of $owner to public select

GRANT CREATE ON SCHEMA public TO PUBLIC;
--> + grant on schema public to public create

DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database()); END $$;
--> + grant on database to public create

REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
--> + revoke on language sql from public usage

SELECT lo_create(4711); GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC;
--> + grant on large object 4711 to public select

CREATE TABLE public.t (a integer); GRANT SELECT ON public.t TO PUBLIC;
--> + table public.t
--> + grant on table public.t to public select
--> + column public.t.a integer

CREATE TABLE public.t (a integer); GRANT SELECT (a) ON public.t TO PUBLIC;
--> + table public.t
--> + column public.t.a integer
--> + grant on column public.t.a to public select

CREATE FUNCTION public.one() RETURNS integer LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION public.one FROM PUBLIC;
--> + function public.one() CREATE OR REPLACE FUNCTION public.one() RETURNS integer LANGUAGE sql AS $function$SELECT 1$function$
--> + revoke on function public.one() from public execute

CREATE TYPE public.mood AS ENUM ('happy'); REVOKE ALL ON TYPE public.mood FROM PUBLIC;
--> + enum public.mood ('happy')
--> + revoke on type public.mood from public usage

CREATE FOREIGN DATA WRAPPER elsewhere; GRANT USAGE ON FOREIGN DATA WRAPPER elsewhere TO PUBLIC;
--> + foreign data wrapper elsewhere
--> + grant on foreign data wrapper elsewhere to public usage

CREATE FOREIGN DATA WRAPPER elsewhere; CREATE SERVER remote FOREIGN DATA WRAPPER elsewhere;
GRANT USAGE ON FOREIGN SERVER remote TO PUBLIC;
--> + foreign data wrapper elsewhere
--> + foreign server remote wrapper elsewhere
--> + grant on foreign server remote to public usage
