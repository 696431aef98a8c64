package storetest

import (
	"fmt"

	"github.com/larder-go/larder/store"
)

var conditions = []rule{
	{"Put when absent", "Put with Absent writes only where nothing lies.", func(c *check) {
		v := c.put("e/x", text("one"), store.Absent)
		_, err := c.st.Put(c.ctx, "e/x", text("two"), store.Absent)
		c.is("Put with Absent over an item", err, store.ErrChanged)
		c.holds("e/x", "one", v)
	}},
	{"Put whatever lies there", "Put with Any writes over an item and over nothing.", func(c *check) {
		c.put("e/x", text("one"), store.Any)
		v := c.put("e/x", text("two"), store.Any)
		c.holds("e/x", "two", v)
	}},
	{"Put over what was seen", "Put with a version writes over that one and over no other.", func(c *check) {
		v1 := c.put("e/x", text("one"), store.Absent)
		v2 := c.put("e/x", text("two"), v1)
		_, err := c.st.Put(c.ctx, "e/x", text("three"), v1)
		c.is("Put with an older version", err, store.ErrChanged)
		c.holds("e/x", "two", v2)
		_, err = c.st.Put(c.ctx, "e/y", text("three"), v2)
		c.is("Put with a version where nothing lies", err, store.ErrChanged)
		c.absent("e/y")
		_, err = c.st.Put(c.ctx, "e/x", text("three"), "no version of anybody")
		c.is("Put with a version that never was", err, store.ErrChanged)
		c.holds("e/x", "two", v2)
		v := c.get("e/x").Version
		c.put("e/x", text("three"), v)
	}},
	{"ErrChanged writes nothing", "A Put that is refused changes neither value, form, label, group nor retention.", func(c *check) {
		want := store.Item{Value: []byte("kept"), Form: "1.json", Label: []byte("label"), Group: "g"}
		v := c.put("e/x", want, store.Absent)
		_, err := c.st.Put(c.ctx, "e/x", store.Item{Value: []byte("not"), Form: "2.bin", Label: []byte("not"), Group: "n"}, "other")
		c.is("Put with another version", err, store.ErrChanged)
		got := c.get("e/x")
		c.same("after the refusal", got, want, true)
		if got.Version != v {
			c.broken("the version became %q, was %q", got.Version, v)
		}
		if keys := c.keys(""); len(keys) != 1 {
			c.broken("List yields %q", keys)
		}
	}},
	{"Delete", "Delete removes on the same condition as Put, and succeeds where nothing lies.", func(c *check) {
		for _, was := range []store.Version{store.Absent, store.Any, "seen earlier"} {
			if err := c.st.Delete(c.ctx, "e/x", was); err != nil {
				c.broken("Delete(was %q) of an absent key: %v", was, err)
			}
		}
		v := c.put("e/x", text("one"), store.Absent)
		c.is("Delete with Absent of an item", c.st.Delete(c.ctx, "e/x", store.Absent), store.ErrChanged)
		c.is("Delete with another version", c.st.Delete(c.ctx, "e/x", v+"0"), store.ErrChanged)
		c.holds("e/x", "one", v)
		c.put("e/xx", text("neighbour"), store.Absent)
		if err := c.st.Delete(c.ctx, "e/x", v); err != nil {
			c.broken("Delete with the right version: %v", err)
		}
		c.absent("e/x")
		c.get("e/xx")
		if err := c.st.Delete(c.ctx, "e/xx", store.Any); err != nil {
			c.broken("Delete with Any: %v", err)
		}
		c.absent("e/xx")
		if keys := c.keys(""); len(keys) != 0 {
			c.broken("after deleting all, List yields %q", keys)
		}
	}},
	{"no version twice", "Two different contents of a key never have equal versions, deleted or not.", func(c *check) {
		seen := map[store.Version]string{}
		put := func(value, form string, was store.Version) store.Version {
			v := c.put("e/x", store.Item{Value: []byte(value), Form: form}, was)
			content := form + " " + value
			if other, ok := seen[v]; ok && other != content {
				c.broken("%q and %q both have version %q", other, content, v)
			}
			seen[v] = content
			return v
		}
		v := store.Absent
		for i := range 40 {
			v = put(fmt.Sprintf("value %d", i), "1.json", v)
			v = put("same length"[i%3:], fmt.Sprintf("%d.json", i%5), v)
			if i%2 == 0 {
				if err := c.st.Delete(c.ctx, "e/x", v); err != nil {
					c.stop("Delete: %v", err)
				}
				v = store.Absent
			}
		}
		// Bytes that could run together with the form, were they hashed carelessly.
		put("ab", "", store.Any)
		put("b", "a", store.Any)
		put("", "ab", store.Any)
	}},
	{"an old condition after delete and put", "A version seen before a Delete does not fit what was put since.", func(c *check) {
		v := c.put("e/x", text("one"), store.Absent)
		if err := c.st.Delete(c.ctx, "e/x", v); err != nil {
			c.stop("Delete: %v", err)
		}
		now := c.put("e/x", text("two"), store.Absent)
		_, err := c.st.Put(c.ctx, "e/x", text("three"), v)
		c.is("Put with the version of the deleted item", err, store.ErrChanged)
		c.is("Delete with the version of the deleted item", c.st.Delete(c.ctx, "e/x", v), store.ErrChanged)
		c.holds("e/x", "two", now)
	}},
}
