package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/larder-go/larder/store"
)

// keys lists and returns the keys under prefix in order.
func (c *check) keys(prefix string) []string {
	c.Helper()
	var keys []string
	for it, err := range c.st.List(c.ctx, prefix) {
		if err != nil {
			c.stop("List(%q): %v", prefix, err)
		}
		keys = append(keys, it.Key)
	}
	slices.Sort(keys)
	return keys
}

// lists skips a case for a store that says it cannot list.
func lists(test func(c *check)) func(c *check) {
	return func(c *check) {
		if !store.LimitsOf(c.st).Lists {
			c.Skip("the store says it does not list")
		}
		test(c)
	}
}

var listing = []rule{
	{"List by prefix", "List yields the items whose key starts with prefix, each once, and no others.", lists(func(c *check) {
		all := []string{"e/a", "e/ab", "e/b", "e2", "m", "v/e/a", "v/e/b", "v/f/a"}
		if got := c.keys(""); len(got) != 0 {
			c.broken("an empty store lists %q", got)
		}
		for _, key := range all {
			c.put(key, text(key), store.Absent)
		}
		for _, prefix := range []string{"", "e", "e/", "e/a", "e/ab", "e/abc", "v/", "v/e", "v/e/", "v/e/a", "m", "mm", "x/", "z", "E", "%", "_", "../"} {
			want := slices.DeleteFunc(slices.Clone(all), func(k string) bool { return !strings.HasPrefix(k, prefix) })
			if got := c.keys(prefix); !slices.Equal(got, want) {
				c.broken("List(%q) yields %q, want %q", prefix, got, want)
			}
		}
	})},
	{"List yields all but the value", "List yields form, label, group, retention, version, size and time, without Value.", lists(func(c *check) {
		want := map[string]store.Item{
			"e/1": {Value: []byte("one"), Form: "1.json", Label: []byte("GET 200"), Retain: time.Now().Add(time.Hour), Group: "g/1"},
			"e/2": {Value: make([]byte, 100_000), Form: "2.bin.zst", Label: make([]byte, store.MaxLabel)},
			"m":   {Form: "1.json"},
		}
		for key, it := range want {
			it.Version = c.put(key, it, store.Absent)
			want[key] = it
		}
		for it, err := range c.st.List(c.ctx, "") {
			if err != nil {
				c.stop("List: %v", err)
			}
			c.same("List of "+it.Key, it, want[it.Key], false)
			if it.Version != want[it.Key].Version {
				c.broken("%s has version %q in List, Put returned %q", it.Key, it.Version, want[it.Key].Version)
			}
			if it.Stored.IsZero() {
				c.broken("%s has no time in List", it.Key)
			}
			c.put(it.Key, text("by the version of List"), it.Version)
		}
	})},
	{"List of many", "List yields every item of a store that holds many.", lists(func(c *check) {
		const n = 600
		for i := range n {
			c.put(fmt.Sprintf("e/%04d", i), text("x"), store.Absent)
		}
		if got := c.keys("e/"); len(got) != n || len(slices.Compact(got)) != n {
			c.broken("List yields %d keys, want %d", len(got), n)
		}
	})},
	{"work inside a List", "Get, Put and Delete may be called inside the loop.", lists(func(c *check) {
		const n = 300
		for i := range n {
			c.put(fmt.Sprintf("e/%03d", i), text("x"), store.Absent)
		}
		seen := 0
		for it, err := range c.st.List(c.ctx, "e/") {
			if err != nil {
				c.stop("List: %v", err)
			}
			seen++
			c.get(it.Key)
			c.put("v/"+it.Key[2:], text("y"), store.Absent)
			if err := c.st.Delete(c.ctx, it.Key, it.Version); err != nil {
				c.stop("Delete inside the loop: %v", err)
			}
		}
		if seen != n {
			c.broken("List yielded %d items while they were deleted, want %d", seen, n)
		}
		if got := c.keys("e/"); len(got) != 0 {
			c.broken("%d items are left", len(got))
		}
		if got := c.keys("v/"); len(got) != n {
			c.broken("%d of the %d items put inside the loop are there", len(got), n)
		}
	})},
	{"a List that is left", "The loop may be left early, and the store goes on working.", lists(func(c *check) {
		for i := range 20 {
			c.put(fmt.Sprintf("e/%d", i), text("x"), store.Absent)
		}
		for range 20 {
			for _, err := range c.st.List(c.ctx, "") {
				if err != nil {
					c.stop("List: %v", err)
				}
				break
			}
		}
		c.put("e/0", text("y"), store.Any)
		list := c.st.List(c.ctx, "e/")
		for range 2 {
			n := 0
			for range list {
				n++
			}
			if n != 20 {
				c.broken("a List that is run again yields %d items, want 20", n)
			}
		}
	})},
	{"helpers", "Count and Clear see the items under a prefix and no others; Locate finds an item.", lists(func(c *check) {
		for _, key := range []string{"e/1", "e/2", "s/1"} {
			c.put(key, text("12345"), store.Absent)
		}
		if n, b, err := store.Count(c.ctx, c.st, "e/"); n != 2 || b != 10 || err != nil {
			c.broken("Count: %d items, %d bytes, %v; want 2 and 10", n, b, err)
		}
		if where, err := store.Locate(c.ctx, c.st, "s/1"); err != nil || where == "" {
			c.broken("Locate: %q, %v", where, err)
		}
		_, err := store.Locate(c.ctx, c.st, "s/2")
		c.is("Locate of an absent key", err, store.ErrNotFound)
		if n, err := store.Clear(c.ctx, c.st, "e/"); n != 2 || err != nil {
			c.broken("Clear: %d, %v; want 2", n, err)
		}
		if got := c.keys(""); !slices.Equal(got, []string{"s/1"}) {
			c.broken("after Clear(e/) the store holds %q", got)
		}
	})},
}
