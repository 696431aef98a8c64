package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/larder-go/larder/store"
)

// What may be wrong with a file, for errors.Is. They arrive wrapped in a [store.Error].
var (
	ErrNoDatabase = errors.New("not a SQLite database")
	ErrForeign    = errors.New("a SQLite database of another program")
	ErrNewer      = errors.New("written by a newer version of larder")
)

// fail makes the error of a call.
func (s *Store) fail(op, key string, err error) error {
	switch {
	case errors.Is(err, store.ErrClosed):
	case s.closed.Load():
		// database/sql has no sentinel for a closed statement.
		err = fmt.Errorf("%w: %w", store.ErrClosed, err)
	default:
		err = explain(err)
	}
	return &store.Error{Op: op, Key: key, Err: err}
}

// explain adds the sentinel that fits SQLite's code.
func explain(err error) error {
	switch code(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrNoDatabase, err)
	case sqlite3.SQLITE_TOOBIG:
		return fmt.Errorf("%w: %w", store.ErrTooLarge, err)
	}
	return err
}

// code is SQLite's primary result code, 0 for an error of another kind.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// busy reports whether another connection stood in the way.
func busy(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return false
}

// retry calls f until it meets no busy database, for as long as the timeout. SQLite waits by itself in most cases, but
// not when a new file changes to WAL, nor where it fears a deadlock.
func (s *Store) retry(ctx context.Context, f func() error) error {
	err := f()
	if err == nil || !busy(err) {
		return err
	}
	for end := time.Now().Add(s.timeout); busy(err) && time.Now().Before(end); err = f() {
		// A random pause keeps processes that met once from meeting again.
		pause := time.NewTimer(time.Millisecond + rand.N(10*time.Millisecond))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
	return err
}
