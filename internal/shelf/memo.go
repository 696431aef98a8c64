package shelf

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

const (
	memoPlaces = 512      // records that are remembered
	memoBytes  = 80 << 10 // longest value of one: a record with a body of 64 KiB and a long head
)

// memo remembers what items that were read before hold, so that those asked for all the time are not decoded each time:
// formats that people read take many times as long as the read itself. A version names one content of a key, so what is
// remembered of it never becomes wrong. Each key has one place, and takes it from whoever was there.
type memo struct {
	seed   maphash.Seed
	places [memoPlaces]atomic.Pointer[remembered]
}

type remembered struct {
	key     string
	version store.Version
	rec     *record.Record
}

func (m *memo) place(key string) *atomic.Pointer[remembered] {
	return &m.places[maphash.String(m.seed, key)%memoPlaces]
}

// get returns the record in it as the caller's own, or nil where it is not known.
func (m *memo) get(it store.Item) *record.Record {
	r := m.place(it.Key).Load()
	if r == nil || r.key != it.Key || r.version != it.Version {
		return nil
	}
	return own(r.rec)
}

// put remembers rec, which nobody may change any more.
func (m *memo) put(it store.Item, rec *record.Record) {
	if it.Version != store.Absent && len(it.Value) <= memoBytes {
		m.place(it.Key).Store(&remembered{key: it.Key, version: it.Version, rec: rec})
	}
}

// own is rec with a header that may be changed.
func own(rec *record.Record) *record.Record {
	c := *rec
	c.Header = rec.Header.Clone()
	return &c
}
