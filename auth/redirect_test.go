package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/larder-go/larder/auth"
)

func TestCheckRedirect(t *testing.T) {
	secrets := http.Header{
		"Authorization": {"p4ss"}, "Cookie": {"a=p4ss"}, "X-Api-Key": {"p4ss"}, "X-Acme-Token": {"p4ss"}, "Proxy-Authorization": {"p4ss"},
	}
	for _, c := range []struct {
		from, to, referer string
		keeps             bool
	}{
		{"https://a.example/x?token=p4ss", "https://a.example/y", "https://a.example/x?token=p4ss", true},
		{"https://a.example/x?token=p4ss", "https://A.example:443/y", "https://a.example/x?token=p4ss", true},
		{"https://a.example/x?token=p4ss", "https://b.example/y", "https://a.example/", false},
		{"https://a.example/x?token=p4ss", "https://sub.a.example/y", "https://a.example/", false},
		{"https://a.example/x?token=p4ss", "https://a.example:8443/y", "https://a.example/", false},
		{"https://a.example/x?token=p4ss", "http://a.example/y", "", false},
		{"http://a.example/x?token=p4ss", "https://a.example/y", "http://a.example/", false},
	} {
		via := httptest.NewRequest("GET", c.from, nil)
		req := httptest.NewRequest("GET", c.to, nil)
		req.Header = secrets.Clone()
		req.Header.Set("Referer", c.from)
		req.Header.Set("Accept", "text/plain")
		if err := auth.CheckRedirect(req, []*http.Request{via}); err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Referer"); got != c.referer {
			t.Errorf("%s to %s: Referer %q, want %q", c.from, c.to, got, c.referer)
		}
		req.Header.Del("Referer")
		if kept := strings.Contains(fmt.Sprint(req.Header), "p4ss"); kept != c.keeps || len(req.Header) != 1 && !c.keeps {
			t.Errorf("%s to %s: carries %v", c.from, c.to, req.Header)
		}
	}
}

func TestTooManyRedirects(t *testing.T) {
	var asked atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/", http.StatusFound)
	}))
	defer site.Close()
	_, err := (&http.Client{CheckRedirect: auth.CheckRedirect}).Get(site.URL)
	if !errors.Is(err, auth.ErrRedirects) || asked.Load() != 11 {
		t.Errorf("got %v after %d requests", err, asked.Load())
	}
}
