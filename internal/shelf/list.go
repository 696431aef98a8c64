package shelf

import (
	"context"
	"errors"
	"iter"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// All implements record.Backend. Variants are found through their index, so that what an invalidation has put out of
// reach is not listed.
func (s *Shelf) All(ctx context.Context, url string) iter.Seq2[record.Summary, error] {
	return func(yield func(record.Summary, error) bool) {
		l, err := s.layout(ctx)
		if err != nil {
			yield(record.Summary{}, err)
			return
		}
		prefix := entryPrefix
		if url != "" {
			prefix = l.entryKey(url)
		}
		for it, err := range s.store.List(ctx, prefix) {
			if err != nil {
				yield(record.Summary{}, err)
				return
			}
			if !s.listEntry(ctx, it, yield) {
				return
			}
		}
	}
}

// listEntry yields the record under a URL's key, or the variants of the index there.
func (s *Shelf) listEntry(ctx context.Context, it store.Item, yield func(record.Summary, error) bool) bool {
	if !isIndex(it.Form) {
		return s.listRecord(ctx, it, yield)
	}
	generation, err := s.generation(ctx, it)
	if err != nil {
		return yield(record.Summary{}, err)
	}
	if generation == "" {
		return true
	}
	for v, err := range s.store.List(ctx, variantPrefix+generation+"/") {
		if err != nil {
			return yield(record.Summary{}, err)
		}
		if !s.listRecord(ctx, v, yield) {
			return false
		}
	}
	return true
}

// generation is that of the index in it; empty where it is gone or damaged.
func (s *Shelf) generation(ctx context.Context, it store.Item) (string, error) {
	if lb := s.readLabel(ctx, it); lb != nil && lb.Kind == indexKind {
		return lb.Generation, nil
	}
	whole, err := s.store.Get(ctx, it.Key)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var idx record.Index
	if s.unmarshal(ctx, whole, &idx) != nil {
		return "", nil
	}
	return idx.Generation, nil
}

// listRecord yields one record's summary, from its label where that can be read. A damaged record is passed over.
func (s *Shelf) listRecord(ctx context.Context, it store.Item, yield func(record.Summary, error) bool) bool {
	var lb *record.Label
	sum := record.Summary{
		Key: it.Key,
		Load: func(ctx context.Context) (*record.Record, error) {
			whole, err := s.store.Get(ctx, it.Key)
			if err != nil {
				return nil, err
			}
			return s.readRecord(ctx, whole)
		},
		Remove: func(ctx context.Context) error {
			if err := s.store.Delete(ctx, it.Key, it.Version); err != nil || lb.Set == "" {
				return unlessChanged(err)
			}
			return s.removeSet(ctx, lb.Set) // who asks for this wants the content gone
		},
		Where: func(ctx context.Context) (string, error) { return store.Locate(ctx, s.store, it.Key) },
	}
	if lb = s.readLabel(ctx, it); lb == nil {
		rec, err := sum.Load(ctx)
		if err != nil {
			return !fatal(err) || yield(record.Summary{}, err)
		}
		lb = recordLabel(rec, record.Kept{FreshUntil: rec.Expires})
	}
	sum.Label, sum.Size = *lb, it.Size
	if lb.Set != "" {
		sum.Size += lb.Length
	}
	return yield(sum, nil)
}

// fatal tells a store that fails from an item that is gone or damaged.
func fatal(err error) bool {
	var se *store.Error
	return errors.As(err, &se) && !errors.Is(err, store.ErrNotFound)
}
