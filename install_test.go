package larder_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// TestInstall: existing code is cached by one call, until it is taken back.
func TestInstall(t *testing.T) {
	o := newOrigin(t, "/a  Cache-Control: max-age=60  %n")
	before := http.DefaultTransport
	get := func(client *http.Client, want string) {
		t.Helper()
		resp, err := client.Get(o.URL + "/a")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != want {
			t.Errorf("%q, %v, want %s", body, err, want)
		}
	}
	uninstall, err := larder.Install(memstore.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	get(http.DefaultClient, "1")
	get(&http.Client{}, "1")
	if _, err := larder.Install(nil, nil); !errors.Is(err, larder.ErrInstalled) {
		t.Errorf("a second time: %v", err)
	}
	// A cache of its own goes to the origin, not through the installed one; and who wraps a client gets no cache twice.
	own := on(t, nil, nil)
	get(own.Client(), "2")
	get(own.Wrap(nil), "2")
	get(own.Wrap(&http.Client{Transport: own}), "2")
	if err := uninstall(); err != nil {
		t.Error(err)
	}
	if http.DefaultTransport != before {
		t.Error("the transport that was there before is not back")
	}
	get(http.DefaultClient, "3")
}

// TestInstallAndAssertions: code that takes http.DefaultTransport for an *http.Transport cannot live under Install; a client
// of its own is the way.
func TestInstallAndAssertions(t *testing.T) {
	uninstall, err := larder.Install(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer uninstall()
	if _, ok := http.DefaultTransport.(*http.Transport); ok {
		t.Fatal("http.DefaultTransport is an *http.Transport")
	}
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	o := newOrigin(t, "/a  Cache-Control: max-age=60  %n")
	cache := open(t, "binary", &larder.Options{Transport: tr})
	o.run(t, cache.Client(), `GET /a -> 200 miss "1"
		GET /a -> 200 hit "1"`)
}

func TestInstallRefuses(t *testing.T) {
	before := http.DefaultTransport
	if _, err := larder.Install(nil, &larder.Options{Rules: []larder.Rule{{}}}); err == nil || http.DefaultTransport != before {
		t.Errorf("%v; http.DefaultTransport has changed: %v", err, http.DefaultTransport != before)
	}
}
