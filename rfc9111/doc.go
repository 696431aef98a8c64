// Package rfc9111 holds the rules of HTTP caching as pure functions: what may be stored, how old and how fresh it is,
// whether it may be used, what a validation asks and what its answer changes, and what an unsafe request makes invalid.
//
// The one rule to know: where a message is ambiguous, malformed or hostile, the strictest reading holds. Nothing in it
// makes a stored response fresher than that.
//
// There is no I/O here, no clock (every rule takes now), no log, and inputs are never changed. Whose response it is,
// which of several a request selects, and the content codings are the matter of the cache that calls; package larder is
// one. Header maps of requests and records have canonical field names (http.CanonicalHeaderKey); those of responses may
// have any.
package rfc9111

// Policy says for whom a cache keeps responses. The zero Policy is that of a private cache, which serves one user: there
// private allows storing, and proxy-revalidate and s-maxage, which bind shared caches, have no effect.
type Policy struct {
	// Shared says that what one user asked for may answer another. Default: private.
	Shared bool
}
