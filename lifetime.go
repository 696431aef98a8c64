package larder

import "time"

// Lifetime says how long a response is fresh after it was received, in the place of what the origin says. The zero Lifetime
// is unset: the origin's holds.
type Lifetime struct {
	set   bool
	after time.Duration
	until time.Time // zero: after counts
}

// AtOnce and Never are the ends: stale when it comes, so that it is validated at each use; and fresh for good.
var (
	AtOnce = For(0)
	Never  = For(maxLifetime)
)

// maxLifetime is 68 years, the longest that HTTP can say.
const maxLifetime = (1<<31 - 1) * time.Second

// For is a lifetime of d, in whole seconds; negative ones count as zero.
func For(d time.Duration) Lifetime {
	return Lifetime{set: true, after: min(max(d, 0), maxLifetime)}
}

// Until is a lifetime that ends at t.
func Until(t time.Time) Lifetime { return Lifetime{set: true, until: t} }

// of is the lifetime of a response that was received then.
func (l Lifetime) of(received time.Time) time.Duration {
	if l.until.IsZero() {
		return l.after
	}
	return For(l.until.Sub(received)).after
}

func (l Lifetime) over(below Lifetime) Lifetime {
	if l.set {
		return l
	}
	return below
}
