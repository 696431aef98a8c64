package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

// wishes is what the Cache-Control field of a request says (RFC 9111 §5.2.1), read so that it accepts least.
type wishes struct {
	noCache, pragma, onlyIfCached bool

	maxAge       seconds
	staleIfError seconds       // RFC 5861 §4
	maxStale     seconds       // without a value: forever
	minFresh     time.Duration // malformed: forever; of several the largest
}

// forever is longer than any age.
const forever = 1<<63 - 1

func wishesOf(h http.Header) wishes {
	var w wishes
	said := false
	for ds := httpfield.NewDirectives(h["Cache-Control"]); ds.Next(); said = true {
		w.read(&ds.Directive)
	}
	// Pragma counts only where Cache-Control says nothing (RFC 9111 §5.4).
	w.pragma = !said && httpfield.HasDirective(h["Pragma"], "no-cache")
	return w
}

func (w *wishes) read(d *httpfield.Directive) {
	switch {
	case d.Is("no-cache"):
		w.noCache = true
	case d.Is("only-if-cached"):
		w.onlyIfCached = true
	case d.Is("max-age"):
		w.maxAge.read(d)
	case d.Is("max-stale"):
		w.readMaxStale(d)
	case d.Is("stale-if-error"):
		w.staleIfError.read(d)
	case d.Is("min-fresh"):
		v, ok := d.Seconds()
		if !ok {
			v = forever
		}
		w.minFresh = max(w.minFresh, v)
	}
}

func (w *wishes) readMaxStale(d *httpfield.Directive) {
	if d.HasValue || d.Malformed {
		w.maxStale.read(d)
	} else if !w.maxStale.set {
		w.maxStale.set, w.maxStale.value = true, forever
	}
}

// allow reports whether the request leaves it to others to allow a stale answer: it sets no bound that d is beyond.
func (w *wishes) allow(d *Decision) bool {
	switch {
	case w.maxAge.set && d.Age > w.maxAge.value, w.minFresh > 0:
		return false
	case w.maxStale.set && d.Age-d.Lifetime > w.maxStale.value:
		return false
	}
	return true
}

// acceptsStale reports whether the request accepts stale responses at all (RFC 9111 §5.2.1.2).
func (w *wishes) acceptsStale() bool { return w.maxStale.set && !w.maxStale.malformed }

// NoStore reports whether a request forbids to store any part of it or of its response (RFC 9111 §5.2.1.5).
func NoStore(req *http.Request) bool {
	return httpfield.HasDirective(req.Header["Cache-Control"], "no-store")
}

// OnlyIfCached reports whether a request wants nothing but a stored response (RFC 9111 §5.2.1.7).
func OnlyIfCached(req *http.Request) bool {
	return httpfield.HasDirective(req.Header["Cache-Control"], "only-if-cached")
}
