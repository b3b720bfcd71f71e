"""A sound folder of three migrations, to be broken in one way at a time."""

from pathlib import Path

import pytest

from tests.support.folders import a_folder

USERS = "create table users (id int);"
POSTS = "create table posts (id int);\n--> statement-breakpoint\ncreate index on posts (id);"
LIKES = "create table likes (id int);"


@pytest.fixture
def drizzle(tmp_path: Path) -> Path:
    return a_folder(tmp_path / "drizzle", {"0000_users": USERS, "0001_posts": POSTS, "0002_likes": LIKES})
