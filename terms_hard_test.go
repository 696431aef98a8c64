package larder_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// TestMatchIsAboutFields: no name in Match makes credentials or scopes tell less apart; With checks no names.
func TestMatchIsAboutFields(t *testing.T) {
	for _, name := range []string{":credentials", ":scope", ":trust", "", "X Y", "vary", "accept-language", "Cookie", "Authorization"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, transport := inBubble("/a  Cache-Control: max-age=10; Vary: Accept-Language  $Authorization\n/p  Cache-Control: private, max-age=10  $Authorization")
				c := on(t, memstore.New(nil), &larder.Options{Transport: transport})
				scoped := func(scope string) *http.Client {
					return with(c, larder.Terms{Match: []string{name, name}, Scope: scope})
				}
				o.run(t, scoped(""), `GET /a  Authorization: u1  -> 200 miss "u1"
					GET /a  Authorization: u2  -> 200 miss "u2"
					GET /a  Authorization: u1  -> 200 hit "u1"
					GET /a  Authorization: u2  -> 200 hit "u2"`)
				o.run(t, scoped("a"), `GET /p  Authorization: u1  -> 200 miss "u1"`)
				o.run(t, scoped("b"), `GET /p  Authorization: u2  -> 200 miss "u2"`)
				o.run(t, scoped("a"), `GET /p  Authorization: u1  -> 200 hit "u1"`)
			})
		})
	}
}

// TestIgnoredParametersOfReferer: a redirect brings the URL before along, which is not kept with them either.
func TestIgnoredParametersOfReferer(t *testing.T) {
	st := memstore.New(nil)
	c := on(t, st, &larder.Options{Terms: larder.Terms{Ignore: []string{"visitor"}}})
	o := newOrigin(t, "/a  Status: 302; Location: /b  x\n/b  Cache-Control: max-age=60  %n")
	o.run(t, c.Client(), `GET /a?visitor=pl4nted -> 200 miss "1"`)
	for key, it := range items(t, st, "") {
		if strings.Contains(string(it.Label)+string(it.Value), "pl4nted") {
			t.Errorf("%s holds it: %q", key, it.Value)
		}
	}
}

// TestInvalidationByAnotherRule: what Location names is kept as the rule for that URL has it.
func TestInvalidationByAnotherRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("/list  Cache-Control: max-age=60  %n\n/items  Location: /list?page=1&v=2  ok")
		c := on(t, memstore.New(nil), &larder.Options{Transport: transport, Rules: []larder.Rule{{URL: "*/list*", Terms: larder.Terms{Ignore: []string{"v"}}}}})
		o.run(t, c.Client(), `GET /list?page=1&v=2 -> 200 miss "1"
			POST /items -> 200 pass
			GET /list?page=1&v=2 -> 200 miss "2"`)
	})
}

// TestLifetimesAtTheEnds: none overflows.
func TestLifetimesAtTheEnds(t *testing.T) {
	for l, want := range map[larder.Lifetime]string{
		larder.For(-1 << 62): "valid", larder.For(time.Millisecond): "valid", larder.Until(time.Time{}): "valid",
		larder.Until(time.Unix(-1<<55, 0)): "valid", larder.For(1<<63 - 1): "hit", larder.Until(time.Unix(1<<60, 0)): "hit",
	} {
		synctest.Test(t, func(t *testing.T) {
			o, transport := inBubble(`/a  Cache-Control: max-age=10; Etag: "1"  %n`)
			c := on(t, memstore.New(nil), &larder.Options{Transport: transport})
			o.run(t, with(c, larder.Terms{Lifetime: l}), `GET /a -> 200 miss "1"
				GET /a -> 200 `+want+` "1"
				+200000h
				GET /a -> 200 `+want+` "1"`)
		})
	}
}

// TestExplainForAll: there is an explanation of what RoundTrip takes.
func TestExplainForAll(t *testing.T) {
	c := on(t, memstore.New(nil), nil)
	defer func() {
		if why := recover(); why != nil {
			t.Error(why)
		}
	}()
	if e, err := c.Explain(&http.Request{}); err == nil && e.Action != "pass" {
		t.Error(e.Action)
	}
}

