"""Every system catalogue and every column of it is read, or left out for a reason: a new major cannot slip by."""

import re
from importlib.resources import as_file, files

import pytest

from migcheck.postgres.scratch.contract import ScratchServer

pytestmark = pytest.mark.server

LEFT_OUT = {
    "belongs to the server": """
        pg_authid pg_auth_members pg_parameter_acl pg_replication_origin pg_shdepend pg_shseclabel
        datistemplate datallowconn datlocprovider datcollate datctype datlocale daticulocale daticurules
        datcollversion dattablespace spcowner spcacl spcoptions
    """,
    "state, not schema": """
        pg_statistic pg_statistic_ext_data pg_subscription_rel relfilenode relpages reltuples relallvisible
        relallfrozen relrewrite relfrozenxid relminmxid datfrozenxid datminmxid dathasloginevt indcheckxmin indislive
        inhdetachpending attcacheoff atthasmissing attmissingval collversion subskiplsn loid pageno
    """,
    "told by pg_get_indexdef": """
        indnatts indnkeyatts indisunique indnullsnotdistinct indisprimary indisexclusion indimmediate indkey
        indcollation indclass indoption indexprs indpred
    """,
    "told by pg_get_constraintdef": """
        condeferrable condeferred conenforced confrelid confupdtype confdeltype confmatchtype conperiod confkey
        conpfeqop conppeqop conffeqop confdelsetcols conexclop conbin
    """,
    "told by pg_get_functiondef": """
        prolang procost prorows provariadic prosupport prosecdef proleakproof proisstrict proretset provolatile
        pronargs pronargdefaults prorettype proallargtypes proargmodes proargnames proargdefaults protrftypes prosrc
        probin prosqlbody proconfig aggnumdirectargs
    """,
    "told by pg_get_triggerdef": """
        tgfoid tgtype tgconstrrelid tgconstrindid tgconstraint tgdeferrable tginitdeferred tgnargs tgattr tgargs
        tgqual tgoldtable tgnewtable
    """,
    "told by another function of Postgres": """
        pg_partitioned_table pg_user_mapping ev_type is_instead ev_qual ev_action stxrelid stxkeys stxkind stxexprs
        oprname oprkind oprleft oprright amoplefttype amoprighttype
    """,
    "follows from what is read": """
        attlen attbyval attalign atthasdef attinhcount coninhcount conparentid reltype relhasindex relnatts relchecks
        relhasrules relhastriggers relhassubclass lanispl amoppurpose amopmethod
    """,
    "means nothing to Postgres": "attndims typndims relisshared",
    "comes with the extension": "extrelocatable extconfig extcondition",
    "of no use to Drizzle, and half of it secret": """
        subbinary substream subtwophasestate subdisableonerr subpasswordrequired subrunasowner subfailover subconninfo
        subslotname subsynccommit suborigin
    """,
}


def test_every_catalogue_and_column_is_read_or_left_out_for_a_reason(each_major: ScratchServer) -> None:
    with as_file(files("migcheck.postgres.catalogue")) as folder:
        queries = [query.read_text(encoding="utf-8") for query in folder.rglob("*.sql")]
    read = set(re.findall(r"\w+", " ".join(queries)))
    explained = set(" ".join(LEFT_OUT.values()).split())
    with each_major.connect_admin("postgres") as session:
        columns = session.execute("""
            SELECT c.relname::text, a.attname::text
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
        """).fetchall()
    assert {table for table, _ in columns} - read - explained == set()
    assert {column for table, column in columns if table in read} - read - explained == set()
