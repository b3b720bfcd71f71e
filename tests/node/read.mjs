// What drizzle-orm makes of a folder's files: one line of JSON, [{"hash", "folderMillis", "sql": [pieces]}, …].
//
//   node read.mjs FOLDER

import { readMigrationFiles } from "drizzle-orm/migrator";

const found = readMigrationFiles({ migrationsFolder: process.argv[2] });
console.log(JSON.stringify(found.map(({ hash, folderMillis, sql }) => ({ hash, folderMillis, sql }))));
