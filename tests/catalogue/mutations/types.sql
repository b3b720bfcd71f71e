ALTER TYPE app.mood ADD VALUE 'angry';
--> ~ enum app.mood: ('happy', 'sad') -> ('happy', 'sad', 'angry')

ALTER TYPE app.mood ADD VALUE 'angry' BEFORE 'sad';
--> ~ enum app.mood: ('happy', 'sad') -> ('happy', 'angry', 'sad')

ALTER TYPE app.mood RENAME VALUE 'sad' TO 'blue';
--> ~ enum app.mood: ('happy', 'sad') -> ('happy', 'blue')

ALTER TYPE app.mood RENAME TO feeling;
--> + enum app.feeling ('happy', 'sad')
--> - enum app.mood ('happy', 'sad')
--> ~ column app.users.mood: app.mood -> app.feeling

CREATE TYPE app.color AS ENUM ('red');
--> + enum app.color ('red')

ALTER DOMAIN app.email DROP CONSTRAINT has_at;
--> - domain constraint app.email.has_at CHECK ((VALUE ~~ '%@%'::text))

ALTER DOMAIN app.email ADD CONSTRAINT short CHECK (length(VALUE) < 9) NOT VALID;
--> + domain constraint app.email.short CHECK ((length(VALUE) < 9)) NOT VALID

ALTER DOMAIN app.email SET NOT NULL;
--> ~ domain app.email: + not null

ALTER DOMAIN app.email SET DEFAULT 'a@b';
--> ~ domain app.email: + default 'a@b'::text

CREATE DOMAIN app.code AS varchar(3) COLLATE "C";
--> + domain app.code character varying(3) collate "C"

ALTER TYPE app.size ADD ATTRIBUTE depth integer;
--> + attribute app.size.depth integer

ALTER TYPE app.size ALTER ATTRIBUTE height TYPE bigint;
--> ~ attribute app.size.height: integer -> bigint

DROP TYPE app.span;
--> - range app.span subtype integer subtype operator class pg_catalog.int4_ops multirange app.span_multirange

DROP TYPE app.span; CREATE TYPE app.span AS RANGE (subtype = bigint);
--> ~ range app.span: subtype integer -> subtype bigint
--> ~ range app.span: subtype operator class pg_catalog.int4_ops -> subtype operator class pg_catalog.int8_ops

CREATE TYPE app.later;
--> + type app.later shell

CREATE TYPE app.blob; CREATE FUNCTION app.blob_in(cstring) RETURNS app.blob LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION app.blob_out(app.blob) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE app.blob (input = app.blob_in, output = app.blob_out);
--> + type app.blob length -1, by value f, input app.blob_in, output app.blob_out, receive -, send -, modifier input -, modifier output -, analyze -, subscript -, storage p, alignment i, category U, preferred f, delimiter ,, collation
--> + function app.blob_in(cstring) CREATE OR REPLACE FUNCTION app.blob_in(cstring) RETURNS app.blob LANGUAGE internal IMMUTABLE STRICT AS $function$textin$function$
--> + function app.blob_out(app.blob) CREATE OR REPLACE FUNCTION app.blob_out(app.blob) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS $function$textout$function$

CREATE SEQUENCE app.invoices AS integer;
--> + sequence app.invoices as integer start 1 increment 1 minvalue 1 maxvalue 2147483647 cache 1

ALTER SEQUENCE app.tickets INCREMENT 5 CACHE 10 CYCLE;
--> ~ sequence app.tickets: increment 1 -> increment 5
--> ~ sequence app.tickets: cache 1 -> cache 10
--> ~ sequence app.tickets: + cycle

ALTER SEQUENCE app.tickets OWNED BY app.users.age;
--> ~ sequence app.tickets: + owned by app.users.age

ALTER SEQUENCE app.users_legacy_seq OWNED BY NONE;
--> ~ sequence app.users_legacy_seq: - owned by app.users.legacy

DROP SEQUENCE app.tickets;
--> - sequence app.tickets as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1

CREATE OR REPLACE VIEW app.authors AS SELECT u.id, u.email FROM app.users u JOIN app.posts p ON p.id = u.id;
--> ~ view app.authors: JOIN app.posts p ON ((p.author = u.id))); -> JOIN app.posts p ON ((p.id = u.id)));

ALTER VIEW app.authors SET (security_barrier = true);
--> ~ view app.authors: + with (security_barrier=true)

ALTER VIEW app.authors ALTER COLUMN email SET DEFAULT 'x';
--> ~ column app.authors.email: + default 'x'::character varying

CREATE VIEW app.names WITH (security_invoker = true) AS SELECT u.name FROM app.users u, app.posts p;
--> + view app.names with (security_invoker=true) as SELECT u.name FROM app.users u, app.posts p;
--> + column app.names.name text

DROP VIEW app.authors;
--> - view app.authors as SELECT u.id, u.email FROM (app.users u JOIN app.posts p ON ((p.author = u.id)));
--> - column app.authors.email character varying(100)
--> - column app.authors.id integer

REFRESH MATERIALIZED VIEW app.totals WITH NO DATA;
--> ~ materialized view app.totals: + not populated

CREATE UNIQUE INDEX totals_idx ON app.totals (posts);
--> + index app.totals_idx CREATE UNIQUE INDEX totals_idx ON app.totals USING btree (posts)

DROP MATERIALIZED VIEW app.totals;
--> - materialized view app.totals as SELECT count(*) AS posts FROM app.posts;
--> - column app.totals.posts bigint

CREATE COLLATION app.other FROM "POSIX";
--> + collation app.other provider libc collate POSIX ctype POSIX

DROP COLLATION app.plain;
--> - collation app.plain provider libc collate C ctype C

DROP CONVERSION app.latin;
--> - conversion app.latin for LATIN1 to UTF8 from iso8859_1_to_utf8(integer,integer,cstring,internal,integer,boolean)

CREATE DEFAULT CONVERSION app.latin2 FOR 'LATIN2' TO 'UTF8' FROM iso8859_to_utf8;
--> + conversion app.latin2 for LATIN2 to UTF8 from iso8859_to_utf8(integer,integer,cstring,internal,integer,boolean) default

ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR asciiword WITH app.words;
--> ~ text search configuration app.search: + asciiword with app.words

ALTER TEXT SEARCH DICTIONARY app.words (accept = false);
--> ~ text search dictionary app.words: + accept = 'false'

CREATE TEXT SEARCH PARSER app.splitter (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
--> + text search parser app.splitter start prsd_start, token prsd_nexttoken, end prsd_end, headline -, types prsd_lextype

CREATE TEXT SEARCH TEMPLATE app.model (lexize = dsimple_lexize);
--> + text search template app.model init -, lexize dsimple_lexize
