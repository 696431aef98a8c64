package larder

import (
	"mime"
	"net/http"
	"strings"

	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// newRecord is the head of what is stored of an exchange: without the secrets that the caller sent, and without the
// fields that belong to one connection (RFC 9111 §3.1).
func newRecord(q *record.Query, terms Terms, req *http.Request, r reply) *record.Record {
	h := rfc9111.EndToEnd(r.resp.Header)
	rec := &record.Record{
		URL:          redact.RawURL(q.URL),
		StatusCode:   r.resp.StatusCode,
		Reason:       reasonPhrase(r.resp),
		Proto:        r.resp.Proto,
		Encoding:     charset(h),
		ResponseTime: r.arrived,
		Elapsed:      r.arrived.Sub(r.requested),
		Header:       h,
		Request: record.Request{
			Method: http.MethodGet,
			URL:    terms.withoutIgnored(redact.URL(req.URL)),
			Header: redact.Header(rfc9111.EndToEnd(req.Header)),
		},
	}
	for i, ref := range rec.Request.Header["Referer"] { // of a redirect: redact's copy
		rec.Request.Header["Referer"][i] = terms.withoutIgnored(ref)
	}
	if rec.Header == nil {
		rec.Header = http.Header{}
	}
	if len(rec.Header["Date"]) == 0 { // RFC 9110 §6.6.1
		rec.Header["Date"] = []string{r.arrived.UTC().Format(http.TimeFormat)}
	}
	if rec.Request.Header == nil {
		rec.Request.Header = http.Header{}
	}
	return rec
}

// reasonPhrase is "Not Found" of the status "404 Not Found".
func reasonPhrase(resp *http.Response) string {
	if _, phrase, ok := strings.Cut(resp.Status, " "); ok {
		return phrase
	}
	return http.StatusText(resp.StatusCode)
}

func charset(h http.Header) string {
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return params["charset"]
}

// isEventStream reports whether a body never ends of itself (server-sent events).
func isEventStream(h http.Header) bool {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && t == "text/event-stream"
}

// endsVerifiably reports whether a cut body can be told from a whole one: by its length, its chunks or its frames. A body
// that ends with its HTTP/1 connection cannot; net/http says Close of it.
func endsVerifiably(resp *http.Response) bool {
	chunked := len(resp.TransferEncoding) > 0 && resp.TransferEncoding[0] == "chunked"
	return resp.ContentLength >= 0 || chunked || resp.ProtoMajor != 1 || !resp.Close
}

// fieldLines are the values of a field, whatever the spelling of its name, as one text.
func fieldLines(h http.Header, name string) string {
	var lines []string
	for n, values := range h {
		if strings.EqualFold(n, name) {
			lines = append(lines, values...)
		}
	}
	return strings.Join(lines, "\n")
}
