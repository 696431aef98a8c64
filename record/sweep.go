package record

import "context"

// Sweeper is implemented by backends that can remove what nobody reaches any more.
type Sweeper interface {
	// Sweep removes it, as far as it is old enough that nobody can be about to reach it. It may stop early when ctx ends;
	// what it did until then is done.
	Sweep(ctx context.Context) (Swept, error)
}

// Swept counts what a sweep has removed.
type Swept struct {
	Expired  int // entries and invalidations past the time until which they were to be kept
	Variants int // responses under a generation that has ended
	Chunks   int // pieces of contents that belong to no record
	Bytes    int64

	// Young counts pieces of contents that were not finished and stay, because somebody may still be writing them.
	Young int
}

// Clearer is implemented by backends that can remove everything at once.
type Clearer interface {
	// Clear removes all responses and what belongs to them, reachable or not, and returns how many were reachable.
	Clear(ctx context.Context) (int, error)
}
