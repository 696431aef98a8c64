package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// IsConditional reports whether the caller set a condition of its own (RFC 9110 §13.1).
func IsConditional(req *http.Request) bool {
	h := req.Header
	return len(h["If-None-Match"]) > 0 || len(h["If-Modified-Since"]) > 0 || len(h["If-Match"]) > 0 ||
		len(h["If-Unmodified-Since"]) > 0 || len(h["If-Range"]) > 0
}

// NotModified reports whether a caller's own If-None-Match, or without one its If-Modified-Since, is answered by 304 from
// a stored response that may be used (RFC 9111 §4.3.2). It is false for a response that is no success: a condition is
// about a content that there is (RFC 9110 §13.2.1).
func NotModified(req *http.Request, rec *record.Record) bool {
	if m := method(req); rec.StatusCode < 200 || rec.StatusCode > 299 || m != http.MethodGet && m != http.MethodHead {
		return false
	}
	if lines := req.Header["If-None-Match"]; len(lines) > 0 {
		return noneMatchFails(lines, rec)
	}
	lines := req.Header["If-Modified-Since"]
	if len(lines) != 1 {
		return false
	}
	since, ok := httpfield.ParseDate(lines[0], rec.ResponseTime)
	if !ok {
		return false
	}
	if len(rec.Header["Last-Modified"]) > 0 {
		modified, ok := lastModified(rec.Header, rec.ResponseTime)
		return ok && !modified.After(since)
	}
	return !datedOrArrived(rec).After(since)
}

// noneMatchFails reports whether a tag of If-None-Match is the stored one, by weak comparison (RFC 9110 §13.1.2).
func noneMatchFails(lines []string, rec *record.Record) bool {
	if httpfield.IsAny(lines) {
		return true
	}
	tag, ok := httpfield.TagOf(rec.Header["Etag"])
	if !ok {
		return false
	}
	for t := range httpfield.Tags(lines) {
		if t.WeakMatch(tag) {
			return true
		}
	}
	return false
}

// datedOrArrived is a stored response's Date, else when it arrived.
func datedOrArrived(rec *record.Record) time.Time {
	if _, last, ok := dates(rec); ok {
		return last
	}
	return rec.ResponseTime
}
