// Package memstore keeps items in memory, within a number of bytes that it never exceeds.
//
// When room is needed, items whose Retain has passed go first, then groups that nobody read lately, each group whole.
// Items without a group are never evicted before their Retain; a Put for which no room can be made is
// [store.ErrTooLarge], and so is one that would make a group larger than [Options].MaxEntry: one entry shall not push out
// all others. Reading takes one short lock of one of several shards and allocates nothing.
//
// Nothing outlives the process: to keep items, use filestore or sqlitestore.
package memstore

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/larder-go/larder/store"
)

// DefaultMaxBytes is the budget where Options name none: 256 MiB.
const DefaultMaxBytes = 256 << 20

// overhead is what an item costs beside its key, value, label, form and group: the map's slot, the item's fields and the
// allocator's rounding.
const overhead = 384

// shards is how many locks share the keys; a power of two.
const shards = 64

// Options says how much is kept. The zero value and nil work.
type Options struct {
	// MaxBytes is the budget for keys, values, labels, forms, groups and 384 bytes of bookkeeping for each item. Zero or
	// less means DefaultMaxBytes.
	MaxBytes int64

	// MaxEntry is the most bytes, reckoned as for MaxBytes, that the items of one Group may have together. Zero or less
	// means an eighth of MaxBytes; more than MaxBytes means MaxBytes.
	MaxEntry int64
}

// Store is a [store.Store] in memory. It is safe for concurrent use. The zero value is not usable; see New.
type Store struct {
	max    int64 // Options.MaxBytes
	entry  int64 // Options.MaxEntry
	seed   maphash.Seed
	shards [shards]shard
	closed atomic.Bool

	// write is held by everything that changes the store. Readers need only the lock of a shard.
	write   sync.Mutex
	keeper  keeper
	version uint64
}

// shard is a part of the keys. Its map is changed under write and mu, and read under either.
type shard struct {
	mu    sync.RWMutex
	items map[string]*entry
	_     [64]byte // keeps neighbours off one cache line
}

// entry is an item with its place in the bookkeeping. item never changes after the entry is in a map.
type entry struct {
	item  store.Item
	cost  int64
	group *group // nil where the item has none
	heap  int    // place in keeper.expiring; -1 where it is not there
}

var _ interface {
	store.Store
	store.Limiter
} = (*Store)(nil)

// New returns an empty store.
func New(o *Options) *Store {
	s := &Store{max: DefaultMaxBytes, seed: maphash.MakeSeed()}
	if o != nil && o.MaxBytes > 0 {
		s.max = o.MaxBytes
	}
	s.entry = max(1, s.max/8)
	if o != nil && o.MaxEntry > 0 {
		s.entry = min(o.MaxEntry, s.max)
	}
	for i := range s.shards {
		s.shards[i].items = make(map[string]*entry)
	}
	s.keeper.groups = make(map[string]*group)
	return s
}

func (s *Store) shard(key string) *shard {
	return &s.shards[maphash.String(s.seed, key)%shards]
}

// Get implements [store.Store]. It allocates nothing; Value and Label are the store's own.
func (s *Store) Get(ctx context.Context, key string) (store.Item, error) {
	if err := s.usable(ctx); err != nil {
		return store.Item{}, fail("get", key, err)
	}
	sh := s.shard(key)
	sh.mu.RLock()
	e := sh.items[key]
	sh.mu.RUnlock()
	if e == nil {
		if err := store.CheckKey(key); err != nil {
			return store.Item{}, fail("get", key, err)
		}
		return store.Item{}, fail("get", key, store.ErrNotFound)
	}
	// Asking first keeps many readers of one group from writing to one cache line.
	if e.group != nil && !e.group.read.Load() {
		e.group.read.Store(true)
	}
	return e.item, nil
}

// List implements [store.Store].
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		var batch []*entry
		for i := range s.shards {
			if err := s.usable(ctx); err != nil {
				yield(store.Item{}, fail("list", prefix, err))
				return
			}
			// The batch is taken before the first item is yielded, so that the loop may call back.
			batch = s.shards[i].matching(batch[:0], prefix)
			for _, e := range batch {
				if err := s.usable(ctx); err != nil {
					yield(store.Item{}, fail("list", prefix, err))
					return
				}
				it := e.item
				it.Value = nil
				if !yield(it, nil) {
					return
				}
			}
		}
	}
}

func (sh *shard) matching(batch []*entry, prefix string) []*entry {
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	for key, e := range sh.items {
		if strings.HasPrefix(key, prefix) {
			batch = append(batch, e)
		}
	}
	return batch
}

// Limits implements [store.Limiter]: a value that fits whatever else its item holds.
func (s *Store) Limits() store.Limits {
	return store.Limits{Value: s.longest(), Entry: s.entry, Lists: true, Labels: true}
}

// longest is the longest value, and 1 GiB at the most. It is the same for an item without a group, so that Limits holds
// for every item.
func (s *Store) longest() int {
	const rest = overhead + 2*store.MaxKey + store.MaxLabel + store.MaxForm
	return int(max(1, min(s.entry-rest, 1<<30)))
}

// Bytes returns how much of the budget is taken, by the reckoning of Options.MaxBytes.
func (s *Store) Bytes() int64 {
	s.write.Lock()
	defer s.write.Unlock()
	return s.keeper.total
}

// Close drops everything. Later calls are [store.ErrClosed].
func (s *Store) Close() error {
	s.write.Lock()
	defer s.write.Unlock()
	s.closed.Store(true)
	s.keeper = keeper{groups: make(map[string]*group)}
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		clear(sh.items)
		sh.mu.Unlock()
	}
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

func fail(op, key string, err error) error { return &store.Error{Op: op, Key: key, Err: err} }

// newItem copies what the store keeps of it.
func newItem(key string, it store.Item) store.Item {
	value := slices.Clone(it.Value)
	if value == nil {
		value = []byte{} // an item that was read has a value, even an empty one
	}
	return store.Item{
		Key:    strings.Clone(key),
		Value:  slices.Clip(value),
		Label:  slices.Clip(slices.Clone(it.Label)),
		Form:   strings.Clone(it.Form),
		Retain: it.Retain,
		Group:  strings.Clone(it.Group),
		Size:   int64(len(it.Value)),
	}
}
