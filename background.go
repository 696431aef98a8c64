package larder

import (
	"context"
	"io"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

const (
	maxTasks = 64          // tasks in the background at a time; what comes then is left for the next request
	taskTime = time.Minute // how long one may take
)

// background runs a task beside the requests, with ctx's values and without its end. Close waits for it. False: it was not
// begun, because the cache is closed or busy.
func (c *Cache) background(ctx context.Context, task func(context.Context)) bool {
	select {
	case c.tasks <- struct{}{}:
	default:
		return false
	}
	if !c.begin() {
		<-c.tasks
		return false
	}
	go func() {
		defer func() {
			<-c.tasks
			c.work.Done()
		}()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), taskTime)
		defer cancel()
		defer context.AfterFunc(c.life, cancel)()
		task(ctx)
	}()
	return true
}

// refresh validates what is served stale (stale-while-revalidate, RFC 5861 §3), unless a request for it is under way.
func (x *exchange) refresh(st record.Stored, slot record.Slot) {
	key := flightKey(&x.query, slot)
	if x.cache.flights.has(key) {
		return
	}
	rec := *st.Record
	rec.Header = rec.Header.Clone() // the caller gets the other one
	st.Record = &rec
	found := []record.Stored{st}
	x.cache.background(x.req.Context(), func(ctx context.Context) {
		req := x.req.WithContext(ctx)
		req.Cancel = nil //nolint:staticcheck // the caller's
		own := &exchange{
			through: x.through, req: req, asked: x.asked, terms: x.terms, query: x.query,
			now: x.now, slot: slot,
		}
		own.ctx.Context = ctx
		f, how := x.cache.flights.join(key, 0, false, own.newFlight(found, slot))
		if how != leads {
			f.leave()
			return
		}
		x.cache.stats.refreshes.Add(1)
		go f.run()
		resp, err := own.await(f, how, found, rfc9111.ReasonStaleWhileRevalidate)
		if err != nil {
			return // the next request says so, or tries again
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	})
}
