"""The line of a command in a text that a file has on one line."""

import pytest

from migcheck.scripts.read_scripts import ScriptFiles


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("package.json", '{\n"scripts": {\n"a": "m\\n\\nn"}}', [3, 3]),
        (".github/workflows/a.yml", 'jobs:\n  a:\n    steps:\n      - run: "m\\n\\nn"', [4, 4]),
        (".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - run: |\n          m\n\n          n", [5, 7]),
        (".gitlab-ci.yml", 'a:\n  script:\n    - "bash <<E\\nm\\nE"\n    - n', [3, 3, 4]),
        (
            "bitbucket-pipelines.yml",
            'pipelines:\n  default:\n    - step:\n        script:\n          - "m\\nn"',
            [5, 5],
        ),
        ("azure-pipelines.yml", 'steps:\n  - script: "m\\nn"', [2, 2]),
    ],
)
def test_it_is_that_of_the_text(path: str, content: str, expected: list[int]) -> None:
    found = ScriptFiles({path: content.encode()}).all
    assert [each.line for script in found for each in script.commands] == expected
