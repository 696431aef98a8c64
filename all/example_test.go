package all_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/all"
)

func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chdir(dir); err != nil {
		log.Fatal(err)
	}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		io.WriteString(w, "hello")
	}))
	defer origin.Close()

	cache, err := all.Open(ctx, "file:my_cache?codec=json|zstd", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	for range 2 {
		resp, err := cache.Client().Get(origin.URL)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		info, _ := larder.InfoOf(resp)
		fmt.Printf("%s, from the cache: %v, %v\n", body, info.FromCache, err)
	}
	// Output:
	// hello, from the cache: false, <nil>
	// hello, from the cache: true, <nil>
}
