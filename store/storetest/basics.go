package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/larder-go/larder/store"
)

var basics = []rule{
	{"get of an absent key", "Get of what is not there is ErrNotFound.", func(c *check) {
		c.absent("m")
		c.absent("e/0123456789abcdef")
		c.put("e/1", text("x"), store.Absent)
		c.absent("e/2")
		c.absent("e/11")
		c.absent("e")
	}},
	{"round trip of all fields", "Get returns what Put was given, and Key, Version, Size and Stored.", func(c *check) {
		want := store.Item{
			Value:  []byte("{\"a\":1}\n"),
			Label:  append([]byte("GET 200 \x00\xff\n\"\\"), bytes.Repeat([]byte{0xfe}, 490)...),
			Form:   "12.json.zst",
			Retain: time.Now().Add(90 * time.Minute),
			Group:  "e/group",
		}
		v := c.put("e/item", want, store.Absent)
		got := c.get("e/item")
		c.same("Get", got, want, true)
		if got.Key != "e/item" || got.Version != v {
			c.broken("Get returned Key %q, Version %q; want %q, %q", got.Key, got.Version, "e/item", v)
		}
		// File systems round times, and some clocks are coarse: two seconds are near enough for a person.
		if d := time.Since(got.Stored); d < -2*time.Second || d > time.Minute {
			c.broken("Stored is %v from now", d)
		}
	}},
	{"values of every size", "Values are bytes, of any length from none to the store's limit.", func(c *check) {
		limit := store.LimitsOf(c.st).Value
		random := rand.NewChaCha8([32]byte{1})
		for i, size := range []int{0, 1, 2, 511, 4095, 4096, 4097, 65536, 1 << 20} {
			if limit > 0 && size > limit {
				continue
			}
			value := make([]byte, size)
			_, _ = random.Read(value) // never fails
			for j, form := range []string{"1.bin", "1.json", ""} {
				key := fmt.Sprintf("b/set/%d-%d", i, j)
				want := store.Item{Value: value, Form: form}
				c.put(key, want, store.Absent)
				c.same(fmt.Sprintf("%d bytes as %q", size, form), c.get(key), want, true)
			}
		}
	}},
	{"text of every kind", "Text that is no valid UTF-8, or holds NUL, quotes and line ends, comes back unchanged.", func(c *check) {
		for i, value := range []string{"", "plain", "ä → 😀\r\n", "\xff\xfe", "a\x00b", "\x00", "'; --\"", "\xed\xa0\x80", "1e3", "007", " ", "\ufeff{}"} {
			key := fmt.Sprintf("e/%d", i)
			want := store.Item{Value: []byte(value), Form: "1.json"}
			c.put(key, want, store.Absent)
			c.same(fmt.Sprintf("%q", value), c.get(key), want, true)
		}
	}},
	{"keys of every character", "Keys hold a-z 0-9 _ - and /, up to 200 of them, and keys that look alike stay apart.", func(c *check) {
		keys := []string{
			"m", "abcdefghijklmnopqrstuvwxyz0123456789_-", "-", "_", "--", "0", "00", "e/a", "e/ab", "e/abc", "e/_", "e/a_", "e/a-b",
			"v/0/1/2/3/4/5", "v/00/1/2", "b/x/1", "b/x/10", "b/x/11", "n/-", "n/--",
			strings.Repeat("k", store.MaxKey),
			"l/" + strings.Repeat("0123456789", 19) + "01234567",
			"l/" + strings.Repeat("0123456789", 19) + "01234568",
			"p/" + strings.Repeat("q/", 98) + "rr",
		}
		for _, key := range keys {
			c.put(key, store.Item{Value: []byte(key), Form: "1.json.zst"}, store.Absent)
		}
		for _, key := range keys {
			if got := c.get(key); string(got.Value) != key || got.Key != key {
				c.broken("%.40q holds what was put under %.40q", key, got.Value)
			}
		}
		if got := c.keys(""); len(got) != len(keys) {
			c.broken("List yields %d keys of %d", len(got), len(keys))
		}
	}},
	{"forms of every kind", "A form of up to 54 characters, or none, is kept with the value.", func(c *check) {
		forms := []string{"", "1", "1.json", "json", "2.bin.gz", "1.a_b-c.d", strings.Repeat("f", store.MaxForm)}
		for i, form := range forms {
			key := fmt.Sprintf("e/%d%s", i, strings.Repeat("k", store.MaxKey-3))
			c.put(key, store.Item{Value: []byte(form), Form: form}, store.Absent)
			if got := c.get(key); got.Form != form {
				c.broken("Get returned the form %q, Put was given %q", got.Form, form)
			}
		}
	}},
	{"overwrite", "Put replaces value, form, label, group and retention, all together.", func(c *check) {
		items := []store.Item{
			{Value: []byte("one"), Form: "1.json", Label: []byte("first"), Retain: time.Now().Add(time.Hour), Group: "g1"},
			{Value: []byte("2"), Form: "2.json.zst"},
			{Value: []byte("three, longer"), Form: "1.json", Label: []byte("third"), Group: "g3"},
			{Value: nil, Form: ""},
			{Value: []byte("five"), Form: "10.bin", Retain: time.Now().Add(2 * time.Hour)},
			{Value: []byte("six"), Form: "9.bin"},
		}
		v := store.Absent
		for i, it := range items {
			v = c.put("e/x", it, v)
			got := c.get("e/x")
			c.same(fmt.Sprintf("after Put number %d", i+1), got, it, true)
			if got.Version != v {
				c.broken("Get returned version %q, Put %q", got.Version, v)
			}
			if keys := c.keys(""); len(keys) != 1 {
				c.broken("after overwriting one key List yields %q", keys)
			}
		}
	}},
	{"Put copies", "The store keeps no slice of the caller: changing it after Put changes nothing.", func(c *check) {
		value, label := []byte("value"), []byte("label")
		v := c.put("e/x", store.Item{Value: value, Label: label, Form: "1.txt"}, store.Absent)
		copy(value, "XXXXX")
		copy(label, "XXXXX")
		c.holds("e/x", "value", v)
		if got := c.get("e/x"); store.LimitsOf(c.st).Labels && string(got.Label) != "label" {
			c.broken("the label became %q", got.Label)
		}
	}},
	{"a value that was read stays", "What Get returned does not change when the item is replaced or deleted.", func(c *check) {
		v := c.put("e/x", text("old value"), store.Absent)
		got := c.get("e/x")
		v = c.put("e/x", text("new value"), v)
		if err := c.st.Delete(c.ctx, "e/x", v); err != nil {
			c.stop("Delete: %v", err)
		}
		c.put("e/x", text("yet another"), store.Absent)
		if string(got.Value) != "old value" {
			c.broken("the value became %q", got.Value)
		}
	}},
}
