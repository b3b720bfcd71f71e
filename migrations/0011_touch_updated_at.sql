-- Keeps updated_at true whoever writes, also where a row is changed by hand.
CREATE FUNCTION "touch_updated_at"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW."updated_at" := now();
	RETURN NEW;
END
$$;
--> statement-breakpoint
DO $$
DECLARE
	"touched" regclass;
BEGIN
	FOREACH "touched" IN ARRAY ARRAY['public.projects', 'public.tasks', 'billing.subscriptions']::regclass[] LOOP
		EXECUTE format('CREATE TRIGGER "touch_updated_at" BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION "public"."touch_updated_at"()', "touched");
	END LOOP;
END
$$;
