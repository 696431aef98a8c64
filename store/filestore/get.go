package filestore

import (
	"context"
	"errors"
	"time"

	"github.com/larder-go/larder/store"
)

// Get implements [store.Store].
func (s *Store) Get(ctx context.Context, key string) (store.Item, error) {
	if err := s.usable(ctx, key); err != nil {
		return store.Item{}, fail("get", key, err)
	}
	it, err := s.load(ctx, key)
	if err != nil {
		return store.Item{}, fail("get", key, err)
	}
	if s.account != nil {
		s.stripe(key).index.book.read(key, it.Group, time.Now())
	}
	return it, nil
}

// load reads the item under key. Where file and index do not agree, a writer is between its steps or somebody changed
// the file by hand; waiting for the stripe's lock tells which.
func (s *Store) load(ctx context.Context, key string) (store.Item, error) {
	it, agree, err := s.look(key)
	if agree || err != nil && !errors.Is(err, store.ErrNotFound) {
		return it, err
	}
	st := s.stripe(key)
	unlock, lockErr := s.lock(ctx, st)
	if lockErr != nil {
		if ctx.Err() != nil {
			return store.Item{}, ctx.Err()
		}
		return it, err // a folder that may only be read has no writers to wait for
	}
	defer unlock()
	it, agree, err = s.look(key)
	switch {
	case agree:
	case err == nil:
		s.note(key, it)
	case errors.Is(err, store.ErrNotFound):
		_ = st.index.add(line{Key: key}) // removed by hand; a help like note
	}
	return it, err
}

// look reads the file and what the index says about it. agree is false where the index speaks of something else than
// what is there.
func (s *Store) look(key string) (it store.Item, agree bool, err error) {
	f, err := s.find(key)
	if err != nil {
		_, listed := s.stripe(key).index.lookup(key)
		return store.Item{}, !listed, err
	}
	data, err := f.read()
	if err != nil {
		return store.Item{}, false, err
	}
	it = store.Item{
		Key: key, Value: data, Form: f.form, Version: versionOf(f.form, data),
		Size: int64(len(data)), Stored: f.info.ModTime(),
	}
	l, listed := s.stripe(key).index.lookup(key)
	if listed && l.Version == it.Version {
		l.fill(&it)
	}
	return it, !listed || l.Version == it.Version, nil
}

// note tells the index what was found, so that the next reader need not lock, nor List read the file. It is only a help,
// so that it could not be written is no error. The stripe's lock is held.
func (s *Store) note(key string, it store.Item) {
	info, err := s.root.Stat(fileName(key, it.Form))
	if err != nil || !info.ModTime().Equal(it.Stored) || info.Size() != it.Size {
		return // it goes on changing
	}
	x := &s.stripe(key).index
	fresh := newLine(key, it, it.Version, info)
	if l, ok := x.lookup(key); ok && l.Version == it.Version {
		if l.fitsFile(it.Form, info) {
			return
		}
		fresh.Read, fresh.Found = l.Read, l.Found
	} else {
		fresh.Found = true
	}
	_ = x.add(fresh)
}
