CREATE SCHEMA "billing";
--> statement-breakpoint
CREATE TYPE "billing"."plan_interval" AS ENUM('month', 'year');--> statement-breakpoint
CREATE SEQUENCE "billing"."invoice_number" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1000 CACHE 1;--> statement-breakpoint
CREATE TABLE "billing"."invoices" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" bigint DEFAULT nextval('billing.invoice_number') NOT NULL,
	"subscription_id" uuid NOT NULL,
	"issued_on" date DEFAULT current_date NOT NULL,
	"paid_at" timestamp with time zone,
	CONSTRAINT "invoices_number_key" UNIQUE("number")
);
--> statement-breakpoint
CREATE TABLE "billing"."plans" (
	"code" varchar(32) NOT NULL,
	"interval" "billing"."plan_interval" NOT NULL,
	"name" text NOT NULL,
	"price_cents" integer NOT NULL,
	"seats" integer,
	CONSTRAINT "plans_code_interval_pk" PRIMARY KEY("code","interval"),
	CONSTRAINT "plans_price_not_negative" CHECK ("billing"."plans"."price_cents" >= 0)
);
--> statement-breakpoint
CREATE TABLE "billing"."subscriptions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"team_id" uuid NOT NULL,
	"plan_code" varchar(32) NOT NULL,
	"plan_interval" "billing"."plan_interval" NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "subscriptions_end_after_start" CHECK ("billing"."subscriptions"."ended_at" > "billing"."subscriptions"."started_at")
);
--> statement-breakpoint
ALTER TABLE "billing"."invoices" ADD CONSTRAINT "invoices_subscription_id_subscriptions_id_fk" FOREIGN KEY ("subscription_id") REFERENCES "billing"."subscriptions"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "billing"."subscriptions" ADD CONSTRAINT "subscriptions_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "billing"."subscriptions" ADD CONSTRAINT "subscriptions_plan_fk" FOREIGN KEY ("plan_code","plan_interval") REFERENCES "billing"."plans"("code","interval") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invoices_unpaid_idx" ON "billing"."invoices" USING btree ("issued_on") WHERE "billing"."invoices"."paid_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "subscriptions_one_running_idx" ON "billing"."subscriptions" USING btree ("team_id") WHERE "billing"."subscriptions"."ended_at" is null;