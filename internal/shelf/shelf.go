// Package shelf keeps HTTP records in a store: it is the record.Backend behind every Cache in larder's own layout.
//
// It holds the middle between two sides that do not know each other: stores see keys and bytes, the cache sees records.
// Here live the keys, the manifest that says which serializer wrote what, the index that tells the variants of a URL
// apart, and the conditions under which a response may replace another.
//
// The one rule: what was looked up is what may be replaced. A slot carries the version seen before the origin was
// asked, and every write is conditional on it, so that a response fetched before an invalidation is never stored after it.
package shelf

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// Options say how records become bytes.
type Options struct {
	Codec  codec.Codec     // for new entries; nil: the newest of the manifest, codec.Binary for a new store
	Codecs *codec.Registry // builds what the manifest lists; nil: codec.Std()
	Keys   codec.KeySource // for listed serializers that need keys; nil: none

	// Damaged, where not nil, is told of records and indexes that cannot be read. They count as if they were not there.
	Damaged func(ctx context.Context, err error)
}

// Shelf is a record.Backend over a store. It is safe for concurrent use.
type Shelf struct {
	store  store.Store
	limits store.Limits
	opts   Options
	chosen *codec.Pipeline // of Options.Codec; nil: the manifest's newest

	memo memo

	opening sync.Mutex
	ready   atomic.Pointer[layout]
}

var _ record.Backend = (*Shelf)(nil)

// New returns a shelf over st. It does not touch the store: the manifest is read at first use.
func New(st store.Store, o Options) (*Shelf, error) {
	s := &Shelf{store: st, limits: store.LimitsOf(st), opts: o, memo: memo{seed: maphash.MakeSeed()}}
	if o.Codecs == nil {
		s.opts.Codecs = codec.Std()
	}
	if o.Codec != nil {
		p, err := codec.AsPipeline(o.Codec)
		if err != nil {
			return nil, err
		}
		s.chosen = p
	}
	return s, nil
}

// Check reads the manifest, or makes one, and says what stands in the way of using this store.
func (s *Shelf) Check(ctx context.Context) error {
	_, err := s.layout(ctx)
	return err
}

// Find implements record.Backend.
func (s *Shelf) Find(ctx context.Context, q record.Query) ([]record.Stored, record.Slot, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return nil, nil, err
	}
	sl := &slot{layout: l, query: q, key: l.entryKey(q.URL), seenAt: time.Now()}
	it, err := s.store.Get(ctx, sl.key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, sl, nil
	}
	if err != nil {
		return nil, nil, err
	}
	sl.version, sl.retain = it.Version, it.Retain
	if isIndex(it.Form) {
		return s.findVariant(ctx, sl, it)
	}
	rec, err := s.readRecord(ctx, it)
	if err != nil {
		s.damagedItem(ctx, it, err)
		return nil, sl, nil
	}
	if !sl.fits(nil, rec) {
		return nil, sl, nil
	}
	return s.stored(rec, sl), sl, nil
}

func (s *Shelf) findVariant(ctx context.Context, sl *slot, it store.Item) ([]record.Stored, record.Slot, error) {
	idx := new(record.Index)
	if err := s.unmarshal(ctx, it, idx); err != nil || idx.Key != sl.key || idx.Generation == "" {
		s.damagedItem(ctx, it, err)
		return nil, sl, nil // damaged: a miss, and the next response replaces it
	}
	sl.index = idx
	sl.variant = sl.variantKey(idx)
	it, err := s.store.Get(ctx, sl.variant)
	if errors.Is(err, store.ErrNotFound) {
		return nil, sl, nil
	}
	if err != nil {
		return nil, nil, err
	}
	sl.variantVersion = it.Version
	rec, err := s.readRecord(ctx, it)
	if err != nil {
		s.damagedItem(ctx, it, err)
		return nil, sl, nil
	}
	if !sl.fits(idx.Selectors, rec) {
		return nil, sl, nil
	}
	return s.stored(rec, sl), sl, nil
}

// damagedItem tells of an item that cannot be read, and where it lies, so that a mistake of an editor is not lost in silence.
func (s *Shelf) damagedItem(ctx context.Context, it store.Item, err error) {
	if s.opts.Damaged == nil {
		return
	}
	where, locateErr := store.Locate(ctx, s.store, it.Key)
	if locateErr != nil {
		where = it.Key
	}
	if err == nil {
		err = codec.ErrCorrupt
	}
	s.opts.Damaged(ctx, fmt.Errorf("%s: %w", where, err))
}

// Drop implements record.Backend.
func (s *Shelf) Drop(ctx context.Context, st record.Stored) error {
	sl, err := ownSlot(st.Slot)
	if err != nil {
		return err
	}
	key, version := sl.where()
	return unlessChanged(s.store.Delete(ctx, key, version))
}

func unlessChanged(err error) error {
	if errors.Is(err, store.ErrChanged) {
		return nil
	}
	return err
}

func ownSlot(sl record.Slot) (*slot, error) {
	own, ok := sl.(*slot)
	if !ok {
		return nil, fmt.Errorf("shelf: slot of another backend: %T", sl)
	}
	return own, nil
}
