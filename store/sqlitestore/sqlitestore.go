// Package sqlitestore keeps items in one SQLite file.
//
//	st, err := sqlitestore.Open("http_cache.db")
//
// Several processes may use one file at once, on a local disk; SQLite's WAL does not work on network file systems. A
// committed Put survives the end of the process; a loss of power may take the last few, never the file. Calls that write
// at the same time share a transaction, and Lazy puts wait for one: until then this Store alone sees them, and the end
// of the process takes them.
//
// With [Options].MaxBytes whole groups are evicted, the least recently used first; without it nothing is. The file does
// not shrink: room that was freed is used again.
//
// The file is an ordinary database: "select key, form, value from items" in the sqlite3 shell shows text where the form
// is a text one (json, yaml …). Once a file was opened with a limit, triggers keep the accounts of sizes, whoever writes; to
// change items in a shell then takes SQLite 3.43 or later. For entries that are opened in an editor, see package filestore.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/store"
)

// Options says how the database is used. The zero value and nil work.
type Options struct {
	// BusyTimeout is how long a call waits for other processes that write. Zero means 10 seconds.
	BusyTimeout time.Duration

	// Readers is how many connections read at the same time, beside the one that writes. Zero means 4.
	Readers int

	// MaxBytes is how many bytes all items together may have, each counted as its value, its label and 256 bytes. A Put
	// that goes beyond it evicts whole groups, down to 95 %: those that have expired first, then those that were neither
	// read nor written for the longest time, by the hour. Items without group are never evicted; where no room can be
	// made, the Put is ErrTooLarge. The processes that share a file should agree on it. Zero means no limit.
	MaxBytes int64

	// MaxEntry is how many bytes the items of one group together may have, counted in the same way; a Put beyond it is
	// ErrTooLarge. Zero means an eighth of MaxBytes.
	MaxEntry int64
}

// Store is a [store.Store] in a SQLite file. It is safe for concurrent use, by several processes as well.
type Store struct {
	path    string
	timeout time.Duration
	limits  limits
	writers *sql.DB   // of one connection
	writer  *sql.Conn // which belongs to the goroutine that commits
	readers *sql.DB
	stmts   statements
	queue   *queue
	reads   *reads // nil where nothing is evicted
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

func open(path string, opts []*Options) (*Store, error) {
	o, err := optionsOf(opts)
	if err != nil {
		return nil, err
	}
	l, err := limitsOf(o)
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
	s := &Store{path: abs, timeout: o.BusyTimeout, limits: l}
	s.queue = newQueue(s.commit)
	if l.evicts() {
		s.reads = newReads()
	}
	if err := s.connect(o); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	return s, nil
}

func (s *Store) connect(o Options) (err error) {
	if s.writers, err = connect(s.path, o, 1, false); err != nil {
		return err
	}
	ctx := context.Background()
	wants := withAccounts
	if s.limits.none() {
		wants = withItems
	}
	if err := s.retry(ctx, func() error { return prepareSchema(ctx, s.writers, wants) }); err != nil {
		return err
	}
	if s.writer, err = s.writers.Conn(ctx); err != nil {
		return err
	}
	if s.readers, err = connect(s.path, o, o.Readers, true); err != nil {
		return err
	}
	return s.retry(ctx, func() error { return s.stmts.prepare(s.writer, s.readers, wants == withAccounts) })
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

// Close commits what is queued, waits for calls that are under way and closes the file. Later calls are
// [store.ErrClosed].
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.queue.close()
	if err := errors.Join(s.flushAllReads(), s.disconnect()); err != nil {
		return &store.Error{Op: "close", Key: s.path, Err: err}
	}
	return nil
}

func (s *Store) disconnect() error {
	err := s.stmts.close()
	// The last connection writes the log back into the file, so the one that may write goes last.
	if s.readers != nil {
		err = errors.Join(err, s.readers.Close())
	}
	if s.writer != nil {
		err = errors.Join(err, s.writer.Close())
	}
	if s.writers != nil {
		err = errors.Join(err, s.writers.Close())
	}
	return err
}

// Limits implements [store.Limiter].
func (s *Store) Limits() store.Limits {
	l := store.Limits{Value: maxValue, Chunk: chunk, Lists: true, Labels: true}
	if s.limits.entry < math.MaxInt64 {
		l.Entry = s.limits.entry
	}
	return l
}

// Locate implements [store.Locator]: the path of the database and the key.
func (s *Store) Locate(ctx context.Context, key string) (string, error) {
	if err := s.usable(ctx, key); err != nil {
		return "", s.fail("locate", key, err)
	}
	if err := s.lies(ctx, key); err != nil {
		return "", s.fail("locate", key, err)
	}
	return s.path + " key " + key, nil
}

// lies returns nil where something lies under key, otherwise ErrNotFound.
func (s *Store) lies(ctx context.Context, key string) error {
	if _, waits := s.queue.lookup(key); waits {
		return nil
	}
	return s.retry(ctx, func() error {
		there, err := exists(ctx, s.stmts.exists, key)
		if err == nil && !there {
			err = store.ErrNotFound
		}
		return err
	})
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
