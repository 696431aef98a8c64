package larder

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// flight is one request to the origin and what becomes of it. It belongs to none of the callers who wait for it: it goes
// on as long as one of them is left, and ends with the last.
type flight struct {
	x     *exchange // whose request is sent; only read
	found []record.Stored
	slot  record.Slot
	key   string // in flights; empty: not to be joined
	ctx   context.Context
	stop  context.CancelFunc

	mu    sync.Mutex
	refs  int       // callers that wait or read
	body  io.Closer // of an answer that is no content and that nobody has taken; nil: there is none
	known bool      // what the origin's answer comes to, or just about to be

	headed chan struct{} // closed when out is set
	out    outcome
	landed chan struct{} // closed when everything has ended
}

// outcome is what the origin's answer comes to.
type outcome struct {
	reply reply
	err   error // no answer

	panicked any // what the transport panicked with

	fresh  *record.Stored // validated: the stored response with its new head
	stored bool           // which was stored
	failed bool           // an answer in whose place the leader may have a stale one

	// Else a response. Where it is stored on the way, content is its body for all who read it, and rec its head; where it
	// is not, it is the leader's alone and not says why it is not stored.
	content *stream
	rec     *record.Record
	not     string
}

// newFlight returns a flight with one caller aboard.
func (x *exchange) newFlight(found []record.Stored, slot record.Slot) *flight {
	f := &flight{x: x, found: found, slot: slot, headed: make(chan struct{}), landed: make(chan struct{})}
	f.ctx, f.stop = context.WithCancel(context.WithoutCancel(x.req.Context()))
	f.refs = 1
	return f
}

// enter takes one more caller aboard, unless the last has left.
func (f *flight) enter() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refs == 0 {
		return false
	}
	f.refs++
	return true
}

// leave lets a caller go and reports whether it was the last. Then the flight ends; but a content of which it is just
// reading a short rest may come to its end.
func (f *flight) leave() (last bool) {
	f.mu.Lock()
	f.refs--
	last, known := f.refs == 0, f.known
	body := f.body
	f.mu.Unlock()
	switch {
	case !last:
	case known && f.out.content != nil:
		f.out.content.desert(drainBytes)
	default:
		f.stop()
		if body != nil {
			body.Close()
		}
	}
	return last
}

// quit is leave for a caller who reads no content: somebody still has to end the one that is left over.
func (f *flight) quit() {
	last := f.leave()
	f.mu.Lock()
	known := f.known
	f.mu.Unlock()
	if last && known && f.out.content != nil {
		go func() {
			s := f.out.content
			s.linger()
			s.release(func() {})
		}()
	}
}

// run asks the origin and sets the outcome. It returns when the content has ended, or at once where there is none.
func (f *flight) run() {
	defer close(f.landed)
	f.out = f.try()
	table := &f.x.cache.flights
	alone := f.out.err == nil && !f.out.failed && !f.reusable(f.x)
	if alone {
		table.keepAlone(f)
	}
	if alone || f.out.content == nil {
		table.close(f)
	}
	f.mu.Lock()
	f.known = true
	nobody := f.refs == 0
	if f.out.content == nil && f.out.err == nil {
		f.body = f.out.reply.resp.Body
	}
	body := f.body
	f.mu.Unlock()
	close(f.headed)
	if f.out.content == nil {
		if nobody && body != nil {
			body.Close()
		}
		return
	}
	if nobody { // everybody left before there was a content to leave
		f.out.content.desert(0)
	}
	f.out.content.pump()
	table.close(f)
}

// try is the outcome, or that the transport panicked: it does so in a goroutine where no caller could recover it.
func (f *flight) try() (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome{err: fmt.Errorf("larder: the transport panicked: %v", p), panicked: p}
		}
	}()
	return f.outcome(!rfc9111.IsConditional(f.x.asked))
}

// outcome asks the origin and stores what may be stored. Where validate is set, it asks whether what was found still holds
// (RFC 9111 §4.3); a caller's own condition is the caller's matter and goes out as it is.
func (f *flight) outcome(validate bool) outcome {
	x := f.x
	var conditions http.Header
	if validate && len(f.found) > 0 {
		conditions = rfc9111.Conditional(x.asked, records(f.found))
	}
	r, err := x.ask(f.ctx, conditions)
	if err != nil {
		return outcome{err: err, reply: r}
	}
	if len(conditions) > 0 && r.resp.StatusCode == http.StatusNotModified {
		r.resp.Body.Close()
		if use := rfc9111.Selected(records(f.found), r.resp); use >= 0 && f.there(f.found[use]) {
			return x.freshened(f.found[use], r)
		}
		return f.outcome(false) // it names none of ours, or one that is lost
	}
	if _, _, ok := x.instead(f.found, r.resp.StatusCode, r.arrived); ok {
		r.resp.Body.Close()
		return outcome{reply: r, failed: true}
	}
	return f.keep(r)
}

// there reports whether the content of a stored response is, as far as its beginning shows.
func (f *flight) there(st record.Stored) bool {
	if st.Record.Body.Set == "" {
		return true
	}
	src, err := st.Open(f.ctx, 0)
	if err == nil {
		src.Close()
	}
	return err == nil
}

// record is the response that is stored, or its head; nil where none is.
func (o *outcome) record() *record.Record {
	if o.fresh != nil {
		return o.fresh.Record
	}
	return o.rec
}

// reusable reports whether a request may be answered with what the flight stores, as if it lay in the store already.
func (f *flight) reusable(x *exchange) bool {
	rec := f.out.record()
	return rec != nil && x.cache.policy.Decide(x.asked, []*record.Record{x.terms.seen(rec)}, time.Now()).Action == rfc9111.Serve
}

// shared reports whether a follower may be given what the flight brought: it is being stored, it is the same one for the
// follower's request, and that may be answered with it.
func (f *flight) shared(x *exchange, slot record.Slot) bool {
	if !f.reusable(x) {
		return false
	}
	rec := f.out.record()
	names, ok := rfc9111.Selectors(&http.Response{Header: rec.Header})
	names = append(names, needs(x.query, rec.Header, rfc9111.Public(rec.Header))...)
	return ok && slot.Alike(f.slot, names) && fitting(rec, x.asked.Header["Accept-Encoding"]) != unfit
}
