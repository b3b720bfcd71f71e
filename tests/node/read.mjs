// Prints what drizzle-orm's own reader makes of a folder, as one line of JSON: [{"sql": [...], "folderMillis", "hash"}].
//
//   node read.mjs migrations

import { readMigrationFiles } from "drizzle-orm/migrator";

const found = readMigrationFiles({ migrationsFolder: process.argv[2] });
process.stdout.write(JSON.stringify(found.map(({ sql, folderMillis, hash }) => ({ sql, folderMillis, hash }))));
