// Package redact holds the one list of what is a secret in an HTTP exchange, and takes secrets out of what is stored,
// logged or shown.
//
// It covers what a caller sends. What an origin sends, Set-Cookie included, is stored as it came (RFC 9111 §3.1).
package redact

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/larder-go/larder/secret"
)

// fields are the request header fields that carry a credential, canonical.
var fields = map[string]bool{
	"Authorization":             true,
	"Cookie":                    true,
	"Proxy-Authorization":       true,
	"Api-Key":                   true,
	"Apikey":                    true,
	"X-Api-Key":                 true,
	"X-Apikey":                  true,
	"X-Api-Token":               true,
	"X-Access-Token":            true,
	"X-Auth-Key":                true,
	"X-Auth-Token":              true,
	"X-Amz-Security-Token":      true,
	"X-Csrf-Token":              true,
	"X-Xsrf-Token":              true,
	"X-Goog-Api-Key":            true,
	"X-Gitlab-Token":            true,
	"X-Github-Token":            true,
	"X-Session-Token":           true,
	"X-Shopify-Access-Token":    true,
	"X-Vault-Token":             true,
	"X-Token":                   true,
	"X-Secret":                  true,
	"Private-Token":             true,
	"Job-Token":                 true,
	"Deploy-Token":              true,
	"Ocp-Apim-Subscription-Key": true,
	"Dd-Api-Key":                true,
	"Dd-Application-Key":        true,
	"X-Rapidapi-Key":            true,
}

// words end the names of further fields that are taken for secrets ("X-Acme-Token").
// A word alone is one too ("Token").
var words = []string{"-Token", "-Secret", "-Password", "-Api-Key", "-Apikey", "-Access-Key", "-Auth-Key", "-Auth", "-Jwt", "-Session", "-Session-Id", "-Authorization", "-Credential", "-Credentials"}

// params are the query parameters that carry a credential, lower case.
var params = map[string]bool{
	"access_token": true, "api_key": true, "apikey": true, "api-key": true, "auth": true, "auth_token": true,
	"client_secret": true, "id_token": true, "key": true, "password": true, "passwd": true, "private_token": true,
	"refresh_token": true, "secret": true, "sig": true, "signature": true, "token": true,
	"x-amz-credential": true, "x-amz-security-token": true, "x-amz-signature": true, "x-goog-signature": true,
}

// IsField reports whether the request header field name carries a credential.
func IsField(name string) bool {
	if name == "" {
		return false
	}
	if fields[name] {
		return true
	}
	if strings.Contains(name, "_") {
		name = strings.ReplaceAll(name, "_", "-")
	}
	name = http.CanonicalHeaderKey(name)
	if fields[name] {
		return true
	}
	for _, w := range words {
		if strings.HasSuffix(name, w) || name == w[1:] {
			return true
		}
	}
	return false
}

// IsParam reports whether the query parameter name carries a credential.
func IsParam(name string) bool { return params[strings.ToLower(name)] }

// Fields returns the names of the credential fields in h, sorted, as they stand there.
func Fields(h http.Header) []string {
	var names []string
	for name := range h {
		if IsField(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Header returns a copy of h whose secrets read secret.Redacted, and whose Referer is as URL shows it. Nil stays nil.
func Header(h http.Header) http.Header {
	h = h.Clone()
	for name, values := range h {
		if IsField(name) {
			for i := range values {
				values[i] = secret.Redacted
			}
		}
		if strings.EqualFold(name, "Referer") {
			for i := range values {
				values[i] = RawURL(values[i])
			}
		}
	}
	return h
}

// URL returns u without fragment and userinfo and with the values of secret query parameters replaced. The order and
// the spelling of the rest stay as they are.
func URL(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	c.Opaque = c.Opaque[strings.LastIndexByte(c.Opaque, '@')+1:] // of "user:password@host", which parses as a scheme and a rest
	c.RawQuery = Query(c.RawQuery)
	return c.String()
}

// Query returns the raw query with the values of secret parameters replaced.
func Query(raw string) string {
	if raw == "" {
		return raw
	}
	var out strings.Builder
	for i, pair := range strings.Split(raw, "&") {
		if i > 0 {
			out.WriteByte('&')
		}
		name, value, has := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		if has && value != "" && IsParam(plain) {
			out.WriteString(name + "=" + "redacted")
			continue
		}
		out.WriteString(pair)
	}
	return out.String()
}

// RawURL is URL for an address as text; one that does not parse is not shown at all.
func RawURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "[address that does not parse]"
	}
	return URL(u)
}
