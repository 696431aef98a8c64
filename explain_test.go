package larder_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// TestExplain: what is said is what then happens, and nothing happens by saying it.
func TestExplain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("/a  Cache-Control: max-age=60; Etag: \"1\"  x\n/swr  Cache-Control: max-age=60, stale-while-revalidate=600; Etag: \"1\"  x\n/no  Cache-Control: no-store  x\n/must  Cache-Control: max-age=60, must-revalidate; Etag: \"1\"  x\n/forced    x")
		cache := on(t, memstore.New(nil), &larder.Options{Transport: transport, Rules: []larder.Rule{{URL: "*/forced", Terms: larder.Terms{Lifetime: larder.For(time.Hour)}}}})
		for _, path := range []string{"/a", "/swr", "/no", "/must", "/forced"} {
			o.run(t, cache.Client(), "GET "+path+" -> 200 miss")
		}
		for _, c := range []struct{ after, ask, action, says, then string }{
			{"0s", "GET /a", "serve", "lifetime 1m0s: the lifetime is that of max-age (RFC 9111 §5.2.2.1)", "200 hit"},
			{"0s", "GET /new", "fetch", "stored nothing that this request selects", ""},
			{"0s", "GET /no", "fetch", "nothing", "200 miss"},
			{"0s", "HEAD /a", "serve", "part ", "200 hit"},
			{"0s", "GET /a  Range: bytes=0-0", "serve", "part ", "206 hit"},
			{"0s", "POST /a?1", "pass", "not the cache's matter: method", ""},
			{"0s", "GET /a  Cache-Control: no-cache", "validate", "the request says no-cache (RFC 9111 §5.2.1.4)", "200 valid"},
			{"0s", "GET /new  Cache-Control: only-if-cached", "fail", "", "504 none"},
			{"61s", "GET /a", "validate", `conditions If-None-Match: "1" (RFC 9111 §4.3.1)`, "200 valid"},
			{"0s", "GET /must", "validate", "should the origin not answer, the failure is the answer: the stored response is stale and says must-revalidate", "200 valid"},
			{"0s", "GET /swr", "refresh", "stale answers while it is validated (RFC 5861 §3)", "200 stale"},
			{"0s", "GET /forced", "serve", "as the caller's terms have it", "200 hit"},
			{"61s", "GET /a", "validate", "should the origin not answer, the stored response is the answer, stale", "200 valid"},
		} {
			d, _ := time.ParseDuration(c.after)
			time.Sleep(d)
			synctest.Wait()
			target, fields, _ := strings.Cut(c.ask, "  ")
			method, path, _ := strings.Cut(target, " ")
			req, err := http.NewRequestWithContext(t.Context(), method, o.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header = fieldsOf(fields)
			before := o.requests()
			e, err := cache.Explain(req)
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for _, s := range e.Steps {
				said.WriteString(s.About + " " + s.Says + " (" + s.Section + ")\n")
			}
			if e.Action != c.action || !strings.Contains(said.String(), c.says) || o.requests() != before {
				t.Errorf("%s: %s, want %s with %q; %d requests\n%s", c.ask, e.Action, c.action, c.says, o.requests()-before, said.String())
			}
			if c.then != "" {
				if got := o.step(t, cache.Client(), c.ask, false); got != c.then {
					t.Errorf("%s: said %s, and then it is %s, want %s", c.ask, e.Action, got, c.then)
				}
			}
		}
	})
}

// TestExplainOfAnUncheckedTransport: what is kept apart because no certificate was checked is explained as what it is.
func TestExplainOfAnUncheckedTransport(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=60") }))
	defer srv.Close()
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer tr.CloseIdleConnections()
	cache := on(t, nil, &larder.Options{Transport: tr})
	if _, _, err := fetch(t, cache, srv.URL); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := cache.Explain(req); err != nil || e.Action != "serve" {
		t.Errorf("%+v, %v, want serve", e, err)
	}
}
