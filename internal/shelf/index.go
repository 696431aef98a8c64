package shelf

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// An index says in From what it grew out of, so that writers who looked before it was made know whether their response
// may still be stored: a line goes on from what they saw, an invalidation starts a new one.
const (
	fromNothing = "absent" // nothing lay there
	maxFrom     = 8        // ancestors that are remembered

	// grace is how long an invalidation is remembered, and so how long a fetch may take whose response is stored where
	// nothing lies.
	grace = time.Hour

	// tombstoneRetain is how long it is kept by the clock of who made it, which may be wrong by some hours.
	tombstoneRetain = 4 * time.Hour

	// indexRetain is how much longer than its variants an index is kept, so that it is rarely rewritten.
	indexRetain = 30 * 24 * time.Hour

	maxTries = 16 // conditional writes, each lost to another writer
)

// grow returns the index under the slot's key that tells responses apart by needs and lives until retain. It adopts
// what a sibling writer put there meanwhile, and reports record.ErrNotKept where the line the slot saw has ended.
func (s *Shelf) grow(ctx context.Context, sl *slot, needs []string, retain time.Time) (*record.Index, error) {
	seen, version, kept := sl.index, sl.version, sl.retain
	root := sl.lineage()
	for range maxTries {
		next := sl.next(seen, version, needs)
		if seen != nil && next.Generation == seen.Generation && lastsUntil(kept, retain) {
			return seen, nil
		}
		it, err := s.indexItem(sl.layout, next, longer(retain, indexRetain))
		if err != nil {
			return nil, err
		}
		_, err = s.store.Put(ctx, sl.key, it, version)
		if err == nil {
			return next, nil
		}
		if !errors.Is(err, store.ErrChanged) {
			return nil, err
		}
		lies, err := s.store.Get(ctx, sl.key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		seen = new(record.Index)
		if err != nil || !isIndex(lies.Form) || s.unmarshal(ctx, lies, seen) != nil || !descends(seen, root) {
			return nil, record.ErrNotKept
		}
		version, kept = lies.Version, lies.Retain
	}
	return nil, record.ErrNotKept
}

// lineage names what the slot saw, as the From of an index that replaces it does.
func (sl *slot) lineage() string {
	switch {
	case sl.index != nil:
		return sl.index.Generation
	case sl.version == store.Absent:
		return fromNothing
	}
	return sl.layout.hash.hex("", 12, "replaced", string(sl.version))
}

// descends reports whether idx is what root names or grew out of it.
func descends(idx *record.Index, root string) bool {
	return idx.Generation == root || slices.Contains(idx.From, root)
}

// next is the index that replaces seen, or, where seen is nil, the record or the nothing under version. Where it replaces
// something its generation is derived from that, so that writers who race for it agree.
func (sl *slot) next(seen *record.Index, version store.Version, needs []string) *record.Index {
	idx := &record.Index{Key: sl.key, URL: redact.RawURL(sl.query.URL)}
	switch {
	case seen != nil:
		idx.Selectors = union(seen.Selectors, needs)
		idx.Generation, idx.From, idx.Invalidated = seen.Generation, seen.From, seen.Invalidated
		if len(idx.Selectors) > len(seen.Selectors) {
			idx.Generation = sl.layout.hash.hex("", 12, "grown", seen.Generation, strings.Join(idx.Selectors, "\n"))
			idx.From = append([]string{seen.Generation}, seen.From...)
		}
		idx.From = idx.From[:min(len(idx.From), maxFrom)]
	case version == store.Absent:
		idx.Selectors = union(nil, needs)
		idx.Generation, idx.From = randomGeneration(), []string{fromNothing}
	default:
		idx.Selectors = union(nil, needs)
		root := sl.layout.hash.hex("", 12, "replaced", string(version))
		idx.Generation, idx.From = sl.layout.hash.hex("", 12, "instead", root), []string{root}
	}
	return idx
}

// Forget implements record.Backend: an empty index with a new generation makes all that lay under the old one
// unreachable, and its version is one that no slot has seen.
func (s *Shelf) Forget(ctx context.Context, url string) error {
	l, err := s.layout(ctx)
	if err != nil {
		return err
	}
	t := time.Now()
	idx := &record.Index{Key: l.entryKey(url), URL: redact.RawURL(url), Generation: randomGeneration(), Invalidated: t}
	it, err := s.indexItem(l, idx, t.Add(tombstoneRetain))
	if err != nil {
		return err
	}
	_, err = s.store.Put(ctx, idx.Key, it, store.Any)
	return err
}

func randomGeneration() string {
	var b [12]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// union is the sorted set of both.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// lastsUntil reports whether an item retained until kept outlives retain; the zero time is for ever.
func lastsUntil(kept, retain time.Time) bool {
	return kept.IsZero() || !retain.IsZero() && !kept.Before(retain)
}

func longer(retain time.Time, by time.Duration) time.Time {
	if retain.IsZero() {
		return retain
	}
	return retain.Add(by)
}
