package cookiejar

import (
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// PublicSuffixes knows under which domains others register names ("co.uk"), where no cookie is set for all.
type PublicSuffixes interface {
	PublicSuffix(domain string) string
}

// canonicalHost is u's host in lower case and Punycode, without port and trailing dot.
func canonicalHost(u *url.URL) (string, bool) {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "" || host[0] == '.' || strings.Contains(host, "..") {
		return "", false
	}
	if isIP(host) {
		return host, true
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		// Names with underscores and the like are in use, though no registry gives them.
		return host, strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
	}
	return ascii, true
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
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
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
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
	if !l.hasDomain {
		return host, true, true
	}
	u := url.URL{Host: l.domain}
	domain, ok = canonicalHost(&u)
	if !ok || u.Port() != "" {
		return "", false, false
	}
	if isIP(host) {
		return host, true, domain == host
	}
	if j.isPublicSuffix(domain) {
		return host, true, domain == host
	}
	return domain, false, domainMatches(host, domain)
}

// isPublicSuffix reports whether others register names under domain. A single label is one, "localhost" included.
func (j *Jar) isPublicSuffix(domain string) bool {
	return !strings.Contains(domain, ".") || j.suffixes.PublicSuffix(domain) == domain
}

// site is the scheme and registrable domain of a host, the key of partitioned cookies.
func (j *Jar) site(u *url.URL, host string) string {
	scheme := strings.ToLower(u.Scheme)
	if isIP(host) || j.isPublicSuffix(host) {
		return scheme + "://" + host
	}
	rest := strings.TrimSuffix(host, "."+j.suffixes.PublicSuffix(host))
	return scheme + "://" + host[strings.LastIndexByte(rest, '.')+1:]
}
