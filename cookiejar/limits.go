package cookiejar

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Limits on a jar. RFC 6265bis §5.7 asks which cookies go beyond them: expired ones, then in a crowded domain those without
// Secure, and of equals those that lay idle longest.
const (
	maxPerDomain = 180
	maxCookies   = 3000
)

// bound keeps the jar within its limits after one cookie of domain was added.
func (j *Jar) bound(domain string, now time.Time) {
	if j.perDomain[domain] > maxPerDomain {
		var crowd []*Cookie
		for _, c := range j.cookies {
			if c.Domain == domain {
				crowd = append(crowd, c)
			}
		}
		j.evict(crowd, func(c *Cookie) int {
			switch {
			case c.expired(now):
				return 0
			case !c.Secure:
				return 1
			}
			return 2
		})
	}
	if len(j.cookies) > maxCookies {
		j.evict(slices.Collect(maps.Values(j.cookies)), func(c *Cookie) int {
			if c.expired(now) {
				return 0
			}
			return 1
		})
	}
}

// evict removes one of the cookies: of those of the lowest rank the one that lay idle longest.
func (j *Jar) evict(from []*Cookie, rank func(*Cookie) int) {
	key := slices.MinFunc(from, func(a, b *Cookie) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.LastAccess.Compare(b.LastAccess), cmp.Compare(j.order[a.id()], j.order[b.id()]))
	}).id()
	delete(j.cookies, key)
	delete(j.order, key)
	if j.perDomain[key.domain]--; j.perDomain[key.domain] == 0 {
		delete(j.perDomain, key.domain)
	}
}
