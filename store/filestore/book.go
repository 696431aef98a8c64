package filestore

import (
	"encoding/json"

	"github.com/larder-go/larder/store"
)

// entry is what an account wants to know of l.
func (l line) entry() entry {
	return entry{Key: l.Key, Size: l.Size, Group: l.Group, Read: l.Read, Found: l.Found}
}

// update reads what was added.
func (x *index) update() {
	x.mu.Lock()
	defer x.mu.Unlock()
	_ = x.refresh()
}

// enter counts a line in the book, or with the lines that will be there soon.
func (x *index) enter(h uint64, there bool, text []byte) {
	var e entry
	if there && (json.Unmarshal(text, &e) != nil || store.CheckKey(e.Key) != nil) {
		return // damage: no such item can be there, so nobody would ever take it off again
	}
	switch {
	case x.fresh != nil && there:
		x.fresh[h] = e
	case x.fresh != nil:
		delete(x.fresh, h)
	case there:
		x.book.enter(h, e)
	default:
		x.book.strike(h)
	}
}

// believe hands over what a reading from the beginning found.
func (x *index) believe() {
	if x.fresh != nil {
		x.book.replace(x.fresh)
		x.fresh = nil
	}
}

// reads returns the lines that note what was read: the last ones of their keys, with the time. mu is held.
func (x *index) reads() []line {
	var lines []line
	for _, n := range x.book.take() {
		off, ok := x.lines[hashKey(n.key)]
		if !ok {
			continue
		}
		if l, err := x.at(off); err == nil && l.Key == n.key && l.Group == n.group {
			l.Read = n.read
			lines = append(lines, l)
		}
	}
	return lines
}

// settle ends what book.reserve began, with what the index says now. The stripe's lock is held.
func (x *index) settle(key string) {
	if x.book == nil {
		return
	}
	l, listed := x.lookup(key)
	x.book.settle(hashKey(key), l.entry(), listed)
}

// each calls do with the last line of every key.
func (x *index) each(do func(line)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refresh() != nil {
		return
	}
	for h, off := range x.lines {
		if l, err := x.at(off); err == nil && hashKey(l.Key) == h {
			do(l)
		}
	}
}

// without returns the keys that have lines but are not in seen.
func (x *index) without(seen map[uint64]struct{}) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refresh() != nil {
		return nil
	}
	var keys []string
	for h, off := range x.lines {
		if _, ok := seen[h]; ok {
			continue
		}
		if l, err := x.at(off); err == nil && store.CheckKey(l.Key) == nil {
			keys = append(keys, l.Key)
		}
	}
	return keys
}
