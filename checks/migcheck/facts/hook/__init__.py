"""What a commit in the making touches, before anything of it is judged."""
