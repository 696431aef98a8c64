package filestore

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// stripes is how many locks and indexes share the keys. It is part of the format: all processes have to agree.
const stripes = 32

// lockTries bounds how often a lock file may be deleted under our hands.
const lockTries = 100

// stripe is a part of the keys: those that are written under one lock and listed in one index.
type stripe struct {
	lockName string
	gate     chan struct{} // holds one token while somebody in this process has or awaits the lock
	index    index
}

func (st *stripe) init(root *os.Root, dir string, n int, book *ledger) {
	st.lockName = fmt.Sprintf("%s/%02d.lock", private, n)
	st.gate = make(chan struct{}, 1)
	st.index.root = root
	st.index.book = book
	st.index.name = fmt.Sprintf("%s/%02d.index", private, n)
	st.index.path = filepath.Join(dir, filepath.FromSlash(st.index.name))
}

// stripe returns the stripe of a key.
func (s *Store) stripe(key string) *stripe {
	return &s.stripes[hashKey(key)%stripes]
}

func hashKey(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return h.Sum64()
}

// lock takes a stripe for this goroutine among all goroutines and processes, and returns what gives it back. Waiting
// ends with ctx.
func (s *Store) lock(ctx context.Context, st *stripe) (unlock func(), err error) {
	select {
	case st.gate <- struct{}{}:
	default:
		select {
		case st.gate <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if ctx.Done() == nil {
		f, err := s.lockFile(st)
		return held(st, f, err)
	}
	// The system call that waits for another process cannot be interrupted. If ctx ends first, the goroutine below gives
	// back what it gets in the end.
	type result struct {
		f   *lockedfile.File
		err error
	}
	got := make(chan result)
	go func() {
		f, err := s.lockFile(st)
		select {
		case got <- result{f, err}:
		case <-ctx.Done():
			release(st, f)()
		}
	}()
	select {
	case r := <-got:
		return held(st, r.f, r.err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// held turns the outcome of lockFile into that of lock.
func held(st *stripe, f *lockedfile.File, err error) (unlock func(), _ error) {
	if err != nil {
		release(st, f)()
		return nil, err
	}
	return release(st, f), nil
}

// release returns a function that gives the file lock back, where there is one, and then the gate.
func release(st *stripe, f *lockedfile.File) func() {
	return func() {
		if f != nil {
			_ = f.Close() // nothing was written; the lock ends with the descriptor whatever Close says
		}
		<-st.gate
	}
}

// lockFile waits for the file lock of a stripe.
func (s *Store) lockFile(st *stripe) (*lockedfile.File, error) {
	for range lockTries {
		f, err := lockedfile.OpenFile(filepath.Join(s.dir, filepath.FromSlash(st.lockName)), os.O_RDWR|os.O_CREATE, 0o600)
		if errors.Is(err, fs.ErrNotExist) {
			if err := s.root.MkdirAll(private, 0o700); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		// If somebody deleted the file meanwhile, others lock a new one of the same name, and ours is worth nothing.
		mine, err := f.Stat()
		if err == nil {
			// The look goes through the root: were another folder put in the place of ours, this would tell.
			var theirs fs.FileInfo
			if theirs, err = s.root.Stat(st.lockName); err == nil && os.SameFile(mine, theirs) {
				return f, nil
			}
		}
		if closeErr := f.Close(); closeErr != nil || err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(err, closeErr)
		}
	}
	return nil, fmt.Errorf("lock %s: the folder was moved, or its lock files are deleted all the time", st.lockName)
}
