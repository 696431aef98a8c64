package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/larder-go/larder/store"
)

// RunShared tests stores that share one place: several handles on one folder, file or server. open returns n of them on
// a fresh place. The handles lie in one process; that several processes agree is for the driver's own tests to show.
func RunShared(t *testing.T, open func(t *testing.T, n int) []store.Store) {
	for _, r := range shared {
		t.Run(r.name, func(t *testing.T) {
			stores := open(t, r.handles)
			if len(stores) != r.handles {
				t.Fatalf("open returned %d stores, want %d", len(stores), r.handles)
			}
			t.Cleanup(func() {
				for _, st := range stores {
					if err := closeStore(st); err != nil {
						t.Errorf("Close: %v", err)
					}
				}
			})
			r.test(&check{T: t, rule: r.rule, st: stores[0], ctx: t.Context()}, stores)
		})
	}
}

type sharedRule struct {
	name    string
	rule    string
	handles int
	test    func(c *check, stores []store.Store)
}

var shared = []sharedRule{
	{"what one puts the other gets", "What one handle has put or deleted, the others see when the call has returned.", 3,
		func(c *check, stores []store.Store) {
			v := store.Absent
			for i := range 12 {
				by := stores[i%3]
				want := store.Item{
					Value: []byte(fmt.Sprint("value ", i)), Form: fmt.Sprintf("%d.txt", i%4), Label: []byte(fmt.Sprint("label ", i)),
				}
				next, err := by.Put(c.ctx, "e/x", want, v)
				if err != nil {
					c.stop("Put over the version of another handle: %v", err)
				}
				for _, st := range stores {
					got, err := st.Get(c.ctx, "e/x")
					if err != nil {
						c.stop("Get: %v", err)
					}
					c.same("Get by another handle", got, want, true)
					if got.Version != next {
						c.broken("version %q, Put by another handle returned %q", got.Version, next)
					}
				}
				v = next
			}
			if err := stores[1].Delete(c.ctx, "e/x", v); err != nil {
				c.broken("Delete over the version of another handle: %v", err)
			}
			for _, st := range stores {
				if _, err := st.Get(c.ctx, "e/x"); !errors.Is(err, store.ErrNotFound) {
					c.broken("after another handle's Delete: %v, want ErrNotFound", err)
				}
			}
		}},
	{"racing handles", "Of several Puts on one condition by several handles exactly one succeeds.", 4,
		func(c *check, stores []store.Store) { c.race(stores) }},
	{"a counter of several handles", "Reading and conditional putting by several handles loses no addition.", 4,
		func(c *check, stores []store.Store) { c.count(stores, 8, 20) }},
	{"readers of another handle", "A reader of another handle sees the old item or the new one, whole, and never nothing.", 3,
		func(c *check, stores []store.Store) { c.overwrite(stores) }},
	{"one closes", "Closing one handle disturbs no other.", 2,
		func(c *check, stores []store.Store) {
			v := c.put("e/x", text("x"), store.Absent)
			if err := closeStore(stores[1]); err != nil {
				c.broken("Close: %v", err)
			}
			c.holds("e/x", "x", v)
			c.put("e/x", text("y"), v)
		}},
	{"mixed work", "Mixed work by several handles meets no error but ErrChanged and ErrNotFound.", 4,
		func(c *check, stores []store.Store) {
			var wg sync.WaitGroup
			for w, st := range stores {
				wg.Go(func() {
					for i := range 60 {
						if err := c.mixed(st, w, i); err != nil {
							c.broken("%v", err)
							return
						}
					}
				})
			}
			wg.Wait()
		}},
}

// mixed does one of several things to one of few keys.
func (c *check) mixed(st store.Store, worker, i int) error {
	key := fmt.Sprintf("e/%d", (worker*7+i*5)%11)
	it, err := st.Get(c.ctx, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	switch i % 5 {
	case 0:
		err = st.Delete(c.ctx, key, it.Version)
	case 4:
		for _, err = range st.List(c.ctx, "e/") {
			if err != nil {
				break
			}
		}
	default:
		_, err = st.Put(c.ctx, key, text(fmt.Sprint(worker, i)), it.Version)
	}
	if errors.Is(err, store.ErrChanged) {
		return nil
	}
	return err
}
