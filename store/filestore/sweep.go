package filestore

import (
	"path"
	"strings"
	"time"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
)

// tempAge is how old a temporary file must be before its writer is believed dead. A writer that lives all the same, on a
// machine that slept for instance, writes once more.
const tempAge = time.Hour

// sweep removes what killed writers left behind. It is only tidiness, so what cannot be read or removed stays.
func (s *Store) sweep() {
	for _, dir := range []string{tempDir, private} {
		entries, err := s.entries(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), atomicfile.TempPrefix) {
				continue
			}
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > tempAge {
				_ = s.root.Remove(path.Join(dir, e.Name())) // another process may have been faster
			}
		}
	}
}

// learnForms makes the list of forms from the files where there is none: in a folder that came without .larder.
func (s *Store) learnForms() error {
	if !fileMissing(s.root, formsName) {
		return nil
	}
	seen := make(map[string]bool)
	if err := s.formsBelow(nil, seen); err != nil {
		return err
	}
	var all []string
	for form := range seen {
		all = append(all, form)
	}
	// What was found is known now, whether or not the list can be written here.
	s.forms.mu.Lock()
	s.forms.set(all)
	s.forms.mu.Unlock()
	return nil
}

func (s *Store) formsBelow(parts []string, seen map[string]bool) error {
	entries, err := s.entries(path.Join(".", path.Join(parts...)))
	if err != nil {
		return err
	}
	for _, found := range s.items(parts, entries, "") {
		for _, c := range found {
			seen[c.form] = true
		}
	}
	for _, e := range entries {
		below := append(parts[:len(parts):len(parts)], e.Name())
		if _, ok := folderKey(below); !ok || !e.IsDir() || store.CheckKey(e.Name()) != nil {
			continue
		}
		if err := s.formsBelow(below, seen); err != nil {
			return err
		}
	}
	return nil
}
