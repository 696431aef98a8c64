// Package cookiejar is a cookie jar after RFC 6265bis that can be looked into, saved and filled again.
//
// The one rule to know: give it the raw Set-Cookie lines of a response ([Jar.Receive]) and take the Cookie field from it
// ([Jar.Header]) where you can. As an [http.CookieJar] it works too, but then net/http parses first and drops what
// browsers accept. Package session does the former.
//
// Host-only stays host-only, public suffixes take no cookies, __Host- and __Secure- are checked, and cookies with Secure
// are neither sent to nor replaced from insecure origins; this machine itself counts as secure. SameSite is kept but
// decides nothing: a program has no address bar. A partitioned cookie is sent under the site it was set under.
package cookiejar

import (
	"cmp"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/larder-go/larder/secret"
)

// Limits on a jar; beyond them expired cookies go first, then those set longest ago.
const (
	maxPerDomain = 180
	maxCookies   = 3000
)

// Options are the settings of a Jar. Nil and the zero value are the defaults.
type Options struct {
	PublicSuffixes PublicSuffixes // nil: the list of golang.org/x/net/publicsuffix
}

// Jar keeps cookies. It is safe for concurrent use. Make one with New.
type Jar struct {
	suffixes PublicSuffixes

	mu      sync.Mutex
	cookies map[id]*Cookie
	serial  int64 // breaks ties of cookies made at one instant
	order   map[id]int64
	cleared time.Time // when cookies were last removed by hand
}

var _ http.CookieJar = (*Jar)(nil)

// New returns an empty jar.
func New(o *Options) *Jar {
	j := &Jar{suffixes: publicsuffix.List, cookies: map[id]*Cookie{}, order: map[id]int64{}}
	if o != nil && o.PublicSuffixes != nil {
		j.suffixes = o.PublicSuffixes
	}
	return j
}

// SetCookies implements http.CookieJar.
func (j *Jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	lines := make([]string, 0, len(cookies))
	for _, c := range cookies {
		switch {
		case c.Raw != "":
			lines = append(lines, c.Raw)
		default:
			lines = append(lines, c.String())
		}
	}
	j.Receive(u, lines, time.Now())
}

// Cookies implements http.CookieJar.
func (j *Jar) Cookies(u *url.URL) []*http.Cookie {
	var out []*http.Cookie
	for _, c := range j.selected(u, time.Now()) {
		out = append(out, &http.Cookie{Name: c.Name, Value: c.Value.Reveal()})
	}
	return out
}

// Receive takes the Set-Cookie lines of a response from u that came at now. What a line asks for and may not have is
// passed over.
func (j *Jar) Receive(u *url.URL, setCookie []string, now time.Time) {
	j.ReceiveStored(u, setCookie, now, now)
}

// ReceiveStored takes the Set-Cookie lines of a response that came from u at an earlier instant and is answered from a
// cache now: what the jar has learned or given up since stays as it is.
func (j *Jar) ReceiveStored(u *url.URL, setCookie []string, came, now time.Time) {
	host, ok := canonicalHost(u)
	if !ok || len(setCookie) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range setCookie {
		if l, ok := parse(s, came); ok {
			j.receive(u, host, l, came, now)
		}
	}
	j.bound(now)
}

// receive is the storage model of RFC 6265bis §5.7.
func (j *Jar) receive(u *url.URL, host string, l line, came, now time.Time) {
	domain, hostOnly, ok := j.domainOf(host, l)
	if !ok || l.secure && !isSecure(u) || !prefixHolds(l, u, hostOnly) {
		return
	}
	c := &Cookie{
		Name: l.name, Value: secret.New(l.value), Domain: domain, HostOnly: hostOnly, Path: l.path,
		Secure: l.secure, HTTPOnly: l.httpOnly, SameSite: l.sameSite, Expires: l.expires, Created: came, Updated: came,
	}
	if c.Path == "" {
		c.Path = defaultPath(u)
	}
	if l.partitioned {
		if !l.secure {
			return
		}
		c.Partition = j.site(u, host)
	}
	if !c.Secure && !isSecure(u) && j.shadowsSecure(c) {
		return
	}
	old := j.cookies[c.id()]
	if came.Before(now) && (old != nil && old.Updated.After(came) || j.cleared.After(came)) {
		return
	}
	if old != nil {
		c.Created = old.Created
	}
	j.put(c)
}

// put keeps c. A cookie that has expired stays as a mark of its deletion until the jar is tidied, so that a stored response does
// not revive it.
func (j *Jar) put(c *Cookie) {
	key := c.id()
	if _, ok := j.order[key]; !ok {
		j.serial++
		j.order[key] = j.serial
	}
	j.cookies[key] = c
}

