package rfc9111

// Reason says why a rule decided as it did. It is a small number; String, Section and Fwd explain it.
type Reason uint8

// The reasons, by the rule that gives them.
const (
	ReasonNone Reason = iota

	// Of Storable.
	ReasonStorable
	ReasonStoreMethod
	ReasonStoreRange
	ReasonStoreStatus
	ReasonStorePartial
	ReasonStoreNotModified
	ReasonStorePrecondition
	ReasonStoreOneConnection
	ReasonStoreForbidden
	ReasonStoreRequestNoStore
	ReasonStoreNoStore
	ReasonStoreNotUnderstood
	ReasonStorePrivate
	ReasonStoreAuthorization
	ReasonStoreVaryAny
	ReasonStoreNotCacheable
	ReasonStoreUseless

	// Of Lifetime.
	ReasonSMaxAge
	ReasonSMaxAgeMalformed
	ReasonMaxAge
	ReasonMaxAgeMalformed
	ReasonExpires
	ReasonExpiresMalformed
	ReasonHeuristic
	ReasonNoLifetime

	// Of Decide, where the stored response is served.
	ReasonFresh
	ReasonMaxStale
	ReasonStaleWhileRevalidate

	// Of OnFailure, where a stale response is served because the origin failed.
	ReasonStaleIfError
	ReasonDisconnected

	// Of a cache that knows more than Decide: that the URL is unknown, that it is known with other request fields, or that
	// its user asked for a new response.
	ReasonURIMiss
	ReasonVaryMiss
	ReasonReload

	// Of Decide, where the origin is asked.
	ReasonMiss
	ReasonPrivate
	ReasonAuthorization
	ReasonMethod
	ReasonRange
	ReasonPrecondition
	ReasonRequestNoCache
	ReasonRequestPragma
	ReasonRequestMaxAge
	ReasonRequestMinFresh
	ReasonNoCache
	ReasonNoCacheFields
	ReasonNoStore
	ReasonVaryAny
	ReasonStale
	ReasonStaleMustRevalidate
	ReasonStaleProxyRevalidate
	ReasonStaleSMaxAge
	ReasonTooStale
	ReasonUnknownFreshness

	numReasons
)

