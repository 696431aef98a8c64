package filestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/larder-go/larder/store"
)

// maxPasses bounds how often a Put evicts in vain.
const maxPasses = 10

// keepWithin evicts where a Put has taken the sum over the limit. No lock of a stripe is held. What was put is v under
// key; where there is no room for it, it is taken back. Once the file stands the work is done to its end, whatever ctx
// says.
func (s *Store) keepWithin(ctx context.Context, key, own string, v store.Version, replaced bool) error {
	a := s.account
	if a == nil || a.maxBytes == 0 || !a.over(a.maxBytes) {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	// One pass is enough, unless other processes write faster than this one evicts.
	var err error
	for evicted, pass := 1, 0; evicted > 0 && pass < maxPasses && a.over(a.maxBytes); pass++ {
		evicted, err = s.evict(ctx, own)
		s.refresh()
	}
	if !a.over(a.maxBytes) {
		return nil
	}
	// Room was reckoned before, so another process took it, or what should go cannot be removed.
	if replaced && own == "" {
		return nil // the old item is gone, and nobody could bring it back: too much is better than nothing
	}
	if e := s.remove(ctx, key, v); e != nil && !errors.Is(e, store.ErrChanged) {
		err = errors.Join(err, e)
	}
	if err != nil {
		return fmt.Errorf("%w: no room could be made: %w", store.ErrTooLarge, err)
	}
	return errFull
}

// evict removes groups until a tenth of the limit is free, so that the next walk is a good while off, and returns how
// many went. The group spare stays. Other processes may do the same at once: what they removed is simply gone.
func (s *Store) evict(ctx context.Context, spare string) (evicted int, err error) {
	s.noteReads(ctx)
	low := s.account.maxBytes - s.account.maxBytes/10
	for _, v := range s.victims(time.Now(), spare) {
		if !s.account.over(low) {
			break
		}
		if e := s.alive(ctx); e != nil {
			return evicted, e
		}
		if e := s.evictGroup(ctx, v); e != nil {
			err = errors.Join(err, e) // another group may do
			continue
		}
		evicted++
	}
	return evicted, err
}

// victim is a group that may be evicted.
type victim struct {
	items   []doomed
	used    int64 // when it was read, or put where that is later; nanoseconds since 1970
	expired bool  // Retain of every item has passed
}

// doomed is an item of a victim, as it was when the index was read.
type doomed struct {
	key     string
	version store.Version
	mtime   int64
}

// victims returns what may be evicted, what goes first first. It reads the indexes, and no file.
func (s *Store) victims(now time.Time, spare string) []*victim {
	all := make(map[string]*victim)
	var alone []line // whose group was lost
	for i := range s.stripes {
		s.stripes[i].index.each(func(l line) {
			if l.Group == "" {
				if l.Found {
					alone = append(alone, l)
				}
				return
			}
			if l.Group == spare {
				return
			}
			v := all[l.Group]
			if v == nil {
				v = &victim{expired: true, used: s.account.lastRead(l.Group)}
				all[l.Group] = v
			}
			v.add(l, now)
		})
	}
	list := slices.Collect(maps.Values(all))
	for _, l := range alone {
		if s.account.grouped(l.Key) {
			v := new(victim)
			v.add(l, now)
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b *victim) int {
		switch {
		case a.expired && !b.expired:
			return -1
		case b.expired && !a.expired:
			return 1
		}
		return cmp.Compare(a.used, b.used)
	})
	return list
}

func (v *victim) add(l line, now time.Time) {
	v.items = append(v.items, doomed{l.Key, l.Version, l.MTime})
	v.used = max(v.used, l.MTime)
	v.expired = v.expired && l.Retain != 0 && l.Retain <= now.UnixMilli()
}

// evictGroup removes the items of a group, what was put last first: the record before its chunks, so that whatever stops
// this leaves no record without them. Where the clock of the file system is too coarse to tell, the key decides, which
// suits larder's.
func (s *Store) evictGroup(ctx context.Context, v *victim) error {
	slices.SortFunc(v.items, func(a, b doomed) int {
		return cmp.Or(cmp.Compare(b.mtime, a.mtime), cmp.Compare(b.key, a.key))
	})
	for _, d := range v.items {
		err := s.evictItem(ctx, d)
		if errors.Is(err, store.ErrChanged) {
			// Changed by hand, and not for us to remove. The index shall know.
			if _, err = s.load(ctx, d.key); errors.Is(err, store.ErrNotFound) {
				err = nil
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// evictItem removes an item if it still is the one that was listed. Its file is read only where it does not look like the
// one that the index speaks of.
func (s *Store) evictItem(ctx context.Context, d doomed) error {
	st := s.stripe(d.key)
	unlock, err := s.lock(ctx, st)
	if err != nil {
		return err
	}
	defer unlock()
	l, listed := st.index.lookup(d.key)
	if !listed || l.Version != d.version {
		return nil // another process was here
	}
	found, err := s.all(d.key, true)
	if err != nil {
		return err
	}
	if len(found) > 0 && !s.unchanged(l, found[0]) {
		if err := s.judge(d.key, found, d.version); err != nil {
			return err
		}
	}
	return s.removeFiles(st, d.key, found)
}

// unchanged reports whether the file of l's key in the given form looks like the one that l was written for.
func (s *Store) unchanged(l line, form string) bool {
	info, err := s.root.Lstat(fileName(l.Key, form))
	return err == nil && info.Mode().IsRegular() && l.fitsFile(form, info)
}
