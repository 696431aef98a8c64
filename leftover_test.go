package larder_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// TestNothingIsLeftOver: of a large body that was cut, closed early or cancelled nothing is left in the store once the cache
// is closed.
func TestNothingIsLeftOver(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		piece := strings.Repeat("x", 64<<10)
		for range 40 {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
		if r.URL.Path == "/cut" {
			panic(http.ErrAbortHandler)
		}
		for r.Context().Err() == nil {
			io.WriteString(w, piece)
		}
	}))
	defer srv.Close()
	for range 20 {
		for _, path := range []string{"/cut", "/left"} {
			st := memstore.New(nil)
			c, err := larder.New(st, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := c.Client().Get(srv.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			if path == "/cut" {
				if _, err := io.Copy(io.Discard, resp.Body); err == nil {
					t.Error("a cut body has an end")
				}
			} else if _, err := io.CopyN(io.Discard, resp.Body, 2<<20); err != nil {
				t.Error(err)
			}
			resp.Body.Close()
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			if n, _, err := store.Count(t.Context(), st, "b/"); n > 0 || err != nil {
				t.Errorf("%s: %d chunks are left, %v", path, n, err)
			}
		}
	}
}
