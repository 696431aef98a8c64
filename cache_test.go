package larder_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
)

var scenarios = []struct{ name, routes, steps string }{
	{"a fresh response answers again (RFC 9111 §4.2)",
		`/a  Cache-Control: max-age=60  one %n`,
		`GET /a -> 200 miss "one 1"
		 GET /a -> 200 hit "one 1"
		 GET /a#part -> 200 hit "one 1"
		 GET /a?q -> 200 miss "one 2"`},
	{"a response with a validator is validated (§4.3)",
		`/v  Cache-Control: max-age=0; Etag: "x"  same %n`,
		`GET /v -> 200 miss "same 1"
		 GET /v -> 200 valid "same 1"
		 GET /v -> 200 valid "same 1"`},
	{"no-store is not stored (§5.2.2.5)",
		`/n  Cache-Control: no-store  %n`,
		`GET /n -> 200 miss "1"
		 GET /n -> 200 miss "2"`},
	{"a request that says no-cache is validated or fetched (§5.2.1.4)",
		`/a  Cache-Control: max-age=60  %n
		 /v  Cache-Control: max-age=60; Etag: "x"  %n`,
		`GET /a -> 200 miss "1"
		 GET /a  Cache-Control: no-cache  -> 200 miss "2"
		 GET /a -> 200 hit "2"
		 GET /v -> 200 miss "1"
		 GET /v  Cache-Control: no-cache  -> 200 valid "1"`},
	{"only-if-cached asks nobody (§5.2.1.7)",
		`/a  Cache-Control: max-age=60  %n`,
		`GET /a  Cache-Control: only-if-cached  -> 504 none
		 GET /a -> 200 miss "1"
		 GET /a  Cache-Control: only-if-cached  -> 200 hit "1"`},
	{"a variant per field that Vary names (§4.1)",
		`/l  Cache-Control: max-age=60; Vary: Accept-Language  $Accept-Language`,
		`GET /l  Accept-Language: de  -> 200 miss "de"
		 GET /l  Accept-Language: en  -> 200 miss "en"
		 GET /l  Accept-Language: de  -> 200 hit "de"
		 GET /l  Accept-Language: en  -> 200 hit "en"
		 GET /l -> 200 miss ""
		 GET /l -> 200 hit ""`},
	{"Vary: * is not stored",
		`/l  Cache-Control: max-age=60; Vary: *  %n`,
		`GET /l -> 200 miss "1"
		 GET /l -> 200 miss "2"`},
	{"credentials tell responses apart",
		`/me  Cache-Control: max-age=60  $Authorization`,
		`GET /me  Authorization: A  -> 200 miss "A"
		 GET /me  Authorization: B  -> 200 miss "B"
		 GET /me -> 200 miss ""
		 GET /me  Authorization: A  -> 200 hit "A"
		 GET /me  Authorization: B  -> 200 hit "B"
		 GET /me -> 200 hit ""`},
	{"so do cookies and API keys, in any spelling",
		`/c  Cache-Control: max-age=60  $Cookie
		 /k  Cache-Control: max-age=60  $X-Api-Key`,
		`GET /c -> 200 miss ""
		 GET /c  Cookie: sid=1  -> 200 miss "sid=1"
		 GET /c  Cookie: sid=2  -> 200 miss "sid=2"
		 GET /c  Cookie: sid=1  -> 200 hit "sid=1"
		 GET /k  X-API-Key: 1  -> 200 miss "1"
		 GET /k  x-api-key: 2  -> 200 miss "2"`},
	{"and variants",
		`/l  Cache-Control: max-age=60; Vary: Accept-Language  $Authorization`,
		`GET /l  Accept-Language: de  -> 200 miss ""
		 GET /l  Accept-Language: de; Authorization: A  -> 200 miss "A"
		 GET /l  Accept-Language: de; Authorization: B  -> 200 miss "B"
		 GET /l  Accept-Language: en; Authorization: B  -> 200 miss "B"
		 GET /l  Accept-Language: de; Authorization: A  -> 200 hit "A"
		 GET /l  Accept-Language: de; Authorization: B  -> 200 hit "B"
		 GET /l  Accept-Language: de  -> 200 miss ""
		 GET /l  Accept-Language: de  -> 200 hit ""`},
	{"a public response is for all",
		`/p  Cache-Control: public, max-age=60  %n`,
		`GET /p  Authorization: A  -> 200 miss "1"
		 GET /p  Authorization: B  -> 200 hit "1"
		 GET /p -> 200 hit "1"`},
	{"a caller's own condition never poisons an empty cache",
		`/v  Cache-Control: max-age=60; Etag: "x"  whole`,
		`GET /v  If-None-Match: "x"  -> 304 miss ""
		 GET /v -> 200 miss "whole"
		 GET /v -> 200 hit "whole"
		 GET /v  If-None-Match: "x"  -> 304 hit ""
		 GET /v  If-None-Match: "y"  -> 200 hit "whole"`},
	{"unsafe methods invalidate, safe ones do not (§4.4)",
		`/a  Cache-Control: max-age=60  %n`,
		`GET /a -> 200 miss "1"
		 OPTIONS /a -> 200 pass
		 GET /a -> 200 hit "1"
		 POST /a -> 200 pass
		 GET /a -> 200 miss "4"
		 PURGE /a -> 200 pass
		 GET /a -> 200 miss "6"
		 GET /a -> 200 hit "6"`},
	{"an unsafe method that fails invalidates nothing",
		`/a  Cache-Control: max-age=60  %n`,
		`GET /a -> 200 miss
		 GET /a -> 200 hit`},
	{"ranges of what is not stored, and preconditions, go to the origin",
		`/a  Cache-Control: max-age=60  0123`,
		`GET /a  Range: bytes=0-1  -> 200 pass "0123"
		 GET /a -> 200 miss
		 GET /a  Range: bytes=0-1  -> 206 hit "01"
		 GET /a  If-Match: "x"  -> 200 pass`},
	{"an invalidation reaches every variant",
		`/l  Cache-Control: max-age=60; Vary: Accept-Language  %n`,
		`GET /l  Accept-Language: de  -> 200 miss "1"
		 GET /l  Accept-Language: en  -> 200 miss "2"
		 DELETE /l -> 200 pass
		 GET /l  Accept-Language: de  -> 200 miss "4"
		 GET /l  Accept-Language: en  -> 200 miss "5"
		 GET /l  Accept-Language: en  -> 200 hit "5"`},
	{"a gzip answer is plain to who asked for none, and gzip to who asked",
		`/z  Cache-Control: max-age=60; Gzip: yes; Content-Type: application/json; Etag: "s"  {"a":1}`,
		`GET /z -> 200 miss "{\"a\":1}"
		 GET /z -> 200 hit "{\"a\":1}"
		 GET /z  Accept-Encoding: identity  -> 200 hit "{\"a\":1}"`},
	{"spellings of one URL are one",
		`/a b  Cache-Control: max-age=60  %n`,
		`GET /a%20b -> 200 miss "1"
		 GET /%61%20b -> 200 hit "1"`},
	{"a 304 that forbids storing ends it",
		`/v  Cache-Control: max-age=0; Etag: "x"  %n`,
		`GET /v -> 200 miss "1"
		 SET /v  Cache-Control: no-store; Etag: "x"  %n
		 GET /v -> 200 valid "1"
		 GET /v -> 200 miss "2"`},
	{"404 is stored where it says so",
		`/g  Status: 404; Cache-Control: max-age=60  gone`,
		`GET /g -> 404 miss "gone"
		 GET /g -> 404 hit "gone"`},
}

