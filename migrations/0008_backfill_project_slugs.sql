-- Every project gets a slug made of its name; a second one of the same team gets the start of its id behind it.
WITH "slugs" AS (
	SELECT
		"id",
		coalesce(nullif(trim(BOTH '-' FROM lower(regexp_replace("name", '[^a-zA-Z0-9]+', '-', 'g'))), ''), 'project') AS "slug",
		"team_id",
		"created_at"
	FROM "projects"
), "numbered" AS (
	SELECT "id", "slug", row_number() OVER (PARTITION BY "team_id", "slug" ORDER BY "created_at", "id") AS "nth" FROM "slugs"
)
UPDATE "projects"
SET "slug" = left("numbered"."slug", 55) || CASE WHEN "numbered"."nth" = 1 THEN '' ELSE '-' || left("projects"."id"::text, 8) END
FROM "numbered"
WHERE "numbered"."id" = "projects"."id" AND "projects"."slug" IS NULL;
