package shelf

import (
	"slices"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
	"github.com/larder-go/larder/store"
)

// slot is a place for a response as it was when it was looked up. It is read only once Find has returned it.
type slot struct {
	layout *layout
	query  record.Query
	seenAt time.Time

	key     string        // of the URL's record or index
	version store.Version // seen there
	retain  time.Time     // of the item seen there

	index          *record.Index // that lies there; nil: a record, something unreadable, or nothing
	variant        string        // key of the request's variant under index
	variantVersion store.Version // seen there

	found [1]record.Stored // backs what Find returns
}

// FlightKey implements record.Slot.
func (sl *slot) FlightKey() string {
	if sl.index != nil {
		return sl.variant
	}
	return sl.key
}

// Alike implements record.Slot.
func (sl *slot) Alike(other record.Slot, names []string) bool {
	o, ok := other.(*slot)
	if !ok || o.key != sl.key {
		return false
	}
	for _, name := range names {
		if sl.value(name) != o.value(name) {
			return false
		}
	}
	return true
}

// where is the key that the request's record has, and the version seen there.
func (sl *slot) where() (string, store.Version) {
	if sl.index != nil {
		return sl.variant, sl.variantVersion
	}
	return sl.key, sl.version
}

// fits reports whether a record that selectors tell apart from its siblings may be given to the slot's request: what
// the request needs must be among them, unless the response is public.
func (sl *slot) fits(selectors []string, rec *record.Record) bool {
	for _, s := range sl.query.Select {
		switch {
		case slices.Contains(selectors, s.Name):
		case s.Always:
			return false
		case s.Needs && !rfc9111.Public(rec.Header), s.Personal && rfc9111.Personal(rec.Header):
			return false
		}
	}
	return true
}

// covers reports whether the place seen tells responses apart by all of needs already.
func (sl *slot) covers(needs []string) bool {
	var have []string
	if sl.index != nil {
		have = sl.index.Selectors
	}
	for _, n := range needs {
		if !slices.Contains(have, n) {
			return false
		}
	}
	return true
}
