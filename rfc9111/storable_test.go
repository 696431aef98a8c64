package rfc9111_test

import (
	"net/http"
	"testing"

	"github.com/larder-go/larder/rfc9111"
)

func TestStorable(t *testing.T) {
	const (
		ok            = rfc9111.ReasonStorable
		notCacheable  = rfc9111.ReasonStoreNotCacheable
		useless       = rfc9111.ReasonStoreUseless
		noStore       = rfc9111.ReasonStoreNoStore
		notUnderstood = rfc9111.ReasonStoreNotUnderstood
		forbidden     = rfc9111.ReasonStoreForbidden
	)
	for _, c := range []struct {
		rule, request, response string
		want                    rfc9111.Reason
	}{
		{"§3 GET", "GET", "Cache-Control: max-age=60", ok},
		{"§3 no method is GET", "", "Cache-Control: max-age=60", ok},
		{"§3 HEAD", "HEAD", "Cache-Control: max-age=60", rfc9111.ReasonStoreMethod},
		{"§3 POST", "POST", "Cache-Control: max-age=60", rfc9111.ReasonStoreMethod},
		{"§3 unknown method", "get", "Cache-Control: max-age=60", rfc9111.ReasonStoreMethod},
		{"§3.3 Range", "Range: bytes=0-1", "Cache-Control: max-age=60", rfc9111.ReasonStoreRange},
		{"§3.3 206", "", "206 | Cache-Control: max-age=60", rfc9111.ReasonStorePartial},
		{"§4.3.4 304 to the caller's own condition", `If-None-Match: "a"`, `304 | Cache-Control: max-age=60 | ETag: "a"`, rfc9111.ReasonStoreNotModified},
		{"§4.3.4 200 to it", `If-None-Match: "a"`, `Cache-Control: max-age=60 | ETag: "b"`, ok},
		{"RFC 9110 §15.5.13 412 to the caller's own condition", `If-Match: "a"`, "412 | Cache-Control: max-age=60", rfc9111.ReasonStorePrecondition},
		{"§3 not final", "", "103 | Cache-Control: max-age=60", rfc9111.ReasonStoreStatus},
		{"§3 101", "", "101 | Cache-Control: max-age=60", rfc9111.ReasonStoreStatus},
		{"§3 no status", "", "600 | Cache-Control: max-age=60", rfc9111.ReasonStoreStatus},
		{"§3.1 407 without its challenge", "", "407 | Cache-Control: max-age=60", rfc9111.ReasonStoreOneConnection},
		{"RFC 6585 §4 429", "", "429 | Cache-Control: max-age=60", forbidden},
		{"RFC 6585 §3 428", "", "428 | Cache-Control: max-age=60", forbidden},
		{"RFC 6585 §5 431", "", "431 | Cache-Control: max-age=60", forbidden},
		{"RFC 6585 §6 511", "", "511 | Cache-Control: max-age=60", forbidden},

		{"§5.2.1.5 no-store in the request", "Cache-Control: no-store", "Cache-Control: max-age=60", rfc9111.ReasonStoreRequestNoStore},
		{"§5.2.1.5 is not overruled by must-understand", "Cache-Control: no-store", "Cache-Control: max-age=60, must-understand", rfc9111.ReasonStoreRequestNoStore},
		{"§5.2.2.5 no-store", "", "Cache-Control: max-age=60, no-store", noStore},
		{"§5.2.2.5 in any case", "", "Cache-Control: max-age=60, nO-StOrE", noStore},
		{"§5.2.2.5 on the second line", "", "Cache-Control: max-age=60 | Cache-Control: no-store", noStore},
		{"§5.2.2.5 with an argument", "", "Cache-Control: max-age=60, no-store=x", noStore},
		{"§5.2.2.5 behind a semicolon", "", "Cache-Control: max-age=60; no-store", noStore},
		{"§5.2.2.5 behind a space", "", "Cache-Control: max-age=60, public no-store", noStore},
		{"§5.2.2.5 behind an open quote", "", `Cache-Control: max-age=60, x="y, no-store`, noStore},
		{"§5.2.2.5 with a validator", "", `Cache-Control: no-store | ETag: "a"`, noStore},
		{"§5.2.2.5 inside a quoted string it is none", "", `Cache-Control: max-age=60, x="no-store"`, ok},
		{"§5.2.2.3 must-understand, understood", "", "Cache-Control: max-age=60, no-store, must-understand", ok},
		{"§5.2.2.3 must-understand, not understood", "", "299 | Cache-Control: max-age=60, must-understand", notUnderstood},
		{"§5.2.2.3 with no-store", "", "599 | Cache-Control: max-age=60, no-store, must-understand", notUnderstood},
		{"§5.2.2.3 in doubt it permits nothing", "", "Cache-Control: max-age=60, no-store; must-understand", noStore},
		{"§4.1 Vary: *", "", "Cache-Control: max-age=60 | Vary: *", rfc9111.ReasonStoreVaryAny},
		{"§4.1 Vary: * among others", "", `Cache-Control: max-age=60 | ETag: "a" | Vary: a | Vary: b, *`, rfc9111.ReasonStoreVaryAny},
		{"§4.1 Vary names no field", "", "Cache-Control: max-age=60 | Vary: a b", rfc9111.ReasonStoreVaryAny},

		{"§3 explicit lifetime, any status", "", "302 | Cache-Control: max-age=60", ok},
		{"§3 explicit lifetime, unknown status", "", "299 | Cache-Control: max-age=60", ok},
		{"§3 explicit lifetime, 500", "", "500 | Cache-Control: max-age=60", ok},
		{"§3 Expires", "", "302 | Date: {0} | Expires: {60s}", ok},
		{"§3 500 without a word", "", `500 | ETag: "a"`, notCacheable},
		{"§3 302 without a word", "", "302 | Last-Modified: {-1h}", notCacheable},
		{"§3 403 without a word", "", `403 | ETag: "a"`, notCacheable},
		{"§3 public", "", `302 | Cache-Control: public | ETag: "a"`, ok},
		{"§3 private, in a private cache", "", `302 | Cache-Control: private | ETag: "a"`, ok},
		{"§5.2.2.7 private in doubt permits nothing", "", `302 | Cache-Control: a; private | ETag: "a"`, notCacheable},
		{"§5.2.2.7 private for some fields permits nothing", "", `302 | Cache-Control: private="X" | ETag: "a"`, notCacheable},
		{"§5.2.2.7 private for some fields, of a 200", "", `Cache-Control: private="X", max-age=60`, ok},
		{"§3 s-maxage is nothing to a private cache", "", `302 | Cache-Control: s-maxage=60 | ETag: "a"`, notCacheable},
		{"§3 heuristically cacheable", "", `404 | ETag: "a"`, ok},
		{"§5.2.2.10 s-maxage=0 is nothing to a private cache", "", "Cache-Control: s-maxage=0, max-age=60", ok},
		{"§4.2.2 heuristic lifetime", "", "Last-Modified: {-1h}", ok},
		{"§3.5 Authorization, in a private cache", "Authorization: Basic eDp5", "Cache-Control: max-age=60", ok},
		{"§7.3 Set-Cookie", "", "Cache-Control: max-age=60 | Set-Cookie: a=b", ok},

		{"neither freshness nor validator", "", "X: y", useless},
		{"malformed freshness, no validator", "", "Cache-Control: max-age=x", useless},
		{"malformed freshness and a validator", "", `Cache-Control: max-age=x | ETag: "a"`, ok},
		{"max-age=0, no validator", "", "Cache-Control: max-age=0", useless},
		{"past Expires, no validator", "", "Date: {0} | Expires: {-1h}", useless},
		{"stale by its Age, no validator", "", "Cache-Control: max-age=60 | Age: 60", useless},
		{"§5.2.2.4 no-cache without validator", "", "Cache-Control: no-cache, max-age=60", useless},
		{"§5.2.2.4 no-cache with validator", "", `Cache-Control: no-cache | ETag: "a"`, ok},
		{"a permanent redirect without a word", "", "301 | Location: /b", useless},
		{"RFC 5861 §4 stale, but of use after an error", "", "Cache-Control: max-age=0, stale-if-error=60", ok},
		{"§5.2.2.2 not with must-revalidate", "", "Cache-Control: max-age=0, stale-if-error=60, must-revalidate", useless},
	} {
		stores, why := private.Storable(request(t, c.request), response(t, c.response), start)
		if why != c.want || stores != (c.want == ok) {
			t.Errorf("%s: %q answered by %q: %v, %v; want %v", c.rule, c.request, c.response, stores, why, c.want)
		}
	}
}

