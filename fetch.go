package larder

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/coding"
	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// reply is an answer of the origin with the two instants of RFC 9111 §4.2.3.
type reply struct {
	resp               *http.Response
	sent               *http.Request // as it left the cache
	requested, arrived time.Time
}

// ask sends the request on, with the fields of extra added, and gzip accepted where the caller left that open.
func (x *exchange) ask(extra http.Header) (reply, error) {
	out := x.req.WithContext(x.req.Context())
	out.Header = x.req.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	for name, values := range extra {
		out.Header[name] = values
	}
	if len(x.asked.Header["Accept-Encoding"]) == 0 {
		out.Header["Accept-Encoding"] = []string{"gzip"}
	}
	if x.terms.Reload == On {
		out.Header.Set("Cache-Control", "no-cache")
		out.Header.Set("Pragma", "no-cache")
	}
	r := reply{sent: out, requested: time.Now()}
	var err error
	r.resp, err = x.base.RoundTrip(out)
	r.arrived = time.Now()
	switch {
	case err != nil:
	case r.resp == nil:
		err = errors.New("larder: the transport returned neither a response nor an error")
	case r.resp.Body == nil:
		r.resp.Body = http.NoBody // as http.Client takes it
	}
	return r, err
}

// fetch answers from the origin and stores what may be stored.
func (x *exchange) fetch(slot record.Slot, d rfc9111.Decision) (*http.Response, error) {
	x.cache.stats.misses.Add(1)
	r, err := x.ask(nil)
	if err != nil {
		return r.resp, err
	}
	return x.deliver(slot, d.Reason, r), nil
}

// validate asks the origin whether what was found still holds (RFC 9111 §4.3). A caller's own condition is the caller's
// matter and goes out as it is.
func (x *exchange) validate(found []record.Stored, slot record.Slot, d rfc9111.Decision) (*http.Response, error) {
	if rfc9111.IsConditional(x.asked) {
		return x.fetch(slot, d)
	}
	r, err := x.ask(rfc9111.Conditional(x.asked, records(found)))
	if err != nil {
		x.cache.stats.misses.Add(1)
		return r.resp, err
	}
	if r.resp.StatusCode != http.StatusNotModified {
		x.cache.stats.misses.Add(1)
		return x.deliver(slot, d.Reason, r), nil
	}
	r.resp.Body.Close()
	use := rfc9111.Selected(records(found), r.resp)
	if use < 0 {
		return x.fetch(slot, d) // it names none of ours
	}
	x.cache.stats.validations.Add(1)
	return x.freshened(found[use], d, r), nil
}

// freshened updates a stored response by a 304 and answers from it.
func (x *exchange) freshened(st record.Stored, d rfc9111.Decision, r reply) *http.Response {
	rec := rfc9111.Freshen(st.Record, r.resp, r.requested, r.arrived)
	rec.Expires = policy.FreshUntil(rec)
	if len(r.resp.Header["Set-Cookie"]) == 0 {
		delete(rec.Header, "Set-Cookie") // as old as the body: a cookie set since must not be undone
	}
	stored := x.storeFreshened(st, rec, r)
	x.ctx.n.info = Info{
		FromCache: true, Revalidated: true, Stored: stored, FreshUntil: rec.Expires, Received: rec.ResponseTime, Key: st.Record.Key,
		Reason: "the origin says that the stored response still holds; asked because " + d.Reason.String(),
	}
	st.Record = rec
	s := status{fwd: d.Reason.Fwd(), fwdStatus: http.StatusNotModified, stored: stored}
	s.setTTL(rec.Expires, r.arrived)
	return x.respond(st, r.arrived, s)
}

