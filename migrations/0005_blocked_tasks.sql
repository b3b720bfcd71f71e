ALTER TYPE "public"."task_status" ADD VALUE 'blocked' BEFORE 'done';--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "due_on" date;