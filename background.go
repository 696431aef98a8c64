package larder

import (
	"context"
	"io"
	"net/http"
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

// refresh validates what is served stale (stale-while-revalidate, RFC 5861 §3), unless that is under way.
func (x *exchange) refresh(slot record.Slot) {
	table, key := &x.cache.flights, flightKey(&x.query, slot)
	if !table.claim(key) {
		return
	}
	req := x.req.Clone(x.req.Context()) // the caller may change its own once it has had the answer
	//lint:ignore SA1019 it is the caller's
	req.Cancel = nil
	req.Method = http.MethodGet
	for name := range req.Header { // a condition of the caller's is not about what is stored, nor is a range
		switch http.CanonicalHeaderKey(name) {
		case "If-None-Match", "If-Modified-Since", "Range", "If-Range":
			delete(req.Header, name)
		}
	}
	if !x.cache.background(req.Context(), func(ctx context.Context) {
		defer table.release(key)
		x.through.renew(req.WithContext(ctx), x.terms)
	}) {
		table.release(key)
	}
}

// renew validates what is stored for req. It looks again: the request is another one, and somebody may have been quicker.
func (t *through) renew(req *http.Request, terms Terms) {
	x := &exchange{through: t, req: req, asked: ruling(req, terms), terms: terms, now: time.Now(), owned: true, awaited: true}
	x.ctx.Context = req.Context()
	found, slot, d, err := x.lookUp(x.asked)
	if err != nil || d.Action != rfc9111.Refresh && d.Action != rfc9111.Validate {
		return // a store that fails is told of by the next request
	}
	f, how := t.cache.flights.join(flightKey(&x.query, slot), 0, false, x.newFlight(found, slot))
	if how != leads {
		f.quit()
		return
	}
	t.cache.stats.refreshes.Add(1)
	go f.run()
	select {
	case <-f.headed:
	case <-req.Context().Done():
		f.quit()
		return
	}
	if out := &f.out; out.content != nil {
		if body := out.content.reader(req.Context(), f, &x.ctx.n); body != nil {
			body.resp = out.content.sharedHead()
			if _, err := io.Copy(io.Discard, body); err == nil {
				<-out.content.settled // Close waits for this
			}
			body.Close()
			return
		}
	}
	f.quit()
}
