package larder_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// with sends each request under the same terms.
func with(rt http.RoundTripper, terms larder.Terms) *http.Client {
	return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		return rt.RoundTrip(req.WithContext(larder.With(req.Context(), terms)))
	})}
}

// TestTerms: what a caller may ask for beside the rules, in a bubble in which time passes.
func TestTerms(t *testing.T) {
	for _, c := range []struct {
		name   string
		terms  larder.Terms
		routes string
		steps  string
	}{
		{"the origin's lifetime", larder.Terms{}, "/a  Cache-Control: max-age=10  %n", `GET /a -> 200 miss "1"
			+9s
			GET /a -> 200 hit "1"
			+1s
			GET /a -> 200 miss "2"`},
		{"a longer one", larder.Terms{Lifetime: larder.For(time.Hour)}, "/a  Cache-Control: max-age=10  %n", `GET /a -> 200 miss "1"
			+59m59s
			GET /a -> 200 hit "1"
			+1s
			GET /a -> 200 miss "2"`},
		{"a shorter one", larder.Terms{Lifetime: larder.For(time.Second)}, "/a  Cache-Control: max-age=10  %n", `GET /a -> 200 miss "1"
			+1s
			GET /a -> 200 miss "2"`},
		{"where the origin says nothing", larder.Terms{Lifetime: larder.For(time.Minute)}, "/a    %n", `GET /a -> 200 miss "1"
			+59s
			GET /a -> 200 hit "1"`},
		{"against no-cache and must-revalidate", larder.Terms{Lifetime: larder.For(time.Minute)}, "/a  Cache-Control: no-cache, must-revalidate; Expires: 0; Pragma: no-cache; Age: 5000  %n", `GET /a -> 200 miss "1"
			+59s
			GET /a -> 200 hit "1"`},
		{"not against no-store", larder.Terms{Lifetime: larder.For(time.Minute)}, "/a  Cache-Control: no-store  %n", `GET /a -> 200 miss "1"
			GET /a -> 200 miss "2"`},
		{"against no-store, where that is asked for", larder.Terms{Lifetime: larder.For(time.Minute), Store: larder.On}, "/a  Cache-Control: no-store  %n", `GET /a -> 200 miss "1"
			GET /a -> 200 hit "1"`},
		{"for good", larder.Terms{Lifetime: larder.Never}, "/a  Cache-Control: max-age=1  %n", `GET /a -> 200 miss "1"
			+200000h
			GET /a -> 200 hit "1"`},
		{"at once", larder.Terms{Lifetime: larder.AtOnce}, `/a  Cache-Control: max-age=100; Etag: "1"  %n`, `GET /a -> 200 miss "1"
			GET /a -> 200 valid "1"`},
		{"not for failures", larder.Terms{Lifetime: larder.For(time.Minute)}, "/a  Status: 404  %n\n/b  Status: 500  %n", `GET /a -> 404 miss "1"
			GET /a -> 404 miss "2"
			GET /b -> 500 miss "1"
			GET /b -> 500 miss "2"`},
		{"short for failures", larder.Terms{Lifetime: larder.For(time.Hour), Failures: larder.For(5 * time.Second)}, "/a  Status: 404  %n\n/b  Status: 500  %n\n/c    %n", `GET /a -> 404 miss "1"
			GET /b -> 500 miss "1"
			GET /c -> 200 miss "1"
			+4s
			GET /a -> 404 hit "1"
			GET /b -> 500 hit "1"
			+1s
			GET /a -> 404 miss "2"
			GET /b -> 500 miss "2"
			GET /c -> 200 hit "1"`},
		{"failures that are named", larder.Terms{Lifetime: larder.For(time.Hour), Statuses: []int{200, 404}}, "/a  Status: 404  %n\n/b  Status: 203; Cache-Control: max-age=9  %n", `GET /a -> 404 miss "1"
			GET /a -> 404 hit "1"
			GET /b -> 203 miss "1"
			GET /b -> 203 miss "2"`},
		{"nothing stored", larder.Terms{Store: larder.Off}, "/a  Cache-Control: max-age=10  %n", `GET /a -> 200 miss "1"
			GET /a -> 200 miss "2"`},
		{"stale if error", larder.Terms{StaleIfError: time.Minute}, `/a  Cache-Control: max-age=10  %n`, `GET /a -> 200 miss "1"
			+69s
			SET /a  Status: 503  broken
			GET /a -> 200 stale "1"
			+1s
			GET /a -> 503 miss "broken"`},
		{"stale if error, not against must-revalidate", larder.Terms{StaleIfError: time.Minute}, `/a  Cache-Control: max-age=10, must-revalidate; Etag: "1"  %n`, `GET /a -> 200 miss "1"
			+11s
			SET /a  Status: 503  broken
			GET /a -> 503 miss "broken"`},
		{"stale while revalidate", larder.Terms{StaleWhileRevalidate: time.Minute}, `/a  Cache-Control: max-age=10  %n`, `GET /a -> 200 miss "1"
			+11s
			GET /a -> 200 stale "1"
			+1s
			GET /a -> 200 hit "2"`},
		{"parameters that are ignored", larder.Terms{Ignore: []string{"utm_source", "Tok en"}}, "/a  Cache-Control: max-age=10  %n", `GET /a?x=1&utm_source=mail -> 200 miss "1"
			GET /a?x=1 -> 200 hit "1"
			GET /a?UTM_Source=x&x=1&tok+en=2 -> 200 hit "1"
			GET /a?utm_source=1 -> 200 miss "2"
			GET /a -> 200 hit "2"
			GET /a?x=2 -> 200 miss "3"`},
		{"fields that are matched", larder.Terms{Match: []string{"X-Tenant"}}, "/a  Cache-Control: max-age=10  %n", `GET /a  X-Tenant: a  -> 200 miss "1"
			GET /a  X-Tenant: b  -> 200 miss "2"
			GET /a  X-Tenant: a  -> 200 hit "1"
			GET /a  X-Tenant: b  -> 200 hit "2"
			GET /a -> 200 miss "3"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, transport := inBubble(c.routes)
				cache := on(t, memstore.New(nil), &larder.Options{Transport: transport})
				o.run(t, with(cache, c.terms), c.steps)
			})
		})
	}
}

// TestTermsReachOldEntries: a changed wish is about what is stored already, too; and the record stays what the origin sent.
func TestTermsReachOldEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble(`/a  Cache-Control: max-age=10; Etag: "1"  %n`)
		cache := on(t, memstore.New(nil), &larder.Options{Transport: transport})
		o.run(t, cache.Client(), `GET /a -> 200 miss "1"
			+1m`)
		o.run(t, with(cache, larder.Terms{Lifetime: larder.For(time.Hour)}), `GET /a -> 200 hit "1"`)
		o.run(t, with(cache, larder.Terms{Lifetime: larder.Until(time.Now().Add(time.Second))}), `GET /a -> 200 hit "1"
			+1s
			GET /a -> 200 valid "1"`)
		o.run(t, cache.Client(), `GET /a -> 200 hit "1"
			+10s
			GET /a -> 200 valid "1"`)
	})
}

// TestRules: the first that matches counts, a request's own terms before it, the options' after it.
func TestRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("/api/a    %n\n/api/live    %n\n/img/a.png  Cache-Control: no-store  %n\n/other    %n")
		cache := on(t, memstore.New(nil), &larder.Options{Transport: transport, Terms: larder.Terms{Lifetime: larder.For(time.Second)}, Rules: []larder.Rule{
			{URL: "*/api/live*", Terms: larder.Terms{Store: larder.Off}},
			{URL: "http://origin.example/api/*", Terms: larder.Terms{Lifetime: larder.For(time.Minute)}},
			{Regexp: regexp.MustCompile(`\.(png|jpg)(\?|$)`), Terms: larder.Terms{Lifetime: larder.For(time.Hour), Store: larder.On}},
		}})
		o.run(t, cache.Client(), `GET /api/a -> 200 miss "1"
			GET /api/live -> 200 miss "1"
			GET /img/a.png -> 200 miss "1"
			GET /other -> 200 miss "1"
			+2s
			GET /api/a -> 200 hit "1"
			GET /api/live -> 200 miss "2"
			GET /img/a.png -> 200 hit "1"
			GET /other -> 200 miss "2"`)
		o.run(t, with(cache, larder.Terms{Lifetime: larder.For(time.Hour)}), `+2m
			GET /api/a -> 200 hit "1"
			GET /api/live -> 200 miss "3"`)
		resp, err := cache.Client().Get(o.URL + "/img/a.png")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if cc, status := resp.Header.Get("Cache-Control"), resp.Header.Get("Cache-Status"); cc != "no-store" || !strings.Contains(status, "by the caller's terms") {
			t.Errorf("Cache-Control is %q, Cache-Status %q: want the origin's word, and that it was not followed", cc, status)
		}
	})
}

func TestRulesRefused(t *testing.T) {
	for want, o := range map[string]larder.Options{
		"Store: On would store whatever any origin forbids": {Terms: larder.Terms{Store: larder.On}},
		"Rules[0]: want a URL pattern or a Regexp":          {Rules: []larder.Rule{{}}},
		"Rules[1]: want a URL pattern or a Regexp":          {Rules: []larder.Rule{{URL: "*"}, {URL: "*", Regexp: regexp.MustCompile("x")}}},
		"Rules[0]: every URL with Store: On":                {Rules: []larder.Rule{{URL: "*", Terms: larder.Terms{Store: larder.On}}}},
		"a negative StaleIfError":                           {Terms: larder.Terms{StaleIfError: -1}},
		"no request can be Offline":                         {Rules: []larder.Rule{{URL: "*", Terms: larder.Terms{Offline: larder.On, Reload: larder.On}}}},
		`Rules[0]: URL "example.com/*" would match nothing`: {Rules: []larder.Rule{{URL: "example.com/*"}}},
		`"X Y" in Match is no name of a header field`:       {Terms: larder.Terms{Match: []string{"X Y"}}},
	} {
		if _, err := larder.New(nil, &o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestIgnoredParametersAreNotKept: they are sent, and nowhere in the store; what an unsafe request makes invalid is found
// without them.
func TestIgnoredParametersAreNotKept(t *testing.T) {
	st := memstore.New(nil)
	cache := on(t, st, &larder.Options{Terms: larder.Terms{Ignore: []string{"visitor"}}})
	o := newOrigin(t, "/a  Cache-Control: max-age=60  %n")
	o.run(t, cache.Client(), `GET /a?visitor=pl4nted -> 200 miss "1"
		GET /a?visitor=other -> 200 hit "1"
		PUT /a?visitor=third -> 200 pass
		GET /a -> 200 miss "3"`)
	for it, err := range st.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		whole, err := st.Get(t.Context(), it.Key)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(it.Label)+string(whole.Value), "pl4nted") {
			t.Errorf("%s holds it: %q", it.Key, whole.Value)
		}
	}
	if n, err := cache.Delete(t.Context(), larder.Filter{URL: o.URL + "/a?visitor=x"}); n != 1 || err != nil {
		t.Errorf("Delete by a URL with it: %d, %v", n, err)
	}
}

func TestWithout(t *testing.T) {
	cache := open(t, "binary", nil)
	o := newOrigin(t, "/a  Cache-Control: max-age=60  %n")
	ask := func() *http.Response {
		req, err := http.NewRequestWithContext(larder.With(larder.Without(t.Context()), larder.Terms{Lifetime: larder.Never}), http.MethodGet, o.URL+"/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := cache.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	ask()
	o.run(t, cache.Client(), `GET /a -> 200 miss "2"
		GET /a -> 200 hit "2"`)
	if _, seen := larder.InfoOf(ask()); seen || o.requests() != 3 {
		t.Errorf("the cache has seen it: %v; %d requests", seen, o.requests())
	}
}
