package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// OnFailure says whether a stored response may answer a request although it is stale, because the origin failed: status
// is that of the origin's answer, or 0 where none could be had. The Action is Serve or Fetch, which here means that the
// failure is what the caller gets.
//
// stale-if-error, of the response or the request, allows it for the status codes 500, 502, 503 and 504 and where there is
// no answer (RFC 5861 §4). Where there is no answer it is allowed without that too, unless a directive forbids it (RFC
// 9111 §4.2.4). A response that no one ever meant to be reused, with neither a lifetime nor a validator, never answers.
func (p Policy) OnFailure(req *http.Request, rec *record.Record, status int, now time.Time) Decision {
	w, c := wishesOf(req.Header), p.controlOf(rec.Header)
	d := Decision{Use: 0, Age: Age(rec, now)}
	d.Lifetime, d.Basis = p.lifetime(rec, &c)
	d.Action, d.Reason = onFailure(&d, &w, &c, rec, status)
	if why := p.foreign(rec, &c); why != ReasonNone {
		d.Action, d.Reason = Fetch, why
	}
	if why := notOurs(req); why != ReasonNone {
		d.Action, d.Reason = Fetch, why
	}
	return d
}

func onFailure(d *Decision, w *wishes, c *control, rec *record.Record, status int) (Action, Reason) {
	forbidden := c.forbidsStale()
	switch {
	case forbidden != ReasonNone:
		return Fetch, forbidden
	case c.noCache:
		return Fetch, ReasonNoCache
	case c.forbidsStoring(rec.StatusCode):
		return Fetch, ReasonNoStore
	case httpfield.VaryAny(rec.Header["Vary"]):
		return Fetch, ReasonVaryAny
	case w.noCache:
		return Fetch, ReasonRequestNoCache
	case w.pragma:
		return Fetch, ReasonRequestPragma
	case d.Basis == ReasonNoLifetime && !hasValidator(rec):
		return Fetch, ReasonUnknownFreshness
	case !w.allow(d):
		return Fetch, ReasonTooStale
	case d.Age-d.Lifetime < max(c.staleIfError.value, w.staleIfError.value) && failed(status):
		return Serve, ReasonStaleIfError
	case status == 0:
		return Serve, ReasonDisconnected
	}
	return Fetch, ReasonStale
}

// failed reports whether stale-if-error is about this outcome (RFC 5861 §4).
func failed(status int) bool {
	switch status {
	case 0, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
