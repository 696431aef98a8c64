package rfc9111

import (
	"net/http"

	"github.com/larder-go/larder/record"
)

// Admits reports whether a cache of this policy may hold a stored response at all, and why not. A private cache holds
// every one. A shared cache must not hold a private response, with or without a list of fields (RFC 9111 §5.2.2.7), nor
// one to a request with Authorization, unless public, s-maxage or must-revalidate permits that (§3.5). Such a response may
// lie there where a private cache used the same store, or since a 304 made it private: it answers nobody, and because its
// validators may say what another user has seen, it is to be left out of Conditional too.
func (p Policy) Admits(rec *record.Record) (bool, Reason) {
	c := p.controlOf(rec.Header)
	why := p.foreign(rec, &c)
	return why == ReasonNone, why
}

// foreign says why the cache must not hold rec; ReasonNone: it may.
func (p Policy) foreign(rec *record.Record, c *control) Reason {
	switch {
	case !p.Shared:
		return ReasonNone
	case c.private:
		return ReasonPrivate
	case authorized(rec.Request.Header) && !c.sharesAuthorized():
		return ReasonAuthorization
	}
	return ReasonNone
}

// askable reports whether the origin can be asked if rec still holds, and rec may then be used.
func (p Policy) askable(rec *record.Record) bool {
	if !hasValidator(rec) {
		return false
	}
	ok := true
	if p.Shared {
		ok, _ = p.Admits(rec)
	}
	return ok
}

// authorized reports whether a request carries credentials for the origin (RFC 9110 §11.6.2). A stored request has the
// field still, without its value.
func authorized(h http.Header) bool { return len(h["Authorization"]) > 0 }

// sharesAuthorized reports whether a shared cache may store the response to a request with Authorization
// (RFC 9111 §3.5). This permits, so what is malformed does not count.
func (c *control) sharesAuthorized() bool {
	return c.public || c.revalidatePlain || c.sMaxAge.set && !c.sMaxAge.malformed
}
