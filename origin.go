package larder

import (
	"context"
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/coding"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// origin answers from the origin, together with others who ask for the same, or from what was found where the origin says
// that it still holds or does not answer.
func (x *exchange) origin(found []record.Stored, slot record.Slot, why rfc9111.Reason) (*http.Response, error) {
	x.slot = slot
	x.own()
	f, how := x.newFlight(found, slot), leads
	if x.joins() {
		if f, how = x.cache.flights.join(flightKey(&x.query, slot), x.seen, x.looks < maxLooks, f); how == late {
			if f != nil {
				await(f.landed, commitWait) // what it brought is just being stored
			}
			return x.answer()
		}
	}
	if how == leads {
		go f.run()
	}
	return x.await(f, how, found, why)
}

// await answers with what a flight brings.
func (x *exchange) await(f *flight, how joined, found []record.Stored, why rfc9111.Reason) (*http.Response, error) {
	select {
	case <-f.headed:
	case <-x.req.Context().Done():
		f.quit()
		return nil, context.Cause(x.req.Context())
	//lint:ignore SA1019 old programs use it
	case <-x.req.Cancel:
		f.quit()
		return nil, errCancelled
	}
	if how == follows && f.out.err == nil && !f.out.failed && !f.shared(x, x.slot) {
		return x.apart(f, found, why)
	}
	return x.land(f, found, how, why)
}

// apart leaves a flight and asks the origin alone.
func (x *exchange) apart(f *flight, found []record.Stored, why rfc9111.Reason) (*http.Response, error) {
	f.quit()
	x.single = true
	return x.origin(found, x.slot, why)
}

// joins reports whether a request is a plain one, that may wait for the answer to another.
func (x *exchange) joins() bool {
	h := x.asked.Header
	return !x.single && x.terms.Reload != On && len(h["Cache-Control"]) == 0 && len(h["Pragma"]) == 0 && !rfc9111.IsConditional(x.asked)
}

// land answers with what a flight brought.
func (x *exchange) land(f *flight, found []record.Stored, how joined, why rfc9111.Reason) (*http.Response, error) {
	out := &f.out
	switch {
	case out.err != nil, out.failed:
		return x.failed(f, found, how, why)
	case out.fresh != nil:
		return x.validated(f, why)
	}
	if resp := x.deliver(f, how, why); resp != nil {
		x.cache.stats.misses.Add(1)
		return resp, nil
	}
	return x.apart(f, found, why)
}

// failed answers in the place of an origin that failed: from what is stored, if that is allowed.
func (x *exchange) failed(f *flight, found []record.Stored, how joined, why rfc9111.Reason) (*http.Response, error) {
	if how == leads && f.out.panicked != nil {
		f.quit()
		panic(f.out.panicked)
	}
	code := 0
	if f.out.failed {
		code = f.out.reply.resp.StatusCode
	}
	if err := context.Cause(x.req.Context()); err != nil {
		f.quit()
		return nil, err
	}
	x.now = time.Now()
	if st, d, ok := x.instead(found, code, x.now); ok {
		s := status{fwd: d.Reason.Fwd(), fwdStatus: code, detail: "stale: " + d.Reason.String()}
		if resp, err := x.serve(st, d, s); err == nil {
			x.cache.stats.stale.Add(1)
			f.quit()
			return resp, nil
		}
		found = nil // its content is lost
	}
	if how == leads && f.out.err != nil {
		x.cache.stats.misses.Add(1)
		f.quit()
		return f.out.reply.resp, f.out.err
	}
	return x.apart(f, found, why) // nobody fails because another did
}

// instead returns the stored response that may answer although it is stale, because the origin answered with a failure, or
// with nothing where code is 0.
func (x *exchange) instead(found []record.Stored, code int, now time.Time) (record.Stored, rfc9111.Decision, bool) {
	for _, st := range found {
		d := x.cache.policy.OnFailure(x.asked, x.terms.seen(st.Record), code, now)
		if d.Action == rfc9111.Serve && (d.Reason != rfc9111.ReasonDisconnected || x.cache.opts.Disconnected != Off) {
			return st, d, true
		}
	}
	return record.Stored{}, rfc9111.Decision{}, false
}

// validated answers with a stored response that the origin said still holds.
func (x *exchange) validated(f *flight, why rfc9111.Reason) (*http.Response, error) {
	st := *f.out.fresh
	own := *st.Record // others answer with it too
	st.Record = &own
	body, err := x.content(st)
	if err != nil { // a piece of it is lost
		return x.apart(f, nil, why)
	}
	f.quit()
	x.cache.stats.validations.Add(1)
	rec := st.Record
	rec.Header = rec.Header.Clone()
	x.ctx.n.info = Info{
		FromCache: true, Revalidated: true, Stored: f.out.stored, FreshUntil: rec.Expires, Received: rec.ResponseTime, Key: rec.Key,
		Reason: "the origin says that the stored response still holds; asked because " + why.String(),
	}
	s := status{fwd: why.Fwd(), fwdStatus: http.StatusNotModified, stored: f.out.stored}
	s.setTTL(rec.Expires, f.out.reply.arrived)
	return x.respond(rec, body, rfc9111.Age(rec, f.out.reply.arrived), s), nil
}

// deliver hands the origin's response to the caller as it arrives. It is nil where the beginning has passed by already.
func (x *exchange) deliver(f *flight, how joined, why rfc9111.Reason) *http.Response {
	out := &f.out
	s := status{fwd: why.Fwd(), fwdStatus: out.reply.resp.StatusCode, collapsed: how == follows}
	x.ctx.n.info = Info{Received: out.reply.arrived, Reason: why.String()}
	resp := out.reply.resp // not a copy where it is the caller's alone: net/http fills the trailers of this one
	h := resp.Header.Clone()
	if out.content == nil {
		s.detail = out.not
		x.ctx.n.info.Reason += "; not stored: " + out.not
		resp.Body = x.alone(f, resp.Body)
	} else {
		s.stored = true
		if x.terms.force(out.rec.StatusCode) {
			s.detail = forcedDetail
		}
		s.setTTL(out.rec.Expires, out.reply.arrived)
		x.ctx.n.info.FreshUntil = out.rec.Expires
		resp = out.content.sharedHead()
		body := out.content.reader(x.req.Context(), f, &x.ctx.n)
		if body == nil {
			return nil
		}
		if how == follows {
			resp.Request = x.req
			x.cache.stats.collapsed.Add(1)
		}
		body.resp = resp
		resp.Body = body
	}
	if name := coding.Of(h); resp.Body != nil && fittingCoding(name, x.asked.Header["Accept-Encoding"]) == decoded {
		resp.Body = newDecodedBody(name, resp.Body)
		uncode(h)
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	x.finish(resp, h, s)
	return resp
}
