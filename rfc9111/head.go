package rfc9111

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// FreshenByHead applies the answer to a HEAD request to rec, a stored response to GET that the same request would have
// selected (RFC 9111 §4.3.5). Where each validator of the answer, and its Content-Length if it has one, is that of rec, the
// head of rec is updated as Freshen does it, and ok is true; else ok is false, and the entry is to be invalidated. An answer
// with no validator agrees with nothing, because of two contents of one length nobody knows that they are the same.
//
// An answer other than 200 says nothing about rec, which is returned as it is. Whether the updated response may still be
// stored is for Storable to say, as after a 304.
func FreshenByHead(rec *record.Record, resp *http.Response, requestTime, responseTime time.Time) (next *record.Record, ok bool) {
	if resp.StatusCode != http.StatusOK {
		return rec, true
	}
	h := canonical(resp.Header)
	if rec.StatusCode != http.StatusOK || !sameValidators(rec, h) || !sameLength(rec, h) {
		return nil, false
	}
	return Freshen(rec, resp, requestTime, responseTime), true
}

// sameValidators reports whether h has a validator, and rec has each that it has. Entity tags have to be equal, weakness
// included.
func sameValidators(rec *record.Record, h http.Header) bool {
	if len(h["Etag"]) > 0 {
		said, ok := httpfield.TagOf(h["Etag"])
		stored, has := httpfield.TagOf(rec.Header["Etag"])
		if !ok || !has || said != stored {
			return false
		}
	}
	if len(h["Last-Modified"]) > 0 {
		said, ok := lastModified(h, rec.ResponseTime)
		stored, has := lastModified(rec.Header, rec.ResponseTime)
		if !ok || !has || !said.Equal(stored) {
			return false
		}
	}
	return len(h["Etag"]) > 0 || len(h["Last-Modified"]) > 0
}

// sameLength reports whether h says no Content-Length, or that of rec. A response that came without one has the length of
// its content, if that is stored as it came.
func sameLength(rec *record.Record, h http.Header) bool {
	if len(h["Content-Length"]) == 0 {
		return true
	}
	said, ok := length(h)
	if !ok {
		return false
	}
	if len(rec.Header["Content-Length"]) > 0 {
		stored, ok := length(rec.Header)
		return ok && said == stored
	}
	return rec.Body.Coding == "" && said == rec.Body.Size()
}

// length reads a Content-Length field. Several lines that differ are none.
func length(h http.Header) (n int64, ok bool) {
	for i, line := range h["Content-Length"] {
		m, err := strconv.ParseUint(strings.Trim(line, " \t"), 10, 63)
		if err != nil || i > 0 && int64(m) != n {
			return 0, false
		}
		n, ok = int64(m), true
	}
	return n, ok
}
