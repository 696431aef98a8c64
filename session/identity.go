package session

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/rfc9111"
)

// identity is the layer that makes a request the session's: header fields, cookies and credentials, each to its origin,
// on every hop. The cache lies below it and the redirects above.
type identity struct{ *core }

// RoundTrip implements http.RoundTripper.
func (c identity) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil {
		return c.transport.RoundTrip(req) // whose error it is
	}
	out := req.WithContext(req.Context())
	out.Header = req.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	owns, as := c.dress(out)
	rt := c.transport
	if c.cache != nil {
		rt = c.cache.Through(c.transport, larder.Identity{Scope: as.id, Owns: owns})
	}
	resp, err := rt.RoundTrip(out)
	if err == nil {
		c.receive(out, resp, as)
	}
	return resp, err
}

// CloseIdleConnections is what http.Client calls for its method of that name.
func (c identity) CloseIdleConnections() {
	if tr, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		tr.CloseIdleConnections()
	}
}

// dress adds what the session knows to a request that is its own, and names the secret fields that it added.
func (c *core) dress(out *http.Request) (owns []string, as who) {
	home := c.origin != "" && auth.Origin(out.URL) == c.origin
	for name, values := range c.headers {
		if _, has := out.Header[name]; has || redact.IsField(name) && !home {
			continue
		}
		for _, v := range values {
			out.Header[name] = append(out.Header[name], v.Reveal())
		}
		if redact.IsField(name) {
			owns = append(owns, name) // others tell responses apart by what they say
		}
	}
	c.mu.RLock()
	as = who{c.id, c.term}
	if _, has := out.Header["Authorization"]; !has {
		for _, cred := range c.auth {
			if cred.Matches(out.URL) {
				cred.Apply(out.Header)
				owns = append(owns, "Authorization")
			}
		}
	}
	c.mu.RUnlock()
	if cookies := c.jar.Header(out.URL, time.Now()); cookies != "" {
		if theirs := out.Header["Cookie"]; len(theirs) > 0 {
			cookies = mergeCookies(strings.Join(theirs, "; "), cookies)
		} else {
			owns = append(owns, "Cookie")
		}
		out.Header["Cookie"] = []string{cookies}
	}
	return owns, as
}

// mergeCookies adds the jar's cookies to the caller's, except those of a name that the caller sends.
func mergeCookies(theirs, jar string) string {
	has := map[string]bool{}
	for pair := range strings.SplitSeq(theirs, ";") {
		name, _, _ := strings.Cut(strings.TrimSpace(pair), "=")
		has[name] = true
	}
	for pair := range strings.SplitSeq(jar, "; ") {
		if name, _, _ := strings.Cut(pair, "="); !has[name] {
			theirs += "; " + pair
		}
	}
	return theirs
}

// who is as whom a request went out.
type who struct {
	id   string
	term int // counts the identities that were ended by hand
}

// receive takes the cookies of an answer to a request, unless the identity it went out as has been ended by hand. Those of a
// stored answer are as old as it is. Where an unsafe request sets cookies (a login), or a cookie goes (a logout), the
// session is somebody else from then on, and is not given what the cache was told for the former.
func (c *core) receive(req *http.Request, resp *http.Response, as who) {
	lines := resp.Header["Set-Cookie"]
	if len(lines) == 0 {
		return
	}
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.term != as.term {
		return
	}
	if info, ok := larder.InfoOf(resp); ok && info.FromCache && !info.Received.IsZero() {
		c.jar.ReceiveStored(req.URL, lines, info.Received, now)
		return
	}
	before := len(c.jar.Cookies(req.URL))
	c.jar.Receive(req.URL, lines, now)
	if c.id == as.id && (!rfc9111.Safe(req.Method) || len(c.jar.Cookies(req.URL)) < before) {
		c.id = rand.Text()
	}
}

// checkRedirect takes secrets off a request that a redirect leads to another origin, and notes where it came from. The
// session's own are not on it yet: identity adds them by origin.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if h, ok := req.Context().Value(historyKey{}).(*history); ok && req.Response != nil {
		h.responses = append(h.responses, req.Response)
	}
	return auth.CheckRedirect(req, via)
}

type historyKey struct{}

// history collects the redirects of one call. Redirects are followed one after the other, so it needs no lock.
type history struct{ responses []*http.Response }