// TestExplainReloadFails: where Reload finds no origin there is no answer, and none is announced.
func TestExplainReloadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("/a  Cache-Control: max-age=10  %n")
		down := false
		c := on(t, memstore.New(nil), &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			if down {
				return nil, errors.New("down")
			}
			return transport.RoundTrip(req)
		})})
		o.run(t, c.Client(), `GET /a -> 200 miss "1"`)
		down = true
		req, err := http.NewRequestWithContext(larder.With(t.Context(), larder.Terms{Reload: larder.On}), http.MethodGet, o.URL+"/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := c.Explain(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.RoundTrip(req)
		if says := fmt.Sprint(e.Steps); err == nil || strings.Contains(says, "the stored response is the answer") {
			t.Errorf("said %s, and then it is %v", says, err)
		}
	})
}

// TestExplainIsWhatHappens: whatever the request, the terms and what is stored.
func TestExplainIsWhatHappens(t *testing.T) {
	wants := map[string]string{"serve": "hit stale", "refresh": "stale", "validate": "valid miss", "fetch": "miss", "fail": "none", "pass": "pass"}
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			pick := func(s ...string) string { return s[r.IntN(len(s))] }
			o, transport := inBubble("")
			c := on(t, memstore.New(nil), &larder.Options{Transport: transport})
			for range 12 {
				o.set("/a  Etag: " + pick(`"1"`, `"2"`, `W/"1"`) + "; Cache-Control: " + pick("max-age=11", "max-age=11, must-revalidate", "no-cache", "no-store", "max-age=5, stale-while-revalidate=20", "public, max-age=31") + pick("", "", "; Gzip: yes", "; Status: 404", "; Set-Cookie: a=b", "; Vary: X") + "  %n")
				ask := pick("GET", "GET", "GET", "HEAD", "POST") + " /a  " + pick("A: b", "A: b", "Range: bytes=0-0", "Cache-Control: no-cache", "Cache-Control: only-if-cached", "Cache-Control: max-stale", `If-None-Match: "1"`, "Authorization: x", "X: 1") + "; Accept-Encoding: " + pick("identity", "gzip")
				terms := someTerms(r)
				method, fields, _ := strings.Cut(ask, " /a  ")
				req, err := http.NewRequestWithContext(larder.With(t.Context(), terms), method, o.URL+"/a", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header = fieldsOf(fields)
				e, err := c.Explain(req)
				if err != nil {
					t.Fatal(err)
				}
				got := o.step(t, with(c, terms), ask, false)
				synctest.Wait()
				if _, word, _ := strings.Cut(got, " "); !strings.Contains(wants[e.Action], word) {
					t.Errorf("seed %d: %s: said %s, and then it is %s\nterms %+v\n%+v", seed, ask, e.Action, got, terms, e.Steps)
				}
				time.Sleep(time.Duration(2*r.IntN(7)) * time.Second) // even, and lifetimes odd: none ends just now
			}
		})
		if t.Failed() {
			return // one is enough
		}
	}
}

func someTerms(r *rand.Rand) larder.Terms {
	var t larder.Terms
	if r.IntN(2) == 0 {
		return t
	}
	for _, s := range []*larder.Switch{&t.Offline, &t.Validate, &t.Reload, &t.Store} {
		*s = larder.Switch(max(0, r.IntN(6)-3))
	}
	if r.IntN(3) == 0 {
		t.Lifetime = larder.For(time.Duration(1+2*r.IntN(15)) * time.Second)
	}
	if r.IntN(3) == 0 {
		t.StaleIfError = 20 * time.Second
	}
	if r.IntN(3) == 0 {
		t.StaleWhileRevalidate = 20 * time.Second
	}
	t.Scope = []string{"", "", "a", larder.OneUser}[r.IntN(4)]
	return t
}
