package filestore

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/larder-go/larder/store"
)

// List implements [store.Store]. It reads the files that the index does not know or that were changed by hand, no others.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		w := walk{s: s, ctx: ctx, prefix: prefix, visit: func(key string, found []candidate) error {
			it, err := s.describe(ctx, key, found)
			if errors.Is(err, store.ErrNotFound) {
				return nil // deleted meanwhile
			}
			if err == nil && !yield(it, nil) {
				err = errLeft
			}
			return err
		}}
		if err := w.folder(nil); err != nil && !errors.Is(err, errLeft) {
			yield(store.Item{}, fail("list", prefix, err))
		}
	}
}

// errLeft says that the loop over a List was left.
var errLeft = errors.New("left")

// walk is one run through the folder, of a List for instance.
type walk struct {
	s      *Store
	ctx    context.Context
	prefix string
	visit  func(key string, found []candidate) error // is called with the files of every key; an error ends the run
}

// alive is what long work asks now and then.
func (s *Store) alive(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// folder visits what lies in the folder of these parts and below.
func (w *walk) folder(parts []string) error {
	if err := w.s.alive(w.ctx); err != nil {
		return err
	}
	entries, err := w.s.entries(path.Join(".", path.Join(parts...)))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || store.CheckKey(e.Name()) != nil {
			continue
		}
		below := append(slices.Clip(parts), e.Name())
		start, ok := folderKey(below)
		if !ok || !strings.HasPrefix(start, w.prefix) && !strings.HasPrefix(w.prefix, start) {
			continue
		}
		if err := w.folder(below); err != nil {
			return err
		}
	}
	return w.files(parts, entries)
}

// files visits the items among the entries of one folder.
func (w *walk) files(parts []string, entries []fs.DirEntry) error {
	for key, found := range w.s.items(parts, entries, w.prefix) {
		if err := w.s.alive(w.ctx); err != nil {
			return err
		}
		if err := w.visit(key, found); err != nil {
			return err
		}
	}
	return nil
}

// candidate is a file that may be an item's.
type candidate struct {
	form  string
	entry fs.DirEntry
}

// items groups files by key. Links are among them, and judged when they are opened.
func (s *Store) items(parts []string, entries []fs.DirEntry, prefix string) map[string][]candidate {
	found := make(map[string][]candidate)
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		base, form, ok := split(e.Name())
		if !ok {
			continue
		}
		if key, ok := fileKey(parts, base); ok && strings.HasPrefix(key, prefix) {
			found[key] = append(found[key], candidate{form, e})
		}
	}
	return found
}

// describe returns an item without its value.
func (s *Store) describe(ctx context.Context, key string, found []candidate) (store.Item, error) {
	best := found[0]
	if len(found) > 1 {
		order := byForm(s.forms.current())
		best = slices.MinFunc(found, func(a, b candidate) int { return order(a.form, b.form) })
	}
	if info, err := best.entry.Info(); err == nil && info.Mode().IsRegular() {
		if l, ok := s.stripe(key).index.lookup(key); ok && l.fitsFile(best.form, info) {
			it := store.Item{Key: key, Form: l.Form, Version: l.Version, Size: l.Size, Stored: info.ModTime()}
			l.fill(&it)
			return it, nil
		}
	}
	it, err := s.load(ctx, key)
	if err != nil {
		return store.Item{}, err
	}
	s.adopt(ctx, key)
	it.Value = nil
	return it, nil
}

// adopt gives an item a line in the index that fits its file, so that List need not read the file again: where there was
// none, or where the file has the same bytes but another time, as after copying the folder.
func (s *Store) adopt(ctx context.Context, key string) {
	unlock, err := s.lock(ctx, s.stripe(key))
	if err != nil {
		return
	}
	defer unlock()
	if it, _, err := s.look(key); err == nil {
		s.note(key, it)
	}
}

// entries reads a folder. One that is gone, or was replaced by something else, is empty.
func (s *Store) entries(dir string) ([]fs.DirEntry, error) {
	d, err := s.root.Open(dir)
	if err != nil {
		return nil, s.unlessGone(dir, err)
	}
	entries, err := d.ReadDir(-1)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return entries, errors.Join(err, d.Close())
}
