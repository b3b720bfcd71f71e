CREATE ROLE reader_of_app; GRANT SELECT, INSERT ON app.users TO reader_of_app;
--> + grant on table app.users to reader_of_app insert, select

CREATE ROLE reader_of_app; GRANT SELECT ON app.users TO reader_of_app WITH GRANT OPTION;
--> + grant on table app.users to reader_of_app select with grant option

CREATE ROLE reader_of_app; GRANT SELECT (email) ON app.users TO reader_of_app;
--> + grant on column app.users.email to reader_of_app select

CREATE ROLE reader_of_app; GRANT USAGE ON SCHEMA app TO reader_of_app;
--> + grant on schema app to reader_of_app usage

GRANT SELECT ON app.authors TO PUBLIC;
--> + grant on table app.authors to public select

GRANT USAGE ON SEQUENCE app.tickets TO PUBLIC;
--> + grant on sequence app.tickets to public usage

REVOKE EXECUTE ON FUNCTION app.twice FROM PUBLIC;
--> + revoke on function app.twice(integer) from public execute

CREATE ROLE reader_of_app; GRANT USAGE ON TYPE app.mood TO reader_of_app;
--> + grant on type app.mood to reader_of_app usage

CREATE ROLE reader_of_app; GRANT CREATE ON SCHEMA public TO reader_of_app;
--> + grant on schema public to reader_of_app create

REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
--> + revoke on language sql from public usage

CREATE ROLE reader_of_app; GRANT USAGE ON FOREIGN DATA WRAPPER elsewhere TO reader_of_app;
--> + grant on foreign data wrapper elsewhere to reader_of_app usage

CREATE ROLE reader_of_app; GRANT USAGE ON FOREIGN SERVER remote TO reader_of_app;
--> + grant on foreign server remote to reader_of_app usage

DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database()); END $$;
--> + grant on database to public create

CREATE ROLE reader_of_app; GRANT SELECT ON app.users TO reader_of_app WITH GRANT OPTION; GRANT USAGE ON SCHEMA app TO reader_of_app; SET ROLE reader_of_app; GRANT SELECT ON app.users TO PUBLIC; RESET ROLE;
--> + grant on schema app to reader_of_app usage
--> + grant on table app.users to public select by reader_of_app
--> + grant on table app.users to reader_of_app select with grant option

ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
--> + grant on future tables of $owner in app to public select

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
--> + revoke on future functions of $owner from public execute

CREATE ROLE other; ALTER TABLE app.users OWNER TO other;
--> ~ table app.users: + owner other
--> ~ sequence app.users_id_seq: + owner other
--> ~ sequence app.users_legacy_seq: + owner other

CREATE ROLE other; ALTER SCHEMA app OWNER TO other;
--> ~ schema app: + owner other

CREATE ROLE other; ALTER FUNCTION app.twice OWNER TO other;
--> ~ function app.twice(integer): + owner other

CREATE ROLE other; ALTER TYPE app.mood OWNER TO other;
--> ~ enum app.mood: + owner other

CREATE ROLE other; ALTER VIEW app.authors OWNER TO other;
--> ~ view app.authors: + owner other

CREATE ROLE other; ALTER SEQUENCE app.tickets OWNER TO other;
--> ~ sequence app.tickets: + owner other

COMMENT ON TABLE app.users IS 'Everybody';
--> ~ comment on table app.users: 'People' -> 'Everybody'

COMMENT ON TABLE app.users IS NULL;
--> - comment on table app.users 'People'

COMMENT ON COLUMN app.users.email IS E'Mail\nof \x1b[31mred';
--> + comment on column app.users.email 'Mail of \x1b[31mred'

COMMENT ON CONSTRAINT adult ON app.users IS 'No minors';
--> + comment on constraint adult on app.users 'No minors'

COMMENT ON INDEX app.users_email_idx IS 'One mail each';
--> + comment on index app.users_email_idx 'One mail each'

COMMENT ON FUNCTION app.twice IS 'Doubles';
--> + comment on function app.twice(integer) 'Doubles'

COMMENT ON SCHEMA app IS 'All of it';
--> + comment on schema app 'All of it'

COMMENT ON SCHEMA public IS 'Nobody''s';
--> ~ comment on schema public: 'standard public schema' -> 'Nobody''s'

COMMENT ON TRIGGER users_touch ON app.users IS 'Touch';
--> + comment on trigger users_touch on app.users 'Touch'

COMMENT ON POLICY own_rows ON app.users IS 'Own';
--> + comment on policy own_rows on app.users 'Own'

COMMENT ON TYPE app.mood IS 'Mood';
--> + comment on type app.mood 'Mood'

DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''Ours''', current_database()); END $$;
--> + comment on database 'Ours'

DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''UTC''', current_database()); END $$;
--> + setting of the database TimeZone=UTC

DO $$ BEGIN EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET work_mem = ''8MB''', current_database()); END $$;
--> + setting of $owner in the database work_mem=8MB

ALTER PUBLICATION news SET (publish = 'insert');
--> ~ publication news: publish insert, update, delete, truncate -> publish insert

ALTER PUBLICATION news SET TABLE app.users (id, email) WHERE (id > 1);
--> ~ published table news app.users: + columns id, email
--> ~ published table news app.users: + where (id > 1)

ALTER PUBLICATION news ADD TABLE app.posts;
--> + published table news app.posts

CREATE PUBLICATION everything FOR ALL TABLES;
--> + publication everything for all tables publish insert, update, delete, truncate

CREATE PUBLICATION whole FOR TABLES IN SCHEMA app;
--> + publication whole publish insert, update, delete, truncate
--> + published schema whole app

DROP PUBLICATION news;
--> - publication news publish insert, update, delete, truncate
--> - published table news app.users

ALTER SERVER remote OPTIONS (ADD host 'far.example');
--> ~ foreign server remote: + options (host=far.example)

ALTER FOREIGN DATA WRAPPER elsewhere OPTIONS (ADD debug 'true');
--> ~ foreign data wrapper elsewhere: + options (debug=true)

CREATE SERVER other TYPE 'x' VERSION '2' FOREIGN DATA WRAPPER elsewhere;
--> + foreign server other wrapper elsewhere type 'x' version '2'

CREATE USER MAPPING FOR PUBLIC SERVER remote OPTIONS (user 'me', password 'secret');
--> + user mapping for public server remote options (password, user)

ALTER FOREIGN TABLE app.far OPTIONS (ADD name 'x');
--> ~ foreign table app.far: + options (name=x)

ALTER FOREIGN TABLE app.far ALTER COLUMN id OPTIONS (ADD key 'true');
--> ~ column app.far.id: + options (key=true)

DROP FOREIGN TABLE app.far;
--> - foreign table app.far server remote
--> - column app.far.id integer

SELECT lo_create(4242); COMMENT ON LARGE OBJECT 4242 IS 'Logo'; GRANT SELECT ON LARGE OBJECT 4242 TO PUBLIC;
--> + comment on large object 4242 'Logo'
--> + grant on large object 4242 to public select

CREATE SUBSCRIPTION copy CONNECTION 'password=secret' PUBLICATION news WITH (connect = false);
--> + subscription copy to news disabled

INSERT INTO pg_seclabel VALUES ('app.users'::regclass, 'pg_class'::regclass, 0, 'guard', 'classified');
--> + security label on table app.users guard 'classified'

DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 7', current_database()); END $$;
--> ~ database: + connection limit 7
