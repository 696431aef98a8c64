package shelf

import (
	"context"
	"errors"
	"hash/maphash"
	"strings"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

var _ record.Sweeper = (*Shelf)(nil)

// Sweep implements record.Sweeper. What is younger than the grace period stays, because its writer may not have finished;
// and a content that was replaced within it, because somebody may still read it.
func (s *Shelf) Sweep(ctx context.Context) (record.Swept, error) {
	if _, err := s.layout(ctx); err != nil {
		return record.Swept{}, err
	}
	w := &sweep{shelf: s, ctx: ctx, now: time.Now(), seed: maphash.MakeSeed(), live: map[uint64]struct{}{}}
	err := w.entries()
	if err == nil {
		err = w.variants()
	}
	if err == nil {
		err = w.sets()
	}
	return w.swept, err
}

// sweep is one run of a Sweep.
type sweep struct {
	shelf *Shelf
	ctx   context.Context
	now   time.Time
	seed  maphash.Seed
	live  map[uint64]struct{} // generations, hashed: a million of them may be live, and a collision only keeps a variant
	swept record.Swept
}

// remove deletes an item, unless it has changed since it was listed.
func (w *sweep) remove(it store.Item, count *int) error {
	err := w.shelf.store.Delete(w.ctx, it.Key, it.Version)
	if err == nil {
		*count++
		w.swept.Bytes += it.Size
	}
	return unlessChanged(err)
}

func (w *sweep) expired(it store.Item) bool { return !it.Retain.IsZero() && it.Retain.Before(w.now) }

// settled reports whether an item lies there for so long that nobody is about to refer to it.
func (w *sweep) settled(stored time.Time) bool { return w.now.Sub(stored) > grace }

// entries removes those that have expired, and notes the generations of the indexes that stay.
func (w *sweep) entries() error {
	for it, err := range w.shelf.store.List(w.ctx, entryPrefix) {
		if err != nil {
			return err
		}
		if w.expired(it) {
			if err := w.remove(it, &w.swept.Expired); err != nil {
				return err
			}
			continue
		}
		if !isIndex(it.Form) {
			continue
		}
		generation, err := w.shelf.generation(w.ctx, it)
		if err != nil {
			return err
		}
		w.live[maphash.String(w.seed, generation)] = struct{}{}
	}
	return nil
}

// variants removes those that have expired or whose generation has ended.
func (w *sweep) variants() error {
	for it, err := range w.shelf.store.List(w.ctx, variantPrefix) {
		if err != nil {
			return err
		}
		generation, _, _ := strings.Cut(strings.TrimPrefix(it.Key, variantPrefix), "/")
		_, live := w.live[maphash.String(w.seed, generation)]
		switch {
		case w.expired(it):
			err = w.remove(it, &w.swept.Expired)
		case !live && w.settled(it.Stored):
			err = w.remove(it, &w.swept.Variants)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sets removes the chunks that no record refers to.
func (w *sweep) sets() error {
	newest := map[string]time.Time{}
	for it, err := range w.shelf.store.List(w.ctx, chunkPrefix) {
		if err != nil {
			return err
		}
		set, _, _ := strings.Cut(strings.TrimPrefix(it.Key, chunkPrefix), "/")
		if it.Stored.After(newest[set]) {
			newest[set] = it.Stored
		}
	}
	for set, stored := range newest {
		if !w.settled(stored) {
			continue
		}
		orphan, err := w.orphan(set)
		if err != nil {
			return err
		}
		if !orphan {
			continue
		}
		for it, err := range w.shelf.store.List(w.ctx, setPrefix(set)) {
			if err != nil {
				return err
			}
			if err := w.remove(it, &w.swept.Chunks); err != nil {
				return err
			}
		}
	}
	return nil
}

// orphan reports whether a set belongs to no record: its first chunk, which is written just before the record, is not there
// or names one that is gone or has other content since a while. What cannot be read is not judged.
func (w *sweep) orphan(set string) (bool, error) {
	it, err := w.shelf.store.Get(w.ctx, chunkKey(set, 0))
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	first, err := w.shelf.readChunk(w.ctx, it)
	if err != nil || first.Owner == "" {
		return errors.Is(err, codec.ErrCorrupt), nil
	}
	it, err = w.shelf.store.Get(w.ctx, first.Owner)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if !isIndex(it.Form) {
		rec, err := w.shelf.readRecord(w.ctx, it)
		if err != nil || rec.Body.Set == set {
			return false, nil
		}
	}
	return w.settled(it.Stored), nil
}
