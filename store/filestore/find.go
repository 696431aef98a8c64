package filestore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/larder-go/larder/store"
)

// file is an open file of an item.
type file struct {
	*os.File
	name string // slash-separated, inside the root
	form string
	info fs.FileInfo
}

// find opens the file that counts for key. Without the stripe's lock it may miss one that is being replaced by one of
// another form; Get asks the index whether to look again.
func (s *Store) find(key string) (*file, error) {
	known := s.forms.current()
	if len(known) <= maxProbes {
		for _, form := range known {
			f, err := s.openFile(key, form)
			if err == nil || !errors.Is(err, store.ErrNotFound) {
				return f, err
			}
		}
	}
	found, err := s.scan(key, known)
	if err != nil {
		return nil, err
	}
	for _, form := range found {
		f, err := s.openFile(key, form)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return f, err
		}
	}
	return nil, store.ErrNotFound
}

// openFile opens key's file of the given form. What is no file, or a link that leads nowhere or out of the folder, is
// not found: a Put will replace it.
func (s *Store) openFile(key, form string) (*file, error) {
	name := fileName(key, form)
	f, err := s.root.Open(name)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		return nil, store.ErrNotFound
	case errors.Is(err, os.ErrClosed), s.regular(name):
		return nil, err
	default:
		return nil, store.ErrNotFound
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Join(store.ErrNotFound, f.Close())
	}
	return &file{File: f, name: name, form: form, info: info}, nil
}

// regular reports whether a file of this name can be seen.
func (s *Store) regular(name string) bool {
	info, err := s.root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// scan reads the folder of key and returns the forms of its files in the order in which they count.
func (s *Store) scan(key string, known []string) ([]string, error) {
	dir, base := place(key)
	d, err := s.root.Open(dir)
	if err != nil {
		return nil, s.unlessGone(dir, err)
	}
	defer d.Close()
	var found []string
	for {
		names, err := d.Readdirnames(512)
		for _, name := range names {
			if b, form, ok := split(name); ok && b == base {
				found = append(found, form)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) { // the end, or the folder was removed meanwhile
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, byForm(known))
	return found, nil
}

// unlessGone returns err, met when the folder dir was opened, or nil where there is no such folder, or a file in its
// place: no item can be there.
func (s *Store) unlessGone(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || !errors.Is(err, os.ErrClosed) && !s.isDir(dir) {
		return nil
	}
	return err
}

func (s *Store) isDir(name string) bool {
	info, err := s.root.Stat(name)
	return err == nil && info.IsDir()
}

// byForm orders forms that were put before others, and then as compareForms does.
func byForm(known []string) func(a, b string) int {
	return func(a, b string) int {
		x, y := slices.Contains(known, a), slices.Contains(known, b)
		switch {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return compareForms(a, b)
	}
}

// all returns the forms of the files of key in the order in which they count. Forms that were never put are among them
// only where there is no other, or where everything is wanted. The stripe's lock is held.
func (s *Store) all(key string, everything bool) ([]string, error) {
	known := s.forms.current()
	seen := func(form string) bool { return s.regular(fileName(key, form)) }
	var found []string
	if len(known) <= maxProbes && !everything {
		for _, form := range known {
			if seen(form) {
				found = append(found, form)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	found, err := s.scan(key, known)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(form string) bool { return !seen(form) })
	if !everything && len(found) > 0 && slices.Contains(known, found[0]) {
		found = slices.DeleteFunc(found, func(form string) bool { return !slices.Contains(known, form) })
	}
	return found, nil
}

// read reads the file to its end and closes it.
func (f *file) read() ([]byte, error) {
	size := f.info.Size()
	if size > maxValue {
		return nil, errors.Join(fmt.Errorf("%w: %s has %d bytes, at most %d are read", store.ErrTooLarge, f.name, size, maxValue), f.Close())
	}
	// One byte more shows the end without another round; a file that grew meanwhile is read on.
	data := make([]byte, 0, size+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, f.Close()
		}
		if err == nil && len(data) > maxValue {
			err = fmt.Errorf("%w: %s grew while it was read", store.ErrTooLarge, f.name)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, 4096)
		}
	}
}

// versionOf is a hash of what an item holds. Forms hold no NUL, so form and value cannot run together.
func versionOf(form string, value []byte) store.Version {
	h := sha256.New()
	h.Write(append([]byte(form), 0))
	h.Write(value)
	return store.Version(hex.EncodeToString(h.Sum(nil)[:16]))
}

// version reads the file of a form and returns its version. The stripe's lock is held.
func (s *Store) version(key, form string) (store.Version, error) {
	f, err := s.openFile(key, form)
	if err != nil {
		return "", err
	}
	data, err := f.read()
	if err != nil {
		return "", err
	}
	return versionOf(form, data), nil
}

// parents yields dir and the folders above it inside the root, without the root itself.
func parents(dir string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for ; dir != "." && dir != "/"; dir = path.Dir(dir) {
			if !yield(dir) {
				return
			}
		}
	}
}
