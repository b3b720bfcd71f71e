ALTER TABLE app.users ADD CONSTRAINT named CHECK (name <> '');
--> + constraint app.users.named CHECK ((name <> ''::text))

ALTER TABLE app.users DROP CONSTRAINT adult;
--> - constraint app.users.adult CHECK ((age >= 18))

ALTER TABLE app.users RENAME CONSTRAINT adult TO grown;
--> - constraint app.users.adult CHECK ((age >= 18))
--> + constraint app.users.grown CHECK ((age >= 18))

ALTER TABLE app.users ADD CONSTRAINT named CHECK (name <> '') NOT VALID;
--> + constraint app.users.named CHECK ((name <> ''::text)) NOT VALID

ALTER TABLE app.users ADD CONSTRAINT named CHECK (name <> '') NOT VALID; ALTER TABLE app.users VALIDATE CONSTRAINT named;
--> + constraint app.users.named CHECK ((name <> ''::text))

ALTER TABLE app.parent ADD CONSTRAINT positive CHECK (id > 0) NO INHERIT;
--> + constraint app.parent.positive CHECK ((id > 0)) NO INHERIT

ALTER TABLE app.parent ADD CONSTRAINT positive CHECK (id > 0);
--> + constraint app.child.positive CHECK ((id > 0)) inherited
--> + constraint app.parent.positive CHECK ((id > 0))

ALTER TABLE app.posts ADD CONSTRAINT body_key UNIQUE NULLS NOT DISTINCT (body);
--> + constraint app.posts.body_key UNIQUE NULLS NOT DISTINCT (body)

ALTER TABLE app.posts DROP CONSTRAINT posts_pkey;
--> - constraint app.posts.posts_pkey PRIMARY KEY (id)

ALTER TABLE app.posts ALTER CONSTRAINT posts_author_fk DEFERRABLE INITIALLY DEFERRED;
--> ~ constraint app.posts.posts_author_fk: FOREIGN KEY (author) REFERENCES app.users(id) -> FOREIGN KEY (author) REFERENCES app.users(id) DEFERRABLE INITIALLY DEFERRED

ALTER TABLE app.posts DROP CONSTRAINT posts_author_fk; ALTER TABLE app.posts ADD CONSTRAINT posts_author_fk FOREIGN KEY (author) REFERENCES app.users (id) ON DELETE CASCADE;
--> ~ constraint app.posts.posts_author_fk: FOREIGN KEY (author) REFERENCES app.users(id) -> FOREIGN KEY (author) REFERENCES app.users(id) ON DELETE CASCADE

ALTER TABLE app.posts ADD CONSTRAINT apart EXCLUDE (id WITH =);
--> + constraint app.posts.apart EXCLUDE USING btree (id WITH =)

-- from 18
ALTER TABLE app.posts ADD CONSTRAINT body_needed NOT NULL body;
--> ~ column app.posts.body: + not null
--> + constraint app.posts.body_needed NOT NULL body

-- from 18
ALTER TABLE app.users ADD CONSTRAINT email_needed CHECK (email <> '') NOT ENFORCED;
--> + constraint app.users.email_needed CHECK (((email)::text <> ''::text)) NOT ENFORCED

CREATE INDEX posts_body_idx ON app.posts (body);
--> + index app.posts_body_idx CREATE INDEX posts_body_idx ON app.posts USING btree (body)

DROP INDEX app.users_email_idx;
--> - index app.users_email_idx CREATE UNIQUE INDEX users_email_idx ON app.users USING btree (email)

ALTER INDEX app.users_email_idx RENAME TO users_mail_idx;
--> - index app.users_email_idx CREATE UNIQUE INDEX users_email_idx ON app.users USING btree (email)
--> + index app.users_mail_idx CREATE UNIQUE INDEX users_mail_idx ON app.users USING btree (email)

DROP INDEX app.users_email_idx; CREATE UNIQUE INDEX users_email_idx ON app.users (email DESC) INCLUDE (name) WHERE age > 1;
--> ~ index app.users_email_idx: CREATE UNIQUE INDEX users_email_idx ON app.users USING btree (email) -> CREATE UNIQUE INDEX users_email_idx ON app.users USING btree (email DESC) INCLUDE (name) WHERE (age > 1)

DROP INDEX app.users_lower_idx; CREATE INDEX users_lower_idx ON app.users USING hash (lower(name));
--> ~ index app.users_lower_idx: CREATE INDEX users_lower_idx ON app.users USING btree (lower(name)) -> CREATE INDEX users_lower_idx ON app.users USING hash (lower(name))

UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.users_email_idx'::regclass;
--> ~ index app.users_email_idx: + invalid

UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.posts_pkey'::regclass;
--> ~ constraint app.posts.posts_pkey: + invalid

ALTER TABLE app.users CLUSTER ON users_email_idx;
--> ~ index app.users_email_idx: + clustered

ALTER TABLE app.users REPLICA IDENTITY USING INDEX users_email_idx;
--> ~ index app.users_email_idx: + replica identity

ALTER INDEX app.users_email_idx SET (fillfactor = 60);
--> ~ index app.users_email_idx: CREATE UNIQUE INDEX users_email_idx ON app.users USING btree (email) -> CREATE UNIQUE INDEX users_email_idx ON app.users USING btree (email) WITH (fillfactor='60')

ALTER INDEX app.users_lower_idx ALTER COLUMN 1 SET STATISTICS 300;
--> ~ index app.users_lower_idx: + statistics of column 1 300

CREATE INDEX events_id_idx ON app.events (id);
--> + index app.events_2025_id_idx CREATE INDEX events_2025_id_idx ON app.events_2025 USING btree (id) partition of app.events_id_idx
--> + index app.events_id_idx CREATE INDEX events_id_idx ON ONLY app.events USING btree (id)

CREATE STATISTICS app.more (ndistinct) ON id, age FROM app.users;
--> + statistics app.more CREATE STATISTICS app.more (ndistinct) ON id, age FROM app.users

ALTER STATISTICS app.users_stats SET STATISTICS 50;
--> ~ statistics app.users_stats: + statistics 50

DROP STATISTICS app.users_stats;
--> - statistics app.users_stats CREATE STATISTICS app.users_stats (dependencies) ON name, age FROM app.users
