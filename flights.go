package larder

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/record"
)

const (
	aloneTime = time.Minute // how long it is remembered that responses under a key are not shared
	maxAlone  = 1024        // keys of which it is remembered
)

// flights are the requests to the origin that are under way, by what they ask for.
type flights struct {
	landed atomic.Uint64 // flights that ended; a look-up before one of them may have missed what it stored

	mu    sync.Mutex
	open  map[string]*flight
	renew map[string]struct{}  // keys that are refreshed in the background
	alone map[string]time.Time // keys whose last response was not to be shared, and until when that counts
}

// flightKey is equal for requests that may share one response. Whose they are is part of it, so that nobody even waits
// for the response of somebody else.
func flightKey(q *record.Query, slot record.Slot) string {
	var b strings.Builder
	b.WriteString(slot.FlightKey())
	for _, s := range q.Select {
		b.WriteString("\n" + s.Name + "\n" + s.Value)
	}
	return b.String()
}

// joined is what join found.
type joined uint8

const (
	follows joined = iota // the flight is somebody else's
	leads                 // it is the caller's, who has to start it
	late                  // another one has ended since the caller looked up, or is about to: look again
)

// join returns the flight under key that still takes followers, or enters mine, unless its like is known not to be
// shared. seen is what landed was before the look-up. Where again is false, nobody is sent back to look.
func (t *flights) join(key string, seen uint64, again bool, mine *flight) (*flight, joined) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.open[key]
	switch {
	case f != nil && f.enter():
		return f, follows
	case f != nil && again:
		return f, late
	case t.landed.Load() != seen && again:
		return nil, late
	}
	if until, ok := t.alone[key]; ok {
		if time.Now().Before(until) {
			return mine, leads
		}
		delete(t.alone, key)
	}
	if t.open == nil {
		t.open = map[string]*flight{}
	}
	mine.key = key
	t.open[key] = mine
	return mine, leads
}

// claim reports whether nobody asks for key, and makes it the caller's to refresh until it is released.
func (t *flights) claim(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, busy := t.renew[key]; busy || t.open[key] != nil {
		return false
	}
	if t.renew == nil {
		t.renew = map[string]struct{}{}
	}
	t.renew[key] = struct{}{}
	return true
}

func (t *flights) release(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.renew, key)
}

// close takes f out: nobody joins it any more.
func (t *flights) close(f *flight) {
	if f.key == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open[f.key] == f {
		delete(t.open, f.key)
	}
	t.landed.Add(1)
}

// keepAlone remembers that what f fetched is not to be shared, so that the next ones need not wait to find that out.
func (t *flights) keepAlone(f *flight) {
	if f.key == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.alone == nil {
		t.alone = map[string]time.Time{}
	}
	for key, until := range t.alone {
		if len(t.alone) < maxAlone && time.Now().Before(until) {
			break // room enough; the rest goes some other time
		}
		delete(t.alone, key)
	}
	t.alone[f.key] = time.Now().Add(aloneTime)
}

// detach keeps later requests for url out of the flights that are under way: what they bring was asked for before something
// changed there.
func (t *flights) detach(url string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, f := range t.open {
		if f.x.query.URL == url {
			delete(t.open, key)
		}
	}
}
