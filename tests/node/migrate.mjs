// Runs drizzle-orm's own migrator once, as an application would, and prints what came of it as one line of JSON.
//
//   node migrate.mjs --url postgresql://… --folder migrations [--driver pg|postgres-js|neon|neon-as-it-is] [--schema S] [--table T]
//   node migrate.mjs --serve
//
// {"ok": true, "ms": 41} with exit code 0, or {"ok": false, "ms", "message", "code", "query"} with exit code 1: `code`
// is the SQLSTATE (or null where it did not come from the server), `query` the piece that failed (or null).
// `--driver neon` is Neon's own client, over the WebSocket proxy at `--proxy` (wss://HOST:PORT/v1), to a role with SCRAM;
// `neon-as-it-is` is for a role that is asked for the password itself, as all are by Neon's own proxy.
// `--schema` and `--table` are the ledger's; without them Drizzle's defaults hold.
// With `--serve` it runs once for each line of its input, which has the options as JSON: to load Drizzle takes longer
// than to migrate.

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: given } = parseArgs({
  options: {
    serve: { type: "boolean" },
    url: { type: "string" },
    folder: { type: "string" },
    driver: { type: "string", default: "pg" },
    proxy: { type: "string" },
    schema: { type: "string" },
    table: { type: "string" },
  },
});

const drivers = {
  pg: nodePostgres,
  "postgres-js": postgresJs,
  neon: (url, values) => neonServerless(url, values, false),
  "neon-as-it-is": (url, values) => neonServerless(url, values, "password"),
};

async function nodePostgres(url) {
  const { drizzle } = await import("drizzle-orm/node-postgres");
  const { migrate } = await import("drizzle-orm/node-postgres/migrator");
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url });
  return { database: drizzle(pool), migrate, close: () => pool.end() };
}

async function postgresJs(url) {
  const { drizzle } = await import("drizzle-orm/postgres-js");
  const { migrate } = await import("drizzle-orm/postgres-js/migrator");
  const { default: postgres } = await import("postgres");
  const client = postgres(url, { max: 1, onnotice: () => {} });
  return { database: drizzle(client), migrate, close: () => client.end() };
}

async function neonServerless(url, values, pipelineConnect) {
  const { drizzle } = await import("drizzle-orm/neon-serverless");
  const { migrate } = await import("drizzle-orm/neon-serverless/migrator");
  const { Pool, neonConfig } = await import("@neondatabase/serverless");
  neonConfig.webSocketConstructor = (await import("ws")).default;
  const { protocol, host, pathname } = new URL(values.proxy);
  neonConfig.useSecureWebSocket = protocol === "wss:";
  neonConfig.wsProxy = `${host}${pathname}`;
  // As it is, it sends the password before it is asked, which a server that wants SCRAM refuses.
  neonConfig.pipelineConnect = pipelineConnect;
  const pool = new Pool({ connectionString: url });
  return { database: drizzle(pool), migrate, close: () => pool.end() };
}

function ledgerOptions(values) {
  const options = { migrationsFolder: values.folder };
  if (values.schema !== undefined) options.migrationsSchema = values.schema;
  if (values.table !== undefined) options.migrationsTable = values.table;
  return options;
}

async function run(values) {
  const open = drivers[values.driver];
  if (!values.url || !values.folder || !open) {
    return { ok: false, ms: 0, message: "usage: --url URL --folder DIR [--driver pg|postgres-js|neon]", code: null, query: null };
  }
  const { database, migrate, close } = await open(values.url, values);
  const start = performance.now();
  const ms = () => Math.round(performance.now() - start);
  try {
    await migrate(database, ledgerOptions(values));
    return { ok: true, ms: ms() };
  } catch (error) {
    const cause = error.cause ?? error;
    return { ok: false, ms: ms(), message: cause.message, code: cause.code ?? null, query: error.query ?? null };
  } finally {
    await close();
  }
}

if (given.serve) {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(JSON.parse(line))));
  }
} else {
  const result = await run(given);
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}
