package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
)

// putTries bounds how often a folder may be removed, because it is empty, between its making and its use.
const putTries = 20

// Put implements [store.Store]. Lazy is ignored: the file stands when Put returns. Where a limit is set, Put evicts what
// has to go before it returns.
func (s *Store) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	v, err := s.put(ctx, key, it, was)
	if err != nil {
		return store.Absent, fail("put", key, err)
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
	if limit := s.longest(); len(it.Value) > limit {
		return "", fmt.Errorf("%w: value of %d bytes, at most %d", store.ErrTooLarge, len(it.Value), limit)
	}
	v := versionOf(it.Form, it.Value)
	if err := s.forms.learn(it.Form); err != nil {
		return "", err
	}
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	replaced, err := s.putTries(ctx, key, it, was, v)
	if errors.Is(err, errFull) {
		// Of what is counted some may have been removed by hand.
		if err := s.takeStock(ctx, true); err != nil {
			return "", err
		}
		replaced, err = s.putTries(ctx, key, it, was, v)
	}
	if err != nil {
		return "", err
	}
	return v, s.keepWithin(ctx, key, it.Group, v, replaced)
}

// putTries writes the item. replaced says whether another was there.
func (s *Store) putTries(ctx context.Context, key string, it store.Item, was, v store.Version) (replaced bool, err error) {
	for try := 1; ; try++ {
		replaced, err = s.putOnce(ctx, key, it, was, v)
		// Another process's Delete may remove the folder just made, because it is empty, or a person .larder.
		if !errors.Is(err, fs.ErrNotExist) || try == putTries {
			return replaced, err
		}
	}
}

func (s *Store) putOnce(ctx context.Context, key string, it store.Item, was, v store.Version) (replaced bool, err error) {
	// All bytes are written before the lock is taken: that may take long, and a lock holds up other processes.
	f, err := s.writeTemp(fileName(key, it.Form), it.Value)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Discard()) }() // nothing after Commit
	info, err := f.Finish()
	if err != nil {
		return false, err
	}
	st := s.stripe(key)
	unlock, err := s.lock(ctx, st)
	if err != nil {
		return false, err
	}
	defer unlock()
	found, err := s.all(key, false)
	if err != nil {
		return false, err
	}
	if err := s.judge(key, found, was); err != nil {
		return false, err
	}
	before, listed := st.index.lookup(key)
	fresh := newLine(key, it, v, info)
	if err := st.index.book.reserve(hashKey(key), fresh.entry()); err != nil {
		return false, err
	}
	defer st.index.settle(key)
	// The index is told first: a reader who finds it in disagreement with the file waits for the lock.
	if err := st.index.add(fresh); err != nil {
		return false, err
	}
	if err := s.replace(key, it.Form, f, found); err != nil {
		if !listed {
			before = line{Key: key}
		}
		return false, errors.Join(err, st.index.add(before))
	}
	return len(found) > 0, nil
}

// writeTemp writes the value under a temporary name.
func (s *Store) writeTemp(name string, value []byte) (*atomicfile.File, error) {
	o := &atomicfile.Options{Sync: s.sync, TempDir: tempDir}
	f, err := atomicfile.Create(s.root, name, o)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.root.MkdirAll(tempDir, 0o700); err != nil {
			return nil, err
		}
		f, err = atomicfile.Create(s.root, name, o)
	}
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(value); err != nil {
		return nil, errors.Join(err, f.Discard())
	}
	return f, nil
}

// judge compares what lies there with what the caller saw. The stripe's lock is held.
func (s *Store) judge(key string, found []string, was store.Version) error {
	switch {
	case was == store.Any:
		return nil
	case len(found) == 0 && was == store.Absent:
		return nil
	case len(found) == 0 || was == store.Absent:
		return store.ErrChanged
	}
	now, err := s.version(key, found[0])
	if errors.Is(err, store.ErrNotFound) { // removed by hand this very moment
		return store.ErrChanged
	}
	if err == nil && now != was {
		err = store.ErrChanged
	}
	return err
}

// replace gives the new file its name and removes the others. Each step leaves either the old item or the new one: where
// the new form counts more, the item changes when the file gets its name; where it counts less, when the last of the old
// files goes. The stripe's lock is held.
func (s *Store) replace(key, form string, f *atomicfile.File, found []string) error {
	dir, _ := place(key)
	if err := s.makeDir(dir); err != nil {
		return err
	}
	if err := f.Commit(); err != nil {
		return err
	}
	order := byForm(s.forms.current())
	for i := len(found) - 1; i >= 0; i-- { // what counts least first
		old := found[i]
		if old == form {
			continue
		}
		err := s.root.Remove(fileName(key, old))
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if order(form, old) < 0 {
			continue // the new one counts all the same; the next Put tries again
		}
		return errors.Join(fmt.Errorf("remove the file in the old form: %w", err), s.root.Remove(fileName(key, form)))
	}
	return nil
}

// makeDir makes a folder and those above it.
func (s *Store) makeDir(dir string) error {
	if dir == "." || s.isDir(dir) {
		return nil
	}
	if err := s.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if !s.sync {
		return nil
	}
	for d := range parents(dir) {
		if err := atomicfile.SyncDir(s.root, path.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements [store.Store]. It removes every file of the key, whatever its form, and folders that are empty then.
func (s *Store) Delete(ctx context.Context, key string, was store.Version) error {
	if err := s.usable(ctx, key); err != nil {
		return fail("delete", key, err)
	}
	if err := s.remove(ctx, key, was); err != nil {
		return fail("delete", key, err)
	}
	return nil
}

func (s *Store) remove(ctx context.Context, key string, was store.Version) error {
	st := s.stripe(key)
	unlock, err := s.lock(ctx, st)
	if err != nil {
		return err
	}
	defer unlock()
	found, err := s.all(key, true)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		if err := s.judge(key, found, was); err != nil {
			return err
		}
	}
	return s.removeFiles(st, key, found)
}

// removeFiles removes an item's files. The stripe's lock is held.
func (s *Store) removeFiles(st *stripe, key string, found []string) error {
	for i := len(found) - 1; i >= 0; i-- { // what counts last, so that a crash brings nothing old to light
		if err := s.root.Remove(fileName(key, found[i])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	dir, _ := place(key)
	if s.sync && len(found) > 0 {
		if err := atomicfile.SyncDir(s.root, dir); err != nil {
			return err
		}
	}
	// What follows is tidiness: a line about a file that is gone is not believed, though it is counted until somebody
	// finds out, and an empty folder harms nobody.
	if _, listed := st.index.lookup(key); listed {
		_ = st.index.add(line{Key: key})
	}
	if len(found) == 0 {
		return nil
	}
	for d := range parents(dir) {
		if err := s.root.Remove(d); err != nil {
			break // not empty
		}
	}
	return nil
}

// fileMissing reports whether nothing of that name can be seen.
func fileMissing(root *os.Root, name string) bool {
	_, err := root.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}
