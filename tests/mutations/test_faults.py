"""Each fault is found with its own code and nothing else, and the untouched folder is clear."""

import pytest
from tests.mutations.faults import FOLDER, HISTORY, REPLAY, Fault, healthy
from tests.support.repositories import GitRepository
from tests.support.runs import told, verdict_on

from migcheck.verdict import Answer


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
def test_the_untouched_folder_is_clear(a_repo: GitRepository) -> None:
    healthy(a_repo)
    a_repo.commit()
    verdict = verdict_on(a_repo)
    assert (told(verdict.findings), verdict.answer) == ([], Answer.CLEAR)


@pytest.mark.server
@pytest.mark.usefixtures("lent_17")
@pytest.mark.parametrize("fault", [*FOLDER, *HISTORY, *REPLAY], ids=lambda fault: fault.name)
def test_a_fault_is_found_with_its_own_code_and_nothing_else(a_repo: GitRepository, fault: Fault) -> None:
    fault.inject(healthy(a_repo))
    if fault.committed:
        a_repo.commit()
    assert told(verdict_on(a_repo).findings) == list(fault.expected)
