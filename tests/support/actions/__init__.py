"""GitHub Actions in miniature: runs this repository's own action and workflows as they are, without their service."""
