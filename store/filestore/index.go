package filestore

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/larder-go/larder/internal/atomicfile"
	"github.com/larder-go/larder/store"
)

const (
	maxLine   = 8 << 10 // bytes; a longer line is not ours
	slackLine = 512     // lines beyond twice the living ones before the index is written anew
)

// line is what an index says about one item, as a line of JSON. A line without a version says that the item is gone. The
// last line about a key counts, and only as far as version, or else size and time, fit the file.
type line struct {
	Key     string        `json:"key"`
	Version store.Version `json:"version,omitempty"`
	Form    string        `json:"form,omitempty"`
	Size    int64         `json:"size,omitempty"`
	MTime   int64         `json:"mtime,omitempty"`  // of the file, nanoseconds since 1970
	Retain  int64         `json:"retain,omitempty"` // milliseconds since 1970; 0: never
	Group   string        `json:"group,omitempty"`
	Label   []byte        `json:"label,omitempty"`
	Read    int64         `json:"read,omitempty"`  // when the group was read, milliseconds since 1970; 0: not known
	Found   bool          `json:"found,omitempty"` // made from the file: what Retain, Group and Label were is not known
}

func newLine(key string, it store.Item, v store.Version, info fs.FileInfo) line {
	l := line{
		Key: key, Version: v, Form: it.Form, Size: info.Size(), MTime: info.ModTime().UnixNano(),
		Group: it.Group, Label: it.Label,
	}
	if !it.Retain.IsZero() {
		// An item may well be retained until the first instant of 1970, but 0 has another meaning.
		if l.Retain = it.Retain.UnixMilli(); l.Retain == 0 {
			l.Retain = 1
		}
	}
	return l
}

// fitsFile reports whether the file looks like the one that the line was written for, without reading it.
func (l line) fitsFile(form string, info fs.FileInfo) bool {
	return l.Version != "" && l.Form == form && l.Size == info.Size() && l.MTime == info.ModTime().UnixNano()
}

// fill sets the fields of it that the file does not hold.
func (l line) fill(it *store.Item) {
	it.Label, it.Group = l.Label, l.Group
	if l.Retain != 0 {
		it.Retain = time.UnixMilli(l.Retain)
	}
}

// index is one append-only file of lines, and where in it the last line of each key begins. Lines are added under the
// stripe's lock, so they never mix; they are read without it.
type index struct {
	root *os.Root
	name string
	path string // the same from outside the root: to look at it is one system call there, three inside

	mu    sync.Mutex
	f     *os.File // kept open: as long as it is, its inode names no other file
	info  fs.FileInfo
	read  int64            // bytes of whole lines that were looked at
	size  int64            // of the file when it was looked at
	lines map[uint64]int64 // by hash of the key: offset. A collision loses a label, no more
	count int              // lines in the file
	floor int              // no compaction below this many lines

	book  *ledger          // where lines are counted too; nil in a store without limits
	fresh map[uint64]entry // what goes into book when a file that is read from its beginning is read to its end; else nil
}

// lookup returns the last line about key, if there is one.
func (x *index) lookup(key string) (line, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refresh() != nil {
		return line{}, false // an index that cannot be read is no index
	}
	off, ok := x.lines[hashKey(key)]
	if !ok {
		return line{}, false
	}
	l, err := x.at(off)
	return l, err == nil && l.Key == key && l.Version != ""
}

// at reads the line at an offset.
func (x *index) at(off int64) (line, error) {
	var l line
	text, err := bufio.NewReaderSize(io.NewSectionReader(x.f, off, maxLine), 1<<10).ReadBytes('\n')
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(text, &l)
}

// refresh looks at what was added, or at the whole file where it is another than before. mu is held.
func (x *index) refresh() error {
	info, err := os.Stat(x.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = x.reset()
		x.believe()
		return err
	}
	if err != nil {
		return err
	}
	if x.f != nil && os.SameFile(info, x.info) && info.Size() == x.size {
		return nil
	}
	if x.f == nil || !os.SameFile(info, x.info) || info.Size() < x.size {
		if err := x.reset(); err != nil {
			return err
		}
		if x.f, err = x.root.Open(x.name); err != nil {
			return err
		}
		if x.info, err = x.f.Stat(); err != nil {
			return errors.Join(err, x.reset())
		}
	}
	return x.readOn(info.Size())
}

// readOn notes the lines behind those that were looked at, up to size. A last line without end is left for the next time.
func (x *index) readOn(size int64) error {
	more := size - x.read
	r := bufio.NewReaderSize(io.NewSectionReader(x.f, x.read, more), int(min(more+1, 64<<10)))
	for {
		text, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			x.size = x.read + int64(len(text))
			x.believe()
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
			// No line of ours is that long. What follows up to its end is no better, and is refused by json.
		case err != nil:
			return err
		}
		x.note(text)
		x.read += int64(len(text))
	}
}

func (x *index) note(text []byte) {
	x.count++
	var l struct {
		Key     string        `json:"key"`
		Version store.Version `json:"version"`
	}
	if len(text) > maxLine || json.Unmarshal(text, &l) != nil || l.Key == "" {
		return
	}
	h := hashKey(l.Key)
	if l.Version == "" {
		delete(x.lines, h)
	} else {
		x.lines[h] = x.read
	}
	if x.book != nil && h%stripes == uint64(x.book.n) {
		x.enter(h, l.Version != "", text)
	}
}

// reset forgets everything. mu is held.
func (x *index) reset() error {
	var err error
	if x.f != nil {
		err = x.f.Close()
	}
	x.f, x.info, x.read, x.size, x.count = nil, nil, 0, 0, 0
	x.lines = make(map[uint64]int64)
	if x.book != nil {
		x.fresh = make(map[uint64]entry)
	}
	return err
}

func (x *index) close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.reset()
}

// add appends lines, and what is to be noted about groups that were read. The stripe's lock is held.
func (x *index) add(lines ...line) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	begin := ""
	if x.refresh() == nil {
		if x.count > max(2*len(x.lines)+slackLine, x.floor) {
			x.compact()
		}
		if x.size > x.read {
			begin = "\n" // a killed process left half a line
		}
		lines = append(x.reads(), lines...)
	}
	if len(lines) == 0 {
		return nil
	}
	text := []byte(begin)
	for _, l := range lines {
		one, err := json.Marshal(l)
		if err != nil {
			return err
		}
		text = append(append(text, one...), '\n')
	}
	err := appendFile(x.root, x.name, string(text))
	if err == nil && x.book != nil {
		_ = x.refresh() // counts it; should that fail, the next look will
	}
	return err
}

// compact writes the index anew with the lines that count and whose file is there. It is only tidiness: where it fails
// the old one goes on. The stripe's lock and mu are held.
func (x *index) compact() {
	x.floor = 2 * x.count // should it fail, not again at once
	f, err := atomicfile.Create(x.root, x.name, &atomicfile.Options{TempDir: private})
	if err != nil {
		return
	}
	w := bufio.NewWriter(f)
	for _, off := range x.lines {
		l, err := x.at(off)
		if err != nil {
			continue
		}
		if _, err := x.root.Lstat(fileName(l.Key, l.Form)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		text, err := json.Marshal(l)
		if err == nil {
			_, err = w.Write(append(text, '\n'))
		}
		if err != nil {
			_ = f.Discard() // a leftover is swept some day
			return
		}
	}
	if w.Flush() != nil {
		_ = f.Discard()
		return
	}
	if f.Commit() == nil && x.refresh() == nil {
		x.floor = 0
	}
}
