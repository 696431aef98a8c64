package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/larder-go/larder/store"
)

// formsName is the file that lists the forms ever put into this folder, one on a line.
const formsName = private + "/forms"

const (
	maxFormsFile = 1 << 20 // more than that is not read
	maxProbes    = 12      // with more forms than that, reading the folder is cheaper than trying each
)

// forms knows the forms that the files of this folder may have, so that a file is found by opening it rather than by
// reading its folder. A form is listed before the first file with it is made, by whatever process. A file in a form that
// was never put (somebody's copy "….json.bak") counts only where there is no other.
type forms struct {
	root *os.Root
	path string // of the file, for the one system call that every Get makes
	mu   sync.Mutex
	size int64    // of the file when it was last read
	list []string // sorted by compareForms; replaced, never changed
}

// current returns the known forms in the order of compareForms.
func (f *forms) current() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refresh()
	return f.list
}

// refresh reads the file where it has changed; the file only grows. mu is held. A file that is gone or cannot be read
// leaves what is known.
func (f *forms) refresh() {
	info, err := os.Stat(f.path)
	if err != nil || info.Size() == f.size {
		return
	}
	file, err := f.root.Open(formsName)
	if err != nil {
		return
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFormsFile))
	if errors.Join(err, file.Close()) != nil {
		return
	}
	f.size = info.Size()
	list := slices.Clone(f.list)
	for line := range strings.Lines(string(data)) {
		form, ended := strings.CutSuffix(line, "\n")
		if form == "-" {
			form = "" // no form at all
		}
		if ended && store.CheckItem(store.Item{Form: form}) == nil {
			list = append(list, form)
		}
	}
	f.set(list)
}

func (f *forms) set(list []string) {
	slices.SortFunc(list, compareForms)
	f.list = slices.Compact(list)
}

// learn adds forms, in memory and in the file. It is called before the first file of such a form is made.
func (f *forms) learn(more ...string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refresh()
	more = slices.DeleteFunc(slices.Clone(more), func(form string) bool { return slices.Contains(f.list, form) })
	if len(more) == 0 {
		return nil
	}
	all := append(slices.Clone(f.list), more...)
	if _, err := f.root.Stat(formsName); errors.Is(err, fs.ErrNotExist) {
		more = all // somebody deleted the file, or there was none yet
	}
	var text strings.Builder
	text.WriteByte('\n') // ends what a killed process may have begun
	for _, form := range more {
		if form == "" {
			form = "-"
		}
		text.WriteString(form + "\n")
	}
	if err := appendFile(f.root, formsName, text.String()); err != nil {
		return err
	}
	f.set(all)
	return nil
}

// appendFile adds text to a file under private in one write, so that processes do not mix.
func appendFile(root *os.Root, name, text string) error {
	open := func() (*os.File, error) {
		return root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	}
	f, err := open()
	if errors.Is(err, fs.ErrNotExist) {
		if err = root.MkdirAll(private, 0o700); err != nil {
			return err
		}
		f, err = open()
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
