package rfc9111

import (
	"net/http"
	"slices"
	"strings"

	"github.com/larder-go/larder/internal/httpfield"
)

// connectionFields belong to one connection (RFC 9110 §7.6.1) or to the proxy on it (RFC 9111 §3.1).
var connectionFields = map[string]bool{
	"Connection":                true,
	"Keep-Alive":                true,
	"Proxy-Authenticate":        true,
	"Proxy-Authentication-Info": true,
	"Proxy-Authorization":       true,
	"Proxy-Connection":          true,
	"Te":                        true,
	"Trailer":                   true,
	"Transfer-Encoding":         true,
	"Upgrade":                   true,
}

// ruling are the fields that the rules read to restrict reuse, or to tell whose a response is. They are for all recipients, so a Connection field that
// names one of them is wrong (RFC 9110 §7.6.1) and must not make a response look fresher or plainer than it is.
var ruling = map[string]bool{
	"Age":              true,
	"Authorization":    true,
	"Cache-Control":    true,
	"Content-Encoding": true,
	"Content-Range":    true,
	"Date":             true,
	"Expires":          true,
	"Pragma":           true,
	"Set-Cookie":       true,
	"Vary":             true,
}

// EndToEnd returns a copy of h with canonical names and without the fields that belong to one connection, those that the
// Connection field names, and the credentials of proxies. Nil stays nil.
func EndToEnd(h http.Header) http.Header {
	if h == nil {
		return nil
	}
	out := canonical(h).Clone()
	for name := range httpfield.Members(out["Connection"]) {
		if name = http.CanonicalHeaderKey(name); !ruling[name] {
			delete(out, name)
		}
	}
	for name := range connectionFields {
		delete(out, name)
	}
	return out
}

// canonical returns h itself where all names are canonical, else a copy whose are. Spellings of one name are joined in
// the order of the spellings, so that the result is the same each time.
func canonical(h http.Header) http.Header {
	plain := true
	for name := range h {
		if http.CanonicalHeaderKey(name) != name {
			plain = false
			break
		}
	}
	if plain {
		return h
	}
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	out := make(http.Header, len(h))
	for _, name := range names {
		key := http.CanonicalHeaderKey(name)
		out[key] = append(out[key], h[name]...)
	}
	return out
}

// Selectors returns the names of the request fields that select a response (RFC 9111 §4.1): those of Vary, in lower
// case, sorted, each once, without accept-encoding, because content codings are the cache's own matter. ok is false
// where nothing can be known to select it: Vary is "*" or names what is no field.
func Selectors(resp *http.Response) (names []string, ok bool) {
	names, star := httpfield.VaryNames(canonical(resp.Header)["Vary"])
	if star {
		return nil, false
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "accept-encoding" })
	return names, true
}
