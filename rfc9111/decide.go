package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// Action is what to do with a request.
type Action uint8

// The actions.
const (
	Fetch    Action = iota // ask the origin, without conditions
	Serve                  // answer from the stored response
	Refresh                // answer from the stored response, and ask the origin beside that (stale-while-revalidate)
	Validate               // ask the origin whether stored responses still hold: see Conditional
	Fail                   // answer 504: the request wants nothing but a stored response, and there is none to use
)

// String is the action's name in lower case.
func (a Action) String() string {
	switch a {
	case Fetch:
		return "fetch"
	case Serve:
		return "serve"
	case Refresh:
		return "refresh"
	case Validate:
		return "validate"
	case Fail:
		return "fail"
	}
	return "unknown"
}

// Decision is what to do with a request, and why.
type Decision struct {
	Action Action
	Reason Reason // for Serve why it may be used, else why nothing stored may be used as it is

	// Use is the index of the stored response that was considered, the most recent one; -1: none. The rest is about it.
	Use      int
	Age      time.Duration
	Lifetime time.Duration
	Basis    Reason // where Lifetime comes from
}

// Fresh reports whether the response that was considered is fresh.
func (d Decision) Fresh() bool { return d.Use >= 0 && d.Lifetime > d.Age }

// Decide says how a request is answered (RFC 9111 §4). found holds the stored responses that its URL, its method and its
// fields select; none of it is changed.
//
// immutable (RFC 8246) needs no rule: a fresh response is validated only where the request says so, and that is the
// override which it leaves to the user. no-store in a request does not forbid to use what is stored (§5.2.1.5).
//
// A shared cache may find what a private one stored. That is neither used nor asked about: see Admits.
func (p Policy) Decide(req *http.Request, found []*record.Record, now time.Time) Decision {
	w := wishesOf(req.Header)
	d := Decision{Use: mostRecent(found), Reason: ReasonMiss}
	if d.Use >= 0 {
		d.Reason = p.use(&d, &w, found[d.Use], now)
	}
	foreign := notOurs(req)
	switch {
	case foreign != ReasonNone:
		d.Reason = foreign
	case d.Reason == ReasonFresh, d.Reason == ReasonMaxStale:
		d.Action = Serve
		return d
	case d.Reason == ReasonStaleWhileRevalidate && w.onlyIfCached: // nobody is asked
		d.Action = Serve
		return d
	case d.Reason == ReasonStaleWhileRevalidate:
		d.Action = Refresh
		return d
	}
	switch {
	case w.onlyIfCached:
		d.Action = Fail
	case foreign == ReasonNone && latest(found, p.askable) >= 0:
		d.Action = Validate
	}
	return d
}

// notOurs says why a request is not answered from stored responses at all; ReasonNone: it is.
func notOurs(req *http.Request) Reason {
	h := req.Header
	switch {
	case method(req) != http.MethodGet:
		return ReasonMethod
	case len(h) == 0:
		return ReasonNone
	case len(h["Range"]) > 0:
		return ReasonRange
	case len(h["If-Match"]) > 0, len(h["If-Unmodified-Since"]) > 0:
		return ReasonPrecondition
	}
	return ReasonNone
}

// use says why rec may be used for a request with these wishes, or why not, and fills in d.
func (p Policy) use(d *Decision, w *wishes, rec *record.Record, now time.Time) Reason {
	c := p.controlOf(rec.Header)
	d.Age = Age(rec, now)
	d.Lifetime, d.Basis = p.lifetime(rec, &c)
	foreign := p.foreign(rec, &c)
	switch {
	case foreign != ReasonNone:
		return foreign
	case w.noCache:
		return ReasonRequestNoCache
	case w.pragma:
		return ReasonRequestPragma
	case c.noCacheFields:
		return ReasonNoCacheFields
	case c.noCache:
		return ReasonNoCache
	case c.forbidsStoring(rec.StatusCode):
		return ReasonNoStore
	case httpfield.VaryAny(rec.Header["Vary"]):
		return ReasonVaryAny
	case d.Age >= d.Lifetime:
		return useStale(d, w, &c, rec)
	case w.maxAge.set && d.Age > w.maxAge.value:
		return ReasonRequestMaxAge
	case d.Lifetime-d.Age < w.minFresh:
		return ReasonRequestMinFresh
	}
	return ReasonFresh
}

// useStale says why a stale response may be used, or why not (RFC 9111 §4.2.4).
func useStale(d *Decision, w *wishes, c *control, rec *record.Record) Reason {
	unknown, forbidden := d.Basis == ReasonNoLifetime, c.forbidsStale()
	switch {
	case forbidden != ReasonNone:
		return forbidden
	case d.Age-d.Lifetime < c.staleRevalidate.value && w.allow(d):
		return ReasonStaleWhileRevalidate
	case unknown && (!w.acceptsStale() || !hasValidator(rec)):
		return ReasonUnknownFreshness // without a validator nobody ever meant it to be reused
	case !w.acceptsStale():
		return ReasonStale
	case w.maxAge.set && d.Age > w.maxAge.value:
		return ReasonRequestMaxAge
	case w.minFresh > 0:
		return ReasonRequestMinFresh
	case d.Age-d.Lifetime > w.maxStale.value:
		return ReasonTooStale
	}
	return ReasonMaxStale
}
