package auth

import (
	"fmt"
	"net/url"
	"strings"
)

// Origin is u's scheme, host and port (RFC 6454 §4) in one spelling: lower case, without a default port. It is empty
// where u has no host.
func Origin(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if host == "" {
		return ""
	}
	scheme := strings.ToLower(u.Scheme)
	switch scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	default:
		return ""
	}
	return scheme + "://" + strings.TrimSuffix(host, ":")
}

// OriginOf is Origin of an address as text.
func OriginOf(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", fmt.Errorf("auth: origin: the address does not parse")
	}
	o := Origin(u)
	if o == "" {
		return "", fmt.Errorf("auth: origin: want http://host or https://host, got %q", clean(rawURL))
	}
	return o, nil
}
