package larder_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

func ExampleRule() {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path) // says nothing about caching
	}))
	defer origin.Close()

	rules := []larder.Rule{
		{URL: "*/login*", Terms: larder.Terms{Store: larder.Off}},
		{URL: origin.URL + "/*", Terms: larder.Terms{Lifetime: larder.For(time.Hour), StaleIfError: 24 * time.Hour}},
	}
	cache, err := larder.New(memstore.New(nil), &larder.Options{Rules: rules})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cache.Close()
	for _, path := range []string{"/page", "/page", "/login", "/login"} {
		resp, err := cache.Client().Get(origin.URL + path)
		if err != nil {
			fmt.Println(err)
			return
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		info, _ := larder.InfoOf(resp)
		fmt.Println(path, info.FromCache)
	}
	// Output:
	// /page false
	// /page true
	// /login false
	// /login false
}

func ExampleInstall() {
	st := memstore.New(nil)
	uninstall, err := larder.Install(st, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer uninstall()

	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
	}))
	defer origin.Close()
	for range 2 {
		resp, err := http.Get(origin.URL)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		info, _ := larder.InfoOf(resp)
		fmt.Println(info.FromCache)
	}
	// Output:
	// false
	// true
}
