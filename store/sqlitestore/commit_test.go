package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

// lock keeps every other writer out, as another process in a long transaction does, until the function is called.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	c, err := shell(t, path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	do := func(text string) {
		t.Helper()
		if _, err := c.ExecContext(context.Background(), text); err != nil {
			t.Fatal(err)
		}
	}
	do("PRAGMA busy_timeout = 10000")
	do("BEGIN IMMEDIATE")
	return sync.OnceFunc(func() { do("ROLLBACK"); _ = c.Close() })
}

// eventually demands that done becomes true, in a time that no machine exceeds.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("not within 30 seconds: ", what)
		}
	}
}

func has(t *testing.T, st store.Store, key string) bool {
	t.Helper()
	_, err := st.Get(t.Context(), key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func keys(t *testing.T, st store.Store, prefix string) string {
	t.Helper()
	var all []string
	for it, err := range st.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s:%d:%s", it.Key, it.Size, it.Label))
	}
	return strings.Join(all, " ")
}

func lazy(value string) store.Item {
	return store.Item{Value: []byte(value), Form: "1.txt", Label: []byte(value[:1]), Lazy: true}
}

func TestLazyIsSeenHereAtOnceAndByOthersSoon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st, other := open(t, path), open(t, path)
	put(t, st, "e/2", store.Item{Value: []byte("old")}, store.Absent)
	put(t, st, "e/4", store.Item{Value: []byte("kept")}, store.Absent)
	unlock := lock(t, path)
	defer unlock()
	put(t, st, "e/1", lazy("first"), store.Absent)
	put(t, st, "e/2", lazy("second one"), store.Any)
	v := put(t, st, "e/5", lazy("fifth"), store.Absent)
	if it, err := st.Get(t.Context(), "e/5"); err != nil || string(it.Value) != "fifth" || it.Version != v || it.Key != "e/5" || it.Stored.IsZero() || it.Lazy {
		t.Errorf("Get: %+v, %v", it, err)
	}
	if got, want := keys(t, st, "e/"), "e/1:5:f e/2:10:s e/4:4: e/5:5:f"; got != want {
		t.Errorf("List yields %s, want %s", got, want)
	}
	if n, b, err := st.Count(t.Context(), "e/"); n != 4 || b != 24 || err != nil {
		t.Errorf("Count: %d, %d, %v; want 4, 24", n, b, err)
	}
	if _, err := st.Locate(t.Context(), "e/5"); err != nil {
		t.Errorf("Locate: %v", err)
	}
	if got, want := keys(t, other, ""), "e/2:3: e/4:4:"; got != want {
		t.Errorf("another Store lists %s, want %s", got, want)
	}
	unlock()
	eventually(t, "another Store sees the lazy put", func() bool { return has(t, other, "e/5") })
	if got, want := keys(t, other, ""), keys(t, st, ""); got != want {
		t.Errorf("another Store lists %s, want %s", got, want)
	}
}

// Pages of the file and what waits between, before and behind them are merged in order, each key once.
func TestListOfManyWithWaiting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := open(t, path)
	for i := range 600 {
		put(t, st, fmt.Sprintf("e/%04d", i*2+1), lazy("x"), store.Absent)
	}
	put(t, st, "s/1", store.Item{}, store.Absent)
	defer lock(t, path)()
	for i := range 620 {
		put(t, st, fmt.Sprintf("e/%04d", i*2), lazy("yy"), store.Any)
		put(t, st, fmt.Sprintf("e/%04d", i*20+1), lazy("yy"), store.Any)
	}
	last, n := "", 0
	for it, err := range st.List(t.Context(), "e/") {
		if err != nil {
			t.Fatal(err)
		}
		if it.Key <= last {
			t.Fatalf("%s after %s", it.Key, last)
		}
		last = it.Key
		n++
	}
	want := map[string]bool{}
	for i := range 620 {
		want[fmt.Sprintf("e/%04d", i*2)] = true
		want[fmt.Sprintf("e/%04d", i*20+1)] = true
	}
	for i := range 600 {
		want[fmt.Sprintf("e/%04d", i*2+1)] = true
	}
	if n != len(want) {
		t.Errorf("List yields %d keys, want %d", n, len(want))
	}
}

func TestAStrictPutCommitsAllBeforeIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st, other := open(t, path), open(t, path)
	for round := range 20 {
		prefix := fmt.Sprintf("e/%d-", round)
		for i := range 10 {
			it := lazy("chunk")
			it.Lost = func(err error) { t.Errorf("lost: %v", err) }
			put(t, st, fmt.Sprint(prefix, i), it, store.Absent)
		}
		if round%2 == 0 {
			put(t, st, "m", store.Item{}, store.Any)
		} else if err := st.Delete(t.Context(), "m", store.Any); err != nil {
			t.Fatal(err)
		}
		if n, _, err := other.Count(t.Context(), prefix); n != 10 || err != nil {
			t.Fatalf("another Store counts %d, %v; want 10", n, err)
		}
	}
}

