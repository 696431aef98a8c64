package rfc9111

import (
	"net/http"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/record"
)

// Storable reports whether the response to req may and should be stored (RFC 9111 §3), and why not. now is when its head
// arrived. A response that could never be reused is not worth storing, and reported so.
//
// It judges the head alone: whether the body came whole, and whose response it is, is the cache's matter. After a 304 it
// can be asked again about the freshened head, in a Response of the stored status code.
func (p Policy) Storable(req *http.Request, resp *http.Response, now time.Time) (bool, Reason) {
	why := p.storable(req, resp, now)
	return why == ReasonStorable, why
}

func (p Policy) storable(req *http.Request, resp *http.Response, now time.Time) Reason {
	if why := storableExchange(req, resp.StatusCode); why != ReasonStorable {
		return why
	}
	rec := record.Record{StatusCode: resp.StatusCode, Header: canonical(resp.Header), ResponseTime: now}
	c := p.controlOf(rec.Header)
	switch {
	case NoStore(req):
		return ReasonStoreRequestNoStore
	case c.mustUnderstand && !understood(resp.StatusCode):
		return ReasonStoreNotUnderstood
	case c.forbidsStoring(resp.StatusCode):
		return ReasonStoreNoStore
	case p.Shared && c.private:
		return ReasonStorePrivate
	case p.Shared && authorized(req.Header) && !c.sharesAuthorized():
		return ReasonStoreAuthorization
	case httpfield.VaryAny(rec.Header["Vary"]):
		return ReasonStoreVaryAny
	}
	explicit := c.maxAge.set || c.sMaxAge.set || len(rec.Header["Expires"]) > 0
	switch {
	case !explicit && !c.public && !c.privatePlain && !heuristicStatus(resp.StatusCode):
		return ReasonStoreNotCacheable
	case !hasValidator(&rec) && !p.freshUntil(&rec, &c).Add(c.staleWindow(resp.StatusCode)).After(now):
		return ReasonStoreUseless
	}
	return ReasonStorable
}

// storableExchange judges by what is asked and by the status code.
func storableExchange(req *http.Request, status int) Reason {
	switch {
	case method(req) != http.MethodGet:
		return ReasonStoreMethod
	case len(req.Header["Range"]) > 0:
		return ReasonStoreRange
	case status < 200 || status > 599:
		return ReasonStoreStatus
	}
	switch status {
	case http.StatusPartialContent:
		return ReasonStorePartial
	case http.StatusNotModified:
		return ReasonStoreNotModified
	case http.StatusPreconditionFailed:
		return ReasonStorePrecondition
	case http.StatusProxyAuthRequired:
		return ReasonStoreOneConnection
	case http.StatusPreconditionRequired, http.StatusTooManyRequests,
		http.StatusRequestHeaderFieldsTooLarge, http.StatusNetworkAuthenticationRequired:
		return ReasonStoreForbidden
	}
	return ReasonStorable
}

func method(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// heuristicStatus reports whether responses with a status code are cacheable without a word about it
// (RFC 9110 §15.1). 206 is among them there; here parts are not stored.
func heuristicStatus(status int) bool {
	switch status {
	case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501:
		return true
	}
	return false
}

// understood reports whether the caching rules of a status code are known and kept: those of RFC 9110, apart from the
// ones that are never stored.
func understood(status int) bool {
	switch {
	case status == 206, status == 304, status == 306, status == 407, status == 418:
		return false
	case 200 <= status && status <= 205, 300 <= status && status <= 308, 400 <= status && status <= 417,
		500 <= status && status <= 505:
		return true
	}
	return status == 421 || status == 422 || status == 426
}
