package storetest

import (
	"context"
	"strings"
	"time"

	"github.com/larder-go/larder/store"
)

var refusals = []rule{
	{"bad keys", "A key that breaks the rule for keys is ErrBadKey, and nothing is written.", func(c *check) {
		bad := []string{
			"", "A", "a.b", "a b", "é", "a\x00", "/a", "a/", "a//b", "..", "../a", "a/../b", `a\b`, "a:b", "a%2fb", "a'b",
			strings.Repeat("k", store.MaxKey+1),
		}
		for _, key := range bad {
			_, err := c.st.Get(c.ctx, key)
			c.is("Get of "+key, err, store.ErrBadKey)
			_, err = c.st.Put(c.ctx, key, text("x"), store.Any)
			c.is("Put of "+key, err, store.ErrBadKey)
			c.is("Delete of "+key, c.st.Delete(c.ctx, key, store.Any), store.ErrBadKey)
		}
		c.empty()
	}},
	{"bad items", "An item that breaks the rules is ErrBadItem, and nothing is written.", func(c *check) {
		for _, it := range []store.Item{
			{Form: "A"}, {Form: "../x"}, {Form: "a/b"}, {Form: "json."}, {Form: ".json"}, {Form: "a..b"}, {Form: "\x00"},
			{Form: strings.Repeat("f", store.MaxForm+1)},
			{Label: make([]byte, store.MaxLabel+1)},
			{Group: "No"}, {Group: "a//b"}, {Group: strings.Repeat("g", store.MaxKey+1)},
		} {
			_, err := c.st.Put(c.ctx, "e/x", it, store.Any)
			c.is("Put of a bad item", err, store.ErrBadItem)
		}
		c.empty()
	}},
	{"values over the limit", "A value longer than Limits says is ErrTooLarge, and nothing is written.", func(c *check) {
		limit := store.LimitsOf(c.st).Value
		if limit == 0 || limit > 1<<25 {
			return // more than a test should put
		}
		_, err := c.st.Put(c.ctx, "e/x", store.Item{Value: make([]byte, limit+1)}, store.Any)
		c.is("Put of limit+1 bytes", err, store.ErrTooLarge)
		c.empty()
	}},
	{"a context that is done", "A call whose context is done returns its error and changes nothing.", func(c *check) {
		v := c.put("e/x", text("x"), store.Absent)
		late, stop := context.WithDeadline(c.ctx, time.Unix(1, 0))
		defer stop()
		gone, cancel := context.WithCancel(c.ctx)
		cancel()
		for ctx, want := range map[context.Context]error{gone: context.Canceled, late: context.DeadlineExceeded} {
			_, err := c.st.Get(ctx, "e/x")
			c.is("Get", err, want)
			_, err = c.st.Put(ctx, "e/x", text("y"), v)
			c.is("Put", err, want)
			c.is("Delete", c.st.Delete(ctx, "e/x", v), want)
			if store.LimitsOf(c.st).Lists {
				c.listFails(ctx, want)
			}
		}
		c.holds("e/x", "x", v)
	}},
	{"a context that ends inside a List", "List ends with the error of its context.", lists(func(c *check) {
		for _, key := range []string{"e/1", "e/2", "e/3"} {
			c.put(key, text("x"), store.Absent)
		}
		ctx, cancel := context.WithCancel(c.ctx)
		defer cancel()
		items, failures := 0, 0
		for _, err := range c.st.List(ctx, "") {
			if err != nil {
				failures++
				c.is("List", err, context.Canceled)
				continue
			}
			items++
			cancel()
		}
		if items == 3 {
			failures++ // all were on their way already
		}
		if failures != 1 {
			c.broken("List yielded %d items and %d errors after its context ended, want one error", items, failures)
		}
	})},
	{"close", "After Close every call is ErrClosed; closing again is nothing.", func(c *check) {
		if _, ok := c.st.(interface{ Close() error }); !ok {
			return // nothing to close
		}
		v := c.put("e/x", text("x"), store.Absent)
		for range 2 {
			if err := closeStore(c.st); err != nil {
				c.broken("Close: %v", err)
			}
		}
		_, err := c.st.Get(c.ctx, "e/x")
		c.is("Get", err, store.ErrClosed)
		_, err = c.st.Put(c.ctx, "e/x", text("y"), v)
		c.is("Put", err, store.ErrClosed)
		c.is("Delete", c.st.Delete(c.ctx, "e/x", v), store.ErrClosed)
		if store.LimitsOf(c.st).Lists {
			c.listFails(c.ctx, store.ErrClosed)
		}
	}},
	{"close inside a List", "Close may be called inside the loop; the List ends.", lists(func(c *check) {
		if _, ok := c.st.(interface{ Close() error }); !ok {
			return // nothing to close
		}
		for _, key := range []string{"e/1", "e/2", "e/3"} {
			c.put(key, text("x"), store.Absent)
		}
		for _, err := range c.st.List(c.ctx, "") {
			if err != nil {
				c.is("List", err, store.ErrClosed)
				break
			}
			if err := closeStore(c.st); err != nil {
				c.broken("Close: %v", err)
			}
		}
	})},
}

// listFails demands that List yields one error, around want, and nothing else.
func (c *check) listFails(ctx context.Context, want error) {
	c.Helper()
	n := 0
	for it, err := range c.st.List(ctx, "e/") {
		n++
		c.is("List", err, want)
		if it.Key != "" {
			c.broken("List yielded %q with its error", it.Key)
		}
	}
	if n != 1 {
		c.broken("List yielded %d times, want one error", n)
	}
}

// empty demands that the store holds nothing.
func (c *check) empty() {
	c.Helper()
	if !store.LimitsOf(c.st).Lists {
		return
	}
	if keys := c.keys(""); len(keys) != 0 {
		c.broken("the store holds %q, want nothing", keys)
	}
}
