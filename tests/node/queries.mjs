// What drizzle-kit remembers of a schema, and what drizzle-orm sends for it: one line of JSON.
//
//   node queries.mjs
//
// {"snapshot": {…}, "queries": [{"sql", "params"}, …]}, for the schema below.

import { createRequire } from "node:module";
import { eq, and, relations, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import * as pg from "drizzle-orm/pg-core";

// Its module for import brings a `require` that is none.
const { generateDrizzleJson } = createRequire(import.meta.url)("drizzle-kit/api");

const app = pg.pgSchema("app");
const color = app.enum("color", ["red", "it's green"]);

const users = pg.pgTable("users", {
  id: pg.serial().primaryKey(),
  name: pg.text("full name").notNull().default("x"),
  email: pg.varchar({ length: 80 }).notNull().unique(),
  tags: pg.text().array(),
  kind: color(),
  seq: pg.bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
  other: pg.integer().generatedByDefaultAsIdentity(),
  twice: pg.text().generatedAlwaysAs(sql`'x'`),
  at: pg.timestamp({ withTimezone: true, precision: 3 }).defaultNow(),
});
const places = app.table(
  "places",
  { x: pg.integer(), y: pg.integer(), 'odd "name"': pg.uuid(), owner: pg.integer().references(() => users.id) },
  (t) => [pg.primaryKey({ columns: [t.x, t.y] }), pg.uniqueIndex("places_owner").on(t.owner)],
);
const visits = pg.pgTable(
  "visits",
  { id: pg.uuid().primaryKey(), x: pg.integer(), y: pg.integer() },
  (t) => [pg.foreignKey({ columns: [t.x, t.y], foreignColumns: [places.x, places.y] })],
);
const members = pg.pgTable(
  "members",
  { email: pg.text(), gone: pg.timestamp() },
  (t) => [pg.uniqueIndex("members_email").on(t.email).where(sql`${t.gone} is null and ${t.email} <> '"members".'`)],
);
const lately = pg.pgView("lately").as((qb) => qb.select({ id: visits.id }).from(visits));
const known = app.materializedView("known").as((qb) => qb.select({ id: users.id, email: users.email }).from(users));

const ofPlaces = relations(places, ({ one }) => ({ users: one(users, { fields: [places.owner], references: [users.id] }) }));
const ofVisits = relations(visits, ({ one }) => ({
  places: one(places, { fields: [visits.x, visits.y], references: [places.x, places.y] }),
}));
const schema = { color, users, places, visits, members, lately, known, ofPlaces, ofVisits };
const db = drizzle.mock({ schema });

const user = { id: 1, name: "n", email: "e", tags: ["t"], kind: "red", other: 2, at: new Date(0) };
const place = { x: 1, y: 2, 'odd "name"': "00000000-0000-0000-0000-000000000000", owner: 3 };
const visit = { id: "00000000-0000-0000-0000-000000000000", x: 1, y: 2 };
const queries = [
  db.select().from(lately),
  db.select().from(known),
  db.select().from(users),
  db.insert(users).values(user),
  db.insert(users).values({ email: "e" }),
  db.update(users).set(user).where(eq(users.id, 1)),
  db.insert(users).values({}).onConflictDoUpdate({ target: users.id, set: { name: "n" } }),
  db.insert(users).values({}).onConflictDoUpdate({ target: users.email, set: { id: 1 } }),
  db.update(users).set({ kind: sql.raw("'it''s green'") }),
  db.select().from(places),
  db.insert(places).values(place),
  db.update(places).set(place).where(and(eq(places.x, 1), eq(places.y, 2))),
  db.insert(places).values({}).onConflictDoUpdate({ target: [places.x, places.y], set: { 'odd "name"': place['odd "name"'] } }),
  db.insert(places).values({}).onConflictDoUpdate({ target: places.owner, set: { x: 1 } }),
  db.query.places.findMany({ with: { users: true } }),
  db.select().from(visits),
  db.insert(visits).values(visit),
  db.update(visits).set(visit).where(eq(visits.id, visit.id)),
  db.insert(visits).values({}).onConflictDoUpdate({ target: visits.id, set: { x: 1 } }),
  db.query.visits.findMany({ with: { places: true } }),
  db.select().from(members),
  db.insert(members).values({ email: "e", gone: new Date(0) }),
  db.update(members).set({ email: "e", gone: new Date(0) }).where(eq(members.email, "e")),
  db.insert(members).values({}).onConflictDoUpdate({
    target: members.email,
    targetWhere: sql.raw(`"gone" is null and "email" <> '"members".'`),
    set: { gone: new Date(0) },
  }),
].map((each) => ({ sql: each.toSQL().sql, params: each.toSQL().params.length }));

console.log(JSON.stringify({ snapshot: generateDrizzleJson(schema), queries }));
