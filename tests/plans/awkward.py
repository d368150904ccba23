"""Databases that dump programs stumble over: one script an engine, all of it must come back."""

from __future__ import annotations

POSTGRESQL = r"""
CREATE SCHEMA "Mixed Case";
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'zufrieden');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TABLE "Mixed Case"."Größe" ("Id" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "select" text COLLATE "C",
    net numeric(12, 4), gross numeric GENERATED ALWAYS AS (net * 1.19) STORED, mood mood DEFAULT 'sad', many positive,
    blob bytea, tags text[], doc jsonb, at timestamptz, single real, double double precision);
INSERT INTO "Mixed Case"."Größe" ("select", net, many, blob, tags, doc, at, single, double) VALUES
    (E'tab\there\nline \\N "quoted" ''single''', 10.5, 3, '\x00ff0a5c', '{a,"b c",NULL}', '{"k": [1, "ü"]}',
     '2024-02-29 23:59:59.123456+05', 0.1, 0.1),
    (NULL, 'NaN', NULL, '', '{}', 'null', '-infinity', 'infinity', 1e-300),
    ('', 0, 1, NULL, NULL, NULL, NULL, NULL, NULL),
    (U&'\+01F600 \0001 \202E', -1, 2, decode(repeat('ab', 5000), 'hex'), NULL, NULL, NULL, NULL, NULL);
CREATE TABLE a (id integer PRIMARY KEY, b integer);
CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a (id), self integer REFERENCES b (id));
ALTER TABLE a ADD CONSTRAINT ring FOREIGN KEY (b) REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED;
BEGIN; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1, 1); COMMIT;
CREATE TABLE events (id serial, day date NOT NULL, word varchar(20)) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events (day, word) VALUES ('2024-05-05', 'in'), ('2030-01-01', 'rest'), ('2030-01-01', 'rest');
CREATE UNIQUE INDEX one_word ON a ((b % 7)) WHERE b > 100;
CREATE INDEX by_word ON events (lower(word));
CREATE VIEW words AS SELECT word, count(*) AS many FROM events GROUP BY word;
CREATE MATERIALIZED VIEW kept AS SELECT * FROM words;
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
    $body$ BEGIN NEW.word := upper(NEW.word); RETURN NEW; END $body$;
CREATE TRIGGER shouting BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION shout();
CREATE TABLE empty ();
COMMENT ON TABLE a IS 'a comment; with "quotes"';
SELECT lo_from_bytea(4711, '\x00010203');
SELECT setval('events_id_seq', 1000);
"""

MARIADB = r"""
CREATE TABLE `Größe` (`Id` int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, `select` text COLLATE utf8mb4_bin,
    net decimal(12, 4), gross decimal(14, 4) GENERATED ALWAYS AS (net * 2) STORED,
    twice bigint AS (`flag` + 1) VIRTUAL, flag bit(3), mood enum ('sad', 'it''s ok'), several set ('a', 'b'),
    data longblob, doc json, at datetime(6), seen timestamp NULL, day date, span time(3), y year,
    single float, doubled double, old varchar(20) CHARACTER SET latin1, small tinyint(1));
INSERT INTO `Größe` (`select`, net, flag, mood, several, data, doc, at, seen, day, span, y, single, doubled, old, small)
VALUES ('tab\there\nline \\N "quoted" ''single'' 😀', 10.5, b'101', 'it''s ok', 'a,b', x'00ff0a5c1a27',
    '{"k": [1, "ü"]}',
    '2024-02-29 23:59:59.123456', '2024-03-31 02:30:00', '0000-00-00', '-838:59:59.000', 2024, 0.1, 0.1, 'ÄÖ', 1),
    ('', 0, b'0', NULL, '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, repeat(x'ab', 5000), 'null', NULL, NULL, NULL, NULL, NULL, 3.4e38, 1e-300, '', 0);
CREATE TABLE a (id int PRIMARY KEY, b int, word varchar(20), KEY by_word (word(3)));
CREATE TABLE b (id int PRIMARY KEY, a int, self int, CONSTRAINT up FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE,
    FOREIGN KEY (self) REFERENCES b (id), CHECK (id > 0));
INSERT INTO a VALUES (1, NULL, 'word'); INSERT INTO b VALUES (1, 1, 1); UPDATE a SET b = 1;
ALTER TABLE a ADD CONSTRAINT ring FOREIGN KEY (b) REFERENCES b (id), COMMENT 'a comment; with "quotes"';
CREATE TABLE parted (id int NOT NULL, day date NOT NULL) PARTITION BY RANGE (YEAR(day))
    (PARTITION p0 VALUES LESS THAN (2024), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parted VALUES (1, '2020-01-01'), (2, '2030-01-01'), (2, '2030-01-01');
CREATE VIEW words AS SELECT a.word, count(*) AS many FROM a JOIN b ON b.a = a.id GROUP BY a.word;
CREATE TRIGGER shouting BEFORE INSERT ON a FOR EACH ROW SET NEW.word = upper(NEW.word);
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2;
CREATE PROCEDURE nothing() SELECT 1;
CREATE EVENT later ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' DO DELETE FROM parted;
CREATE SEQUENCE numbers START WITH 7;
"""

SQLITE = r"""
PRAGMA user_version = 7;
CREATE TABLE "Größe" ("Id" INTEGER PRIMARY KEY AUTOINCREMENT, "select" TEXT COLLATE NOCASE, any_type,
    n INTEGER, twice INTEGER GENERATED ALWAYS AS (n * 2) VIRTUAL, CHECK (n IS NULL OR n < 1000));
INSERT INTO "Größe" ("select", any_type, n) VALUES ('tab	here "quoted" ''single'' 😀', x'00ff0a5c', 1),
    ('', '', NULL),
    (NULL, 9007199254740993, 3), ('x', 0.1, 4), ('y', 9e999, 5), ('z', char(0, 65), 6);
CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id), self INTEGER REFERENCES b (id));
INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1, 1);
CREATE TABLE pairs (x TEXT, y TEXT, PRIMARY KEY (x, y)) WITHOUT ROWID;
INSERT INTO pairs VALUES ('a', 'b');
CREATE TABLE alike (v TEXT); INSERT INTO alike VALUES ('same'), ('same'), (NULL);
CREATE VIEW words AS SELECT x || y AS word FROM pairs;
CREATE TRIGGER noted AFTER INSERT ON pairs BEGIN INSERT INTO alike VALUES (NEW.x); END;
CREATE INDEX partly ON alike (lower(v)) WHERE v IS NOT NULL;
CREATE VIRTUAL TABLE texts USING fts5(body);
INSERT INTO texts VALUES ('the quick brown fox');
"""

OF = {"postgresql": POSTGRESQL, "mariadb": MARIADB, "sqlite": SQLITE}
