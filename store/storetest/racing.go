package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/larder-go/larder/store"
)

// racers is how many goroutines race in the cases about races.
const racers = 16

var racing = []rule{
	{"racing Puts", "Of several Puts on one condition exactly one succeeds; the others get ErrChanged.", func(c *check) {
		c.race([]store.Store{c.st})
	}},
	{"racing Deletes and Puts", "Of several Deletes and Puts on one version at most one has an effect.", func(c *check) {
		for round := range 20 {
			key := fmt.Sprintf("e/%d", round)
			v := c.put(key, text("start"), store.Absent)
			var puts, deletes atomic.Int32
			var wg sync.WaitGroup
			for i := range racers {
				wg.Go(func() {
					if i%2 == 0 {
						_, err := c.st.Put(c.ctx, key, text(fmt.Sprint("by ", i)), v)
						c.outcome(err, &puts)
						return
					}
					// A Delete that comes after another finds nothing, and that succeeds too: only whether the key is
					// gone tells.
					c.outcome(c.st.Delete(c.ctx, key, v), &deletes)
				})
			}
			wg.Wait()
			_, err := c.st.Get(c.ctx, key)
			switch gone := errors.Is(err, store.ErrNotFound); {
			case puts.Load() > 1:
				c.broken("%d Puts on one version succeeded", puts.Load())
			case puts.Load() == 1 && gone:
				c.broken("a Put succeeded, and a Delete on the version before it as well")
			case puts.Load() == 0 && !gone:
				c.broken("neither a Put nor a Delete on the right version succeeded")
			case puts.Load() == 1 && deletes.Load() > 0:
				c.broken("a Put and a Delete on one version both succeeded")
			}
		}
	}},
	{"a counter", "Reading, adding one and putting on the version read loses no addition.", func(c *check) {
		c.count([]store.Store{c.st}, 8, 20)
	}},
	{"readers while it is overwritten", "A reader sees the old item or the new one, whole, and never nothing.", func(c *check) {
		c.overwrite([]store.Store{c.st})
	}},
	{"different keys", "Work on different keys at once disturbs nobody.", func(c *check) {
		var wg sync.WaitGroup
		for i := range racers {
			wg.Go(func() {
				key := fmt.Sprintf("e/%x", i)
				v := store.Absent
				for j := range 25 {
					value := fmt.Sprint(i, " ", j)
					next, err := c.st.Put(c.ctx, key, text(value), v)
					if err != nil {
						c.broken("Put(%s): %v", key, err)
						return
					}
					got, err := c.st.Get(c.ctx, key)
					if err != nil || string(got.Value) != value || got.Version != next {
						c.broken("Get(%s): %q %q %v; want %q %q", key, got.Value, got.Version, err, value, next)
						return
					}
					if v = next; j%5 == 4 {
						if err := c.st.Delete(c.ctx, key, v); err != nil {
							c.broken("Delete(%s): %v", key, err)
							return
						}
						v = store.Absent
					}
				}
			})
		}
		wg.Wait()
	}},
}

// outcome counts a success, accepts ErrChanged and reports every other error.
func (c *check) outcome(err error, won *atomic.Int32) {
	switch {
	case err == nil:
		won.Add(1)
	case !errors.Is(err, store.ErrChanged):
		c.broken("a racer got %v, want success or ErrChanged", err)
	}
}

// race puts from many goroutines over one version and demands one winner.
func (c *check) race(stores []store.Store) {
	for round := range 25 {
		key := fmt.Sprintf("e/%d", round)
		v := store.Absent
		if round%2 == 1 {
			v = c.put(key, text("start"), store.Absent)
		}
		var won atomic.Int32
		var winner sync.Map
		var wg sync.WaitGroup
		for i := range racers {
			wg.Go(func() {
				value := fmt.Sprint("by ", i)
				it := store.Item{Value: []byte(value), Form: fmt.Sprintf("%d.txt", i%3)}
				got, err := stores[i%len(stores)].Put(c.ctx, key, it, v)
				if c.outcome(err, &won); err == nil {
					winner.Store("value", value)
					winner.Store("version", got)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			c.broken("%d of %d racers won, want one", won.Load(), racers)
			continue
		}
		value, _ := winner.Load("value")
		version, _ := winner.Load("version")
		for _, st := range stores {
			it, err := st.Get(c.ctx, key)
			if err != nil || string(it.Value) != value || it.Version != version {
				c.broken("after the race %q lies there, %v; the winner put %q", it.Value, err, value)
			}
		}
	}
}

// count adds to one number from many goroutines by reading and conditional putting.
func (c *check) count(stores []store.Store, writers, each int) {
	key := "e/counter"
	c.put(key, text(""), store.Absent)
	var wg sync.WaitGroup
	for w := range writers {
		st := stores[w%len(stores)]
		wg.Go(func() {
			for done := 0; done < each; {
				it, err := st.Get(c.ctx, key)
				if err != nil {
					c.broken("Get: %v", err)
					return
				}
				_, err = st.Put(c.ctx, key, text(string(it.Value)+"+"), it.Version)
				if err == nil {
					done++
				} else if !errors.Is(err, store.ErrChanged) {
					c.broken("Put: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	if got := len(c.get(key).Value); got != writers*each {
		c.broken("%d additions are there of %d that succeeded", got, writers*each)
	}
}

// overwrite replaces one item again and again, by items whose parts belong together, while others read.
func (c *check) overwrite(stores []store.Store) {
	const key = "e/x"
	// The lengths differ as well as the bytes, so that a mixture of two shows; the form changes up and down.
	item := func(i int) store.Item {
		letter := string(rune('a' + i%26))
		return store.Item{
			Value: []byte(strings.Repeat(letter, 5000+i%26*100)),
			Form:  fmt.Sprintf("%d.%s", i%3, letter),
			Label: []byte(letter),
			Group: letter,
		}
	}
	c.put(key, item(0), store.Absent)
	labels := store.LimitsOf(c.st).Labels
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for r := range 4 {
		st := stores[r%len(stores)]
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				it, err := st.Get(c.ctx, key)
				if err != nil {
					c.broken("a reader got %v while the item was overwritten", err)
					return
				}
				letter := it.Group
				switch {
				case len(letter) != 1:
					c.broken("a reader saw an item with group %q", letter)
				case len(it.Value) != 5000+int(letter[0]-'a')*100 || bytes.Count(it.Value, []byte(letter)) != len(it.Value):
					c.broken("a reader saw a part of a value, or a mixture")
				case !strings.HasSuffix(it.Form, "."+letter) || labels && string(it.Label) != letter:
					c.broken("a reader saw value %q with form %q and label %q", letter, it.Form, it.Label)
				default:
					continue
				}
				return
			}
		})
	}
	for i := range 150 {
		if _, err := stores[i%len(stores)].Put(c.ctx, key, item(i), store.Any); err != nil {
			c.broken("Put: %v", err)
			break
		}
	}
	close(stop)
	wg.Wait()
}
