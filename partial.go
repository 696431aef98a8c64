package larder

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// part names what a request wants of a response rather than the whole: its head or a range; empty: the whole.
func part(req *http.Request) string {
	switch {
	case req.Method == http.MethodHead:
		return "method"
	case len(req.Header["Range"]) > 0:
		return "a range"
	}
	return ""
}

// fromWhole answers a request for a part from the whole response that is stored. Where none may be used, the request goes
// to the origin as it came, and its answer is not stored.
func (x *exchange) fromWhole(part string) (*http.Response, error) {
	whole := wholeOf(x.asked)
	found, slot, d, err := x.lookUp(whole)
	if err != nil {
		return x.lookUpFailed(err)
	}
	if d.Action == rfc9111.Serve || d.Action == rfc9111.Refresh {
		if resp := x.serveParts(found[d.Use], d); resp != nil {
			if d.Action == rfc9111.Refresh {
				x.refresh(slot)
			}
			x.cache.stats.hits.Add(1)
			return resp, nil
		}
	}
	if rfc9111.OnlyIfCached(x.asked) {
		return x.refuse(d.Reason.String()), nil
	}
	requested := time.Now()
	resp, err := x.pass(part)
	if err == nil && resp != nil && x.asked.Method == http.MethodHead && len(found) > 0 {
		x.freshenByHead(found[0], reply{resp: resp, sent: x.req, requested: requested, arrived: time.Now()})
	}
	return resp, err
}

// freshenByHead updates a stored response by an answer to HEAD, or takes it out where that shows that it has changed (RFC
// 9111 §4.3.5). One in another content coding says nothing about it.
func (x *exchange) freshenByHead(st record.Stored, r reply) {
	if r.resp.Header.Get("Content-Encoding") != st.Record.Header.Get("Content-Encoding") {
		return
	}
	h := r.resp.Header.Clone()
	delete(h, "Cache-Status") // the cache's own
	ctx := context.WithoutCancel(x.req.Context())
	next, ok := rfc9111.FreshenByHead(st.Record, &http.Response{StatusCode: r.resp.StatusCode, Header: h}, r.requested, r.arrived)
	switch {
	case !ok:
		if err := x.cache.backend.Drop(ctx, st); err != nil {
			x.cache.fault(ctx, "larder: taking out a response that has changed failed", err)
		}
	case next != st.Record:
		x.asked = wholeOf(x.asked) // what is stored answers GET
		x.storeFreshened(st, next, r)
	}
}

// wholeOf is the request for the whole response.
func wholeOf(req *http.Request) *http.Request {
	whole := req.WithContext(req.Context())
	whole.Method = http.MethodGet
	whole.Header = req.Header.Clone()
	delete(whole.Header, "Range")
	delete(whole.Header, "If-Range")
	return whole
}

// serveParts answers with a part of a stored response, or nil where that has none to give.
func (x *exchange) serveParts(st record.Stored, d rfc9111.Decision) *http.Response {
	rec := st.Record
	s := status{hit: true, ttl: d.Lifetime - d.Age, hasTTL: true}
	switch {
	case d.Action == rfc9111.Refresh:
		s.detail = "stale-while-revalidate"
	case x.terms.force(rec.StatusCode):
		s.detail = forcedDetail
	}
	info := x.hitInfo(rec, d)
	if x.asked.Method == http.MethodHead {
		x.ctx.n.info = info
		if rfc9111.IsConditional(x.asked) && rfc9111.NotModified(x.asked, rec) {
			return x.notModified(rec, d.Age, s)
		}
		resp := x.respond(rec, http.NoBody, d.Age, s)
		resp.Body = http.NoBody
		return resp
	}
	if !x.gives(rec) {
		return nil
	}
	var resp *http.Response
	if rfc9111.IsConditional(x.asked) && rfc9111.NotModified(x.asked, rec) {
		resp = x.notModified(rec, d.Age, s)
	} else {
		resp = x.ranges(st, d, s)
	}
	if resp != nil {
		x.ctx.n.info = info
	}
	return resp
}

// gives reports whether a stored response has the part that the request asks for.
func (x *exchange) gives(rec *record.Record) bool {
	ranges := x.asked.Header["Range"]
	switch {
	case x.asked.Method == http.MethodHead:
		return true
	case len(ranges) != 1, !strings.HasPrefix(ranges[0], "bytes="): // a unit, or a spelling of it, that the origin may know
		return false
	case strings.Count(ranges[0], ",") >= maxRanges: // each opens a chunk
		return false
	}
	// Ranges are of the bytes as the origin has them.
	return rec.StatusCode == http.StatusOK && rec.Body.Size() >= 0 && rec.Body.Coding == "" && fitting(rec, x.asked.Header["Accept-Encoding"]) == asIs
}
