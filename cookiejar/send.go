package cookiejar

import (
	"cmp"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Header is the value of the Cookie field for a request to u at now; empty: send none.
func (j *Jar) Header(u *url.URL, now time.Time) string {
	var b strings.Builder
	for _, c := range j.send(u, now) {
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

// send returns copies of the cookies for u, and notes that they were used.
func (j *Jar) send(u *url.URL, now time.Time) []Cookie {
	now = now.UTC()
	j.mu.Lock()
	defer j.mu.Unlock()
	found := j.selected(u, now)
	out := make([]Cookie, len(found))
	for i, c := range found {
		c.LastAccess = now
		out[i] = *c
	}
	return out
}

// selected are the cookies for u: longer paths first, then older ones (RFC 6265bis §5.8.3).
func (j *Jar) selected(u *url.URL, now time.Time) []*Cookie {
	host, ok := canonicalHost(u)
	if !ok || !isHTTP(u) {
		return nil
	}
	var found []*Cookie
	secure, path := isSecure(u), u.EscapedPath()
	for _, c := range j.cookies {
		switch {
		case c.expired(now), c.Secure && !secure, !pathMatches(path, c.Path):
		case c.HostOnly && c.Domain != host, !domainMatches(host, c.Domain):
		case c.Partition != "" && c.Partition != j.site(u, host):
		default:
			found = append(found, c)
		}
	}
	slices.SortFunc(found, j.inOrder)
	return found
}

// inOrder compares by the order of sending.
func (j *Jar) inOrder(a, b *Cookie) int {
	return cmp.Or(cmp.Compare(len(b.Path), len(a.Path)), a.Created.Compare(b.Created), cmp.Compare(j.order[a.id()], j.order[b.id()]))
}

// All yields copies of the cookies that have not expired at now: by domain, and within one in the order of sending, which
// Import keeps.
func (j *Jar) All(now time.Time) iter.Seq[Cookie] {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := make([]*Cookie, 0, len(j.cookies))
	for _, c := range j.cookies {
		if !c.expired(now) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *Cookie) int { return cmp.Or(cmp.Compare(a.Domain, b.Domain), j.inOrder(a, b)) })
	all := make([]Cookie, len(found))
	for i, c := range found {
		all[i] = *c
	}
	return slices.Values(all)
}
