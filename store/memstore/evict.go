package memstore

import (
	"container/heap"
	"container/list"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/store"
)

// keeper is the bookkeeping of the budget. All of it is guarded by Store.write, but for group.read.
type keeper struct {
	total    int64             // cost of all entries
	groups   map[string]*group // by name
	clock    list.List         // of *group; the front is under the hand
	grouped  int64             // cost of the entries in groups
	expiring expiring          // entries without group that have a Retain
}

// group is a set of entries that are evicted together.
type group struct {
	name    string
	members map[*entry]struct{}
	cost    int64
	place   *list.Element
	read    atomic.Bool // since the hand passed
}

func (k *keeper) add(e *entry) {
	k.total += e.cost
	name := e.item.Group
	if name == "" {
		if !e.item.Retain.IsZero() {
			heap.Push(&k.expiring, e)
		}
		return
	}
	g := k.groups[name]
	if g == nil {
		g = &group{name: name, members: make(map[*entry]struct{})}
		g.place = k.clock.PushBack(g)
		k.groups[name] = g
	}
	e.group = g
	g.members[e] = struct{}{}
	g.cost += e.cost
	k.grouped += e.cost
	// g.read stays as it is: what is only written and never read goes first.
}

func (k *keeper) remove(e *entry) {
	k.total -= e.cost
	if e.heap >= 0 {
		heap.Remove(&k.expiring, e.heap)
	}
	g := e.group
	if g == nil {
		return
	}
	delete(g.members, e)
	g.cost -= e.cost
	k.grouped -= e.cost
	if len(g.members) == 0 {
		k.clock.Remove(g.place)
		delete(k.groups, g.name)
	}
}

// fitsEntry returns an error where the group of fresh would be larger than one may be, with fresh in the place of old,
// which may be nil. write is held.
func (s *Store) fitsEntry(fresh, old *entry) error {
	if fresh.item.Group == "" {
		return nil
	}
	size := fresh.cost
	if g := s.keeper.groups[fresh.item.Group]; g != nil {
		size += g.cost
		if old != nil && old.group == g {
			size -= old.cost
		}
	}
	if size > s.entry {
		return fmt.Errorf("%w: group %s would have %d bytes, at most %d", store.ErrTooLarge, fresh.item.Group, size, s.entry)
	}
	return nil
}

// makeRoom evicts until fresh fits in the place of old, which may be nil. What belongs to the group of fresh stays, and
// so does old. If that is not enough, nothing but expired items has been dropped. write is held.
func (s *Store) makeRoom(fresh, old *entry, now time.Time) error {
	k := &s.keeper
	need := fresh.cost
	if old != nil {
		need -= old.cost
	}
	if k.total+need <= s.max {
		return nil
	}
	if old != nil && old.heap >= 0 {
		// It makes way in any case, so it must not be dropped as expired; if Put is refused after all, it is back.
		heap.Remove(&k.expiring, old.heap)
		defer heap.Push(&k.expiring, old)
	}
	for len(k.expiring) > 0 && k.total+need > s.max && !k.expiring[0].item.Retain.After(now) {
		s.drop(k.expiring[0])
	}
	own := k.groups[fresh.item.Group]
	evictable := k.grouped
	if own != nil {
		evictable -= own.cost
	}
	if old != nil && old.group != nil && old.group != own {
		evictable -= old.cost // counted in need already
	}
	if k.total+need-evictable > s.max {
		return fmt.Errorf("%w: %d bytes more, %d of %d are taken and %d may be evicted",
			store.ErrTooLarge, need, k.total, s.max, evictable)
	}
	for k.total+need > s.max {
		g := k.next(own, now)
		if g == nil {
			return fmt.Errorf("%w: no room for %d bytes more", store.ErrTooLarge, need) // not reached: reckoned above
		}
		for e := range g.members {
			if e == old {
				need += old.cost // it goes here rather than by being replaced
			}
			s.drop(e)
		}
	}
	return nil
}

// next returns the group to evict: the first that was not read since the hand passed it, or that has expired. keep is
// passed over. It is nil where there is no other group.
func (k *keeper) next(keep *group, now time.Time) *group {
	// In the second round no group counts as read, unless readers are busy with all of them; the third takes any.
	for i := range 3*k.clock.Len() + 1 {
		front := k.clock.Front()
		if front == nil {
			return nil
		}
		g := front.Value.(*group)
		if g == keep {
			k.clock.MoveToBack(front)
			continue
		}
		if i < 2*k.clock.Len() && g.read.Swap(false) && !g.expired(now) {
			k.clock.MoveToBack(front)
			continue
		}
		return g
	}
	return nil
}

// expired reports whether every member may be dropped.
func (g *group) expired(now time.Time) bool {
	for e := range g.members {
		if e.item.Retain.IsZero() || e.item.Retain.After(now) {
			return false
		}
	}
	return true
}

// expiring is a heap of entries, the earliest Retain first.
type expiring []*entry

func (x expiring) Len() int           { return len(x) }
func (x expiring) Less(i, j int) bool { return x[i].item.Retain.Before(x[j].item.Retain) }
func (x expiring) Swap(i, j int) {
	x[i], x[j] = x[j], x[i]
	x[i].heap, x[j].heap = i, j
}

// Push implements heap.Interface.
func (x *expiring) Push(e any) {
	entry := e.(*entry)
	entry.heap = len(*x)
	*x = append(*x, entry)
}

// Pop implements heap.Interface.
func (x *expiring) Pop() any {
	last := len(*x) - 1
	e := (*x)[last]
	(*x)[last] = nil
	*x = (*x)[:last]
	e.heap = -1
	return e
}
