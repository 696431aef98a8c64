package larder

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// burst is the time in which a fault of the same kind is logged once.
const burst = time.Minute

// faults logs what goes wrong behind a cache's back, once per burst and kind.
type faults struct {
	logger *slog.Logger
	mu     sync.Mutex
	last   map[string]time.Time
}

func (f *faults) log(ctx context.Context, what string, args ...any) {
	now := time.Now()
	f.mu.Lock()
	last, seen := f.last[what]
	if seen && now.Sub(last) < burst {
		f.mu.Unlock()
		return
	}
	if f.last == nil {
		f.last = map[string]time.Time{}
	}
	f.last[what] = now
	f.mu.Unlock()
	f.logger.WarnContext(ctx, what, args...)
}
