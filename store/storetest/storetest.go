// Package storetest is the suite that every [store.Store] passes: larder's own drivers, decorators, and yours.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return mystore.New(t.TempDir()) })
//	}
//
// Every subtest is named after one rule of the contract, gets a fresh store, and prints the rule when a store breaks it.
// What a store says of itself ([store.LimitsOf]) is respected: one that keeps no labels is not asked for them. Where the
// engine can be shared by several handles, [RunShared] tests that as well. The suite knows nothing of HTTP, and it does
// not test eviction, which every driver does in its own way. Run it with -race.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
)

// Run tests the contract of [store.Store]. open returns an empty store of its own for each call; where the store has a
// Close method, Run calls it at the end of each case, so open need not.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, group := range [][]rule{basics, conditions, listing, lazy, refusals, racing} {
		for _, r := range group {
			t.Run(r.name, func(t *testing.T) {
				st := open(t)
				t.Cleanup(func() {
					if err := closeStore(st); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
				r.test(&check{T: t, rule: r.rule, st: st, ctx: t.Context()})
			})
		}
	}
}

// rule is one case: its name, the sentence of the contract, and the test.
type rule struct {
	name string
	rule string
	test func(c *check)
}

// check is what a case works with.
type check struct {
	*testing.T
	rule string
	st   store.Store
	ctx  context.Context
}

// broken reports that the store broke the rule of the case; the case goes on.
func (c *check) broken(format string, args ...any) {
	c.Helper()
	c.Errorf("rule broken: %s\n\t%s", c.rule, fmt.Sprintf(format, args...))
}

// stop is broken for failures after which the case makes no sense.
func (c *check) stop(format string, args ...any) {
	c.Helper()
	c.broken(format, args...)
	c.FailNow()
}

// put writes an item and demands success.
func (c *check) put(key string, it store.Item, was store.Version) store.Version {
	c.Helper()
	v, err := c.st.Put(c.ctx, key, it, was)
	if err != nil {
		c.stop("Put(%.40q, was %q): %v", key, was, err)
	}
	if v == store.Absent || v == store.Any {
		c.stop("Put(%.40q) returned the version %q, which is reserved", key, v)
	}
	return v
}

// text is an item of a plain value.
func text(value string) store.Item { return store.Item{Value: []byte(value), Form: "1.txt"} }

// get reads an item and demands success.
func (c *check) get(key string) store.Item {
	c.Helper()
	it, err := c.st.Get(c.ctx, key)
	if err != nil {
		c.stop("Get(%.40q): %v", key, err)
	}
	return it
}

// holds demands that key has this value and version.
func (c *check) holds(key, value string, v store.Version) {
	c.Helper()
	it := c.get(key)
	if string(it.Value) != value {
		c.broken("%.40q holds %.40q, want %.40q", key, it.Value, value)
	}
	if it.Version != v {
		c.broken("%.40q has version %q, Put returned %q", key, it.Version, v)
	}
}

// absent demands that nothing lies under key.
func (c *check) absent(key string) {
	c.Helper()
	it, err := c.st.Get(c.ctx, key)
	c.is("Get of an absent key", err, store.ErrNotFound)
	if it.Value != nil {
		c.broken("Get of an absent key returned a value of %d bytes", len(it.Value))
	}
}

// is demands an error around want, in an *Error.
func (c *check) is(what string, err, want error) {
	c.Helper()
	if !errors.Is(err, want) {
		c.broken("%s: got %v, want %v", what, err, want)
		return
	}
	var e *store.Error
	if !errors.As(err, &e) {
		c.broken("%s: error is a %T, want a *store.Error around it", what, err)
	} else if e.Op == "" {
		c.broken("%s: the error names no operation", what)
	}
}

// same demands that two items agree in what Put was given. Times agree to the millisecond.
func (c *check) same(what string, got, want store.Item, value bool) {
	c.Helper()
	if value && !bytes.Equal(got.Value, want.Value) {
		c.broken("%s: value of %d bytes differs from the %d put", what, len(got.Value), len(want.Value))
	}
	if !value && got.Value != nil {
		c.broken("%s: has a value, want none", what)
	}
	if got.Size != int64(len(want.Value)) {
		c.broken("%s: Size %d, want %d", what, got.Size, len(want.Value))
	}
	if got.Form != want.Form {
		c.broken("%s: Form %q, want %q", what, got.Form, want.Form)
	}
	if got.Group != want.Group {
		c.broken("%s: Group %q, want %q", what, got.Group, want.Group)
	}
	if got.Retain.IsZero() != want.Retain.IsZero() || got.Retain.Sub(want.Retain).Abs() > time.Millisecond {
		c.broken("%s: Retain %v, want %v", what, got.Retain, want.Retain)
	}
	if store.LimitsOf(c.st).Labels && !bytes.Equal(got.Label, want.Label) {
		c.broken("%s: Label %q, want %q", what, got.Label, want.Label)
	}
}

// closeStore closes a store that can be closed.
func closeStore(st store.Store) error {
	if cl, ok := st.(interface{ Close() error }); ok {
		return cl.Close()
	}
	return nil
}
