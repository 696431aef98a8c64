package filestore

import (
	"context"
	"time"
)

// noteEvery is how often the reading of a group is written down. Other processes, and this one when it is started again,
// know when a group was last read to within this time.
const noteEvery = int64(time.Hour)

// closeWait is how long Close waits for another process, to write down what was read.
const closeWait = 2 * time.Second

// read notes, in memory, that the item key of a group was read. A line in the index follows with the next write to this
// stripe, with the next eviction or with Close, so that a hit writes nothing.
func (b *ledger) read(key, name string, now time.Time) {
	if b.maxBytes == 0 || name == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.groups[name]
	if g == nil {
		return
	}
	g.read = now.UnixNano()
	if g.read-g.noted >= noteEvery && !g.queued {
		g.queued = true
		b.notes[key] = name
	}
}

// taken is a note on its way into the index.
type taken struct {
	key, group string
	read       int64 // milliseconds since 1970
}

// take returns the notes that are to be written, and takes them for written: what fails to be costs recency, no more.
func (b *ledger) take() []taken {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []taken
	for key, name := range b.notes {
		if g := b.groups[name]; g != nil {
			g.queued, g.noted = false, g.read
			all = append(all, taken{key, name, g.read / int64(time.Millisecond)})
		}
	}
	clear(b.notes)
	return all
}

func (b *ledger) hasNotes() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.notes) > 0
}

// lastRead returns when a group was last read, in nanoseconds since 1970.
func (a *account) lastRead(name string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if g := a.groups[name]; g != nil {
		return g.read
	}
	return 0
}

// noteReads writes down what was read since the last time. It is only a help: what cannot be written is left.
func (s *Store) noteReads(ctx context.Context) {
	if s.account == nil {
		return
	}
	for i := range s.stripes {
		st := &s.stripes[i]
		if !st.index.book.hasNotes() {
			continue
		}
		unlock, err := s.lock(ctx, st)
		if err != nil {
			return
		}
		_ = st.index.add()
		unlock()
	}
}
