package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/larder-go/larder/store"
)

// Get implements [store.Store]. The context is looked at before the read, which takes microseconds, and not during it:
// to watch it would cost a third of the time.
func (s *Store) Get(ctx context.Context, key string) (store.Item, error) {
	if err := s.usable(ctx, key); err != nil {
		return store.Item{}, s.fail("get", key, err)
	}
	if it, ok := s.queue.lookup(key); ok {
		return it, nil
	}
	ctx = context.WithoutCancel(ctx)
	var it store.Item
	err := s.retry(ctx, func() error {
		rows, err := s.stmts.get.QueryContext(ctx, key)
		if err != nil {
			return err
		}
		it, err = scanOne(rows)
		return errors.Join(err, rows.Close())
	})
	if err != nil {
		return store.Item{}, s.fail("get", key, err)
	}
	it.Key = key
	if s.reads != nil {
		s.reads.note(it.Group, time.Now())
	}
	return it, nil
}

func scanOne(rows *sql.Rows) (store.Item, error) {
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return store.Item{}, err
		}
		return store.Item{}, store.ErrNotFound
	}
	var r row
	var value sql.RawBytes // one copy less than []byte
	if err := rows.Scan(&r.version, &r.form, &r.group, &r.retain, &r.stored, &r.label, &value); err != nil {
		return store.Item{}, err
	}
	it := r.item()
	it.Value = append(make([]byte, 0, len(value)), value...)
	it.Size = int64(len(value))
	return it, rows.Err()
}

// row is what Get and List read alike.
type row struct {
	version, form, group string
	retain               sql.NullInt64
	stored               int64
	label                []byte
}

func (r *row) item() store.Item {
	it := store.Item{
		Version: store.Version(r.version), Form: r.form, Group: r.group, Label: r.label, Stored: time.UnixMilli(r.stored),
	}
	if r.retain.Valid {
		it.Retain = time.UnixMilli(r.retain.Int64)
	}
	return it
}

// exists reports whether something lies under key in the file.
func exists(ctx context.Context, stmt *sql.Stmt, key string) (bool, error) {
	var one int
	err := stmt.QueryRowContext(ctx, key).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
