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
	if !s.limits.Lists {
		return record.Swept{}, errors.ErrUnsupported // it drops things in its own time
	}
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
	blind bool                // there is an index that another program may read, so no generation is known to have ended
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
		w.blind = w.blind || generation == "" && !w.shelf.damaged(w.ctx, it.Key)
		w.live[maphash.String(w.seed, generation)] = struct{}{}
	}
	return nil
}

// damaged reports whether nobody can read what lies under key.
func (s *Shelf) damaged(ctx context.Context, key string) bool {
	it, err := s.store.Get(ctx, key)
	if err != nil {
		return errors.Is(err, store.ErrNotFound)
	}
	var idx record.Index
	err = s.unmarshal(ctx, it, &idx)
	return err == nil || errors.Is(err, codec.ErrCorrupt)
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
		case !live && !w.blind && w.settled(it.Stored):
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
	type found struct {
		newest time.Time
		chunks int
		first  bool
	}
	seen := map[string]found{}
	for it, err := range w.shelf.store.List(w.ctx, chunkPrefix) {
		if err != nil {
			return err
		}
		set, n, _ := strings.Cut(strings.TrimPrefix(it.Key, chunkPrefix), "/")
		f := seen[set]
		f.chunks++
		f.first = f.first || n == "0"
		if it.Stored.After(f.newest) {
			f.newest = it.Stored
		}
		seen[set] = f
	}
	for set, f := range seen {
		if !w.settled(f.newest) {
			if !f.first { // it is written last
				w.swept.Young += f.chunks
			}
			continue
		}
		first, version, orphan, err := w.orphan(set)
		if err != nil {
			return err
		}
		if !orphan {
			continue
		}
		if first != nil {
			if err := w.mark(first, version); err != nil {
				return err
			}
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

// orphaned is the owner in the first chunk of a set that a sweep found to be an orphan. Somebody may be reading it just now,
// and nothing says since when it is one, so the sweep only notes that; one after the grace period removes it.
const orphaned = "orphaned"

// orphan reports whether a set belongs to no record: its first chunk, which is written just before the record, is not there
// or damaged, or it names one that is gone or has other content. What cannot be read is not judged.
func (w *sweep) orphan(set string) (first *record.Chunk, version store.Version, orphan bool, err error) {
	it, err := w.shelf.store.Get(w.ctx, chunkKey(set, 0))
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", true, nil
	}
	if err != nil {
		return nil, "", false, err
	}
	version = it.Version
	first, err = w.shelf.readChunk(w.ctx, it)
	switch {
	case errors.Is(err, codec.ErrCorrupt):
		return nil, "", true, nil
	case err != nil:
		return nil, "", false, nil
	case first.Owner == orphaned:
		return nil, "", true, nil
	case first.Owner == "":
		return nil, "", false, nil
	}
	it, err = w.shelf.store.Get(w.ctx, first.Owner)
	if err != nil {
		return first, version, true, ignoreNotFound(err)
	}
	if isIndex(it.Form) {
		return first, version, true, nil
	}
	rec, err := w.shelf.readRecord(w.ctx, it)
	return first, version, err == nil && rec.Body.Set != set, nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// mark notes in the first chunk of a set that it is an orphan.
func (w *sweep) mark(c *record.Chunk, was store.Version) error {
	l, err := w.shelf.layout(w.ctx)
	if err != nil {
		return err
	}
	c.Owner = orphaned
	err = w.shelf.putChunk(w.ctx, l, c, store.Item{Retain: w.now.Add(chunkRetain)}, was)
	return unlessChanged(err)
}
