package larder

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// exchange is the way of one request through the cache: look up, decide, act.
type exchange struct {
	*through
	req    *http.Request // the caller's, never changed
	copied http.Request  // which asked is, where the rules see req as it is
	asked  *http.Request // what the rules see: canonical field names, Terms as directives
	terms  Terms
	query  record.Query
	ctx    noteCtx
	now    time.Time

	slot    record.Slot
	owned   bool   // req is nobody else's
	awaited bool   // it is a task that Close waits for
	single  bool   // it waits for no other request
	looks   int    // how often it was looked up
	seen    uint64 // the flights that had ended before the last time

	// The parts of an answer from the store, here so that they are one allocation.
	resp   http.Response
	body   inlineBody
	age    [1]string
	status [1]string
}

// maxLooks is how often a request looks again because another one stored something since.
const maxLooks = 3

// RoundTrip implements http.RoundTripper.
func (t *through) RoundTrip(req *http.Request) (*http.Response, error) {
	own := termsOf(req.Context())
	if req.URL == nil || own.without || t.cache.closed.Load() {
		return t.base.RoundTrip(req)
	}
	x := t.newExchange(req, own)
	if why := uncacheable(x.asked); why != "" {
		if rfc9111.OnlyIfCached(x.asked) {
			closeBody(req)
			return x.refuse("not the cache's matter: " + why), nil
		}
		return x.pass(why)
	}
	if what := part(x.asked); what != "" {
		return x.fromWhole(what)
	}
	return x.answer()
}

// newExchange begins the way of a request with terms of its own.
func (t *through) newExchange(req *http.Request, own Terms) *exchange {
	terms := t.cache.termsFor(own, req.URL)
	x := &exchange{through: t, req: req, terms: terms, now: time.Now()}
	x.ctx.Context = req.Context()
	x.copied = *req
	x.asked = ruling(&x.copied, terms)
	return x
}

// answer looks the request up, decides by the rules, and acts.
func (x *exchange) answer() (*http.Response, error) {
	x.seen = x.cache.flights.landed.Load()
	x.looks++
	found, slot, d, err := x.lookUp(x.asked)
	if err != nil {
		return x.lookUpFailed(err)
	}
	switch d.Action {
	case rfc9111.Serve, rfc9111.Refresh:
		if d.Action == rfc9111.Refresh {
			x.refresh(slot)
		}
		resp, err := x.hit(found[d.Use], d)
		switch {
		case err == nil:
			return resp, nil
		case rfc9111.OnlyIfCached(x.asked):
			return x.refuse("a piece of the stored response is lost"), nil
		}
		return x.origin(nil, slot, rfc9111.ReasonMiss)
	case rfc9111.Fail:
		return x.refuse(d.Reason.String()), nil
	}
	return x.origin(found, slot, d.Reason)
}

// lookUp finds what is stored for asked and may be given to it, and decides by the rules. Who wants it fetched anew is not
// asked to validate anything, nor given it should the origin fail.
func (x *exchange) lookUp(asked *http.Request) ([]record.Stored, record.Slot, rfc9111.Decision, error) {
	x.query = x.through.query(asked, x.terms)
	found, slot, err := x.cache.backend.Find(x.req.Context(), x.query)
	if err != nil {
		return nil, nil, rfc9111.Decision{}, err
	}
	found = x.acceptable(found)
	d := x.cache.policy.Decide(asked, x.shown(found), x.now)
	if x.terms.Reload == On && !rfc9111.OnlyIfCached(asked) {
		found, d = nil, rfc9111.Decision{Reason: rfc9111.ReasonReload, Use: -1}
	}
	return found, slot, d, nil
}

// lookUpFailed goes on without the store.
func (x *exchange) lookUpFailed(err error) (*http.Response, error) {
	if ctxErr := x.req.Context().Err(); ctxErr != nil {
		closeBody(x.req)
		return nil, ctxErr
	}
	x.cache.fault(x.req.Context(), "larder: look up failed, the request goes on uncached", err)
	if rfc9111.OnlyIfCached(x.asked) {
		return x.refuse("the store does not answer"), nil
	}
	return x.pass("the store does not answer")
}

// own makes the request the exchange's own: others may wait for its answer when the caller has gone and changes it.
func (x *exchange) own() {
	if x.owned {
		return
	}
	x.owned = true
	x.req = x.req.Clone(x.req.Context())
	x.copied.Header, x.copied.URL = x.req.Header, x.req.URL // asked may be this one, and the slot refers to it
}