// prefixHolds checks what a name's prefix promises, in any case of letters.
func prefixHolds(l line, u *url.URL, hostOnly bool) bool {
	name := strings.ToLower(l.name)
	if l.name == "" {
		name = strings.ToLower(l.value)
		if strings.HasPrefix(name, "__host-") || strings.HasPrefix(name, "__secure-") {
			return false // a nameless cookie that would be read back as a named one
		}
	}
	switch {
	case strings.HasPrefix(name, "__host-"):
		return l.secure && isSecure(u) && hostOnly && !l.hasDomain && l.path == "/"
	case strings.HasPrefix(name, "__secure-"):
		return l.secure && isSecure(u)
	}
	return true
}

// shadowsSecure reports whether c would stand beside or in place of a cookie with Secure that an insecure origin must not touch.
func (j *Jar) shadowsSecure(c *Cookie) bool {
	for _, old := range j.cookies {
		if old.Secure && old.Name == c.Name && (domainMatches(c.Domain, old.Domain) || domainMatches(old.Domain, c.Domain)) && pathMatches(c.Path, old.Path) {
			return true
		}
	}
	return false
}

// bound keeps the jar within its limits.
func (j *Jar) bound(now time.Time) {
	perDomain := map[string]int{}
	for _, c := range j.cookies {
		perDomain[c.Domain]++
	}
	for domain, n := range perDomain {
		if n > maxPerDomain {
			j.evict(n-maxPerDomain, now, func(c *Cookie) bool { return c.Domain == domain })
		}
	}
	if n := len(j.cookies); n > maxCookies {
		j.evict(n-maxCookies, now, func(*Cookie) bool { return true })
	}
}

func (j *Jar) evict(n int, now time.Time, of func(*Cookie) bool) {
	victims := slices.DeleteFunc(slices.Collect(maps.Values(j.cookies)), func(c *Cookie) bool { return !of(c) })
	slices.SortFunc(victims, func(a, b *Cookie) int {
		if x, y := a.expired(now), b.expired(now); x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(j.order[a.id()], j.order[b.id()]))
	})
	for _, c := range victims[:min(n, len(victims))] {
		j.remove(c.id())
	}
}

func (j *Jar) remove(key id) {
	delete(j.cookies, key)
	delete(j.order, key)
}

// Header is the value of the Cookie field for a request to u at now; empty: send none.
func (j *Jar) Header(u *url.URL, now time.Time) string {
	var b strings.Builder
	for _, c := range j.selected(u, now) {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if c.Name != "" {
			b.WriteString(c.Name + "=")
		}
		b.WriteString(c.Value.Reveal())
	}
	return b.String()
}

// selected are copies of the cookies for u: longer paths first, then older ones (RFC 6265bis §5.8.3).
func (j *Jar) selected(u *url.URL, now time.Time) []Cookie {
	host, ok := canonicalHost(u)
	if !ok || !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https") {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []Cookie
	for _, c := range j.cookies {
		switch {
		case c.expired(now), c.Secure && !isSecure(u), !pathMatches(u.EscapedPath(), c.Path):
		case c.HostOnly && c.Domain != host, !domainMatches(host, c.Domain):
		case c.Partition != "" && c.Partition != j.site(u, host):
		default:
			found = append(found, *c)
		}
	}
	slices.SortFunc(found, func(a, b Cookie) int {
		return cmp.Or(cmp.Compare(len(b.Path), len(a.Path)), a.Created.Compare(b.Created), cmp.Compare(j.order[a.id()], j.order[b.id()]))
	})
	return found
}

// All yields copies of the cookies that have not expired at now, by domain, path and name.
func (j *Jar) All(now time.Time) iter.Seq[Cookie] {
	j.mu.Lock()
	all := make([]Cookie, 0, len(j.cookies))
	for _, c := range j.cookies {
		if !c.expired(now) {
			all = append(all, *c)
		}
	}
	j.mu.Unlock()
	slices.SortFunc(all, func(a, b Cookie) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Partition, b.Partition))
	})
	return slices.Values(all)
}

// Delete removes the cookies with the name that would be sent to u, and returns how many.
func (j *Jar) Delete(u *url.URL, name string, now time.Time) int {
	n := 0
	for _, c := range j.selected(u, now) {
		if c.Name == name {
			j.mu.Lock()
			j.remove(c.id())
			j.cleared = now
			j.mu.Unlock()
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
	clear(j.order)
	j.cleared = now
}
