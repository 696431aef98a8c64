package filestore

// ledger is the part of an account that comes from one index. It is nil in a store without limits, which reserve and take
// allow for.
type ledger struct {
	*account
	n     int // of the stripe
	items map[uint64]member
	notes map[string]string // group by key of an item that was read: lines that are to be written
}

// entry is what a line of an index says of an item, as far as an account wants to know.
type entry struct {
	Key   string `json:"key"`
	Size  int64  `json:"size"`
	Group string `json:"group"`
	Read  int64  `json:"read"`
	Found bool   `json:"found"`
}

// set replaces what is known under h. The new is counted before the old, so that a group of one item keeps its past.
func (b *ledger) set(h uint64, m member) {
	b.count(m, 1)
	b.drop(h)
	b.items[h] = m
}

func (b *ledger) drop(h uint64) {
	if old, ok := b.items[h]; ok {
		b.count(old, -1)
		delete(b.items, h)
	}
}

// enter notes a line of the index.
func (b *ledger) enter(h uint64, e entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.member(e); !b.items[h].busy {
		b.set(h, m)
	}
}

// strike notes that the index has no line about h any more.
func (b *ledger) strike(h uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.items[h].busy {
		b.drop(h)
	}
}

// replace notes all lines of an index that was read from its beginning, in one step, so that nobody sees a sum too low.
// Lines that were there before may have been lost rather than removed; only a look at the files tells.
func (b *ledger) replace(all map[uint64]entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for h, e := range all {
		if m := b.member(e); !b.items[h].busy {
			b.set(h, m)
		}
	}
	for h, m := range b.items {
		if _, ok := all[h]; !ok && !m.busy {
			b.drop(h)
			b.stock = false
		}
	}
}

// reserve counts an item before it is written, or returns an error where a limit forbids it. What it counted stands until
// settle. The stripe's lock is held and its index was looked at.
func (b *ledger) reserve(h uint64, e entry) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old, had := b.items[h]
	m := b.member(e)
	m.busy, m.growth = true, max(0, m.size-old.size)
	b.set(h, m)
	err := b.check(m)
	if err == nil {
		return nil
	}
	if had {
		b.set(h, old)
	} else {
		b.drop(h)
	}
	return err
}

// settle ends what reserve began: from now on the index is believed again, which says e, or nothing.
func (b *ledger) settle(h uint64, e entry, listed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if listed {
		b.set(h, b.member(e))
	} else {
		b.drop(h)
	}
}

// size returns what is counted for h.
func (b *ledger) size(h uint64) (size int64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.items[h]
	return m.size, ok
}
