-- One of each kind of thing that the mutations change.
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('happy', 'sad');
CREATE DOMAIN app.email AS text CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
CREATE TYPE app.address AS (street text, zip integer);
CREATE TYPE app.size AS (width integer, height integer);
CREATE TYPE app.span AS RANGE (subtype = integer);
CREATE SEQUENCE app.tickets;

CREATE TABLE app.users (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(100) NOT NULL,
    name text DEFAULT 'nobody',
    age integer,
    year integer GENERATED ALWAYS AS (2000 - age) STORED,
    mood app.mood,
    legacy serial,
    CONSTRAINT adult CHECK (age >= 18)
);
CREATE UNIQUE INDEX users_email_idx ON app.users (email);
CREATE INDEX users_lower_idx ON app.users (lower(name));
CREATE TABLE app.posts (
    id integer PRIMARY KEY,
    author integer NOT NULL CONSTRAINT posts_author_fk REFERENCES app.users (id),
    body text
);
CREATE TABLE app.events (id integer NOT NULL, happened date NOT NULL) PARTITION BY RANGE (happened);
CREATE TABLE app.events_2025 PARTITION OF app.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE app.events_2026 (id integer NOT NULL, happened date NOT NULL);
CREATE TABLE app.parent (id integer);
CREATE TABLE app.child (extra text) INHERITS (app.parent);

CREATE VIEW app.authors AS SELECT u.id, u.email FROM app.users u JOIN app.posts p ON p.author = u.id;
CREATE MATERIALIZED VIEW app.totals AS SELECT count(*) AS posts FROM app.posts;
CREATE STATISTICS app.users_stats (dependencies) ON age, name FROM app.users;

CREATE FUNCTION app.twice(n integer) RETURNS integer LANGUAGE sql AS $$
    select n * 2
$$;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION app.plus(integer, integer) RETURNS integer LANGUAGE sql AS 'select $1 + $2';
CREATE FUNCTION app.same_address(app.address, app.address) RETURNS boolean LANGUAGE sql AS 'select true';
CREATE FUNCTION app.as_text(app.address) RETURNS text LANGUAGE sql AS 'select ''here''';
CREATE PROCEDURE app.clean(days integer) LANGUAGE sql AS 'delete from app.posts';
CREATE AGGREGATE app.total(integer) (sfunc = app.plus, stype = integer, initcond = '0');
CREATE TRIGGER users_touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION app.watch();
CREATE RULE no_delete AS ON DELETE TO app.posts DO INSTEAD NOTHING;
CREATE POLICY own_rows ON app.users USING (id = 1);

CREATE OPERATOR app.=== (leftarg = app.address, rightarg = app.address, function = app.same_address);
CREATE OPERATOR FAMILY app.addresses USING hash;
CREATE OPERATOR CLASS app.address_ops FOR TYPE app.address USING hash FAMILY app.addresses AS OPERATOR 1 app.===;
CREATE CAST (app.address AS text) WITH FUNCTION app.as_text(app.address);
CREATE COLLATION app.plain FROM "C";
CREATE CONVERSION app.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY app.words (template = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION app.search (parser = pg_catalog."default");
CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER remote FOREIGN DATA WRAPPER elsewhere;
CREATE FOREIGN TABLE app.far (id integer) SERVER remote;
CREATE PUBLICATION news FOR TABLE app.users;
COMMENT ON TABLE app.users IS 'People';
