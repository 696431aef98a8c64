package larder

import "sync/atomic"

// Stats counts what a Cache has done since it was made.
type Stats struct {
	Hits        int64 // answered from the store without asking the origin
	Validations int64 // answered from the store after the origin said that it still holds
	Misses      int64 // fetched
	Collapsed   int64 // of the misses, those that got the answer to another caller's request
	Stale       int64 // answered from the store although stale, because the origin failed
	Refreshes   int64 // validations and fetches in the background
	Bypassed    int64 // not the cache's matter: other methods, ranges, no-store requests
	Stored      int64 // responses stored
	Faults      int64 // times that the store failed; the requests went on uncached
}

type counters struct {
	hits, validations, misses, collapsed, stale, refreshes, bypassed, stored, faults atomic.Int64
}

// Stats returns the counts so far.
func (c *Cache) Stats() Stats {
	n := &c.stats
	return Stats{
		Hits: n.hits.Load(), Validations: n.validations.Load(), Misses: n.misses.Load(), Collapsed: n.collapsed.Load(),
		Stale: n.stale.Load(), Refreshes: n.refreshes.Load(),
		Bypassed: n.bypassed.Load(), Stored: n.stored.Load(), Faults: n.faults.Load(),
	}
}
