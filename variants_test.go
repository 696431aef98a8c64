package larder_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// TestVariantsStoredAtOnce: of twenty variants that are stored at once all are found, also over an old response without
// Vary, by as many caches as requests or by one.
func TestVariantsStoredAtOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		caches int
		old    bool
	}{{"over nothing", 20, false}, {"over a plain response", 20, true}, {"by one cache", 1, false}, {"by one cache over a plain response", 1, true}} {
		t.Run(c.name, func(t *testing.T) { variantsAtOnce(t, c.caches, c.old) })
	}
}

func variantsAtOnce(t *testing.T, n int, old bool) {
	st := memstore.New(nil)
	caches := make([]*larder.Cache, n)
	for i := range caches {
		caches[i] = on(t, st, nil)
	}
	var plain atomic.Bool
	plain.Store(old)
	var arrived sync.WaitGroup
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if plain.Load() {
			w.Header().Set("Cache-Control", "max-age=0")
			w.Header().Set("Etag", `"1"`)
			return
		}
		if n > 1 { // by one cache they come one after another: the first one's head tells the others to go
			arrived.Done()
			arrived.Wait() // all have looked up before the first is answered
		}
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Vary", "Accept-Language")
		fmt.Fprint(w, r.Header.Get("Accept-Language"))
	}))
	defer srv.Close()
	ask := func(i int) (string, larder.Info) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
		if err != nil {
			t.Error(err)
		}
		req.Header.Set("Accept-Language", fmt.Sprint("l", i))
		resp, err := caches[i%n].Client().Do(req)
		if err != nil {
			t.Error(err)
			return "", larder.Info{}
		}
		defer resp.Body.Close()
		var body bytes.Buffer
		body.ReadFrom(resp.Body)
		info, _ := larder.InfoOf(resp)
		return body.String(), info
	}
	if old {
		ask(0)
		plain.Store(false)
	}
	arrived.Add(20)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if got, _ := ask(i); got != fmt.Sprint("l", i) {
				t.Errorf("variant %d: %q", i, got)
			}
		})
	}
	wg.Wait()
	arrived.Add(20) // nobody waits any more
	for i := range 20 {
		if got, info := ask(i); got != fmt.Sprint("l", i) || !info.FromCache {
			t.Errorf("variant %d: %q, from the cache: %v", i, got, info.FromCache)
		}
	}
}