func TestConditionsAreJudgedInOrder(t *testing.T) {
	st := open(t, filepath.Join(t.TempDir(), "store.db"))
	var lost []string
	note := func(name string) store.Item {
		it := lazy(name)
		it.Lost = func(err error) {
			if !errors.Is(err, store.ErrChanged) {
				t.Errorf("%s: %v, want ErrChanged", name, err)
			}
			lost = append(lost, name) // before the strict call below returns
		}
		return it
	}
	v1 := put(t, st, "e/x", note("one"), store.Absent)
	v2 := put(t, st, "e/x", note("two"), v1)
	put(t, st, "e/x", note("bad"), v1)
	put(t, st, "e/y", note("bad too"), "never was")
	put(t, st, "e/z", note("good"), store.Absent)
	if _, err := st.Put(t.Context(), "e/x", store.Item{Value: []byte("three")}, v2); err != nil {
		t.Errorf("Put on the version of a lazy put: %v", err)
	}
	if got := strings.Join(lost, ","); got != "bad,bad too" {
		t.Errorf("lost: %s", got)
	}
	if got, want := keys(t, st, ""), "e/x:5: e/z:4:g"; got != want {
		t.Errorf("List yields %s, want %s", got, want)
	}
	v3 := put(t, st, "e/d", note("deleted"), store.Absent)
	if err := st.Delete(t.Context(), "e/d", v3); err != nil || has(t, st, "e/d") {
		t.Errorf("Delete on the version of a lazy put: %v", err)
	}
	put(t, st, "e/d", note("deleted"), store.Absent)
	if err := st.Delete(t.Context(), "e/d", store.Absent); !errors.Is(err, store.ErrChanged) {
		t.Errorf("Delete with Absent after a lazy put: %v", err)
	}
	if n, err := st.Clear(t.Context(), "e/"); n != 3 || err != nil {
		t.Errorf("Clear: %d, %v; want 3", n, err)
	}
}

func TestContextEndsWhileAnotherProcessWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := open(t, path)
	unlock := lock(t, path)
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 6 { // whichever of them is the one that commits for all
		wg.Go(func() {
			if _, err := st.Put(ctx, fmt.Sprintf("e/%d", i), store.Item{}, store.Absent); !errors.Is(err, context.Canceled) {
				t.Errorf("Put: %v, want its context's error", err)
			}
		})
	}
	stays := make(chan error, 1)
	go func() {
		_, err := st.Put(t.Context(), "e/stays", store.Item{}, store.Absent)
		stays <- err
	}()
	cancel()
	wg.Wait()
	unlock()
	if err := <-stays; err != nil {
		t.Errorf("a Put whose context goes on: %v", err)
	}
	if got := keys(t, st, ""); got != "e/stays:0:" {
		t.Errorf("the store holds %s", got)
	}
}

func TestBusyForTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	st, err := sqlitestore.Open(path, &sqlitestore.Options{BusyTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	unlock := lock(t, path)
	defer unlock()
	lost := make(chan error, 2)
	it := lazy("x")
	it.Lost = func(err error) { lost <- err }
	put(t, st, "e/1", it, store.Absent)
	if _, err := st.Put(t.Context(), "e/2", store.Item{}, store.Absent); err == nil || errors.Is(err, store.ErrChanged) {
		t.Errorf("Put: %v, want that the database is busy", err)
	}
	var e *store.Error
	if err := <-lost; !errors.As(err, &e) || e.Op != "put" || e.Key != "e/1" {
		t.Errorf("lost: %v", err)
	}
	if has(t, st, "e/1") {
		t.Error("what is lost is still seen")
	}
	unlock()
	put(t, st, "e/1", it, store.Absent)
	put(t, st, "e/2", store.Item{}, store.Absent)
}

func TestCloseCommitsWhatWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := open(t, path)
	for i := range 100 {
		put(t, st, fmt.Sprintf("e/%d", i), lazy("x"), store.Absent)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	stacks := make([]byte, 1<<20)
	if stacks = stacks[:runtime.Stack(stacks, true)]; strings.Contains(string(stacks), "sqlitestore.(*") {
		t.Errorf("after Close there runs\n%s", stacks)
	}
	if _, err := st.Put(t.Context(), "e/x", lazy("x"), store.Any); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a lazy Put after Close: %v", err)
	}
	if n, _, err := open(t, path).Count(t.Context(), ""); n != 100 || err != nil {
		t.Errorf("%d items, %v; want 100", n, err)
	}
}