// reasons holds sentence, section and fwd token (RFC 9211 §2.2) of each Reason.
var reasons = [numReasons]struct{ text, section, fwd string }{
	ReasonNone: {"no reason is known", "", ""},

	ReasonStorable:            {"the response may be stored", "RFC 9111 §3", ""},
	ReasonStoreMethod:         {"only answers to GET are stored", "RFC 9111 §3", ""},
	ReasonStoreRange:          {"the request asks for a part of the content", "RFC 9111 §3.3", ""},
	ReasonStoreStatus:         {"the status code is not that of a final response", "RFC 9111 §3", ""},
	ReasonStorePartial:        {"the response is a part of the content", "RFC 9111 §3.3", ""},
	ReasonStoreNotModified:    {"the response only says that another one still holds", "RFC 9111 §4.3.4", ""},
	ReasonStorePrecondition:   {"the response says that a condition of this one request failed", "RFC 9110 §15.5.13", ""},
	ReasonStoreOneConnection:  {"the status code concerns the proxy of one connection", "RFC 9110 §15.5.8", ""},
	ReasonStoreForbidden:      {"responses with this status code are never stored", "RFC 6585", ""},
	ReasonStoreRequestNoStore: {"the request says no-store", "RFC 9111 §5.2.1.5", ""},
	ReasonStoreNoStore:        {"the response says no-store", "RFC 9111 §5.2.2.5", ""},
	ReasonStoreNotUnderstood:  {"the response says must-understand and has an unknown status code", "RFC 9111 §5.2.2.3", ""},
	ReasonStorePrivate:        {"the response is private, and the cache is shared", "RFC 9111 §5.2.2.7", ""},
	ReasonStoreAuthorization:  {"the request carries Authorization, and nothing in the response lets a shared cache store it", "RFC 9111 §3.5", ""},
	ReasonStoreVaryAny:        {"the response varies by more than the request's fields", "RFC 9111 §4.1", ""},
	ReasonStoreNotCacheable:   {"nothing in the response allows to store a response with its status code", "RFC 9111 §3", ""},
	ReasonStoreUseless:        {"the response could never be reused: it is not fresh and has no validator", "RFC 9111 §3", ""},

	ReasonSMaxAge:          {"the lifetime is that of s-maxage", "RFC 9111 §5.2.2.10", ""},
	ReasonSMaxAgeMalformed: {"s-maxage is malformed, so the response counts as stale", "RFC 9111 §4.2.1", ""},
	ReasonMaxAge:           {"the lifetime is that of max-age", "RFC 9111 §5.2.2.1", ""},
	ReasonMaxAgeMalformed:  {"max-age is malformed, so the response counts as stale", "RFC 9111 §4.2.1", ""},
	ReasonExpires:          {"the lifetime ends at Expires", "RFC 9111 §5.3", ""},
	ReasonExpiresMalformed: {"Expires is no date, so the response counts as stale", "RFC 9111 §5.3", ""},
	ReasonHeuristic:        {"the lifetime is a tenth of the time since the last modification", "RFC 9111 §4.2.2", ""},
	ReasonNoLifetime:       {"the response says nothing about its lifetime", "RFC 9111 §4.2.1", ""},

	ReasonFresh:    {"the stored response is fresh", "RFC 9111 §4.2", ""},
	ReasonMaxStale: {"the request accepts a response that is stale by this much", "RFC 9111 §5.2.1.2", ""},

	ReasonStaleWhileRevalidate: {"the response allows stale answers while it is validated", "RFC 5861 §3", ""},
	ReasonStaleIfError:         {"the origin failed, and stale answers are allowed then", "RFC 5861 §4", "stale"},
	ReasonDisconnected:         {"no answer of the origin could be had", "RFC 9111 §4.2.4", "stale"},

	ReasonURIMiss:              {"nothing is stored under this URL", "RFC 9111 §2", "uri-miss"},
	ReasonVaryMiss:             {"no stored response of this URL was selected by these request fields", "RFC 9111 §4.1", "vary-miss"},
	ReasonReload:               {"the caller wants it fetched anew", "RFC 9111 §5.2.1.4", "request"},
	ReasonMiss:                 {"nothing is stored for this request", "RFC 9111 §4", "miss"},
	ReasonPrivate:              {"the stored response is private, and the cache is shared", "RFC 9111 §5.2.2.7", "miss"},
	ReasonAuthorization:        {"the stored response is one user's: the request had Authorization, and nothing permits to share it", "RFC 9111 §3.5", "miss"},
	ReasonMethod:               {"only GET is answered from what is stored", "RFC 9111 §4", "method"},
	ReasonRange:                {"the request asks for a part of the content", "RFC 9111 §3.3", "bypass"},
	ReasonPrecondition:         {"the request has a precondition that only the origin can judge", "RFC 9111 §4.3.2", "bypass"},
	ReasonRequestNoCache:       {"the request says no-cache", "RFC 9111 §5.2.1.4", "request"},
	ReasonRequestPragma:        {"the request says Pragma: no-cache", "RFC 9111 §5.4", "request"},
	ReasonRequestMaxAge:        {"the stored response is older than the request's max-age", "RFC 9111 §5.2.1.1", "request"},
	ReasonRequestMinFresh:      {"the stored response stays fresh for less than the request's min-fresh", "RFC 9111 §5.2.1.3", "request"},
	ReasonNoCache:              {"the stored response says no-cache", "RFC 9111 §5.2.2.4", "stale"},
	ReasonNoCacheFields:        {"the stored response says no-cache for some fields, which is read as for all of it", "RFC 9111 §5.2.2.4", "stale"},
	ReasonNoStore:              {"the stored response says no-store", "RFC 9111 §5.2.2.5", "stale"},
	ReasonVaryAny:              {"the stored response varies by more than the request's fields", "RFC 9111 §4.1", "vary-miss"},
	ReasonStale:                {"the stored response is stale", "RFC 9111 §4.2.4", "stale"},
	ReasonStaleMustRevalidate:  {"the stored response is stale and says must-revalidate", "RFC 9111 §5.2.2.2", "stale"},
	ReasonStaleProxyRevalidate: {"the stored response is stale and says proxy-revalidate", "RFC 9111 §5.2.2.8", "stale"},
	ReasonStaleSMaxAge:         {"the stored response is stale and has an s-maxage, which forbids stale answers", "RFC 9111 §5.2.2.10", "stale"},
	ReasonTooStale:             {"the stored response is older than the request's max-stale accepts", "RFC 9111 §5.2.1.2", "stale"},
	ReasonUnknownFreshness:     {"the stored response says nothing about its lifetime", "RFC 9111 §4.2.1", "stale"},
}

func (r Reason) known() Reason {
	if r >= numReasons {
		return ReasonNone
	}
	return r
}

// String is the reason as one sentence, in lower case and without a full stop.
func (r Reason) String() string { return reasons[r.known()].text }

// Section names the rule's place, as in "RFC 9111 §5.2.2.5"; empty for ReasonNone.
func (r Reason) Section() string { return reasons[r.known()].section }

// Fwd is the parameter of that name in a Cache-Status field (RFC 9211 §2.2): why the request goes to the origin. It is
// empty for a reason that sends none there.
func (r Reason) Fwd() string { return reasons[r.known()].fwd }
