package larder

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/larder-go/larder/internal/coding"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// hit answers from a stored response without waiting for the origin.
func (x *exchange) hit(st record.Stored, d rfc9111.Decision) (*http.Response, error) {
	s := status{hit: true}
	if d.Action == rfc9111.Refresh {
		s.detail = "stale-while-revalidate"
	}
	resp, err := x.serve(st, d, s)
	if err == nil {
		x.cache.stats.hits.Add(1)
	}
	return resp, err
}

// serve answers from a stored response as it is. An error says that its content is lost.
func (x *exchange) serve(st record.Stored, d rfc9111.Decision, s status) (*http.Response, error) {
	s.ttl, s.hasTTL = d.Lifetime-d.Age, true
	if s.detail == "" && x.terms.force(st.Record.StatusCode) {
		s.detail = forcedDetail
	}
	info := x.hitInfo(st.Record, d)
	if rfc9111.IsConditional(x.asked) && rfc9111.NotModified(x.asked, st.Record) {
		x.ctx.n.info = info
		return x.notModified(st.Record, d.Age, s), nil
	}
	body, err := x.content(st)
	if err != nil {
		return nil, err
	}
	x.ctx.n.info = info
	return x.respond(st.Record, body, d.Age, s), nil
}

func (x *exchange) hitInfo(rec *record.Record, d rfc9111.Decision) Info {
	ttl := d.Lifetime - d.Age
	return Info{
		FromCache: true, Stored: true, Stale: ttl <= 0, FreshUntil: x.now.Add(ttl), Received: rec.ResponseTime,
		Key: rec.Key, Reason: d.Reason.String(),
	}
}

// content opens the body of a stored response. Of one in chunks the first is read, so that a loss is known before the head
// goes out; what is lost further on is had from the origin.
func (x *exchange) content(st record.Stored) (io.ReadCloser, error) {
	if st.Record.Body.Set == "" {
		return x.inline(st.Record.Body.Data), nil
	}
	src, err := st.Open(x.req.Context(), 0)
	if err != nil {
		return nil, err
	}
	return newMendedBody(x, st.Record, src, 0), nil
}

// respond builds the answer from a stored response (RFC 9111 §4). The record is the exchange's own, so its header is
// changed in place.
func (x *exchange) respond(rec *record.Record, body io.ReadCloser, age time.Duration, s status) *http.Response {
	resp := x.head(rec, rec.StatusCode, rec.Reason)
	h := rec.Header
	if h == nil {
		h = http.Header{}
	}
	x.age[0] = strconv.FormatInt(int64(age/time.Second), 10)
	h["Age"] = x.age[:]
	resp.Trailer = rec.Trailer.Clone()
	resp.Body, resp.ContentLength = body, rec.Body.Size()
	how := fitting(rec, x.asked.Header["Accept-Encoding"])
	switch {
	case rec.Body.Coding != "":
		uncode(h)
		resp.Uncompressed = len(x.asked.Header["Accept-Encoding"]) == 0
	case how == decoded:
		name := coding.Of(h)
		uncode(h)
		resp.ContentLength, resp.Uncompressed = -1, true
		resp.Body = newDecodedBody(name, body)
	default:
		if said := h["Content-Length"]; len(said) > 0 {
			if n, err := strconv.ParseInt(said[0], 10, 64); err != nil || n != resp.ContentLength { // a hand may have edited the body
				h["Content-Length"] = []string{strconv.FormatInt(resp.ContentLength, 10)}
			}
		}
	}
	x.finish(resp, h, s)
	return resp
}

// notModified answers the caller's own condition from a stored response (RFC 9111 §4.3.2, RFC 9110 §15.4.5).
func (x *exchange) notModified(rec *record.Record, age time.Duration, s status) *http.Response {
	resp := x.head(rec, http.StatusNotModified, http.StatusText(http.StatusNotModified))
	h := http.Header{}
	for _, name := range []string{"Cache-Control", "Content-Location", "Date", "Etag", "Expires", "Vary", "Last-Modified"} {
		if v := rec.Header[name]; len(v) > 0 {
			h[name] = v
		}
	}
	if rec.Body.Coding != "" || fitting(rec, x.asked.Header["Accept-Encoding"]) == decoded {
		weaken(h)
	}
	x.age[0] = strconv.FormatInt(int64(age/time.Second), 10)
	h["Age"] = x.age[:]
	resp.Body = http.NoBody
	x.finish(resp, h, s)
	return resp
}

func (x *exchange) head(rec *record.Record, code int, reason string) *http.Response {
	major, minor, ok := http.ParseHTTPVersion(rec.Proto)
	if !ok {
		major, minor = 1, 1
	}
	x.resp = http.Response{
		Status: statusLine(code, reason), StatusCode: code,
		Proto: rec.Proto, ProtoMajor: major, ProtoMinor: minor,
		Request: x.req,
	}
	return &x.resp
}

func statusLine(code int, reason string) string {
	if code == http.StatusOK && reason == "OK" {
		return "200 OK"
	}
	return strconv.Itoa(code) + " " + reason
}

// refuse answers 504 where the caller wants nothing but what is stored (RFC 9111 §5.2.1.7).
func (x *exchange) refuse(why string) *http.Response {
	x.ctx.n.info = Info{Refused: true, Reason: why}
	body := "larder: not in the cache: " + why + "\n"
	resp := &http.Response{
		Status: "504 Gateway Timeout", StatusCode: http.StatusGatewayTimeout,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
	}
	x.finish(resp, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, status{detail: "only-if-cached"})
	return resp
}

// inline is a body that is there already.
func (x *exchange) inline(data []byte) io.ReadCloser {
	if len(data) == 0 {
		return http.NoBody
	}
	x.body.Reset(data)
	return &x.body
}

type inlineBody struct{ bytes.Reader }

func (*inlineBody) Close() error { return nil }
