"""What a hostile migration may try: SQL and what the server must answer. Names in braces are filled in by the test.

`sqlstates` are the refusals; an empty tuple says that the SQL may pass, because what it does stays inside.
"""

from dataclasses import dataclass

DENIED = ("42501",)


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt. `since` is the first major that knows the statement."""

    name: str
    sql: str
    sqlstates: tuple[str, ...] = DENIED
    since: int = 15


PROGRAMS_AND_FILES = [
    Attack("program_reads", "CREATE TEMP TABLE t (x text); COPY t FROM PROGRAM 'cat {canary}'; TABLE t"),
    Attack("program_writes", "COPY (SELECT 'out') TO PROGRAM 'cat > {out}'"),
    Attack("program_in_function", "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {out}'''; END $$"),
    Attack("copy_from_file", "CREATE TEMP TABLE t (x text); COPY t FROM '{canary}'; TABLE t"),
    Attack("copy_to_file", "COPY (SELECT 'out') TO '{out}'"),
    Attack("read_file", "SELECT pg_read_file('{canary}')"),
    Attack("read_binary_file", "SELECT pg_read_binary_file('{canary}')"),
    Attack("read_password_file", "SELECT pg_read_file('/etc/passwd')"),
    Attack("list_directory", "SELECT pg_ls_dir('/')"),
    Attack("stat_file", "SELECT pg_stat_file('{canary}')"),
    Attack("large_object_import", "SELECT lo_import('{canary}')"),
    Attack("large_object_export", "SELECT lo_export(lo_from_bytea(0, 'out'), '{out}')"),
    Attack("hba_rules", "SELECT * FROM pg_hba_file_rules"),
    Attack("settings_of_files", "SELECT * FROM pg_file_settings"),
    Attack("tablespace", "CREATE TABLESPACE t LOCATION '/tmp'"),
    Attack("rotate_log", "SELECT pg_rotate_logfile()"),
]
CODE = [
    Attack("language_c", "CREATE FUNCTION f(cstring) RETURNS int LANGUAGE c AS 'libc.so.6', 'system'"),
    Attack("language_internal", "CREATE FUNCTION f(text) RETURNS text LANGUAGE internal AS 'pg_read_file_all'"),
    Attack("language_untrusted", "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS 'return 1'", ("42704",)),
    Attack("language_created", "CREATE LANGUAGE mine HANDLER plpgsql_call_handler"),
    Attack("load", "LOAD '/lib/x86_64-linux-gnu/libc.so.6'"),
    Attack("load_plugin", "LOAD '$libdir/plugins/auto_explain'", ("42501", "58P01")),
    Attack("preload_for_session", "SET session_preload_libraries = '/tmp/x.so'"),
    Attack("preload_for_database", "ALTER DATABASE {database} SET session_preload_libraries = '/tmp/x.so'"),
    Attack("preload_local", "SET local_preload_libraries = '/tmp/x.so'", ()),
    Attack("library_path", "SET dynamic_library_path = '/tmp'"),
    Attack("extension_with_files", "CREATE EXTENSION file_fdw", ("42501", "0A000", "58P01")),
    Attack("extension_with_files_adminpack", "CREATE EXTENSION adminpack", ("42501", "0A000", "58P01")),
    Attack("extension_with_untrusted_language", "CREATE EXTENSION plpython3u", ("42501", "0A000", "58P01")),
    Attack("extension_from_path", 'CREATE EXTENSION "../../../tmp/x"', ("22023",)),
    Attack("base_type", "CREATE TYPE t; CREATE FUNCTION i(cstring) RETURNS t LANGUAGE internal AS 'array_in'"),
    Attack("operator_class", "CREATE OPERATOR CLASS c DEFAULT FOR TYPE int4 USING btree AS OPERATOR 1 <"),
    Attack("access_method", "CREATE ACCESS METHOD m TYPE INDEX HANDLER bthandler"),
    Attack("text_search_parser", "CREATE TEXT SEARCH PARSER p (start = prsd_start, gettoken = prsd_nexttoken,"
           " end = prsd_end, lextypes = prsd_lextype)"),
    Attack("cast_without_function", "CREATE TYPE t AS (a int); CREATE CAST (t AS text) WITHOUT FUNCTION"),
]  # fmt: skip
ROLES = [
    Attack("superuser_self", "ALTER ROLE CURRENT_USER SUPERUSER"),
    Attack("superuser_other", "CREATE ROLE {prefix}evil SUPERUSER LOGIN"),
    Attack("replication_role", "CREATE ROLE {prefix}evil REPLICATION LOGIN"),
    Attack("grant_program", "GRANT pg_execute_server_program TO CURRENT_USER"),
    Attack("grant_read_files", "GRANT pg_read_server_files TO CURRENT_USER"),
    Attack("grant_write_files", "GRANT pg_write_server_files TO CURRENT_USER"),
    Attack("grant_program_to_new_role", "CREATE ROLE {prefix}evil IN ROLE pg_execute_server_program"),
    Attack("grant_subscription", "GRANT pg_create_subscription TO CURRENT_USER", since=16),
    Attack("grant_administrator", "GRANT migcheck_admin TO CURRENT_USER"),
    Attack("set_role", "SET ROLE migcheck_admin"),
    Attack("set_session_authorization", "SET SESSION AUTHORIZATION migcheck_admin"),
    Attack("set_role_by_config", "SELECT set_config('session_authorization', 'migcheck_admin', false)"),
    Attack("administrator_password", "ALTER ROLE migcheck_admin PASSWORD 'known'"),
    Attack("administrator_setting", "ALTER ROLE migcheck_admin SET search_path = public"),
    Attack("everyones_setting", "ALTER ROLE ALL SET search_path = public"),
    Attack("reassign_owned", "REASSIGN OWNED BY migcheck_admin TO CURRENT_USER"),
    Attack("drop_owned", "DROP OWNED BY migcheck_admin"),
    Attack("write_catalogue", "UPDATE pg_catalog.pg_authid SET rolsuper = true"),
    Attack("write_language", "UPDATE pg_catalog.pg_language SET lanpltrusted = true"),
    Attack("write_function", "UPDATE pg_catalog.pg_proc SET proacl = NULL"),
    Attack("catalogue_changes_allowed", "SET allow_system_table_mods = on"),
    Attack("security_definer_of_administrator", "ALTER FUNCTION pg_catalog.pg_read_file(text) SECURITY DEFINER"),
    Attack("execute_granted", "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO CURRENT_USER"),
    Attack("function_given_away", "CREATE FUNCTION f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1';"
           " ALTER FUNCTION f() OWNER TO migcheck_admin"),
    Attack("event_trigger", "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
           " CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()"),
    Attack("login_trigger", "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
           " CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION f()", since=17),
]  # fmt: skip
SERVER = [
    Attack("alter_system", "ALTER SYSTEM SET archive_command = 'touch {out}'", ("25001", "42501")),
    Attack("alter_system_alone", "ALTER SYSTEM SET ssl_passphrase_command = 'touch {out}'"),
    Attack("reload", "SELECT pg_reload_conf()"),
    Attack("replica_role", "SET session_replication_role = replica"),
    Attack("log_everything", "SET log_statement = 'all'"),
    Attack("log_level", "SET log_min_messages = debug5"),
    Attack("backup", "SELECT pg_backup_start('x')", ("42883", "42501")),
    Attack("promote", "SELECT pg_promote()"),
    Attack("switch_log", "SELECT pg_switch_wal()"),
    Attack("physical_slot", "SELECT pg_create_physical_replication_slot('s')"),
    Attack("logical_slot", "SELECT pg_create_logical_replication_slot('s', 'pgoutput')", ("42501", "55000")),
    Attack("publication_for_all", "CREATE PUBLICATION p FOR ALL TABLES"),
    Attack("terminate_administrator", "SELECT pg_terminate_backend({administrator})"),
    Attack("cancel_administrator", "SELECT pg_cancel_backend({administrator})"),
    Attack("prepared_transaction", "BEGIN; PREPARE TRANSACTION 'left'", ("55000",)),
    Attack("checkpoint", "CHECKPOINT"),
    Attack("lock_databases", "BEGIN; LOCK TABLE pg_catalog.pg_database IN ACCESS EXCLUSIVE MODE"),
    Attack("lock_roles", "BEGIN; LOCK TABLE pg_catalog.pg_authid IN ACCESS EXCLUSIVE MODE"),
    Attack("reserved_backends", "SELECT pg_stat_reset_shared('bgwriter')"),
]
OUTWARD = [
    Attack("subscription", "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port={port}' PUBLICATION p"
           " WITH (connect = true, create_slot = false)"),
    Attack("subscription_later", "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port={port}' PUBLICATION p"
           " WITH (connect = false)"),
    Attack("dblink", "CREATE EXTENSION dblink", ("42501", "0A000", "58P01")),
    Attack("foreign_servers", "CREATE EXTENSION postgres_fdw", ("42501", "0A000", "58P01")),
    Attack("foreign_wrapper", "CREATE FOREIGN DATA WRAPPER w"),
    Attack("other_database", "ALTER DATABASE postgres RENAME TO stolen"),
    Attack("other_database_setting", "ALTER DATABASE postgres SET search_path = evil"),
    Attack("template_database", "ALTER DATABASE template1 IS_TEMPLATE false"),
    Attack("grant_on_other_database", "GRANT CONNECT ON DATABASE postgres TO CURRENT_USER"),
    Attack("drop_other_database", "DROP DATABASE postgres"),
]  # fmt: skip
# What may pass, because it stays in the database; the administrator's own queries must not fall for it.
INSIDE = [
    Attack("trojan_functions", "CREATE FUNCTION public.pg_terminate_backend(int) RETURNS bool LANGUAGE plpgsql AS"
           " $$ BEGIN ALTER ROLE CURRENT_USER SUPERUSER; RETURN true; END $$;"
           " CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trojan' $$", ()),
    Attack("trojan_operators", "CREATE FUNCTION public.eq(name, text) RETURNS bool LANGUAGE plpgsql AS"
           " $$ BEGIN EXECUTE 'GRANT migcheck_admin TO PUBLIC'; RETURN true; END $$;"
           " CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.eq)", ()),
    Attack("trojan_tables", "CREATE TABLE public.pg_stat_activity (pid int, usename text);"
           " CREATE VIEW public.pg_database AS SELECT 1/0 AS datname", ()),
    Attack("timeout_off", "SET statement_timeout = 0; SET lock_timeout = 0", ()),
    Attack("advisory_locks", "SELECT count(pg_advisory_lock(n)) FROM generate_series(1, 1000) n", ()),
    Attack("large_objects", "SELECT lo_from_bytea(0, 'kept')", ()),
    Attack("notify", "LISTEN c; NOTIFY c, 'flood'", ()),
    Attack("exported_snapshot", "BEGIN; SELECT pg_export_snapshot()", ()),
    Attack("held_transaction", "BEGIN; CREATE TABLE held (); LOCK TABLE held", ()),
    Attack("trojan_search_path", "ALTER DATABASE {database} SET search_path = public, pg_catalog", ()),
    Attack("trojan_for_role", "ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog", ()),
    Attack("timeouts_for_database", "ALTER DATABASE {database} SET statement_timeout = 1", ()),
    Attack("read_only_for_database", "ALTER DATABASE {database} SET default_transaction_read_only = on", ()),
    Attack("role_for_database", "ALTER DATABASE {database} SET role = 'migcheck_admin'", ()),
]  # fmt: skip
ATTACKS = [*PROGRAMS_AND_FILES, *CODE, *ROLES, *SERVER, *OUTWARD, *INSIDE]
