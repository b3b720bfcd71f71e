// The tables of a small project tracker with billing: what every migration in this folder was generated from.
import { eq, sql } from "drizzle-orm";
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgSchema,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";

const createdAt = timestamp("created_at", { withTimezone: true }).notNull().defaultNow();
const updatedAt = timestamp("updated_at", { withTimezone: true }).notNull().defaultNow();

export const memberRole = pgEnum("member_role", ["owner", "admin", "member"]);

export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    email: varchar("email", { length: 320 }).notNull(),
    name: text("name").notNull(),
    createdAt,
  },
  (table) => [uniqueIndex("users_email_lower_idx").on(sql`lower(${table.email})`)],
);

export const teams = pgTable("teams", {
  id: uuid("id").primaryKey().defaultRandom(),
  name: text("name").notNull(),
  createdAt,
});

export const memberships = pgTable(
  "memberships",
  {
    teamId: uuid("team_id")
      .notNull()
      .references(() => teams.id, { onDelete: "cascade" }),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: memberRole("role").notNull().default("member"),
    createdAt,
  },
  (table) => [
    primaryKey({ columns: [table.teamId, table.userId] }),
    index("memberships_user_id_idx").on(table.userId),
  ],
);

export const taskStatus = pgEnum("task_status", ["todo", "doing", "blocked", "done"]);

export const projects = pgTable(
  "projects",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    teamId: uuid("team_id")
      .notNull()
      .references(() => teams.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    slug: varchar("slug", { length: 64 }).notNull(),
    archivedAt: timestamp("archived_at", { withTimezone: true }),
    createdAt,
    updatedAt,
  },
  (table) => [
    unique("projects_team_id_name_key").on(table.teamId, table.name),
    unique("projects_team_id_slug_key").on(table.teamId, table.slug),
    check("projects_name_not_blank", sql`length(trim(${table.name})) > 0`),
  ],
);

export const tasks = pgTable(
  "tasks",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    assigneeId: uuid("assignee_id").references(() => users.id, { onDelete: "set null" }),
    title: text("title").notNull(),
    status: taskStatus("status").notNull().default("todo"),
    priority: smallint("priority").notNull().default(3),
    dueOn: date("due_on"),
    createdAt,
    updatedAt,
  },
  (table) => [
    index("tasks_project_id_status_idx").on(table.projectId, table.status),
    index("tasks_open_by_assignee_idx")
      .on(table.assigneeId, table.priority)
      .where(sql`${table.status} <> 'done'`),
    check("tasks_priority_range", sql`${table.priority} between 1 and 5`),
  ],
);

export const labels = pgTable(
  "labels",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    projectId: uuid("project_id")
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    colour: varchar("colour", { length: 7 }).notNull(),
  },
  (table) => [
    unique("labels_project_id_name_key").on(table.projectId, table.name),
    check("labels_colour_is_hex", sql`${table.colour} ~ '^#[0-9a-f]{6}$'`),
  ],
);

export const taskLabels = pgTable(
  "task_labels",
  {
    taskId: bigint("task_id", { mode: "number" })
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    labelId: uuid("label_id")
      .notNull()
      .references(() => labels.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.labelId] })],
);

export const comments = pgTable(
  "comments",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    taskId: bigint("task_id", { mode: "number" })
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    authorId: uuid("author_id").references(() => users.id, { onDelete: "set null" }),
    body: text("body").notNull(),
    createdAt,
  },
  (table) => [index("comments_task_id_created_at_idx").on(table.taskId, table.createdAt)],
);

export const openTasks = pgView("open_tasks").as((query) =>
  query
    .select({
      projectId: tasks.projectId,
      projectName: projects.name,
      open: sql<number>`count(*)`.as("open"),
      unassigned: sql<number>`count(*) filter (where ${tasks.assigneeId} is null)`.as("unassigned"),
    })
    .from(tasks)
    .innerJoin(projects, eq(projects.id, tasks.projectId))
    .where(sql`${tasks.status} <> 'done' and ${projects.archivedAt} is null`)
    .groupBy(tasks.projectId, projects.name),
);

export const billing = pgSchema("billing");

export const planInterval = billing.enum("plan_interval", ["month", "year"]);

export const invoiceNumber = billing.sequence("invoice_number", { startWith: 1000, increment: 1 });

export const plans = billing.table(
  "plans",
  {
    code: varchar("code", { length: 32 }).notNull(),
    interval: planInterval("interval").notNull(),
    name: text("name").notNull(),
    priceCents: integer("price_cents").notNull(),
    seats: integer("seats"),
  },
  (table) => [
    primaryKey({ columns: [table.code, table.interval] }),
    check("plans_price_not_negative", sql`${table.priceCents} >= 0`),
  ],
);

export const subscriptions = billing.table(
  "subscriptions",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    teamId: uuid("team_id")
      .notNull()
      .references(() => teams.id, { onDelete: "restrict" }),
    planCode: varchar("plan_code", { length: 32 }).notNull(),
    planInterval: planInterval("plan_interval").notNull(),
    startedAt: timestamp("started_at", { withTimezone: true }).notNull().defaultNow(),
    endedAt: timestamp("ended_at", { withTimezone: true }),
    updatedAt,
  },
  (table) => [
    foreignKey({
      name: "subscriptions_plan_fk",
      columns: [table.planCode, table.planInterval],
      foreignColumns: [plans.code, plans.interval],
    }),
    uniqueIndex("subscriptions_one_running_idx")
      .on(table.teamId)
      .where(sql`${table.endedAt} is null`),
    check("subscriptions_end_after_start", sql`${table.endedAt} > ${table.startedAt}`),
  ],
);

export const invoices = billing.table(
  "invoices",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    number: bigint("number", { mode: "number" })
      .notNull()
      .default(sql`nextval('billing.invoice_number')`),
    subscriptionId: uuid("subscription_id")
      .notNull()
      .references(() => subscriptions.id, { onDelete: "restrict" }),
    issuedOn: date("issued_on").notNull().default(sql`current_date`),
    paidAt: timestamp("paid_at", { withTimezone: true }),
  },
  (table) => [
    unique("invoices_number_key").on(table.number),
    index("invoices_unpaid_idx")
      .on(table.issuedOn)
      .where(sql`${table.paidAt} is null`),
  ],
);

export const invoiceLines = billing.table(
  "invoice_lines",
  {
    invoiceId: uuid("invoice_id")
      .notNull()
      .references(() => invoices.id, { onDelete: "cascade" }),
    position: smallint("position").notNull(),
    description: text("description").notNull(),
    quantity: integer("quantity").notNull().default(1),
    unitCents: integer("unit_cents").notNull(),
    totalCents: integer("total_cents").generatedAlwaysAs(sql`quantity * unit_cents`),
  },
  (table) => [
    primaryKey({ columns: [table.invoiceId, table.position] }),
    check("invoice_lines_quantity_positive", sql`${table.quantity} > 0`),
  ],
);