// A transport that is not net/http's may spell names as it likes.
func TestStorableReadsAnySpelling(t *testing.T) {
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Cache-Control": {"max-age=60"}, "cache-control": {"no-store"}}}
	if ok, why := private.Storable(request(t, ""), resp, start); ok || why != rfc9111.ReasonStoreNoStore {
		t.Errorf("%v, %v", ok, why)
	}
	resp.Header = http.Header{"Cache-Control": {"max-age=60"}, "VARY": {"*"}}
	if ok, why := private.Storable(request(t, ""), resp, start); ok || why != rfc9111.ReasonStoreVaryAny {
		t.Errorf("%v, %v", ok, why)
	}
}

func TestPublic(t *testing.T) {
	for head, want := range map[string]bool{
		"Cache-Control: public":                              true,
		"Cache-Control: max-age=1, PUBLIC":                   true,
		"Cache-Control: public=x":                            false,
		"Cache-Control: a; public":                           false,
		"Cache-Control: public, private":                     false,
		`Cache-Control: public | Cache-Control: private="x"`: false,
		"Cache-Control: public, no-store":                    false,
		"X: public":                                          false,
	} {
		if _, h := fields(t, head); rfc9111.Public(h) != want {
			t.Errorf("Public(%q) = %v", head, !want)
		}
	}
}
