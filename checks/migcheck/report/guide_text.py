"""The words of the guide that are the same in every project; `$names` are filled in by `guide`."""

from string import Template

PAGE = Template("""\
# Database migrations

For everybody who changes the database of this project, and for their assistants. The migrations
are in $folders.

**The one rule: what has landed on $base is never changed.** (Reports
call it *base*.) Not a migration's SQL, not its name, not its place among the others. Every change
of the database is a new migration, and a mistake is mended by one as well. Drizzle never looks at
an applied migration again: an edit reaches new databases alone.

## Three steps

From the top of the repository:

1. **Write.** Change the schema$schema,
   and let drizzle-kit write the migration:

$generate

   What the schema cannot say (moving rows, a function, a trigger) goes into an empty one:

$custom

   Then read the SQL: it is what production will run.
2. **Prove.** Commit all that drizzle-kit wrote, together: $written. Then:

$verify

   It runs every migration on a disposable Postgres, the way Drizzle will. The last line must say
   `clear`. Where the command is missing: `pip install drizzle-migcheck` (Python 3.11 or newer).
3. **Land.** $deploy

## Never

- **Edit, rename, move or delete a migration that has landed**, be it for a comment, a blank or
  its format. The hash of the whole file stands in databases. Keep formatters off the folder.
$layout
- **Run `drizzle-kit push`** on a database that migrations deploy to$push.
  The ledger does not know of it, and the next migration fails on what is there already.
- **Write rows of Drizzle's ledger by hand**, or run a file of the folder with psql. Nothing can
  tell any more what the database has.
- **Use `CREATE INDEX CONCURRENTLY`, `VACUUM` or `COMMIT`.** $transaction
  An index that has to be built CONCURRENTLY gets a migration of its own, with IF NOT EXISTS and a
  name, and a `[[migration]]` in migcheck.toml with its `tag` and `transaction = "none"`. Only
  `$apply` deploys that.
- **Drop or rename what the release before this one still asks for.** Stop using a table or a
  column in one deploy, and drop it in a later one. A new name belongs in code alone:
  `title: text("name")`. The gate lets neither through until a waiver says that it is meant.
- **Waive a finding to get past it.** A waiver in `migcheck.toml` is for what a person has looked
  at and accepts, with a reason and a last day. An assistant asks first.

## When it fails

Each finding says where it is and what to do; `migcheck explain CODE` says why. The usual ones:

$failures

What has not landed may be made anew: delete it, change the schema, generate again. A second
migration behind it takes nothing of it back.

*Undecided* (exit code 3) means that nobody knows, not that the change is wrong: the report has
the remedy. After each fix, prove it again.

## Line ends

Drizzle hashes the bytes of a file: a checkout that turns LF into CRLF deploys other hashes than
every other machine. $line_ends
""")

OF_A_JOURNAL = """\
- **Edit the journal or a snapshot by hand**, save as the fix of a finding says, or make up a
  `when`. Drizzle runs only what is newer than the last one that it ran, and skips the rest in
  silence.
- **Make a migration's file by hand.** Without an entry in the journal it never runs;
  `drizzle-kit generate --custom` writes both. One that was made is moved out of the folder first,
  and its SQL put into the new file after: drizzle-kit overwrites one of its name without asking.
- **Settle a conflict in the journal by keeping both sides.** Take the other branch's journal and
  snapshots, delete your own migration (file, snapshot, entry), and generate it again."""
OF_FOLDERS = """\
- **Make up the time that a folder's name begins with**, or edit a snapshot by hand. Drizzle takes
  the order from the name, drizzle-kit what has changed from the snapshot.
- **Keep a migration that was made beside another branch's** where both change the same thing.
  Delete your own folder, and generate it again on top of the other."""
ALL_IN_ONE = """\
All that is pending runs in one
  transaction: the first two are refused there, the third ends it half way. A new value of an enum
  can be used in the deploy after the one that adds it."""
ONE_EACH = """\
Each migration runs in a
  transaction: the first two are refused there, the third ends it half way."""
FIXES_OF_FOLDERS = {
    "MC110": "Commit the snapshot that drizzle-kit wrote. If the migration was written by hand, move its folder away, "
    "run `drizzle-kit generate --custom --name <name>`, which writes a snapshot as well, and put the SQL into the file "
    "that it makes.",
    "MC202": "Put its folder back, and undo what it did in a new migration. If no database ever ran it, waive this "
    'finding in migcheck.toml with the reason "never applied: ...".',
}
"""How to fix it where there is no journal, of those whose rules speak of one."""
SETTLED = "`.gitattributes` sees to that already: leave it."
ATTRIBUTES = Template("""\
In `.gitattributes` at the top of the repository:

```gitattributes
$lines
```""")
WITH_CR = """

`-text`, because some files have landed with CR: to turn them into LF now would be an edit."""
"""Said where files have landed with CR."""
