CREATE FUNCTION app.half(n integer) RETURNS integer LANGUAGE sql AS 'select n / 2';
--> + function app.half(integer) CREATE OR REPLACE FUNCTION app.half(n integer) RETURNS integer LANGUAGE sql AS $function$select n / 2$function$

CREATE FUNCTION app.twice(n text) RETURNS text LANGUAGE sql AS 'select n || n';
--> + function app.twice(text) CREATE OR REPLACE FUNCTION app.twice(n text) RETURNS text LANGUAGE sql AS $function$select n || n$function$

DROP FUNCTION app.twice;
--> - function app.twice(integer) CREATE OR REPLACE FUNCTION app.twice(n integer) RETURNS integer LANGUAGE sql AS $function$ select n * 2 $function$

CREATE OR REPLACE FUNCTION app.twice(n integer) RETURNS integer LANGUAGE sql AS $$
    select n + n
$$;
--> ~ function app.twice(integer): select n * 2 -> select n + n

ALTER FUNCTION app.twice IMMUTABLE;
--> ~ function app.twice(integer): + IMMUTABLE

ALTER FUNCTION app.twice STRICT;
--> ~ function app.twice(integer): + STRICT

ALTER FUNCTION app.twice SECURITY DEFINER SET search_path = app;
--> ~ function app.twice(integer): + SECURITY DEFINER
--> ~ function app.twice(integer): + SET search_path TO 'app'

ALTER FUNCTION app.twice COST 5 PARALLEL SAFE;
--> ~ function app.twice(integer): + PARALLEL SAFE COST 5

CREATE FUNCTION app.rank2() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
--> + function app.rank2() CREATE OR REPLACE FUNCTION app.rank2() RETURNS bigint LANGUAGE internal WINDOW AS $function$window_row_number$function$

CREATE OR REPLACE PROCEDURE app.clean(days integer) LANGUAGE sql AS 'delete from app.users';
--> ~ procedure app.clean(integer): AS $procedure$delete from app.posts$procedure$ -> AS $procedure$delete from app.users$procedure$

DROP PROCEDURE app.clean;
--> - procedure app.clean(integer) CREATE OR REPLACE PROCEDURE app.clean(IN days integer) LANGUAGE sql AS $procedure$delete from app.posts$procedure$

CREATE OR REPLACE AGGREGATE app.total(integer) (sfunc = app.plus, stype = integer, initcond = '1');
--> ~ aggregate app.total(integer): initcond '0' -> initcond '1'

DROP AGGREGATE app.total(integer);
--> - aggregate app.total(integer) returns integer arguments integer sfunc app.plus(integer,integer) stype integer initcond '0'

CREATE TRIGGER posts_touch AFTER INSERT ON app.posts EXECUTE FUNCTION app.touch();
--> + trigger app.posts.posts_touch CREATE TRIGGER posts_touch AFTER INSERT ON app.posts FOR EACH STATEMENT EXECUTE FUNCTION app.touch()

DROP TRIGGER users_touch ON app.users;
--> - trigger app.users.users_touch CREATE TRIGGER users_touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch()

ALTER TABLE app.users DISABLE TRIGGER users_touch;
--> ~ trigger app.users.users_touch: + disabled

ALTER TABLE app.users ENABLE ALWAYS TRIGGER users_touch;
--> ~ trigger app.users.users_touch: + enabled always

CREATE OR REPLACE TRIGGER users_touch BEFORE UPDATE ON app.users FOR EACH ROW WHEN (NEW.age > 1) EXECUTE FUNCTION app.touch();
--> ~ trigger app.users.users_touch: CREATE TRIGGER users_touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch() -> CREATE TRIGGER users_touch BEFORE UPDATE ON app.users FOR EACH ROW WHEN ((new.age > 1)) EXECUTE FUNCTION app.touch()

CREATE CONSTRAINT TRIGGER late AFTER INSERT ON app.posts DEFERRABLE FOR EACH ROW EXECUTE FUNCTION app.touch();
--> + trigger app.posts.late CREATE CONSTRAINT TRIGGER late AFTER INSERT ON app.posts DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION app.touch()

CREATE TRIGGER events_touch BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
--> + trigger app.events.events_touch CREATE TRIGGER events_touch BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch()
--> + trigger app.events_2025.events_touch CREATE TRIGGER events_touch BEFORE INSERT ON app.events_2025 FOR EACH ROW EXECUTE FUNCTION app.touch() inherited

