package larder_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

var errDial = errors.New("no route to the origin")

// faulty is a transport whose answers come late where the route says "Late: 2s", and never where it says "Dial: fails".
func faulty(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		late, _ := time.ParseDuration(resp.Header.Get("Late"))
		select {
		case <-time.After(late):
		case <-req.Context().Done():
			return nil, context.Cause(req.Context())
		}
		if resp.Header.Get("Dial") != "" {
			return nil, errDial
		}
		return resp, nil
	})
}

// Scenarios of stale answers (RFC 5861, RFC 9111 §4.2.4). %n tells how often the origin was asked; a step of 1s lets what is
// in the background come to its end.
var staleRows = []struct {
	name          string
	options       larder.Options
	routes, steps string
}{
	{"swr: stale at once, refreshed behind, then new", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30; Late: 2s  %n`,
		`GET /a -> 200 miss "1"
		 +15s
		 GET /a -> 200 stale "1"
		 +3s
		 GET /a -> 200 hit "2"`},
	{"swr: a validation keeps the content", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30; Etag: "x"  %n`,
		`GET /a -> 200 miss "1"
		 +15s
		 GET /a -> 200 stale "1"
		 +1s
		 GET /a -> 200 hit "1"`},
	{"swr: one refresh for all who ask meanwhile", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30; Late: 3s  %n`,
		`GET /a -> 200 miss "1"
		 +15s
		 GET /a -> 200 stale "1"
		 +1s
		 GET /a -> 200 stale "1"
		 +1s
		 GET /a -> 200 stale "1"
		 +2s
		 GET /a -> 200 hit "2"`},
	{"swr: the other variants stay", larder.Options{},
		`/l  Cache-Control: max-age=10, stale-while-revalidate=60; Vary: Accept-Language  %n`,
		`GET /l  Accept-Language: de  -> 200 miss "1"
		 GET /l  Accept-Language: en  -> 200 miss "2"
		 +15s
		 GET /l  Accept-Language: de  -> 200 stale "1"
		 +1s
		 GET /l  Accept-Language: de  -> 200 hit "3"
		 GET /l  Accept-Language: en  -> 200 stale "2"
		 +1s
		 GET /l  Accept-Language: en  -> 200 hit "4"
		 GET /l  Accept-Language: de  -> 200 hit "3"`},
	{"swr: a refresh that fails leaves what is there, and is tried again", larder.Options{Disconnected: larder.Off},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30  %n`,
		`GET /a -> 200 miss "1"
		 +15s
		 SET /a  Dial: fails  %n
		 GET /a -> 200 stale "1"
		 +1s
		 SET /a  Status: 503  %n
		 GET /a -> 200 stale "1"
		 +1s
		 SET /a  Status: 500  %n
		 GET /a -> 200 stale "1"
		 +1s
		 SET /a  Cache-Control: max-age=10  new
		 GET /a -> 200 stale "1"
		 +1s
		 GET /a -> 200 hit "new"`},
	{"swr: a 404 replaces it where it may be stored", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30  %n
		 /b  Cache-Control: max-age=10, stale-while-revalidate=30  %n`,
		`GET /a -> 200 miss
		 GET /b -> 200 miss
		 +15s
		 SET /a  Status: 404; Cache-Control: max-age=10  gone
		 SET /b  Status: 404; Cache-Control: no-store  gone
		 GET /a -> 200 stale "1"
		 GET /b -> 200 stale "1"
		 +1s
		 GET /a -> 404 hit "gone"
		 GET /b -> 200 stale "1"`},
	{"swr: after the window it is validated before it is used", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30; Etag: "x"  %n`,
		`GET /a -> 200 miss "1"
		 +39s
		 GET /a  Cache-Control: only-if-cached  -> 200 hit "1"
		 +1s
		 GET /a  Cache-Control: only-if-cached  -> 504 none
		 GET /a -> 200 valid "1"`},
	{"swr: not against must-revalidate, no-cache and the request's own limits", larder.Options{},
		`/m  Cache-Control: max-age=10, stale-while-revalidate=30, must-revalidate  %n
		 /n  Cache-Control: no-cache, stale-while-revalidate=30; Etag: "x"  %n
		 /a  Cache-Control: max-age=10, stale-while-revalidate=30  %n`,
		`GET /m -> 200 miss
		 GET /n -> 200 miss
		 GET /a -> 200 miss
		 +15s
		 GET /m -> 200 miss "2"
		 GET /n -> 200 valid "1"
		 GET /a  Cache-Control: max-age=10  -> 200 miss "2"`},
	{"swr: an invalidation beats the refresh that is under way", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-while-revalidate=30; Late: 5s  old
		 /v  Cache-Control: max-age=10, stale-while-revalidate=30; Etag: "x"; Late: 5s; Vary: Accept-Language  old`,
		`GET /a -> 200 miss "old"
		 GET /v -> 200 miss "old"
		 +15s
		 GET /a -> 200 stale "old"
		 GET /v -> 200 stale "old"
		 +1s
		 SET /a  Cache-Control: max-age=10  new
		 SET /v  Cache-Control: max-age=10; Vary: Accept-Language  new
		 POST /a -> 200 pass
		 POST /v -> 200 pass
		 GET /a -> 200 miss "new"
		 GET /v -> 200 miss "new"
		 +8s
		 GET /a -> 200 hit "new"
		 GET /v -> 200 hit "new"`},
	{"sie: for 500, 502, 503, 504 and no answer; the good one stays and is validated again", larder.Options{Disconnected: larder.Off},
		`/a  Cache-Control: max-age=10, stale-if-error=60; Etag: "x"  %n`,
		`GET /a -> 200 miss "1"
		 +15s
		 SET /a  Status: 503; Cache-Control: max-age=600  broken
		 GET /a -> 200 stale "1"
		 SET /a  Status: 500; Cache-Control: max-age=600  broken
		 GET /a -> 200 stale "1"
		 SET /a  Status: 502; Cache-Control: max-age=600  broken
		 GET /a -> 200 stale "1"
		 SET /a  Status: 504; Cache-Control: max-age=600  broken
		 GET /a -> 200 stale "1"
		 SET /a  Dial: fails
		 GET /a -> 200 stale "1"
		 HEAD /a -> error Head "http://origin.example/a": no route to the origin
		 SET /a  Cache-Control: max-age=10; Etag: "x"  %n
		 GET /a -> 200 valid "1"
		 GET /a -> 200 hit "1"`},
	{"sie: from the request too, and not after either window", larder.Options{},
		`/a  Cache-Control: max-age=10  %n
		 /b  Cache-Control: max-age=10, stale-if-error=20  %n`,
		`GET /a -> 200 miss
		 GET /b -> 200 miss
		 +15s
		 SET /a  Status: 503  broken
		 SET /b  Status: 503  broken
		 GET /a  Cache-Control: stale-if-error=6  -> 200 stale "1"
		 GET /a  Cache-Control: stale-if-error=5  -> 503 miss "broken"
		 GET /a -> 503 miss "broken"
		 GET /b -> 200 stale "1"
		 +15s
		 GET /b -> 503 miss "broken"`},
	{"sie: never for a 404 or 501, nor against must-revalidate, no-cache and the request's no-cache", larder.Options{},
		`/a  Cache-Control: max-age=10, stale-if-error=60  %n
		 /m  Cache-Control: max-age=10, stale-if-error=60, must-revalidate; Etag: "x"  %n
		 /n  Cache-Control: no-cache, stale-if-error=60; Etag: "x"  %n`,
		`GET /a -> 200 miss
		 GET /m -> 200 miss
		 GET /n -> 200 miss
		 +15s
		 SET /a  Status: 404  none
		 SET /m  Status: 503  broken
		 SET /n  Status: 503  broken
		 GET /a -> 404 miss "none"
		 GET /m -> 503 miss "broken"
		 GET /n -> 503 miss "broken"
		 SET /a  Status: 501  none
		 GET /a -> 501 miss "none"
		 SET /a  Status: 503  none
		 GET /a  Cache-Control: no-cache  -> 503 miss "none"
		 GET /a  Pragma: no-cache  -> 503 miss "none"
		 GET /a -> 200 stale "1"`},
	{"disconnected: served without a directive, unless one forbids it", larder.Options{},
		`/a  Cache-Control: max-age=10; Etag: "x"  %n
		 /m  Cache-Control: max-age=10, must-revalidate; Etag: "x"  %n
		 /n  Cache-Control: no-cache; Etag: "x"  %n`,
		`GET /a -> 200 miss
		 GET /m -> 200 miss
		 GET /n -> 200 miss
		 +240h
		 SET /a  Dial: fails
		 SET /m  Dial: fails
		 SET /n  Dial: fails
		 GET /a -> 200 stale "1"
		 GET /m -> error Get "http://origin.example/m": no route to the origin
		 GET /n -> error Get "http://origin.example/n": no route to the origin
		 GET /a  Cache-Control: no-cache  -> error Get "http://origin.example/a": no route to the origin
		 GET /a  Cache-Control: max-age=60  -> error Get "http://origin.example/a": no route to the origin
		 GET /a  Cache-Control: max-stale=60  -> error Get "http://origin.example/a": no route to the origin
		 GET /a  Cache-Control: only-if-cached  -> 504 none
		 GET /a -> 200 stale "1"`},
	{"disconnected: off, and only stale-if-error is left", larder.Options{Disconnected: larder.Off},
		`/a  Cache-Control: max-age=10; Etag: "x"  %n`,
		`GET /a -> 200 miss
		 +15s
		 SET /a  Dial: fails
		 GET /a -> error Get "http://origin.example/a": no route to the origin
		 GET /a  Cache-Control: stale-if-error=60  -> 200 stale "1"`},
}

func TestStale(t *testing.T) {
	for _, kind := range []string{"binary", "json"} {
		for _, s := range staleRows {
			t.Run(kind+"/"+s.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o, transport := inBubble(s.routes)
					opts := s.options
					opts.Transport = faulty(transport)
					o.run(t, open(t, kind, &opts).Client(), s.steps)
				})
			})
		}
	}
}

// staleIn opens a cache in a bubble, fetches /a once and lets it become stale.
func staleIn(t *testing.T, opts *larder.Options, route string) (*origin, *larder.Cache) {
	t.Helper()
	o, transport := inBubble(route)
	if opts == nil {
		opts = &larder.Options{}
	}
	opts.Transport = faulty(transport)
	c := on(t, memstore.New(nil), opts)
	o.run(t, c.Client(), "GET /a -> 200 miss\n+15s")
	return o, c
}

// atOnce has n callers ask for /a and returns what they read.
func atOnce(t *testing.T, o *origin, c *larder.Cache, n int) []string {
	t.Helper()
	got := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			body, info, err := fetch(t, c, o.URL+"/a")
			got[i] = fmt.Sprint(body, " from the cache: ", info.FromCache, " stale: ", info.Stale, " ", err)
		})
	}
	wg.Wait()
	return got
}

// TestStaleRefreshedOnce: twenty who ask at once cause one refresh, also where the last one failed.
func TestStaleRefreshedOnce(t *testing.T) {
	for _, before := range []string{"", "/a  Status: 503  broken", "/a  Dial: fails"} {
		t.Run(before, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, c := staleIn(t, nil, `/a  Cache-Control: max-age=10, stale-while-revalidate=300; Etag: "x"  one`)
				if before != "" {
					o.set(before)
					o.run(t, c.Client(), "GET /a -> 200 stale \"one\"\n+1s")
				}
				o.set(`/a  Cache-Control: max-age=10, stale-while-revalidate=300; Etag: "x"; Late: 3s  one`)
				asked := o.requests()
				for range 2 {
					for _, got := range atOnce(t, o, c, 20) {
						if got != "one from the cache: true stale: true <nil>" {
							t.Error(got)
						}
					}
					time.Sleep(time.Second)
				}
				if n := o.requests() - asked; n != 1 {
					t.Errorf("%d requests", n)
				}
				o.run(t, c.Client(), "+5s\nGET /a -> 200 hit \"one\"")
			})
		})
	}
}

// TestStaleHeadStaysTheStoredOne: what an answer says of itself (Cache-Status, a coding taken off) is not asked about and does
// not get into what the refresh stores.
func TestStaleHeadStaysTheStoredOne(t *testing.T) {
	for _, fields := range []string{"", "; Gzip: yes"} {
		synctest.Test(t, func(t *testing.T) {
			o, c := staleIn(t, nil, `/a  Cache-Control: max-age=10, stale-while-revalidate=300; Etag: W/"x"`+fields+`  %n`)
			o.run(t, c.Client(), `GET /a -> 200 stale "1"
				+1s
				GET /a -> 200 hit "1"
				GET /a  Accept-Encoding: identity  -> 200 hit "1"`)
			resp, err := c.Client().Get(o.URL + "/a")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if len(resp.Header["Cache-Status"]) != 1 {
				t.Errorf("%q: %q", fields, resp.Header["Cache-Status"])
			}
		})
	}
}

// TestStaleForConditionalCallers: who asks with a condition of its own is answered by it, and the refresh is about what is
// stored.
func TestStaleForConditionalCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, c := staleIn(t, nil, `/a  Cache-Control: max-age=10, stale-while-revalidate=300; Etag: "x"  one`)
		o.run(t, c.Client(), `GET /a  If-None-Match: "x"  -> 304 stale
			+1s
			GET /a  If-None-Match: "x"  -> 304 hit`)
	})
}

// TestStaleRequestIsTheCallersAgain: once the body is closed the caller may change its request (http.RoundTripper), and the refresh
// is for the request as it was.
func TestStaleRequestIsTheCallersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble(`/l  Cache-Control: max-age=10, stale-while-revalidate=60; Vary: Accept-Language; Late: 2s  $Accept-Language`)
		c := on(t, memstore.New(nil), &larder.Options{Transport: faulty(transport)})
		o.run(t, c.Client(), "GET /l  Accept-Language: de  -> 200 miss \"de\"\n+15s")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL+"/l", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Language", "de")
		resp, err := c.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		synctest.Wait() // the refresh is under way
		req.Header.Set("Accept-Language", "en")
		o.run(t, c.Client(), `+3s
			GET /l  Accept-Language: en  -> 200 miss "en"
			GET /l  Accept-Language: de  -> 200 hit "de"`)
	})
}

// TestStaleWhenTheOriginFails: nobody waits longer than for the failure itself, the answer is as old as it is by then, and a
// content in chunks is whole.
func TestStaleWhenTheOriginFails(t *testing.T) {
	long := strings.Repeat("0123456789", 30<<10)
	for _, c := range []struct {
		name, fails string
		asked       int
	}{
		{"503", "/a  Status: 503; Cache-Control: max-age=60; Late: 30s  broken", 1},
		{"no answer", "/a  Dial: fails; Late: 30s", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, cache := staleIn(t, nil, "/a  Cache-Control: max-age=10, stale-if-error=600  "+long)
				o.set(c.fails)
				began, asked := time.Now(), o.requests()
				for _, got := range atOnce(t, o, cache, 20) {
					if got != long+" from the cache: true stale: true <nil>" {
						t.Errorf("%d bytes: ...%s", len(got), got[max(0, len(got)-80):])
					}
				}
				if took, n := time.Since(began), o.requests()-asked; took != 30*time.Second || n != c.asked {
					t.Errorf("%d requests, %v", n, took)
				}
				again := time.Now()
				for range atOnce(t, o, cache, 20) { // the origin is spared also the next time
				}
				if took, n := time.Since(again), o.requests()-asked; took != 30*time.Second || n != 2*c.asked {
					t.Errorf("the next time: %d requests, %v", n, took)
				}
				resp, err := cache.Client().Get(o.URL + "/a")
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				info, _ := larder.InfoOf(resp)
				age := time.Since(began.Add(-15 * time.Second))
				want := fmt.Sprintf("; fwd=stale; fwd-status=503; ttl=%d; detail=\"stale: ", (10*time.Second-age)/time.Second)
				if c.name == "no answer" {
					want = strings.Replace(want, "; fwd-status=503", "", 1)
				}
				if got := resp.Header.Get("Cache-Status"); !strings.Contains(got, want) {
					t.Errorf("Cache-Status %s, want %s", got, want)
				}
				if got := resp.Header.Get("Age"); got != fmt.Sprint(int(age.Seconds())) || info.FreshUntil.Sub(began) != -5*time.Second {
					t.Errorf("Age %s, want %v; fresh until %v after the first", got, age, info.FreshUntil.Sub(began))
				}
			})
		})
	}
}

// TestStaleIsNoAnswerToACallerWhoLeft, and with nothing stored the transport's error arrives as it is.
func TestStaleIsNoAnswerToACallerWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, c := staleIn(t, nil, `/a  Cache-Control: max-age=10, stale-if-error=600  one`)
		o.set("/a  Dial: fails; Late: 10s\n/b  Dial: fails")
		for _, after := range []time.Duration{0, 5 * time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+"/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if resp, err := c.RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != after {
				t.Errorf("after %v of %v: %v %v", time.Since(began), after, resp, err)
			}
			cancel()
		}
		client := c.Client()
		client.Timeout = 5 * time.Second
		if _, err := client.Get(o.URL + "/a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("under the client's timeout: %v", err)
		}
		if _, _, err := roundTrip(t, c, o.URL+"/b"); !errors.Is(err, errDial) {
			t.Errorf("with nothing stored: %v", err)
		}
	})
}
