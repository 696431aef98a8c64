package sqlitestore

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/larder-go/larder/store"
)

// Put implements [store.Store]. Lazy is ignored: the item is committed when Put returns. If ctx ends during the commit,
// the item may be there although Put returned an error.
func (s *Store) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	v, err := s.put(ctx, key, it, was)
	if err != nil {
		return store.Absent, s.fail("put", key, err)
	}
	return v, nil
}

func (s *Store) put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if err := s.usable(ctx, key); err != nil {
		return "", err
	}
	if err := store.CheckItem(it); err != nil {
		return "", err
	}
	if len(it.Value) > maxValue {
		return "", fmt.Errorf("%w: value of %d bytes, at most %d", store.ErrTooLarge, len(it.Value), maxValue)
	}
	// A random version needs no counter that processes share, and none comes twice after a delete or an old backup.
	v := store.Version(rand.Text())
	args := []any{key, string(v), it.Form, it.Group, retainOf(it), time.Now().UnixMilli(), labelOf(it), valueOf(it)}
	stmt := s.stmts.putSeen
	switch was {
	case store.Any:
		stmt = s.stmts.putAny
	case store.Absent:
		stmt = s.stmts.putAbsent
	default:
		args = append(args, string(was))
	}
	n, err := s.exec(ctx, stmt, args...)
	if err == nil && n == 0 {
		err = store.ErrChanged
	}
	return v, err
}

// exec runs a statement that writes and returns how many rows it changed.
func (s *Store) exec(ctx context.Context, stmt *sql.Stmt, args ...any) (n int64, err error) {
	err = s.retry(ctx, func() error {
		res, err := stmt.ExecContext(ctx, args...)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return n, err
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, key string, was store.Version) error {
	err := s.usable(ctx, key)
	if err == nil {
		err = s.remove(ctx, key, was)
	}
	if err != nil {
		return s.fail("delete", key, err)
	}
	return nil
}

func (s *Store) remove(ctx context.Context, key string, was store.Version) error {
	switch was {
	case store.Any:
		_, err := s.exec(ctx, s.stmts.deleteAny, key)
		return err
	case store.Absent:
	default:
		if n, err := s.exec(ctx, s.stmts.deleteSeen, key, string(was)); err != nil || n > 0 {
			return err
		}
	}
	// Nothing was removed: either there is nothing, which is what was asked for, or there is something else.
	there, err := s.exists(ctx, key)
	if err == nil && there {
		err = store.ErrChanged
	}
	return err
}

// retainOf is null for never.
func retainOf(it store.Item) any {
	if it.Retain.IsZero() {
		return nil
	}
	return it.Retain.UnixMilli()
}

// labelOf is null for none, and text where it is text, so that a person can read it.
func labelOf(it store.Item) any {
	if len(it.Label) == 0 {
		return nil
	}
	if isText(it.Label) {
		return string(it.Label)
	}
	return it.Label
}

// valueOf is text where the form is a text one and the bytes are text, otherwise a blob.
func valueOf(it store.Item) any {
	_, ext, found := cutLast(it.Form, ".")
	if !found {
		ext = it.Form
	}
	switch ext {
	case "json", "yaml", "yml", "toml", "xml", "txt", "b64":
		if isText(it.Value) {
			return string(it.Value)
		}
	}
	if it.Value == nil {
		return []byte{} // nil would be null
	}
	return it.Value
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// isText reports whether SQLite can give the bytes back from a TEXT unchanged; the shell stops at a NUL.
func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }
