package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

// control is what the Cache-Control field of a response says, read strictly: of several values of a directive the
// smallest holds (RFC 9111 §4.2.1), and what restricts counts even where it is malformed.
type control struct {
	noStore, noCache, noCacheFields, mustRevalidate bool
	public, private, mustUnderstand                 bool

	maxAge          seconds
	staleIfError    seconds // RFC 5861 §4
	staleRevalidate seconds // RFC 5861 §3
}

// seconds is a directive with a number of seconds. Of several values the smallest holds; a malformed one is 0.
type seconds struct {
	set, malformed bool
	value          time.Duration
}

func (s *seconds) read(d *httpfield.Directive) {
	v, ok := d.Seconds()
	if !s.set || v < s.value {
		s.value = v
	}
	s.set = true
	s.malformed = s.malformed || !ok
}

func controlOf(h http.Header) control {
	var c control
	for ds := httpfield.NewDirectives(h["Cache-Control"]); ds.Next(); {
		c.read(&ds.Directive)
	}
	return c
}

// read takes one directive in. The length of the name saves most comparisons; this runs on every hit.
func (c *control) read(d *httpfield.Directive) {
	switch len(d.Name) {
	case len("public"):
		c.public = c.public || !d.Malformed && !d.HasValue && d.Is("public")
	case len("max-age"):
		switch {
		case d.Is("max-age"):
			c.maxAge.read(d)
		case d.Is("private"):
			c.private = true
		}
	case len("no-store"):
		switch {
		case d.Is("no-store"):
			c.noStore = true
		case d.Is("no-cache"):
			c.noCache = true
			c.noCacheFields = c.noCacheFields || d.HasValue
		}
	case len("stale-if-error"):
		if d.Is("stale-if-error") {
			c.staleIfError.read(d)
		}
	case len("must-revalidate"): // and must-understand
		switch {
		case d.Is("must-revalidate"):
			c.mustRevalidate = true
		case d.Is("must-understand"):
			c.mustUnderstand = c.mustUnderstand || !d.Malformed
		}
	case len("stale-while-revalidate"):
		if d.Is("stale-while-revalidate") {
			c.staleRevalidate.read(d)
		}
	}
}

// forbidsStoring reports whether a response with this status code must not be stored. must-understand lets no-store be
// ignored where the code is understood, and forbids storing where it is not (RFC 9111 §5.2.2.3). A stored response says
// this only where a 304 or another tool brought it.
func (c *control) forbidsStoring(status int) bool {
	if c.mustUnderstand {
		return !understood(status)
	}
	return c.noStore
}

// unusable reports whether the response may not be used without validation, however fresh it is.
func (c *control) unusable(status int) bool { return c.noCache || c.forbidsStoring(status) }

// staleWindow is how long after its lifetime the response permits some use of it.
func (c *control) staleWindow(status int) time.Duration {
	if c.mustRevalidate || c.unusable(status) {
		return 0
	}
	return max(c.staleIfError.value, c.staleRevalidate.value)
}

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

// Public reports whether a response is public and says nothing that takes it back: private or no-store, with or without
// a field list. h is a response's header.
func Public(h http.Header) bool {
	c := controlOf(canonical(h))
	return c.public && !c.private && !c.noStore
}

// Personal reports whether a response is for the one who asked, as its own head says: it is private, or sets a cookie. h
// is a response's header.
func Personal(h http.Header) bool {
	h = canonical(h)
	return len(h["Set-Cookie"]) > 0 || httpfield.HasDirective(h["Cache-Control"], "private")
}
