package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// Age returns how old a stored response is at now (RFC 9111 §4.2.3): the larger of what its Date and its Age field say
// it was when it arrived, plus the time since. Clocks that are wrong only make it older: a now before its arrival counts
// as that much after it, because nobody knows how long ago it really was.
func Age(rec *record.Record, now time.Time) time.Duration {
	resident := now.Sub(rec.ResponseTime)
	if resident < 0 {
		resident = rec.ResponseTime.Sub(now)
	}
	return arrivalAge(rec) + bounded(resident)
}

// arrivalAge is corrected_initial_age of §4.2.3.
func arrivalAge(rec *record.Record) time.Duration {
	var apparent time.Duration
	if first, _, ok := dates(rec); ok {
		apparent = bounded(rec.ResponseTime.Sub(first))
	}
	return max(apparent, ageValue(rec.Header)+bounded(rec.Elapsed))
}

// bounded keeps a duration between 0 and 68 years, so that sums of a few do not overflow.
func bounded(d time.Duration) time.Duration { return min(max(d, 0), httpfield.MaxDelta) }

// ageValue is what the Age field says. It should hold one number; of several the largest counts, and what is none is
// ignored (RFC 9111 §5.1, which would have a cache take the first of several).
func ageValue(h http.Header) time.Duration {
	lines := h["Age"]
	if len(lines) == 0 {
		return 0
	}
	if v, ok := httpfield.ParseSeconds(lines[0]); ok && len(lines) == 1 {
		return v
	}
	var age time.Duration
	for m := range httpfield.Members(lines) {
		if v, ok := httpfield.ParseSeconds(m); ok {
			age = max(age, v)
		}
	}
	return age
}

// dates returns the earliest and the latest of a response's Date fields, which should be one; ok is false where there is
// none that is a date.
func dates(rec *record.Record) (first, last time.Time, ok bool) {
	for _, line := range rec.Header["Date"] {
		d, isDate := httpfield.ParseDate(line, rec.ResponseTime)
		switch {
		case !isDate:
			continue
		case !ok:
			first, last, ok = d, d, true
		case d.Before(first):
			first = d
		case d.After(last):
			last = d
		}
	}
	return first, last, ok
}
