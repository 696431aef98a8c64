package larder

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

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

// ask sends the request on, with the fields of extra in their place (nil: without them), and gzip accepted where the caller left that open.
func (x *exchange) ask(ctx context.Context, extra http.Header) (reply, error) {
	out := x.req.WithContext(ctx)
	//lint:ignore SA1019 it is the caller's, and others may depend on this request
	out.Cancel = nil
	out.Header = x.req.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	if len(x.asked.Header["Accept-Encoding"]) == 0 {
		out.Header["Accept-Encoding"] = []string{"gzip"}
	}
	for name, values := range extra {
		if values == nil {
			maps.DeleteFunc(out.Header, func(n string, _ []string) bool { return strings.EqualFold(n, name) })
			continue
		}
		out.Header[name] = values
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

// freshened updates a stored response by a 304, and stores it.
func (x *exchange) freshened(st record.Stored, r reply) outcome {
	rec := rfc9111.Freshen(st.Record, r.resp, r.requested, r.arrived)
	stored := x.storeFreshened(st, rec, r)
	st.Record = rec
	return outcome{reply: r, fresh: &st, stored: stored}
}

// storeFreshened puts a validated response in the place of the old one, and reports whether it did. Where the answer says that it
// may not be stored any more, the old one goes; where only the request says so, it stays as it was.
func (x *exchange) storeFreshened(old record.Stored, rec *record.Record, r reply) bool {
	rec.Expires = x.cache.policy.FreshUntil(x.terms.seen(rec))
	if len(r.resp.Header["Set-Cookie"]) == 0 {
		delete(rec.Header, "Set-Cookie") // as old as the body: a cookie set since must not be undone
	}
	ctx := context.WithoutCancel(x.req.Context())
	if rfc9111.NoStore(x.asked) || x.terms.Store == Off {
		return false
	}
	k, not := x.keeping(rec, r)
	ok, _ := x.cache.policy.Storable(x.asked, x.terms.seenResponse(rec.StatusCode, rec.Header, rec.ResponseTime), r.arrived)
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
		RetainUntil: x.cache.policy.RetainUntil(x.terms.seen(rec)),
		Needs:       append(names, needs(x.query, rec.Header, public)...),
		Length:      r.resp.ContentLength,
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

// keep begins to store the origin's response, or says why it is not stored.
func (f *flight) keep(r reply) outcome {
	x := f.x
	rec := newRecord(&x.query, x.terms, x.req, r)
	rec.Expires = x.cache.policy.FreshUntil(x.terms.seen(rec))
	switch ok, why := x.cache.policy.Storable(x.asked, x.terms.seenResponse(rec.StatusCode, rec.Header, r.arrived), r.arrived); {
	case x.terms.Store == Off:
		return outcome{reply: r, not: "the caller wants nothing stored"}
	case x.terms.Statuses != nil && !slices.Contains(x.terms.Statuses, rec.StatusCode):
		return outcome{reply: r, not: "its status code is not among those that the caller wants stored"}
	case !ok:
		return outcome{reply: r, not: why.String()}
	}
	k, not := x.keeping(rec, r)
	switch {
	case not != "":
		return outcome{reply: r, not: not}
	case isEventStream(r.resp.Header):
		return outcome{reply: r, not: "an event stream"}
	case !endsVerifiably(r.resp):
		return outcome{reply: r, not: "the end of its body cannot be verified"}
	}
	content := newStream(x.cache, r.resp, f.stop)
	content.awaited = x.awaited
	k.Lost = content.lose
	var err error
	content.draft, err = x.cache.backend.Begin(context.WithoutCancel(f.ctx), f.slot, rec, k)
	switch {
	case errors.Is(err, record.ErrTooLarge):
		return outcome{reply: r, not: "larger than what is kept"}
	case err != nil:
		x.cache.fault(f.ctx, "larder: storing failed, the response goes on uncached", err)
		return outcome{reply: r, not: "the store does not take it"}
	}
	return outcome{reply: r, content: content, rec: rec}
}
