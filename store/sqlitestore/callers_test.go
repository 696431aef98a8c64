package sqlitestore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/sqlitestore"
)

// Many callers at once, each with keys of its own: what each has done last is what it sees, whatever was lazy and whoever
// committed for whom; and a call that ended with its context has done nothing.
func TestManyCallersAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	st := openWith(t, path, &sqlitestore.Options{MaxEntry: 1 << 30}) // so that the accounts are kept
	want := make([]map[string]store.Version, 8)
	var wg sync.WaitGroup
	for w := range want {
		want[w] = map[string]store.Version{}
		wg.Go(func() {
			for i := range 300 {
				if err := oneCall(t, st, w, want[w]); err != nil {
					t.Errorf("caller %d, call %d: %v", w, i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	st = open(t, path)
	n := 0
	for it, err := range st.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if v := want[it.Key[0]-'a'][it.Key]; it.Version != v {
			t.Errorf("%s has version %q, want %q", it.Key, it.Version, v)
		}
	}
	for _, m := range want {
		n -= len(m)
	}
	if n != 0 {
		t.Errorf("%d items too many", n)
	}
	audit(t, path)
}

func oneCall(t *testing.T, st store.Store, w int, want map[string]store.Version) error {
	key := fmt.Sprintf("%c/%d", 'a'+w, rand.IntN(5))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if rand.IntN(4) == 0 {
		go cancel()
	}
	it := item(rand.IntN(3000), fmt.Sprintf("g/%d", w))
	if it.Lazy = rand.IntN(2) == 0; it.Lazy {
		it.Lost = func(err error) { t.Errorf("%s was lost: %v", key, err) }
	}
	switch rand.IntN(5) {
	case 0:
		err := st.Delete(ctx, key, want[key])
		if err == nil {
			delete(want, key)
		} else if !errors.Is(err, context.Canceled) {
			return err
		}
	case 1:
		if _, err := st.Put(ctx, key, item(1, ""), "never was"); !errors.Is(err, store.ErrChanged) && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("put on a version that never was: %w", err)
		}
	default:
		v, err := st.Put(ctx, key, it, want[key])
		if err == nil {
			want[key] = v
		} else if !errors.Is(err, context.Canceled) {
			return err
		}
	}
	got, err := st.Get(t.Context(), key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if got.Version != want[key] {
		return fmt.Errorf("%s has version %q, want %q", key, got.Version, want[key])
	}
	return nil
}
