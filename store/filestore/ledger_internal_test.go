package filestore

import (
	"errors"
	"testing"

	"github.com/larder-go/larder/store"
)

func size(key, group string, n int64) entry { return entry{Key: key, Size: n, Group: group} }

// While an item is put, an index that is read from its beginning must not take back what was reserved.
func TestReservedIsCountedOnce(t *testing.T) {
	a := newAccount(1000, 500)
	b := a.ledger(3)
	b.enter(1, size("e/1", "g", 100))
	if err := b.reserve(1, size("e/1", "g", 450)); err != nil {
		t.Fatal(err)
	}
	b.replace(map[uint64]entry{1: size("e/1", "g", 100)})
	b.enter(1, size("e/1", "g", 100))
	if err := a.ledger(4).reserve(2, size("e/2", "g", 51)); !errors.Is(err, store.ErrTooLarge) || errors.Is(err, errFull) {
		t.Errorf("the group has no room for 51 bytes more: %v", err)
	}
	// Others do not evict for what is not there yet.
	if a.over(100) || !a.over(99) {
		t.Errorf("of %d bytes, %d do not count yet; want 350", a.total, a.growing)
	}
	b.settle(1, size("e/1", "g", 450), true)
	if a.over(450) || !a.over(449) || a.groups["g"].bytes != 450 {
		t.Errorf("%d bytes are counted, %+v; want 450", a.total, a.groups["g"])
	}
}

func TestRefusedIsNotCounted(t *testing.T) {
	a := newAccount(1000, 500)
	b := a.ledger(3)
	b.enter(1, entry{Key: "e/1", Size: 100, Group: "g", Read: 7})
	b.enter(2, size("s/1", "", 700))
	for _, e := range []entry{size("e/1", "h", 501), size("e/1", "g", 301), size("e/1", "", 301), size("e/3", "", 301)} {
		for _, h := range []uint64{1, 3} {
			if err := b.reserve(h, e); !errors.Is(err, store.ErrTooLarge) {
				t.Errorf("%+v: %v, want ErrTooLarge", e, err)
			}
		}
	}
	g := a.groups["g"]
	if a.total != 800 || a.fixed != 700 || a.growing != 0 || len(a.groups) != 1 || g == nil || g.bytes != 100 || g.noted == 0 {
		t.Errorf("what was refused left %+v", a)
	}
	b.strike(1)
	b.strike(2)
	if a.total != 0 || a.fixed != 0 || len(a.groups) != 0 {
		t.Errorf("what was removed left %+v", a)
	}
}