// storeFreshened puts a validated response in the place of the old one, and reports whether it did. Where the 304 says that it
// may not be stored any more, the old one goes; where only the request says so, it stays as it was.
func (x *exchange) storeFreshened(old record.Stored, rec *record.Record, r reply) bool {
	ctx := context.WithoutCancel(x.req.Context())
	if rfc9111.NoStore(x.asked) {
		return false
	}
	k, not := x.keeping(rec, r)
	ok, _ := policy.Storable(x.asked, &http.Response{StatusCode: rec.StatusCode, Header: rec.Header}, r.arrived)
	var err error
	if ok && not == "" {
		err = x.cache.backend.Freshen(ctx, old, rec, k)
	} else {
		err = x.cache.backend.Drop(ctx, old)
	}
	if err != nil {
		x.cache.fault(ctx, "larder: storing a validated response failed", err)
	}
	return ok && not == "" && err == nil
}

// keeping says how long, and told apart by what, the response that rec describes is kept; or why it is not.
func (x *exchange) keeping(rec *record.Record, r reply) (record.Kept, string) {
	names, ok := rfc9111.Selectors(&http.Response{Header: rec.Header})
	switch {
	case !ok:
		return record.Kept{}, "it varies by more than its request (Vary: *)"
	case addedBelow(r):
		x.cache.log.log(x.req.Context(), "larder: a transport under the cache adds credentials, so responses are not stored: add them above the cache")
		return record.Kept{}, "a transport under the cache added credentials"
	}
	public := rfc9111.Public(rec.Header)
	return record.Kept{
		FreshUntil:  rec.Expires,
		RetainUntil: policy.RetainUntil(rec),
		Needs:       append(names, needs(x.query, rec.Header, public)...),
	}, ""
}

// addedBelow reports whether the request that really went out carries a credential that the cache did not send.
func addedBelow(r reply) bool {
	if r.resp.Request == nil || r.resp.Request == r.sent {
		return false
	}
	for _, name := range redact.Fields(r.resp.Request.Header) {
		if fieldLines(r.resp.Request.Header, name) != fieldLines(r.sent.Header, name) {
			return true
		}
	}
	return false
}

// deliver hands the origin's response to the caller as it arrives, and stores it on the way where it may be.
func (x *exchange) deliver(slot record.Slot, why rfc9111.Reason, r reply) *http.Response {
	resp := r.resp // not a copy: net/http fills the trailers of this one
	s := status{fwd: why.Fwd(), fwdStatus: resp.StatusCode}
	x.ctx.n.info = Info{Received: r.arrived, Reason: why.String()}
	keeper, not := x.keep(slot, r, &s)
	if not != "" {
		s.detail = not
		x.ctx.n.info.Reason += "; not stored: " + not
	}
	h := resp.Header.Clone()
	if keeper != nil {
		resp.Body = keeper
	}
	if name := coding.Of(h); resp.Body != nil && fittingCoding(name, x.asked.Header["Accept-Encoding"]) == decoded {
		resp.Body = newDecodedBody(name, resp.Body)
		uncode(h)
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	x.finish(resp, h, s)
	return resp
}

// keep returns the response's body as one that is stored while it is read, or says why it is not stored.
func (x *exchange) keep(slot record.Slot, r reply, s *status) (*keptBody, string) {
	if ok, why := policy.Storable(x.asked, r.resp, r.arrived); !ok {
		return nil, why.String()
	}
	rec := newRecord(x.query.URL, x.req, r)
	k, not := x.keeping(rec, r)
	switch {
	case not != "":
		return nil, not
	case isEventStream(r.resp.Header):
		return nil, "an event stream"
	case !endsVerifiably(r.resp):
		return nil, "the end of its body cannot be verified"
	case r.resp.ContentLength > maxKept:
		return nil, "larger than what is kept"
	}
	draft, err := x.cache.backend.Begin(x.req.Context(), slot, rec, k)
	if err != nil {
		x.cache.fault(x.req.Context(), "larder: storing failed, the response goes on uncached", err)
		return nil, "the store does not take it"
	}
	s.stored = true
	s.setTTL(rec.Expires, r.arrived)
	x.ctx.n.info.FreshUntil = rec.Expires
	return newKeptBody(x.cache, &x.ctx.n, draft, r.resp), ""
}
