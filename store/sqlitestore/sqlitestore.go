// Package sqlitestore keeps items in one SQLite file.
//
//	st, err := sqlitestore.Open("http_cache.db")
//
// Several processes may use one file at once, on a local disk; SQLite's WAL does not work on network file systems. A
// committed Put survives the end of the process; a loss of power may take the last few, never the file.
//
// The file is an ordinary database: "select key, form, value from items" in the sqlite3 shell shows text where the form
// is a text one (json, yaml …). Nothing is evicted, and the file does not shrink; room that was freed is used again. For
// entries that are opened in an editor, see package filestore.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/store"
)

const (
	// maxValue is the longest value, in bytes; SQLite itself takes rows of 10^9.
	maxValue = 512 << 20

	// chunk is the advised size of a piece: rows of this size are read and written fastest per byte.
	chunk = 256 << 10
)

// Options says how the database is used. The zero value and nil work.
type Options struct {
	// BusyTimeout is how long a call waits for other processes that write. Zero means 10 seconds.
	BusyTimeout time.Duration

	// Readers is how many connections read at the same time, beside the one that writes. Zero means 4.
	Readers int
}

// Store is a [store.Store] in a SQLite file. It is safe for concurrent use, by several processes as well.
type Store struct {
	path    string
	timeout time.Duration
	write   *sql.DB // one connection
	read    *sql.DB
	stmts   statements
	closed  atomic.Bool
}

var _ interface {
	store.Store
	store.Limiter
	store.Locator
	store.Clearer
	store.Counter
} = (*Store)(nil)

// Open opens the database file path, or makes it with mode 0600, and its folder with 0700. At most one Options may be
// given. A file that is no SQLite database is [ErrNoDatabase], the database of another program [ErrForeign], one written
// by a newer version of larder [ErrNewer]; such files are not changed.
func Open(path string, opts ...*Options) (*Store, error) {
	s, err := open(path, opts)
	if err != nil {
		return nil, &store.Error{Op: "open", Key: path, Err: err}
	}
	return s, nil
}

func open(path string, opts []*Options) (_ *Store, err error) {
	o, err := optionsOf(opts)
	if err != nil {
		return nil, err
	}
	if path == "" || path == ":memory:" {
		return nil, fmt.Errorf("%q is no file name (package memstore keeps items in memory)", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := create(abs); err != nil {
		return nil, err
	}
	s := &Store{path: abs, timeout: o.BusyTimeout}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.closeAll())
		}
	}()
	if s.write, err = connect(abs, o, 1, false); err != nil {
		return nil, err
	}
	ctx := context.Background()
	if err := s.retry(ctx, func() error { return prepareSchema(ctx, s.write) }); err != nil {
		return nil, err
	}
	if s.read, err = connect(abs, o, o.Readers, true); err != nil {
		return nil, err
	}
	if err := s.retry(ctx, func() error { return s.stmts.prepare(s.write, s.read) }); err != nil {
		return nil, err
	}
	return s, nil
}

func optionsOf(opts []*Options) (Options, error) {
	var o Options
	if len(opts) > 1 {
		return o, errors.New("more than one Options given")
	}
	if len(opts) == 1 && opts[0] != nil {
		o = *opts[0]
	}
	if o.BusyTimeout < 0 || o.Readers < 0 {
		return o, errors.New("BusyTimeout and Readers must not be negative")
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 10 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = 4
	}
	return o, nil
}

// Close waits for calls that are under way and closes the file. Later calls are [store.ErrClosed].
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if err := s.closeAll(); err != nil {
		return &store.Error{Op: "close", Key: s.path, Err: err}
	}
	return nil
}

func (s *Store) closeAll() error {
	err := s.stmts.close()
	// The last connection writes the log back into the file, so the one that may write goes last.
	if s.read != nil {
		err = errors.Join(err, s.read.Close())
	}
	if s.write != nil {
		err = errors.Join(err, s.write.Close())
	}
	return err
}

// Limits implements [store.Limiter].
func (s *Store) Limits() store.Limits {
	return store.Limits{Value: maxValue, Chunk: chunk, Lists: true, Labels: true}
}

// Locate implements [store.Locator]: the path of the database and the key.
func (s *Store) Locate(ctx context.Context, key string) (string, error) {
	if err := s.usable(ctx, key); err != nil {
		return "", s.fail("locate", key, err)
	}
	if there, err := s.exists(ctx, key); err != nil || !there {
		if err == nil {
			err = store.ErrNotFound
		}
		return "", s.fail("locate", key, err)
	}
	return s.path + " key " + key, nil
}

// usable is what every call with a key asks first.
func (s *Store) usable(ctx context.Context, key string) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	if err := store.CheckKey(key); err != nil {
		return err
	}
	return ctx.Err()
}
