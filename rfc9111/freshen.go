package rfc9111

import (
	"mime"
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// kept are the fields that an update never changes (RFC 9111 §3.2): they describe the stored bytes, not the selected
// representation of now, and a Content-Digest even the empty content of the 304.
var kept = []string{
	"Content-Digest", "Content-Encoding", "Content-Length", "Content-Md5", "Content-Range", "Digest", "Repr-Digest",
}

// Freshen returns rec with its head updated by a 304 (RFC 9111 §4.3.4): every end-to-end field of the 304 replaces the
// stored one, except those that describe the stored bytes (Content-Length, Content-Encoding, Content-Range, digests) and a
// strong tag in place of a weak one. What the 304 does not mention stays, except Age and Date, which are about a message: without
// them in the 304, it has no age, and the time of arrival is its date.
//
// rec is not changed; body, trailer and request are shared with it. Expires, which is for people, is the caller's to set.
func Freshen(rec *record.Record, resp *http.Response, requestTime, responseTime time.Time) *record.Record {
	next := *rec
	next.ResponseTime = responseTime
	next.Elapsed = responseTime.Sub(requestTime)
	h := rec.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	update := EndToEnd(resp.Header)
	for _, name := range kept {
		delete(update, name)
	}
	if weakened(h, update) {
		delete(update, "Etag")
	}
	delete(h, "Age")
	h["Date"] = []string{responseTime.UTC().Format(http.TimeFormat)}
	for name, values := range update {
		h[name] = values
	}
	next.Header = h
	if _, ok := update["Content-Type"]; ok {
		next.Encoding = charset(h)
	}
	return &next
}

// weakened reports whether the stored tag is weak and the new one the same, but strong. The stored bytes are only known
// to be equivalent to what the strong one names.
func weakened(stored, update http.Header) bool {
	old, ok := httpfield.TagOf(stored["Etag"])
	if !ok || !old.Weak {
		return false
	}
	tag, ok := httpfield.TagOf(update["Etag"])
	return ok && !tag.Weak && tag.WeakMatch(old)
}

func charset(h http.Header) string {
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return params["charset"]
}
