package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// Bounds of what larder decides itself where RFC 9111 leaves it open.
const (
	// heuristicPart: a response counts as fresh for a tenth of the time that it had been unchanged for.
	heuristicPart = 10
	// maxHeuristic bounds that, so that an old file which changes tomorrow is asked for again tomorrow.
	maxHeuristic = 24 * time.Hour

	// retainStale is how long a stale response is worth keeping for the sake of its validator.
	retainStale = 30 * 24 * time.Hour
)

// Lifetime returns for how long a response is fresh, counted against its Age, and where that comes from
// (RFC 9111 §4.2.1): in a shared cache s-maxage, else max-age, else Expires less Date, else a tenth of Date less
// Last-Modified, at most 24 h, where the status code or public allows a heuristic. Where the first of these that is there
// is malformed, it means 0.
//
// It does not know about no-cache: a response that must always be validated may have a lifetime.
func (p Policy) Lifetime(rec *record.Record) (time.Duration, Reason) {
	c := p.controlOf(rec.Header)
	return p.lifetime(rec, &c)
}

func (p Policy) lifetime(rec *record.Record, c *control) (time.Duration, Reason) {
	switch {
	case c.sMaxAge.malformed:
		return 0, ReasonSMaxAgeMalformed
	case c.sMaxAge.set:
		return c.sMaxAge.value, ReasonSMaxAge
	case c.maxAge.malformed:
		return 0, ReasonMaxAgeMalformed
	case c.maxAge.set:
		return c.maxAge.value, ReasonMaxAge
	}
	if lines := rec.Header["Expires"]; len(lines) > 0 {
		return expiresLifetime(rec, lines)
	}
	return heuristicLifetime(rec, c)
}

// expiresLifetime is Expires less Date, or less the time of arrival where there is no Date. Of several Expires the
// earliest holds; one that is no date ("0", "-1") is in the past (RFC 9111 §5.3).
func expiresLifetime(rec *record.Record, lines []string) (time.Duration, Reason) {
	var expires time.Time
	for i, line := range lines {
		t, ok := httpfield.ParseDate(line, rec.ResponseTime)
		if !ok {
			return 0, ReasonExpiresMalformed
		}
		if i == 0 || t.Before(expires) {
			expires = t
		}
	}
	_, from, ok := dates(rec)
	if !ok {
		from = rec.ResponseTime
	}
	return bounded(expires.Sub(from)), ReasonExpires
}

// heuristicLifetime guesses by how long the response had not changed (RFC 9111 §4.2.2). A Date in the future would make
// that longer, so it counts as the time of arrival. Pragma: no-cache, which has no meaning in a response, still says that
// nobody should guess.
func heuristicLifetime(rec *record.Record, c *control) (time.Duration, Reason) {
	if !c.public && !heuristicStatus(rec.StatusCode) || httpfield.HasDirective(rec.Header["Pragma"], "no-cache") {
		return 0, ReasonNoLifetime
	}
	modified, ok := lastModified(rec.Header, rec.ResponseTime)
	if !ok {
		return 0, ReasonNoLifetime
	}
	seen := rec.ResponseTime
	if first, _, ok := dates(rec); ok && first.Before(seen) {
		seen = first
	}
	unchanged := seen.Sub(modified)
	if unchanged <= 0 {
		return 0, ReasonNoLifetime
	}
	return min(unchanged/heuristicPart, maxHeuristic), ReasonHeuristic
}

// lastModified reads the Last-Modified field. Several lines that differ are none.
func lastModified(h http.Header, received time.Time) (t time.Time, ok bool) {
	lines := h["Last-Modified"]
	if len(lines) == 0 {
		return t, false
	}
	for _, l := range lines[1:] {
		if l != lines[0] {
			return t, false
		}
	}
	return httpfield.ParseDate(lines[0], received)
}

// hasValidator reports whether the origin can be asked if a response still holds.
func hasValidator(rec *record.Record) bool {
	if _, ok := httpfield.TagOf(rec.Header["Etag"]); ok {
		return true
	}
	_, ok := lastModified(rec.Header, rec.ResponseTime)
	return ok
}

// FreshUntil returns when a response becomes stale. It lies in the past for one that never was fresh, and at
// ResponseTime or before it for one that must be validated whenever it is used.
func (p Policy) FreshUntil(rec *record.Record) time.Time {
	c := p.controlOf(rec.Header)
	return p.freshUntil(rec, &c)
}

func (p Policy) freshUntil(rec *record.Record, c *control) time.Time {
	lifetime, _ := p.lifetime(rec, c)
	if c.unusable(rec.StatusCode) || p.foreign(rec, c) != ReasonNone || httpfield.VaryAny(rec.Header["Vary"]) {
		lifetime = 0
	}
	return rec.ResponseTime.Add(lifetime - arrivalAge(rec))
}

// RetainUntil returns how long a response is worth keeping: with a validator 30 days longer than it is fresh, because a
// validation costs less than a fetch; without one until it is stale, or until the end of the windows in which
// stale-if-error and stale-while-revalidate permit to use it (RFC 5861), unless must-revalidate, or in a shared cache
// proxy-revalidate or s-maxage, takes that back. One that a shared cache must not hold is not worth it at all.
func (p Policy) RetainUntil(rec *record.Record) time.Time {
	c := p.controlOf(rec.Header)
	fresh := p.freshUntil(rec, &c)
	if p.foreign(rec, &c) != ReasonNone {
		return fresh
	}
	until := fresh.Add(c.staleWindow(rec.StatusCode))
	if hasValidator(rec) {
		until = later(until, later(fresh, rec.ResponseTime).Add(retainStale))
	}
	return until
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
