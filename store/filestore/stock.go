package filestore

import (
	"context"
	"errors"

	"github.com/larder-go/larder/store"
)

// ready brings the account up to date before a Put: by the lines that other processes wrote, and by a look at the files
// where the indexes alone cannot be trusted, which is so before the first Put and after an index lost lines.
func (s *Store) ready(ctx context.Context) error {
	if s.account == nil {
		return nil
	}
	s.refresh()
	if s.account.maxBytes == 0 || s.account.stocked() {
		return nil
	}
	return s.takeStock(ctx, false)
}

// refresh reads what was added to the indexes. One that cannot be read counts as it was.
func (s *Store) refresh() {
	for i := range s.stripes {
		s.stripes[i].index.update()
	}
}

func (a *account) stocked() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stock
}

// takeStock compares names and sizes of all files with the indexes, and makes these right. It reads only files of which
// they know nothing, or another size. Unless again is set, it does nothing where somebody else did it meanwhile.
func (s *Store) takeStock(ctx context.Context, again bool) error {
	a := s.account
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if !again && a.stocked() {
		return nil
	}
	a.setStock(true) // before the walk: what is lost meanwhile is for the next one
	err := s.compare(ctx)
	if err != nil {
		a.setStock(false)
	}
	return err
}

func (a *account) setStock(done bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stock = done
}

func (s *Store) compare(ctx context.Context) error {
	seen := make(map[uint64]struct{})
	w := walk{s: s, ctx: ctx, visit: func(key string, found []candidate) error {
		h := hashKey(key)
		seen[h] = struct{}{}
		if s.counted(h, found) {
			return nil
		}
		_, err := s.describe(ctx, key, found)
		return s.fatal(ctx, err)
	}}
	if err := w.folder(nil); err != nil {
		return err
	}
	for i := range s.stripes {
		for _, key := range s.stripes[i].index.without(seen) {
			_, err := s.load(ctx, key)
			if err := s.fatal(ctx, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// fatal returns err if it ends the work altogether. A file that cannot be read does not: it is not counted.
func (s *Store) fatal(ctx context.Context, err error) error {
	if alive := s.alive(ctx); err != nil && alive != nil {
		return alive
	}
	if errors.Is(err, store.ErrClosed) {
		return err
	}
	return nil
}

// counted reports whether the account has an item under h of the size of one of these files.
func (s *Store) counted(h uint64, found []candidate) bool {
	size, ok := s.account.ledger(int(h % stripes)).size(h)
	if !ok || len(found) > 1 {
		return false
	}
	info, err := found[0].entry.Info()
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}
