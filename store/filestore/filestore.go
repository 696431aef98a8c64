// Package filestore keeps items as files in a folder, for people who want to look at them.
//
// A file holds exactly the bytes of the value, and its name is the last part of the key, a dot and the form:
//
//	m.json                       key m
//	e/3f/3fa9….1.json            key e/3fa9…
//	v/07/07c1…/88e0….1.json.zst  key v/07c1…/88e0…
//	.larder/                     locks, labels, temporary files
//
// So jq reads an entry and an editor may change it: the version of an item is a hash of its bytes, and a change by hand
// is a new version. Label, Retain and Group lie in an index under .larder. It is believed only where it fits the file;
// it may be deleted at any time, and then items have no label and no Retain until they are put again.
//
// Several processes may use one folder. A conditional Put is right among all of them (files are locked, by means that
// end with the process), as long as the file system locks files; most network file systems do not do so reliably.
//
// Without [Options].MaxBytes nothing is evicted. With it, groups go, each group whole: those whose Retain has passed
// first, then those that were neither read nor written for the longest time. When a group was read is written down once
// an hour at most, with other writes, so that a hit writes nothing. For many small items package sqlitestore is faster.
package filestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/larder-go/larder/store"
)

// maxValue is the longest value, in bytes: a file larger than that is not read into memory.
const maxValue = 1 << 30

// Options says how files are written. The zero value and nil work.
type Options struct {
	// Sync makes Put and Delete wait until the disk has the change, so that it survives a loss of power. Without it a
	// crash of the machine, not of the process, may lose or damage what was put last: right for a cache, whose codecs
	// notice the damage.
	Sync bool

	// MaxBytes is the most bytes that the files of all items may have together when a Put returns; zero means no limit.
	// What a file needs on the disk beyond its length, and the indexes, do not count. A Put that finds too much evicts
	// groups other than its own until a tenth is free. Items without a group are never evicted; a Put for which no room
	// can be made is [store.ErrTooLarge]. Before its first Put a Store walks through the folder once, to count what the
	// indexes do not know. Several processes may have different limits: each sees to its own when it writes.
	MaxBytes int64

	// MaxEntry is the most bytes that the items of one Group may have together, and so the longest value as well. A Put
	// that would exceed it is [store.ErrTooLarge]. Zero means an eighth of MaxBytes, or no limit where there is none;
	// more than MaxBytes means MaxBytes.
	MaxEntry int64
}

// account returns the account that these limits need, or nil.
func (o *Options) account() (*account, error) {
	switch {
	case o == nil || o.MaxBytes == 0 && o.MaxEntry == 0:
		return nil, nil
	case o.MaxBytes < 0 || o.MaxEntry < 0:
		return nil, fmt.Errorf("MaxBytes is %d, MaxEntry %d: neither may be negative", o.MaxBytes, o.MaxEntry)
	case o.MaxBytes == 0:
		return newAccount(0, o.MaxEntry), nil
	case o.MaxEntry == 0:
		return newAccount(o.MaxBytes, max(1, o.MaxBytes/8)), nil
	}
	return newAccount(o.MaxBytes, min(o.MaxEntry, o.MaxBytes)), nil
}

// Store is a [store.Store] of files. It is safe for concurrent use, by several processes as well.
type Store struct {
	dir     string // absolute
	root    *os.Root
	sync    bool
	forms   forms
	account *account // nil without limits
	stripes [stripes]stripe
	closed  atomic.Bool
}

var _ interface {
	store.Store
	store.Limiter
	store.Locator
} = (*Store)(nil)

// Open returns the store in the folder dir, which is made (mode 0700) where it does not exist. Files that are no items
// are left alone, so dir may hold others. Symbolic links that lead out of dir are not followed.
func Open(dir string, o *Options) (*Store, error) {
	s, err := open(dir, o)
	if err != nil {
		return nil, fail("open", dir, err)
	}
	return s, nil
}

func open(dir string, o *Options) (*Store, error) {
	if dir == "" {
		return nil, errors.New("the name of the folder is empty")
	}
	limits, err := o.account()
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: abs, root: root, account: limits}
	if o != nil {
		s.sync = o.Sync
	}
	s.forms.root, s.forms.path = root, filepath.Join(abs, filepath.FromSlash(formsName))
	for i := range s.stripes {
		s.stripes[i].init(root, abs, i, limits.ledger(i))
	}
	if err := s.learnForms(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	s.sweep()
	return s, nil
}

// Close releases the folder. Nothing has to be flushed but, with MaxBytes, what was read lately; that waits for other
// processes for a moment at most. Later calls are [store.ErrClosed].
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	s.noteReads(ctx)
	cancel()
	var err error
	for i := range s.stripes {
		err = errors.Join(err, s.stripes[i].index.close())
	}
	if err = errors.Join(err, s.root.Close()); err != nil {
		return fail("close", s.dir, err)
	}
	return nil
}

// Limits implements [store.Limiter].
func (s *Store) Limits() store.Limits {
	l := store.Limits{Value: s.longest(), Lists: true, Labels: true}
	if s.account != nil {
		l.Entry = s.account.maxEntry
	}
	return l
}

// longest is the longest value. It is the same for items without a group, so that Limits holds for every item.
func (s *Store) longest() int {
	if s.account == nil {
		return maxValue
	}
	return int(min(maxValue, s.account.maxEntry))
}

// Locate implements [store.Locator]: the path of the file.
func (s *Store) Locate(ctx context.Context, key string) (string, error) {
	if err := s.usable(ctx, key); err != nil {
		return "", fail("locate", key, err)
	}
	f, err := s.find(key)
	if err != nil {
		return "", fail("locate", key, err)
	}
	return filepath.Join(s.dir, filepath.FromSlash(f.name)), f.Close()
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

func fail(op, key string, err error) error {
	// A call that was under way when Close came meets a closed folder.
	if errors.Is(err, os.ErrClosed) && !errors.Is(err, store.ErrClosed) {
		err = fmt.Errorf("%w: %w", store.ErrClosed, err)
	}
	return &store.Error{Op: op, Key: key, Err: err}
}
