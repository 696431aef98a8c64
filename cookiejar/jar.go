// Package cookiejar is a cookie jar after RFC 6265bis that can be looked into, saved and filled again.
//
// The one rule to know: give it the raw Set-Cookie lines of a response ([Jar.Receive]) and take the Cookie field from it
// ([Jar.Header]) where you can. As an [http.CookieJar] it works too, but then net/http parses first and drops what
// browsers accept. Package session does the former.
//
// Host-only stays host-only, public suffixes take no cookies, __Host- and __Secure- are checked, and cookies with Secure
// are neither sent to nor replaced from insecure origins; this machine itself counts as secure. SameSite is kept but
// decides nothing, except that None needs Secure: a program has no address bar. A partitioned cookie is sent under the
// site it was set under.
package cookiejar

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/larder-go/larder/secret"
)

// Options are the settings of a Jar. Nil and the zero value are the defaults.
type Options struct {
	PublicSuffixes PublicSuffixes // nil: the list of golang.org/x/net/publicsuffix
}

// Jar keeps cookies. It is safe for concurrent use. The zero value is an empty jar with the default options; a Jar must
// not be copied.
type Jar struct {
	suffixes PublicSuffixes // nil: the default

	mu        sync.Mutex
	cookies   map[id]*Cookie
	perDomain map[string]int
	order     map[id]int64 // breaks ties of cookies made at one instant
	serial    int64
	cleared   time.Time // when all cookies were last removed by hand
}

// New returns an empty jar.
func New(o *Options) *Jar {
	j := new(Jar)
	if o != nil {
		j.suffixes = o.PublicSuffixes
	}
	return j
}

// Receive takes the Set-Cookie lines of a response from u that came at now. What a line asks for and may not have is
// passed over.
func (j *Jar) Receive(u *url.URL, setCookie []string, now time.Time) {
	j.ReceiveStored(u, setCookie, now, now)
}

// ReceiveStored takes the Set-Cookie lines of a response that came from u at an earlier instant and is answered from a
// cache now: what the jar has learned or given up since stays as it is.
func (j *Jar) ReceiveStored(u *url.URL, setCookie []string, came, now time.Time) {
	lines := make([]line, 0, len(setCookie))
	for _, s := range setCookie {
		if l, ok := parse(s, came); ok {
			lines = append(lines, l)
		}
	}
	j.receive(u, lines, came, now)
}

func (j *Jar) receive(u *url.URL, lines []line, came, now time.Time) {
	host, ok := canonicalHost(u)
	if !ok || !isHTTP(u) || len(lines) == 0 {
		return
	}
	came, now = came.UTC(), now.UTC()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range lines {
		if c := j.judge(u, host, l, came, now); c != nil {
			c.LastAccess = now
			j.keep(c, now)
		}
	}
}

// judge is the storage model of RFC 6265bis §5.7: the cookie that a line makes, or nil where it is refused.
func (j *Jar) judge(u *url.URL, host string, l line, came, now time.Time) *Cookie {
	domain, hostOnly, ok := j.domainOf(host, l)
	switch {
	case !ok, l.secure && !isSecure(u), !l.secure && (l.sameSite == "None" || l.partitioned), !prefixHolds(l, hostOnly):
		return nil
	}
	c := &Cookie{
		Name: l.name, Value: secret.New(l.value), Domain: domain, HostOnly: hostOnly, Path: l.path,
		Secure: l.secure, HTTPOnly: l.httpOnly, SameSite: l.sameSite, Expires: l.expires, Created: came, Updated: came,
	}
	if c.Path == "" {
		c.Path = defaultPath(u)
	}
	if l.partitioned {
		c.Partition = j.site(u, host)
	}
	if !c.Secure && !isSecure(u) && j.shadowsSecure(c, now) {
		return nil
	}
	return c
}

// keep puts c in place of the cookie it replaces, unless c is the older of the two.
func (j *Jar) keep(c *Cookie, now time.Time) {
	key := c.id()
	old := j.cookies[key]
	if c.Updated.Before(now) && (j.cleared.After(c.Updated) || old != nil && old.Updated.After(c.Updated)) {
		return
	}
	if old != nil && old.expired(now) {
		delete(j.order, key) // not replaced, but made anew
	} else if old != nil {
		c.Created = old.Created
	}
	j.put(c, now)
}

// put keeps c. A cookie that has expired stays as a mark of its deletion until there are too many, so that a stored
// response does not revive it.
func (j *Jar) put(c *Cookie, now time.Time) {
	if j.cookies == nil {
		j.cookies, j.perDomain, j.order = map[id]*Cookie{}, map[string]int{}, map[id]int64{}
	}
	key := c.id()
	if _, ok := j.order[key]; !ok {
		j.serial++
		j.order[key] = j.serial
	}
	_, replaced := j.cookies[key]
	j.cookies[key] = c
	if !replaced {
		j.perDomain[c.Domain]++
		j.bound(c.Domain, now)
	}
}

// prefixHolds checks what a name's prefix promises, in any case of letters. That Secure came over a secure connection is
// known by then.
func prefixHolds(l line, hostOnly bool) bool {
	switch {
	case l.name == "":
		return !hasPrefix(l.value) // it would be read back as one with a name
	case len(l.name) >= len("__Host-") && strings.EqualFold(l.name[:len("__Host-")], "__Host-"):
		return l.secure && hostOnly && l.domain == "" && l.path == "/"
	}
	return l.secure || !hasPrefix(l.name)
}

func hasPrefix(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "__host-") || strings.HasPrefix(name, "__secure-")
}

// shadowsSecure reports whether c would stand beside or in place of a cookie with Secure that an insecure origin must not touch.
func (j *Jar) shadowsSecure(c *Cookie, now time.Time) bool {
	for _, old := range j.cookies {
		if old.Secure && old.Name == c.Name && !old.expired(now) && pathMatches(c.Path, old.Path) &&
			(domainMatches(c.Domain, old.Domain) || domainMatches(old.Domain, c.Domain)) {
			return true
		}
	}
	return false
}

// Delete removes the cookies with the name that would be sent to u, and returns how many. A response from a cache that
// came before now does not set them again.
func (j *Jar) Delete(u *url.URL, name string, now time.Time) int {
	now = now.UTC()
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, c := range j.selected(u, now) {
		if c.Name == name {
			c.Value, c.Expires, c.Updated = secret.Text{}, time.Unix(0, 0).UTC(), now
			n++
		}
	}
	return n
}

// Clear removes every cookie. A response from a cache that came before now sets none of them again.
func (j *Jar) Clear(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	clear(j.cookies)
	clear(j.perDomain)
	clear(j.order)
	j.cleared = now.UTC()
}
