package sqlitestore

import "fmt"

const (
	applicationID = 0x6c726472 // "lrdr" in the header says whose database it is
	schemaVersion = len(steps)
)

// steps bring a database from one version to the next; a new one is version 0. The accounts double the time of a small new
// item, so a file takes that step when it is first opened with a limit.
var steps = [...]string{items, accounts}

const (
	withItems    = 1
	withAccounts = 2
)

// The value stands last, so that listing does not read through it, and has no type, so that it stays the TEXT or BLOB it
// was put as. A table WITHOUT ROWID would carry values in its inner nodes.
const items = `
CREATE TABLE items (
	id         INTEGER PRIMARY KEY,
	key        TEXT NOT NULL UNIQUE,
	version    TEXT NOT NULL,    -- random, new with every put
	form       TEXT NOT NULL,    -- which pipeline wrote the value, and its file extension
	item_group TEXT NOT NULL,    -- evicted together; empty: none
	retain     INTEGER,          -- may be dropped after, milliseconds since 1970; null: never
	stored     INTEGER NOT NULL, -- milliseconds since 1970
	label,                       -- text or blob; null: none
	value      NOT NULL          -- text or blob
);`

// The accounts are kept by triggers, so that they are right whoever writes: a process with other limits or none, and a
// person in the shell.
var accounts = fmt.Sprintf(`
CREATE TABLE total (
	bytes INTEGER NOT NULL -- of all items: value, label and %[1]d each
);
CREATE TABLE groups (
	name    TEXT PRIMARY KEY,
	bytes   INTEGER NOT NULL, -- of its items
	expires INTEGER NOT NULL, -- when the last of its items may be dropped, milliseconds since 1970
	read    INTEGER NOT NULL  -- about when one was read or written last, milliseconds since 1970
) WITHOUT ROWID;
CREATE INDEX items_by_group ON items (item_group, ifnull(retain, %[2]s)) WHERE item_group <> '';
INSERT INTO total SELECT coalesce(sum(%[3]s), 0) FROM items;
INSERT INTO groups SELECT item_group, sum(%[3]s), max(ifnull(retain, %[2]s)), max(stored) FROM items
	WHERE item_group <> '' GROUP BY item_group;
CREATE TRIGGER item_inserted AFTER INSERT ON items BEGIN
	UPDATE total SET bytes = bytes + %[4]s; %[6]s END;
CREATE TRIGGER item_updating BEFORE UPDATE ON items BEGIN
	UPDATE total SET bytes = bytes + %[4]s - %[5]s WHERE %[4]s <> %[5]s; %[7]s END;
CREATE TRIGGER item_updated AFTER UPDATE ON items BEGIN %[6]s %[8]s END;
CREATE TRIGGER item_deleting BEFORE DELETE ON items BEGIN
	UPDATE total SET bytes = bytes - %[5]s; %[7]s END;
CREATE TRIGGER item_deleted AFTER DELETE ON items BEGIN %[8]s END;`,
	overhead, never, costOf(""), costOf("new."), oldCost, join, leave, tidy)

const never = "9223372036854775807"

func costOf(row string) string {
	return fmt.Sprintf("(octet_length(%[1]svalue) + ifnull(octet_length(%[1]slabel), 0) + %[2]d)", row, overhead)
}

// expiresOf is when the last item of a group may be dropped: one step in the index items_by_group.
func expiresOf(row string) string {
	return fmt.Sprintf("(SELECT max(ifnull(retain, %s)) FROM items WHERE item_group = %s.item_group AND item_group <> '')", never, row)
}

// Parts of the triggers: an item joins its group; the old item leaves its own; and that one is put in order when the old
// item is gone.
var (
	// oldCost is looked up, because old.value would be read as a whole for its length.
	oldCost = "(SELECT " + costOf("") + " FROM items WHERE id = old.id)"

	join = fmt.Sprintf(`
	INSERT INTO groups SELECT new.item_group, %s, %s, new.stored WHERE new.item_group <> ''
		ON CONFLICT (name) DO UPDATE
		SET bytes = bytes + excluded.bytes, expires = excluded.expires, read = max(read, excluded.read);`,
		costOf("new."), expiresOf("new"))

	leave = fmt.Sprintf(`
	UPDATE groups SET bytes = bytes - %s WHERE name = old.item_group;`, oldCost)

	tidy = fmt.Sprintf(`
	DELETE FROM groups WHERE name = old.item_group AND bytes = 0;
	UPDATE groups SET expires = %s WHERE name = old.item_group;`, expiresOf("old"))
)
