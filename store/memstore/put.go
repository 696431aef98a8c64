package memstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/larder-go/larder/store"
)

// Put implements [store.Store]. Lazy is ignored: the item is there when Put returns.
func (s *Store) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	v, err := s.put(ctx, key, it, was)
	if err != nil {
		return store.Absent, fail("put", key, err)
	}
	return v, nil
}

func (s *Store) put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if err := store.CheckKey(key); err != nil {
		return "", err
	}
	if err := store.CheckItem(it); err != nil {
		return "", err
	}
	cost := int64(overhead + len(key) + len(it.Value) + len(it.Label) + len(it.Form) + len(it.Group))
	if limit := s.longest(); len(it.Value) > limit {
		return "", fmt.Errorf("%w: value of %d bytes, at most %d", store.ErrTooLarge, len(it.Value), limit)
	}
	// Copying before the lock keeps a large value from holding up everybody.
	fresh := &entry{item: newItem(key, it), cost: cost, heap: -1}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.usable(ctx); err != nil {
		return "", err
	}
	sh := s.shard(key)
	old := sh.items[key]
	if !fits(old, was) {
		return "", store.ErrChanged
	}
	if err := s.fitsEntry(fresh, old); err != nil {
		return "", err
	}
	now := time.Now()
	if err := s.makeRoom(fresh, old, now); err != nil {
		return "", err
	}
	s.version++
	fresh.item.Version = store.Version(strconv.FormatUint(s.version, 36))
	fresh.item.Stored = now
	// Making room may have evicted the old item together with its group.
	if old = sh.items[key]; old != nil {
		s.keeper.remove(old)
	}
	s.keeper.add(fresh)
	sh.mu.Lock()
	sh.items[fresh.item.Key] = fresh
	sh.mu.Unlock()
	return fresh.item.Version, nil
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, key string, was store.Version) error {
	if err := store.CheckKey(key); err != nil {
		return fail("delete", key, err)
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.usable(ctx); err != nil {
		return fail("delete", key, err)
	}
	e := s.shard(key).items[key]
	if e == nil {
		return nil
	}
	if !fits(e, was) {
		return fail("delete", key, store.ErrChanged)
	}
	s.drop(e)
	return nil
}

// fits reports whether e, or nothing where e is nil, is what a caller saw.
func fits(e *entry, was store.Version) bool {
	switch {
	case was == store.Any:
		return true
	case e == nil:
		return was == store.Absent
	default:
		return was == e.item.Version
	}
}

// drop removes e from its map and from the bookkeeping. write is held.
func (s *Store) drop(e *entry) {
	sh := s.shard(e.item.Key)
	sh.mu.Lock()
	delete(sh.items, e.item.Key)
	sh.mu.Unlock()
	s.keeper.remove(e)
}
