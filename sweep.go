package larder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/larder-go/larder/record"
)

const (
	firstSweep = time.Hour      // after a Cache was made: short-lived programs leave it to others
	nextSweep  = 24 * time.Hour // after that
)

// Swept counts what a Sweep has removed.
type Swept = record.Swept

// Sweep removes what nobody reaches any more: responses that expired or were invalidated, and the pieces of contents whose
// writer died. A Cache that lives for more than an hour does so by itself, once a day at most, beside a request that it
// stores and for no longer than a minute. errors.ErrUnsupported: the backend has nothing to sweep.
func (c *Cache) Sweep(ctx context.Context) (Swept, error) {
	s, ok := c.backend.(record.Sweeper)
	if !ok {
		return Swept{}, fmt.Errorf("larder: sweep: %w", errors.ErrUnsupported)
	}
	return s.Sweep(ctx)
}

// sweepIfDue begins a sweep in the background where the last one is long ago.
func (c *Cache) sweepIfDue() {
	due, now := c.sweepAt.Load(), time.Now()
	if now.UnixNano() < due || !c.sweepAt.CompareAndSwap(due, now.Add(nextSweep).UnixNano()) {
		return
	}
	if !c.background(c.life, func(ctx context.Context) {
		if _, err := c.Sweep(ctx); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			c.fault(ctx, "larder: sweeping failed", err)
		}
	}) {
		c.sweepAt.Store(now.Add(firstSweep).UnixNano()) // busy
	}
}
