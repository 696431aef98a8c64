package storetest

import (
	"errors"
	"time"

	"github.com/larder-go/larder/store"
)

// lazily is an item of a plain value that may be committed later.
func lazily(value string, lost func(error)) store.Item {
	it := text(value)
	it.Lazy, it.Lost = true, lost
	return it
}

// neverLost is for lazy puts that hold.
func (c *check) neverLost(value string) store.Item {
	return lazily(value, func(err error) { c.broken("Lost was called for %q, which was put: %v", value, err) })
}

// A store may ignore Lazy; these rules hold all the same.
var lazy = []rule{
	{"a lazy Put is seen at once", "Get, List and Count see a lazy Put when it has returned.", func(c *check) {
		c.put("e/2", text("old"), store.Absent)
		for key, was := range map[string]store.Version{"e/1": store.Absent, "e/2": store.Any, "e/3": store.Absent} {
			it := c.neverLost("value of " + key)
			it.Label, it.Group = []byte("label"), "g"
			v := c.put(key, it, was)
			c.holds(key, "value of "+key, v)
			c.same("Get", c.get(key), it, true)
		}
		if !store.LimitsOf(c.st).Lists {
			return
		}
		items := 0
		for it, err := range c.st.List(c.ctx, "e/") {
			if err != nil {
				c.stop("List: %v", err)
			}
			items++
			want := c.get(it.Key)
			c.same("List of "+it.Key, it, want, false)
			if it.Version != want.Version {
				c.broken("%s has version %q in List, %q in Get", it.Key, it.Version, want.Version)
			}
		}
		if n, b, err := store.Count(c.ctx, c.st, "e/"); items != 3 || n != 3 || b != 3*int64(len("value of e/1")) || err != nil {
			c.broken("List yields %d items, Count %d of %d bytes, %v; want 3 of 36", items, n, b, err)
		}
	}},
	{"the version of a lazy Put", "The version that a lazy Put returned is a condition for Put and Delete, lazy or not.", func(c *check) {
		v := c.put("e/x", c.neverLost("one"), store.Absent)
		v = c.put("e/x", c.neverLost("two"), v)
		v = c.put("e/x", text("three"), v)
		c.holds("e/x", "three", v)
		v = c.put("e/x", c.neverLost("four"), v)
		if err := c.st.Delete(c.ctx, "e/x", v); err != nil {
			c.broken("Delete on the version of a lazy Put: %v", err)
		}
		c.absent("e/x")
	}},
	{"a Put after a lazy one", "What is put after a lazy Put stands after it.", func(c *check) {
		c.put("e/x", c.neverLost("lazy"), store.Absent)
		v := c.put("e/x", text("strict"), store.Any)
		c.holds("e/x", "strict", v)
		c.put("e/y", c.neverLost("lazy"), store.Absent)
		_, err := c.st.Put(c.ctx, "e/y", text("strict"), store.Absent)
		c.is("Put with Absent over a lazy Put", err, store.ErrChanged)
		c.put("e/y", c.neverLost("last"), store.Any)
		c.put("e/z", text("strict"), store.Any)
		if got := c.get("e/y"); string(got.Value) != "last" {
			c.broken("the last lazy Put was followed by %q", got.Value)
		}
	}},
	{"a lazy Put that does not hold", "A lazy Put whose condition fails is ErrChanged at once, or Lost is told so, once.", func(c *check) {
		v := c.put("e/x", text("kept"), store.Absent)
		for _, was := range []store.Version{store.Absent, "never was"} {
			lost := make(chan error, 9)
			_, err := c.st.Put(c.ctx, "e/x", lazily("not", func(err error) { lost <- err }), was)
			c.put("m", text("strict"), store.Any)
			if err != nil {
				c.is("a lazy Put", err, store.ErrChanged)
			} else {
				c.told(lost)
			}
			c.put("m", text("strict"), store.Any)
			if len(lost) > 0 {
				c.broken("Lost was called once too often: %v", <-lost)
			}
			c.holds("e/x", "kept", v)
		}
		// The same without anybody to tell.
		if _, err := c.st.Put(c.ctx, "e/x", lazily("not", nil), store.Absent); err != nil {
			c.is("a lazy Put", err, store.ErrChanged)
		}
		c.put("m", text("strict"), store.Any)
		c.holds("e/x", "kept", v)
	}},
	{"a lazy Put copies", "The caller may change what it gave to a lazy Put when that has returned.", func(c *check) {
		it := c.neverLost("value")
		it.Label = []byte("label")
		v := c.put("e/x", it, store.Absent)
		copy(it.Value, "XXXXX")
		copy(it.Label, "XXXXX")
		for range 2 {
			c.holds("e/x", "value", v)
			if got := c.get("e/x"); store.LimitsOf(c.st).Labels && string(got.Label) != "label" {
				c.broken("the label became %q", got.Label)
			}
			c.put("m", text("strict"), store.Any) // and once more from where it is committed to
		}
	}},
}

// told demands that Lost is called with ErrChanged, in a time that no store exceeds.
func (c *check) told(lost <-chan error) {
	c.Helper()
	select {
	case err := <-lost:
		if !errors.Is(err, store.ErrChanged) {
			c.broken("Lost got %v, want %v", err, store.ErrChanged)
		}
	case <-time.After(30 * time.Second):
		c.broken("a lazy Put whose condition failed: neither an error nor a call of Lost")
	}
}
