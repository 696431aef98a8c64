package sqlitestore

import (
	"context"
	"sync"
	"time"
)

const (
	readEvery = time.Hour // how often the time at which a group was read is written at most
	readFlush = 256       // groups whose time goes along with one transaction
)

// reads notes which groups were read, so that the least recently read are evicted. A Get writes nothing: the notes go
// along with later writes, or with Close. A nil *reads notes nothing.
type reads struct {
	mu    sync.Mutex
	last  map[string]time.Time // when a group was noted or written
	swept time.Time            // when old entries of last were removed
	noted []string             // groups whose time is not written yet
}

func newReads() *reads { return &reads{last: make(map[string]time.Time)} }

// note says that the group was read.
func (r *reads) note(group string, now time.Time) {
	if r == nil || group == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.last[group]; ok && now.Sub(last) < readEvery {
		return
	}
	r.remember(group, now)
	r.noted = append(r.noted, group)
}

// wrote says that the group was written, which sets its time as well.
func (r *reads) wrote(group string, now time.Time) {
	if r == nil || group == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remember(group, now)
}

// remember keeps no more groups than were in use within twice readEvery. mu is held.
func (r *reads) remember(group string, now time.Time) {
	if now.Sub(r.swept) >= readEvery {
		r.swept = now
		for name, last := range r.last {
			if now.Sub(last) >= readEvery {
				delete(r.last, name)
			}
		}
	}
	r.last[group] = now
}

// take returns groups whose time is to be written, readFlush at most.
func (r *reads) take() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(readFlush, len(r.noted))
	taken := r.noted[:n:n]
	r.noted = r.noted[n:]
	return taken
}

// flushReads writes notes, inside a transaction. If that fails they are lost, and made again in an hour.
func (s *Store) flushReads(groups []string, now time.Time) error {
	for _, group := range groups {
		if err := s.execute(s.stmts.touch, group, now.UnixMilli(), readEvery.Milliseconds()); err != nil {
			return err
		}
	}
	return nil
}

// flushAllReads writes the notes that are left when the store is closed. Where another process is in the way for long
// they are dropped: they are no reason for Close to fail.
func (s *Store) flushAllReads() error {
	for {
		groups := s.reads.take()
		if len(groups) == 0 {
			return nil
		}
		err := s.begin(context.Background())
		if err == nil {
			err = s.finish(s.flushReads(groups, time.Now()))
		}
		if busy(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
