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

	proxyRevalidate bool    // in a shared cache, as sMaxAge
	privatePlain    bool    // private stands there unqualified and well-formed, so that it may permit something
	revalidatePlain bool    // as for must-revalidate
	sMaxAge         seconds // RFC 9111 §5.2.2.10
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

// controlOf reads the Cache-Control field of a response. In a private cache, what is for shared ones is left out.
func (p Policy) controlOf(h http.Header) control {
	var c control
	for ds := httpfield.NewDirectives(h["Cache-Control"]); ds.Next(); {
		c.read(&ds.Directive)
	}
	if !p.Shared {
		c.sMaxAge, c.proxyRevalidate = seconds{}, false
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
			c.privatePlain = c.privatePlain || !d.Malformed && !d.HasValue
		}
	case len("no-store"):
		switch {
		case d.Is("no-store"):
			c.noStore = true
		case d.Is("no-cache"):
			c.noCache = true
			c.noCacheFields = c.noCacheFields || d.HasValue
		case d.Is("s-maxage"):
			c.sMaxAge.read(d)
		}
	case len("stale-if-error"):
		if d.Is("stale-if-error") {
			c.staleIfError.read(d)
		}
	case len("must-revalidate"): // and must-understand
		switch {
		case d.Is("must-revalidate"):
			c.mustRevalidate = true
			c.revalidatePlain = c.revalidatePlain || !d.Malformed && !d.HasValue
		case d.Is("must-understand"):
			c.mustUnderstand = c.mustUnderstand || !d.Malformed
		}
	case len("proxy-revalidate"):
		c.proxyRevalidate = c.proxyRevalidate || d.Is("proxy-revalidate")
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

// forbidsStale names the directive that forbids to use the response once it is stale, whatever else permits it; ReasonNone:
// there is none.
func (c *control) forbidsStale() Reason {
	switch {
	case c.mustRevalidate:
		return ReasonStaleMustRevalidate
	case c.proxyRevalidate:
		return ReasonStaleProxyRevalidate
	case c.sMaxAge.set:
		return ReasonStaleSMaxAge
	}
	return ReasonNone
}

// staleWindow is how long after its lifetime the response permits some use of it.
func (c *control) staleWindow(status int) time.Duration {
	if c.forbidsStale() != ReasonNone || c.unusable(status) {
		return 0
	}
	return max(c.staleIfError.value, c.staleRevalidate.value)
}

// Public reports whether a response is public and says nothing that takes it back: private or no-store, with or without
// a field list. h is a response's header.
func Public(h http.Header) bool {
	c := Policy{}.controlOf(canonical(h))
	return c.public && !c.private && !c.noStore
}

// Personal reports whether a response is for the one who asked, as its own head says: it is private, or sets a cookie. h
// is a response's header.
func Personal(h http.Header) bool {
	h = canonical(h)
	return len(h["Set-Cookie"]) > 0 || httpfield.HasDirective(h["Cache-Control"], "private")
}
