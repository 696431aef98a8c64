package filestore

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/larder-go/larder/store"
)

// account is what a store with limits knows about the sizes of its items: as much as the indexes say, whichever process
// wrote them, and what this process is about to write. A store without limits has none.
type account struct {
	maxBytes int64         // 0: no limit
	maxEntry int64         // 0: no limit
	turn     chan struct{} // holds one token while somebody in this process evicts, or takes stock

	mu      sync.Mutex
	total   int64
	fixed   int64 // of total, what was put without a group
	growing int64 // of total, what items that are being put have more than the ones they replace
	groups  map[string]*group
	kinds   map[string]*kind
	stock   bool // the files have been compared with the indexes, and nothing was lost from these since
	ledgers [stripes]ledger
}

// group is the items that are evicted together.
type group struct {
	name   string
	items  int
	bytes  int64
	read   int64 // nanoseconds since 1970, by this process or as far as the indexes say
	noted  int64 // the same, as the indexes have it
	queued bool  // a line about it is to be written
}

// kind is the items whose keys have the first part in common. An item whose line was lost has lost its group with it, and
// would never be evicted. So it may be evicted, alone, where others of its kind have groups: larder's entries do, its
// sessions never.
type kind struct {
	grouped int   // items
	found   int64 // bytes of those whose line was lost
}

// member is the account's view of one item.
type member struct {
	size   int64
	growth int64 // how much of growing is for it
	group  *group
	kind   *kind
	found  bool // it may have had a group
	busy   bool // it is being put: what the index says is old
}

func newAccount(maxBytes, maxEntry int64) *account {
	a := &account{
		maxBytes: maxBytes, maxEntry: maxEntry, turn: make(chan struct{}, 1),
		groups: make(map[string]*group), kinds: make(map[string]*kind),
	}
	for i := range a.ledgers {
		a.ledgers[i] = ledger{account: a, n: i, items: make(map[uint64]member), notes: make(map[string]string)}
	}
	return a
}

// ledger returns the ledger of a stripe, nil where there is no account.
func (a *account) ledger(n int) *ledger {
	if a == nil {
		return nil
	}
	return &a.ledgers[n]
}

// member makes e a member. A damaged index may say anything of a size.
func (a *account) member(e entry) member {
	m := member{size: min(max(0, e.Size), maxValue), found: e.Found && e.Group == ""}
	first, _, _ := strings.Cut(e.Key, "/")
	if m.kind = a.kinds[first]; m.kind == nil {
		m.kind = new(kind)
		a.kinds[first] = m.kind
	}
	if e.Group == "" {
		return m
	}
	if m.group = a.groups[e.Group]; m.group == nil {
		m.group = &group{name: e.Group} // count puts it into the map
	}
	const latest = 1 << 43 // milliseconds; more is damage, and would not fit into nanoseconds
	if ns := min(e.Read, latest) * int64(time.Millisecond); ns > m.group.noted {
		m.group.noted, m.group.read = ns, max(ns, m.group.read)
	}
	return m
}

// count adds m, sign 1, or takes it off, sign -1.
func (a *account) count(m member, sign int) {
	bytes := int64(sign) * m.size
	a.total += bytes
	a.growing += int64(sign) * m.growth
	switch g := m.group; {
	case g != nil:
		m.kind.grouped += sign
		g.bytes += bytes
		if g.items += sign; g.items == 0 {
			delete(a.groups, g.name)
		} else {
			a.groups[g.name] = g
		}
	case m.found:
		m.kind.found += bytes
	default:
		a.fixed += bytes
	}
}

// errFull says that a Put has no room even if everything is evicted that may be.
var errFull = fmt.Errorf("%w: it is full of items that are not evicted", store.ErrTooLarge)

// check returns an error where m, which is counted, is not within the limits, whatever else were evicted. mu is held.
func (a *account) check(m member) error {
	own := int64(0)
	if m.group != nil {
		own = m.group.bytes
	}
	if a.maxEntry > 0 && own > a.maxEntry {
		return fmt.Errorf("%w: group %s would have %d bytes, at most %d", store.ErrTooLarge, m.group.name, own, a.maxEntry)
	}
	if a.maxBytes == 0 {
		return nil
	}
	stays := a.fixed + own
	for _, k := range a.kinds {
		if k.grouped == 0 {
			stays += k.found
		}
	}
	if stays > a.maxBytes {
		return errFull
	}
	return nil
}

// over reports whether there is more than limit, without counting what items that are being put add: their writers look
// for themselves.
func (a *account) over(limit int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.total-a.growing > limit
}

// grouped reports whether others of key's kind have groups.
func (a *account) grouped(key string) bool {
	first, _, _ := strings.Cut(key, "/")
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.kinds[first]
	return k != nil && k.grouped > 0
}
