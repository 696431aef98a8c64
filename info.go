package larder

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Info says what the cache did for a response. All of it is also in the Cache-Status field (RFC 9211), which a person
// reads; a program reads this.
type Info struct {
	FromCache   bool      // answered from the store, after a validation or without one
	Revalidated bool      // the origin was asked and said that the stored response still holds
	Stale       bool      // the response is older than its freshness lifetime
	Refused     bool      // the caller wanted only what is stored, and nothing was to be had: the 504 is the cache's own
	Stored      bool      // it is stored now; for a response that is still being read, known at the end of its body
	FreshUntil  time.Time // zero: not fresh, or not known
	Received    time.Time // when the response came from the origin
	Key         string    // under which it lies in the store
	Reason      string    // why, in a sentence
}

// InfoOf returns what a Cache did for resp, and false where none has seen it.
func InfoOf(resp *http.Response) (Info, bool) {
	if resp == nil || resp.Request == nil {
		return Info{}, false
	}
	n, ok := resp.Request.Context().Value(infoKey{}).(*note)
	if !ok {
		return Info{}, false
	}
	return n.get(), true
}

type infoKey struct{}

// note is the Info of a response that may still change while its body is read.
type note struct {
	mu   sync.Mutex
	info Info
}

func (n *note) get() Info {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.info
}

func (n *note) set(change func(*Info)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(&n.info)
}

// noteCtx carries a note; a type of its own saves the allocation of context.WithValue's key boxing.
type noteCtx struct {
	context.Context
	n note
}

func (c *noteCtx) Value(key any) any {
	if _, ok := key.(infoKey); ok {
		return &c.n
	}
	return c.Context.Value(key)
}
