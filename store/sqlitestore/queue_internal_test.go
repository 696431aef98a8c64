package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/larder-go/larder/store"
)

func openIt(t *testing.T, o *Options) *Store {
	t.Helper()
	st, err := Open(filepath.Join(t.TempDir(), "store.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// until waits for a condition on the queue.
func (q *queue) until(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; runtime.Gosched() {
		q.mu.Lock()
		ok := done()
		q.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatal("not within 30 seconds")
		}
	}
}

// gate holds every commit back until it is opened, and counts them.
func gate(st *Store) (open func(), commits *int) {
	commits, gate, commit := new(int), make(chan struct{}), st.queue.commit
	st.queue.commit = func(ctx context.Context) {
		<-gate
		*commits++ // one at a time
		commit(ctx)
	}
	return sync.OnceFunc(func() { close(gate) }), commits
}

func TestConcurrentCallsShareATransaction(t *testing.T) {
	st := openIt(t, nil)
	open, commits := gate(st)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			var err error
			if key := fmt.Sprintf("e/%d", i); i%4 == 0 {
				err = st.Delete(t.Context(), key, store.Any)
			} else {
				_, err = st.Put(t.Context(), key, store.Item{}, store.Absent)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	st.queue.until(t, func() bool { return len(st.queue.ops) == 20 })
	open()
	wg.Wait()
	st.queue.until(t, func() bool { return !st.queue.working })
	if *commits != 1 {
		t.Errorf("%d transactions, want 1", *commits)
	}
}

func TestAnIdleStoreDoesNothing(t *testing.T) {
	st := openIt(t, nil)
	q := st.queue
	for _, lazy := range []bool{false, true} {
		if _, err := st.Put(t.Context(), "e/1", store.Item{Lazy: lazy}, store.Any); err != nil {
			t.Fatal(err)
		}
		q.until(t, func() bool {
			return !q.working && q.timer == nil && !q.urgent && len(q.ops) == 0 && len(q.waiting) == 0 && q.bytes == 0
		})
	}
}

func TestLazyPutsWaitWhereManyAreQueued(t *testing.T) {
	st := openIt(t, nil)
	q := st.queue
	open, _ := gate(st)
	defer open()
	it := store.Item{Value: make([]byte, 100<<10), Lazy: true}
	n := 0
	for ; n < lazyBytes/(100<<10); n++ {
		if _, err := st.Put(t.Context(), fmt.Sprintf("e/%d", n), it, store.Absent); err != nil {
			t.Fatal(err)
		}
	}
	for q.bytes < lazyBytes { // nobody else is here
		n++
		if _, err := st.Put(t.Context(), fmt.Sprintf("e/%d", n), it, store.Absent); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error)
	for _, ctx := range []context.Context{ctx, t.Context()} {
		go func() {
			_, err := st.Put(ctx, "e/late", it, store.Any)
			results <- err
		}()
	}
	cancel()
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("a Put that waits for room returned %v when its context ended", err)
	}
	if q.bytes >= lazyBytes+200<<10 {
		t.Errorf("%d bytes are queued", q.bytes)
	}
	open()
	if err := <-results; err != nil {
		t.Error(err)
	}
}

// A full disk, here a file that may have no more pages, fails everything in the transaction and nothing afterwards.
func TestFullDisk(t *testing.T) {
	st := openIt(t, nil)
	ctx := t.Context()
	pages := func(n int) {
		t.Helper()
		if _, err := st.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Put(ctx, "e/0", store.Item{}, store.Absent); err != nil {
		t.Fatal(err)
	}
	pages(1) // as many as there are
	lost := 0
	for i := range 3 {
		it := store.Item{Value: make([]byte, 100_000), Lazy: true, Lost: func(err error) {
			if code(err) != sqlite3.SQLITE_FULL {
				t.Errorf("lost: %v", err)
			}
			lost++
		}}
		if _, err := st.Put(ctx, fmt.Sprintf("e/l%d", i), it, store.Absent); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Put(ctx, "e/s", store.Item{}, store.Absent); code(err) != sqlite3.SQLITE_FULL || lost != 3 {
		t.Errorf("Put: %v, want SQLITE_FULL; %d lost, want 3", err, lost)
	}
	pages(1 << 30)
	if _, err := st.Put(ctx, "e/s", store.Item{}, store.Absent); err != nil {
		t.Error(err)
	}
	if n, _, err := st.Count(ctx, ""); n != 2 || err != nil {
		t.Errorf("%d items, %v; want 2", n, err)
	}
}
