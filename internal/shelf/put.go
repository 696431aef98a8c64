package shelf

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// entry is a record on its way into the store.
type entry struct {
	rec   *record.Record
	kept  record.Kept
	first []byte // chunk 0 of its content, which is still to be written; nil: there is none, or it lies there
	lazy  bool   // may be committed behind
}

// put stores e where the slot says, if what was seen there, or what has grown out of it, still lies there.
func (s *Shelf) put(ctx context.Context, sl *slot, e entry) error {
	if sl.version == store.Absent && time.Since(sl.seenAt) > grace {
		return record.ErrNotKept // an invalidation may have been forgotten meanwhile
	}
	if sl.index == nil && len(e.kept.Needs) == 0 {
		err := s.putAnew(ctx, sl, sl.key, sl.version, e)
		if !errors.Is(err, store.ErrChanged) {
			return err
		}
		// Another writer was first. If that was a sibling who found that the URL has variants, this is one of them.
	}
	idx, err := s.grow(ctx, sl, e.kept.Needs, e.kept.RetainUntil)
	if err != nil {
		return err
	}
	key := sl.variantKey(idx)
	was := store.Absent
	if key == sl.variant {
		was = sl.variantVersion
	}
	return notKept(s.putAnew(ctx, sl, key, was, e))
}

// putAnew is putRecord, but what has only been dropped since it was seen (evicted, or swept because it had expired) may be
// written anew: an invalidation would have left something there.
func (s *Shelf) putAnew(ctx context.Context, sl *slot, key string, was store.Version, e entry) error {
	err := s.putRecord(ctx, sl, key, was, e)
	if errors.Is(err, store.ErrChanged) && was != store.Absent && time.Since(sl.seenAt) < grace {
		return s.putRecord(ctx, sl, key, store.Absent, e)
	}
	return err
}

// putRecord writes the record of e under key, and before it the chunk that names that key.
func (s *Shelf) putRecord(ctx context.Context, sl *slot, key string, was store.Version, e entry) error {
	rec := e.rec
	rec.Key = key
	if e.first != nil {
		c := &record.Chunk{Set: rec.Body.Set, Owner: key, Data: e.first}
		if err := s.putChunk(ctx, sl.layout, c, store.Item{Retain: rec.Body.Until, Lazy: true}, store.Any); err != nil {
			return err
		}
	}
	data, err := sl.layout.write.Marshal(rec)
	if err != nil {
		return err
	}
	it := store.Item{
		Value:  data,
		Label:  sl.layout.label(recordLabel(rec, e.kept)),
		Form:   sl.layout.form(""),
		Retain: e.kept.RetainUntil,
		Group:  groupOf(rec),
		Lazy:   e.lazy && rec.Body.Set == "", // a record with chunks commits them, and says how that went
	}
	if it.Lazy && e.kept.Lost != nil {
		it.Lost = func(err error) { e.kept.Lost(notKept(err)) }
	}
	_, err = s.store.Put(ctx, key, it, was)
	return err
}

// notKept is err as a backend reports it.
func notKept(err error) error {
	if errors.Is(err, store.ErrChanged) {
		return record.ErrNotKept
	}
	return err
}

// Freshen implements record.Backend. The chunks of a content stay as they are, and the record lives no longer than they.
func (s *Shelf) Freshen(ctx context.Context, old record.Stored, r *record.Record, k record.Kept) error {
	sl, err := ownSlot(old.Slot)
	if err != nil {
		return err
	}
	fresh := *r
	if until := fresh.Body.Until; !until.IsZero() && (k.RetainUntil.IsZero() || k.RetainUntil.After(until)) {
		k.RetainUntil = until
	}
	e := entry{rec: &fresh, kept: k}
	if !sl.covers(k.Needs) { // the origin has changed by what it tells responses apart
		if e.first, err = s.firstChunk(ctx, &fresh.Body); err != nil {
			return err
		}
		return s.put(ctx, sl, e)
	}
	if sl.index != nil {
		if _, err := s.grow(ctx, sl, nil, k.RetainUntil); err != nil {
			return err
		}
	}
	key, version := sl.where()
	return notKept(s.putRecord(ctx, sl, key, version, e))
}

// firstChunk reads the chunk that names its record's key, so that it can be written anew with another; nil where the
// content has no chunks.
func (s *Shelf) firstChunk(ctx context.Context, b *record.Body) ([]byte, error) {
	if b.Set == "" || b.Length == 0 {
		return nil, nil
	}
	return s.chunk(ctx, b.Set, 0, min(b.Piece, b.Length))
}

// stored is rec as Find returns it.
func (s *Shelf) stored(rec *record.Record, sl *slot) []record.Stored {
	st := &sl.found[0]
	st.Record, st.Slot = rec, sl
	if rec.Body.Set != "" {
		st.Open = func(ctx context.Context, off int64) (io.ReadCloser, error) { return s.openContent(ctx, &rec.Body, off) }
	}
	return sl.found[:]
}