CREATE EVENT TRIGGER tables ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION app.watch();
--> + event trigger tables on sql_drop when tag in (DROP TABLE) execute app.watch()

ALTER EVENT TRIGGER watcher DISABLE;
--> ~ event trigger watcher: + disabled

DROP EVENT TRIGGER watcher;
--> - event trigger watcher on ddl_command_end execute app.watch()

CREATE RULE no_insert AS ON INSERT TO app.posts DO INSTEAD NOTHING;
--> + rule app.posts.no_insert CREATE RULE no_insert AS ON INSERT TO app.posts DO INSTEAD NOTHING;

ALTER TABLE app.posts DISABLE RULE no_delete;
--> ~ rule app.posts.no_delete: + disabled

DROP RULE no_delete ON app.posts;
--> - rule app.posts.no_delete CREATE RULE no_delete AS ON DELETE TO app.posts DO INSTEAD NOTHING;

CREATE POLICY adults ON app.users AS RESTRICTIVE FOR SELECT TO PUBLIC USING (age > 18);
--> + policy app.users.adults restrictive for select to public using ((age > 18))

ALTER POLICY own_rows ON app.users USING (id = 2) WITH CHECK (id > 1);
--> ~ policy app.users.own_rows: using ((id = 1)) -> using ((id = 2))
--> ~ policy app.users.own_rows: + with check ((id > 1))

CREATE ROLE reader_of_app; ALTER POLICY own_rows ON app.users TO reader_of_app;
--> ~ policy app.users.own_rows: to public -> to reader_of_app

DROP POLICY own_rows ON app.users;
--> - policy app.users.own_rows for all to public using ((id = 1))

DROP OPERATOR app.=== (app.address, app.address) CASCADE;
--> - operator app.===(app.address,app.address) returns boolean function app.same_address(app.address,app.address)
--> - operator class app.address_ops using hash for type app.address family app.addresses
--> ~ operator family app.addresses using hash: - operator 1 app.===(app.address,app.address)

CREATE OPERATOR app.+& (leftarg = integer, rightarg = integer, function = app.plus, commutator = OPERATOR(app.+&));
--> + operator app.+&(integer,integer) returns integer function app.plus(integer,integer) commutator app.+&(integer,integer)

ALTER OPERATOR app.=== (app.address, app.address) SET (RESTRICT = eqsel);
--> ~ operator app.===(app.address,app.address): + restrict eqsel(internal,oid,internal,integer)

ALTER OPERATOR FAMILY app.addresses USING hash ADD FUNCTION 1 (integer) hashint4(integer);
--> ~ operator family app.addresses using hash: + function 1 (integer, integer) hashint4(integer)

CREATE OPERATOR CLASS app.int_ops FOR TYPE integer USING btree AS STORAGE integer;
--> + operator class app.int_ops using btree for type integer family app.int_ops
--> + operator family app.int_ops using btree

DROP OPERATOR CLASS app.address_ops USING hash;
--> - operator class app.address_ops using hash for type app.address family app.addresses
--> ~ operator family app.addresses using hash: - operator 1 app.===(app.address,app.address)

DROP CAST (app.address AS text);
--> - cast (app.address as text) with function app.as_text(app.address) explicit

DROP CAST (app.address AS text); CREATE CAST (app.address AS text) WITH FUNCTION app.as_text(app.address) AS IMPLICIT;
--> ~ cast (app.address as text): explicit -> implicit

CREATE TRUSTED LANGUAGE other HANDLER plpgsql_call_handler;
--> + language other trusted handler plpgsql_call_handler()

DROP EXTENSION plpgsql CASCADE;
--> - function app.touch() CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $function$ BEGIN RETURN NEW; END $function$
--> - trigger app.users.users_touch CREATE TRIGGER users_touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch()
--> - function app.watch() CREATE OR REPLACE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS $function$ BEGIN END $function$
--> - extension plpgsql version 1.0 in pg_catalog
--> - event trigger watcher on ddl_command_end execute app.watch()

ALTER EXTENSION plpgsql UPDATE TO '1.0'; COMMENT ON EXTENSION plpgsql IS NULL; UPDATE pg_extension SET extversion = '1.1';
--> ~ extension plpgsql: version 1.0 -> version 1.1

CREATE ACCESS METHOD sorted TYPE INDEX HANDLER bthandler;
--> + access method sorted for indexes handler bthandler(internal)

CREATE TRANSFORM FOR app.address LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
--> + transform for app.address language sql from sql prsd_lextype(internal)
