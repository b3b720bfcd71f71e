-- The plans every installation starts with. Prices are in cents.
INSERT INTO "billing"."plans" ("code", "interval", "name", "price_cents", "seats") VALUES
	('free', 'month', 'Free', 0, 3),
	('team', 'month', 'Team', 1900, 20),
	('team', 'year', 'Team', 19000, 20),
	('company', 'year', 'Company', 99000, NULL);
