-- The database itself and its settings.
select
    'database',
    '',
    array_remove(array[case when d.datconnlimit >= 0 then 'connection limit ' || d.datconnlimit end, r.owned], null)
from pg_database d join role r on r.oid = d.datdba
where d.datname = current_database()
union all
select
    'setting',
    case d.setrole when 0 then 'of the database' else 'of ' || r.name || ' in the database' end,
    d.setconfig
from pg_db_role_setting d join role r on r.oid = d.setrole
where d.setdatabase = (select oid from pg_database where datname = current_database())
