package rfc9111

import (
	"net/http"
	"net/url"
	"strings"
)

// Invalidates returns the URLs whose stored responses a request made invalid (RFC 9111 §4.4): after an unsafe method that
// the origin did not answer by an error (2xx, 3xx), the request's own, and those in Location and Content-Location that
// have the same origin. A method nobody here knows is unsafe. The URLs are new ones, without fragment.
func Invalidates(req *http.Request, resp *http.Response) []*url.URL {
	if req.URL == nil || Safe(method(req)) || method(req) == http.MethodConnect {
		return nil
	}
	if resp.StatusCode < 200 || resp.StatusCode > 399 {
		return nil
	}
	target, urls := targets(req)
	h := canonical(resp.Header)
	for _, name := range []string{"Location", "Content-Location"} {
		for _, ref := range h[name] {
			u, err := target.Parse(ref)
			if err != nil || !sameOrigin(u, target) {
				continue
			}
			u.Fragment, u.RawFragment = "", ""
			urls = append(urls, u)
		}
	}
	return urls
}

// targets returns the URL that a request is about, and the URLs under which responses to it may be kept: a Host of its
// own stands for that of the URL (RFC 9110 §7.1), but not every cache looks at it.
func targets(req *http.Request) (target *url.URL, urls []*url.URL) {
	u := *req.URL
	u.Fragment, u.RawFragment = "", ""
	urls = []*url.URL{&u}
	if req.Host == "" || strings.EqualFold(req.Host, u.Host) {
		return &u, urls
	}
	hosted := u
	hosted.Host = req.Host
	return &hosted, append(urls, &hosted)
}

// Safe reports whether a method is known not to change anything at the origin: those of RFC 9110 §9.2.1 and the safe
// ones of the IANA registry. Methods are case-sensitive; none is GET, as in net/http.
func Safe(m string) bool {
	switch m {
	case "", "GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH", "PRI":
		return true
	}
	return false
}

// sameOrigin compares scheme, host and port (RFC 9110 §4.3.1).
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	switch strings.ToLower(u.Scheme) {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}
