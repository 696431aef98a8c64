package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

const (
	applicationID = 0x6c726472 // "lrdr" in the header says whose database it is
	schemaVersion = 1
)

// schema makes an empty database a store. The value stands last, so that listing does not read through it, and has no
// type, so that it stays the TEXT or BLOB it was put as. A table WITHOUT ROWID would carry values in its inner nodes.
const schema = `
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
)`

// prepareSchema looks whose database it is and makes a new one a store. It changes no file but a new one or its own. It
// may be called again after it was busy.
func prepareSchema(ctx context.Context, db *sql.DB) error {
	// One connection throughout: a pragma and a transaction belong to theirs.
	c, err := db.Conn(ctx)
	if err != nil {
		return explain(err)
	}
	return errors.Join(explain(prepareOn(ctx, c)), c.Close())
}

func prepareOn(ctx context.Context, c *sql.Conn) error {
	ready, err := examine(ctx, c)
	if err != nil {
		return err
	}
	if !ready {
		if _, err := c.ExecContext(ctx, fmt.Sprintf("PRAGMA page_size = %d", pageSize)); err != nil {
			return err
		}
	}
	var mode string
	if err := c.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system allows no write-ahead log (journal mode is %s)", mode)
	}
	if ready {
		return nil
	}
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	// Another process may have been here since the first look.
	ready, err = examine(ctx, tx)
	if err == nil && !ready {
		_, err = tx.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA application_id = %d; PRAGMA user_version = %d",
			schema, applicationID, schemaVersion))
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// examine reports whether the database is a store of this version; false: it is new and empty.
func examine(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (ready bool, err error) {
	var application, version, objects int64
	row := q.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)`)
	if err := row.Scan(&application, &version, &objects); err != nil {
		return false, err
	}
	switch {
	case application == 0 && version == 0 && objects == 0:
		return false, nil
	case application != applicationID:
		return false, fmt.Errorf("%w (application id %#x, %d tables and indexes)", ErrForeign, application, objects)
	case version > schemaVersion:
		return false, fmt.Errorf("%w: schema version %d, this one knows %d", ErrNewer, version, schemaVersion)
	case version != schemaVersion:
		return false, fmt.Errorf("schema version %d is unknown, this one knows %d", version, schemaVersion)
	}
	return true, nil
}