// ruling is the request as the rules see it. It differs from req only where it must.
func ruling(req *http.Request, terms Terms) *http.Request {
	directive := ""
	switch {
	case terms.Offline == On:
		directive = "only-if-cached"
	case terms.Validate == On:
		directive = "no-cache"
	}
	if directive == "" && isCanonical(req.Header) {
		return req
	}
	asked := req.WithContext(req.Context())
	asked.Header = make(http.Header, len(req.Header)+1)
	for name, values := range req.Header {
		name = http.CanonicalHeaderKey(name)
		asked.Header[name] = append(asked.Header[name], values...)
	}
	if directive != "" {
		asked.Header.Add("Cache-Control", directive)
	}
	return asked
}

func isCanonical(h http.Header) bool {
	for name := range h {
		if http.CanonicalHeaderKey(name) != name {
			return false
		}
	}
	return true
}

// uncacheable says why a request is not the cache's matter; empty: it is.
func uncacheable(req *http.Request) string {
	switch {
	case req.Method != "" && req.Method != http.MethodGet && req.Method != http.MethodHead:
		return "method"
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return "scheme"
	case req.URL.Opaque != "":
		return "an opaque URL"
	case req.Body != nil && req.Body != http.NoBody:
		return "a GET with a body"
	case req.Host != "" && !strings.EqualFold(req.Host, req.URL.Host):
		return "a Host that is not the URL's"
	case len(req.Header["Upgrade"]) > 0:
		return "an upgrade"
	case len(req.Header["If-Match"]) > 0, len(req.Header["If-Unmodified-Since"]) > 0, len(req.Header["If-Range"]) > 0 && len(req.Header["Range"]) == 0:
		return "a precondition for the origin"
	}
	return ""
}

// acceptable leaves out what this cache may not hold, as what a private one keeps for its user on the same store, and what
// is stored in a content coding that the caller does not take and the cache cannot take off.
func (x *exchange) acceptable(found []record.Stored) []record.Stored {
	kept := found[:0]
	for _, st := range found {
		if ok, _ := x.cache.policy.Admits(st.Record); ok && fitting(st.Record, x.asked.Header["Accept-Encoding"]) != unfit {
			kept = append(kept, st)
		}
	}
	return kept
}

func records(found []record.Stored) []*record.Record {
	if len(found) == 0 {
		return nil
	}
	recs := make([]*record.Record, len(found))
	for i, st := range found {
		recs[i] = st.Record
	}
	return recs
}

// pass sends a request on as it came. After an unsafe one that succeeded, what it may have changed is forgotten.
func (x *exchange) pass(why string) (*http.Response, error) {
	x.cache.stats.bypassed.Add(1)
	resp, err := x.base.RoundTrip(x.req)
	if err != nil || resp == nil {
		return resp, err
	}
	ctx := context.WithoutCancel(x.req.Context()) // the origin has changed, whether or not the caller still waits
	for _, u := range rfc9111.Invalidates(x.req, resp) {
		terms := x.cache.termsFor(termsOf(ctx), u) // another URL may have another rule
		target := terms.key(u)
		x.cache.flights.detach(target)
		if err := x.cache.backend.Forget(ctx, target); err != nil {
			x.cache.fault(ctx, "larder: invalidation failed, stored responses may be stale", err)
		}
	}
	fwd := "bypass"
	if why == "method" {
		fwd = "method"
	}
	x.ctx.n.info.Reason = "not the cache's matter: " + why
	x.finish(resp, resp.Header.Clone(), status{fwd: fwd, fwdStatus: resp.StatusCode})
	return resp, nil
}

// finish gives resp its header with the Cache-Status, and the request through which InfoOf finds the note.
func (x *exchange) finish(resp *http.Response, h http.Header, s status) {
	if h == nil {
		h = http.Header{}
	}
	x.status[0] = s.String()
	if before := h["Cache-Status"]; len(before) > 0 {
		h["Cache-Status"] = append(before, x.status[0])
	} else {
		h["Cache-Status"] = x.status[:]
	}
	resp.Header = h
	origin := resp.Request
	if origin == nil {
		origin = x.req
	}
	resp.Request = origin.WithContext(&x.ctx)
}

// fault counts and logs a failure of the store.
func (c *Cache) fault(ctx context.Context, what string, err error) {
	if errors.Is(err, record.ErrNotKept) || ctx.Err() != nil || c.closed.Load() {
		return
	}
	c.stats.faults.Add(1)
	c.log.log(ctx, what, "err", err)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
