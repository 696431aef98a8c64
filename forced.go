package larder

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// Standard and forced caching are two things. What a caller forces is written into the head that the rules are shown, and
// into no other: the rules stay those of RFC 9111, and what is stored and served stays what the origin sent.

// forcedDetail stands in Cache-Status where the caller's terms were followed rather than the origin's.
const forcedDetail = "by the caller's terms"

// seen is a stored response as the rules see it under t. It is rec itself where t forces nothing.
func (t *Terms) seen(rec *record.Record) *record.Record {
	if !t.force(rec.StatusCode) {
		return rec
	}
	c := *rec
	c.Header = t.head(rec.Header, rec.StatusCode, rec.ResponseTime)
	if t.lifetime(rec.StatusCode).set {
		c.Elapsed = 0 // the lifetime begins when the response was received
	}
	return &c
}

// shown are the stored responses as the rules see them.
func (x *exchange) shown(found []record.Stored) []*record.Record {
	recs := records(found)
	for i, rec := range recs {
		recs[i] = x.terms.seen(rec)
	}
	return recs
}

// seenResponse is the same for a response that has just been received.
func (t *Terms) seenResponse(code int, h http.Header, received time.Time) *http.Response {
	if t.force(code) {
		h = t.head(h, code, received)
	}
	return &http.Response{StatusCode: code, Header: h}
}

// lifetime is the forced lifetime of responses with a status code.
func (t *Terms) lifetime(code int) Lifetime {
	if code < 400 || slices.Contains(t.Statuses, code) {
		return t.Lifetime
	}
	return t.Failures
}

// force reports whether a response with this status code is seen otherwise than the origin sent it.
func (t *Terms) force(code int) bool {
	return t.Store == On || t.StaleIfError > 0 || t.StaleWhileRevalidate > 0 || t.lifetime(code).set
}

// head is h with what t forces.
func (t *Terms) head(h http.Header, code int, received time.Time) http.Header {
	own := h.Clone()
	if own == nil {
		own = http.Header{}
	}
	var lines []string
	without := func(names ...string) { lines = withoutDirectives(own["Cache-Control"], names) }
	add := func(directive string, d time.Duration) {
		lines = append(lines, directive+"="+strconv.FormatInt(int64(d/time.Second), 10))
	}
	drop := []string{}
	if t.Store == On {
		drop = append(drop, "no-store", "must-understand")
	}
	life := t.lifetime(code)
	if life.set {
		drop = append(drop, "max-age", "s-maxage", "no-cache", "must-revalidate", "proxy-revalidate")
		for _, name := range []string{"Expires", "Pragma", "Age", "Date"} {
			delete(own, name)
		}
	}
	if t.StaleIfError > 0 {
		drop = append(drop, "stale-if-error")
	}
	if t.StaleWhileRevalidate > 0 {
		drop = append(drop, "stale-while-revalidate")
	}
	without(drop...)
	if life.set {
		add("max-age", life.of(received))
	}
	if t.StaleIfError > 0 {
		add("stale-if-error", max(t.StaleIfError, time.Second)) // no window becomes none
	}
	if t.StaleWhileRevalidate > 0 {
		add("stale-while-revalidate", max(t.StaleWhileRevalidate, time.Second))
	}
	own["Cache-Control"] = lines
	return own
}

// withoutDirectives are the directives of lines, a line each, but for those with the given names. What is malformed stays
// as doubtful as it was.
func withoutDirectives(lines, names []string) []string {
	var kept []string
	for ds := httpfield.NewDirectives(lines); ds.Next(); {
		if slices.ContainsFunc(names, ds.Is) {
			continue
		}
		line := ds.Name
		if ds.HasValue {
			line += `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(ds.Value) + `"`
		}
		if ds.Malformed {
			line += ";"
		}
		kept = append(kept, line)
	}
	return kept
}
