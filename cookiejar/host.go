package cookiejar

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// PublicSuffixes knows under which domains others register names ("co.uk"), where no cookie is set for all.
type PublicSuffixes interface {
	PublicSuffix(domain string) string
}

// canonicalHost is u's host in lower case and Punycode, without port and trailing dot; an address in its usual spelling.
func canonicalHost(u *url.URL) (string, bool) {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.String(), true
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = strings.TrimSuffix(ascii, ".") // IDNA knows other dots too
	}
	// Names with underscores and the like are in use, though no registry gives them.
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-._"
	if host == "" || host[0] == '.' || strings.Contains(host, "..") || strings.Trim(host, letters) != "" {
		return "", false
	}
	return host, true
}

// isIP reports whether a canonical host is an address, also in a spelling that only resolvers know ("127.1", "0x7f.1"):
// what ends in a number is no name.
func isIP(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// isSecure reports whether cookies with Secure may go to u: over https, or to this machine itself.
func isSecure(u *url.URL) bool {
	if strings.EqualFold(u.Scheme, "https") {
		return true
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// isHTTP reports whether u is of a scheme that has cookies.
func isHTTP(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https")
}

// domainMatches is RFC 6265bis §5.1.3 for a domain cookie.
func domainMatches(host, domain string) bool {
	if host == domain {
		return true
	}
	return strings.HasSuffix(host, "."+domain) && !isIP(host)
}

// pathMatches is RFC 6265bis §5.1.4.
func pathMatches(path, cookie string) bool {
	if path == "" {
		path = "/"
	}
	if !strings.HasPrefix(path, cookie) {
		return false
	}
	return len(path) == len(cookie) || strings.HasSuffix(cookie, "/") || path[len(cookie)] == '/'
}

// defaultPath is the directory of u's path.
func defaultPath(u *url.URL) string {
	path := u.EscapedPath()
	if i := strings.LastIndexByte(path, '/'); i > 0 && path[0] == '/' {
		return path[:i]
	}
	return "/"
}

// domainOf judges the Domain attribute of a cookie that host sets: the cookie's domain, and whether it is for that host
// alone.
func (j *Jar) domainOf(host string, l line) (domain string, hostOnly, ok bool) {
	if l.domain == "" {
		return host, true, true
	}
	if strings.ContainsFunc(l.domain, func(r rune) bool { return r > '~' || r == ':' && !isIP(host) }) {
		return "", false, false
	}
	domain, ok = canonicalHost(&url.URL{Host: hostInURL(strings.Trim(l.domain, "[]"))})
	switch {
	case !ok:
		return "", false, false
	case isIP(host) || j.isPublicSuffix(domain):
		return host, true, domain == host
	}
	return domain, false, domainMatches(host, domain)
}

func (j *Jar) list() PublicSuffixes {
	if j.suffixes != nil {
		return j.suffixes
	}
	return publicsuffix.List
}

// isPublicSuffix reports whether others register names under domain. A single label is one, "localhost" included.
func (j *Jar) isPublicSuffix(domain string) bool {
	return !strings.Contains(domain, ".") || j.list().PublicSuffix(domain) == domain
}

// hostInURL is a host as it stands in a URL: an IPv6 address in brackets.
func hostInURL(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// site is the scheme and registrable domain of a host, the key of partitioned cookies.
func (j *Jar) site(u *url.URL, host string) string {
	scheme := strings.ToLower(u.Scheme)
	if isIP(host) || j.isPublicSuffix(host) {
		return scheme + "://" + host
	}
	rest := strings.TrimSuffix(host, "."+j.list().PublicSuffix(host))
	return scheme + "://" + host[strings.LastIndexByte(rest, '.')+1:]
}