func TestScenarios(t *testing.T) {
	for _, kind := range []string{"binary", "json"} {
		t.Run(kind, func(t *testing.T) {
			for _, s := range scenarios {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					o := newOrigin(t, s.routes)
					c := open(t, kind, nil)
					o.run(t, c.Client(), s.steps)
				})
			}
		})
	}
}

// open makes a cache of a kind.
func open(t *testing.T, kind string, opts *larder.Options) *larder.Cache {
	t.Helper()
	var o larder.Options
	if opts != nil {
		o = *opts
	}
	if o.Transport == nil {
		tr := http.DefaultTransport.(*http.Transport).Clone()
		t.Cleanup(tr.CloseIdleConnections)
		o.Transport = tr
	}
	if kind == "json" {
		o.Codec = codec.JSON
	}
	return ready(t)(larder.New(nil, &o))
}

// ready takes a new cache and closes it with the test.
func ready(t *testing.T) func(*larder.Cache, error) *larder.Cache {
	return func(c *larder.Cache, err error) *larder.Cache {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		return c
	}
}

// TestOfflineAsksNobody: not even for what is not the cache's matter.
func TestOfflineAsksNobody(t *testing.T) {
	o := newOrigin(t, `/a  Cache-Control: max-age=60  %n`)
	c := open(t, "binary", &larder.Options{Terms: larder.Terms{Offline: larder.On}})
	o.run(t, c.Client(), `GET /a -> 504 none
		GET /a  Range: bytes=0-1  -> 504 none
		POST /a -> 504 none`)
	reload := roundTripper(func(req *http.Request) (*http.Response, error) {
		return c.RoundTrip(req.WithContext(larder.With(req.Context(), larder.Terms{Reload: larder.On})))
	})
	o.run(t, &http.Client{Transport: reload}, `GET /a -> 504 none`)
}

// TestOddAddresses: different addresses never share an entry, however they are made.
func TestOddAddresses(t *testing.T) {
	c := open(t, "binary", &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		return answer(req, req.URL.String(), http.Header{"Cache-Control": {"max-age=60"}}), nil
	})})
	for _, u := range []*url.URL{
		{Scheme: "http", Host: "h", Opaque: "//h/a%2Fb"}, {Scheme: "http", Host: "h", Opaque: "//h/c"},
		{Scheme: "http", Host: "h.com", Path: ".org/x"}, {Scheme: "http", Host: "h.com.org", Path: "/x"},
	} {
		resp, err := c.RoundTrip(&http.Request{Method: http.MethodGet, URL: u})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(resp.Body); err != nil || string(got) != u.String() {
			t.Errorf("%s: got %s, %v", u, got, err)
		}
	}
}

// TestTagOfNotModified: a 304 names the tag that the caller was given.
func TestTagOfNotModified(t *testing.T) {
	o := newOrigin(t, `/z  Cache-Control: max-age=60; Gzip: yes; Etag: "s"  text`)
	for _, kind := range []string{"binary", "json"} {
		c := open(t, kind, nil)
		o.run(t, c.Client(), `GET /z -> 200 miss "text"`)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL+"/z", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", `W/"s"`)
		resp, err := c.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if tag := resp.Header.Get("Etag"); resp.StatusCode != http.StatusNotModified || tag != `W/"s"` {
			t.Errorf("%s: %d, tag %s", kind, resp.StatusCode, tag)
		}
	}
}
