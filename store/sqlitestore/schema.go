package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// prepareSchema looks whose database it is and brings it to the version wants, if it is not beyond. It changes no file but a
// new one or its own. It may be called again after it was busy.
func prepareSchema(ctx context.Context, db *sql.DB, wants int) error {
	// One connection throughout: a pragma and a transaction belong to theirs.
	c, err := db.Conn(ctx)
	if err != nil {
		return explain(err)
	}
	return errors.Join(explain(prepareOn(ctx, c, wants)), c.Close())
}

func prepareOn(ctx context.Context, c *sql.Conn, wants int) error {
	version, err := examine(ctx, c)
	if err != nil {
		return err
	}
	if version == 0 {
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
	if version >= wants {
		return nil
	}
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := migrate(ctx, tx, wants); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func migrate(ctx context.Context, tx *sql.Tx, wants int) error {
	// Another process may have been here since the first look.
	version, err := examine(ctx, tx)
	if err != nil || version >= wants {
		return err
	}
	for _, step := range steps[version:wants] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, wants))
	return err
}

// examine returns the version of the store that the database is; 0: it is new and empty.
func examine(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (int, error) {
	var application, version, objects int
	row := q.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)`)
	if err := row.Scan(&application, &version, &objects); err != nil {
		return 0, err
	}
	switch {
	case application == 0 && version == 0 && objects == 0:
		return 0, nil
	case application != applicationID:
		return 0, fmt.Errorf("%w (application id %#x, %d tables and indexes)", ErrForeign, application, objects)
	case version > schemaVersion:
		return 0, fmt.Errorf("%w: schema version %d, this one knows %d", ErrNewer, version, schemaVersion)
	case version < 1:
		return 0, fmt.Errorf("schema version %d is unknown, this one knows %d", version, schemaVersion)
	}
	return version, nil
}
