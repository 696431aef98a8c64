package larder_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// on opens a cache over a store that the test keeps.
func on(t *testing.T, st store.Store, o *larder.Options) *larder.Cache {
	t.Helper()
	return ready(t)(larder.New(st, o))
}

// sealing is json|aesgcm.
func sealing(t *testing.T, key string) codec.Codec {
	t.Helper()
	stage, err := codec.AESGCM([]byte(strings.Repeat(key, 32)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := codec.Pipe(codec.JSON, stage)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSlowFetchAndInvalidation: what was fetched before an invalidation by another cache on the store is not served after it,
// whether anything lay there when the fetch began or not.
func TestSlowFetchAndInvalidation(t *testing.T) {
	for _, before := range []string{"nothing", "a plain response", "variants"} {
		t.Run(before, func(t *testing.T) {
			st := memstore.New(nil)
			slow, other := on(t, st, nil), on(t, st, nil)
			o := newOrigin(t, `/a  Cache-Control: max-age=0  old`)
			switch before {
			case "a plain response":
				o.set(`/a  Cache-Control: max-age=0; Etag: "1"  older`)
				o.run(t, slow.Client(), `GET /a -> 200 miss`)
			case "variants":
				o.set(`/a  Cache-Control: max-age=0; Etag: "1"; Vary: Accept-Language  older`)
				o.run(t, slow.Client(), `GET /a -> 200 miss`)
			}
			vary := ""
			if before == "variants" {
				vary = "; Vary: Accept-Language"
			}
			o.set(`/a  Cache-Control: max-age=60` + vary + `  old`)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL+"/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := slow.Client().Do(req) // its head has come, its body is not read yet
			if err != nil {
				t.Fatal(err)
			}
			o.set(`/a  Cache-Control: max-age=60` + vary + `  new`)
			o.run(t, other.Client(), `PUT /a -> 200 pass`)
			var body bytes.Buffer
			body.ReadFrom(resp.Body)
			resp.Body.Close()
			if body.String() != "old" && body.Len() > 0 {
				t.Errorf("the slow fetch read %q", body.String())
			}
			o.run(t, other.Client(), `GET /a -> 200 miss "new"
				GET /a -> 200 hit "new"`)
		})
	}
}

func TestSecretsOfTheCallerAreNotStored(t *testing.T) {
	for _, kind := range []codec.Codec{codec.JSON, codec.Binary} {
		st := memstore.New(nil)
		c := on(t, st, &larder.Options{Codec: kind})
		o := newOrigin(t, `/a  Cache-Control: max-age=60; Vary: Authorization, X-Custom-Token; Set-Cookie: theirs=kept  body`)
		o.run(t, c.Client(), `GET /a?api_key=pl4nted&q=1  Authorization: Bearer pl4nted; Cookie: sid=pl4nted; X-Api-Key: pl4nted; x-custom-token: pl4nted  -> 200 miss
			GET /a?api_key=pl4nted&q=1  Authorization: Bearer pl4nted; Cookie: sid=pl4nted; X-Api-Key: pl4nted; X-Custom-Token: pl4nted  -> 200 hit
			GET /a?api_key=other&q=1  Authorization: Bearer pl4nted; Cookie: sid=pl4nted; X-Api-Key: pl4nted; X-Custom-Token: pl4nted  -> 200 miss
			GET /a  Token: pl4nted; Referer: http://pl4nted@h/?token=pl4nted  -> 200 miss`)
		items, kept := 0, false
		for it, err := range st.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			whole, err := st.Get(t.Context(), it.Key)
			if err != nil {
				t.Fatal(err)
			}
			items++
			if all := it.Key + it.Form + string(it.Label) + string(whole.Value); strings.Contains(all, "pl4nted") {
				t.Errorf("%s holds a secret: %q", it.Key, all)
			}
			kept = kept || bytes.Contains(whole.Value, []byte("theirs=kept"))
		}
		if items < 3 || !kept {
			t.Errorf("%d items; what the origin set is kept: %v", items, kept)
		}
	}
}

// TestDamage: an entry that is damaged, swapped with another, or written by somebody else is a miss, and is repaired.
func TestDamage(t *testing.T) {
	for _, kind := range []codec.Codec{codec.JSON, codec.Binary, sealing(t, "k")} {
		t.Run(kind.Name(), func(t *testing.T) {
			st := memstore.New(nil)
			o := newOrigin(t, `/a  Cache-Control: max-age=60  a
				/b  Cache-Control: max-age=60  b
				/l  Cache-Control: max-age=60; Vary: Accept-Language  l`)
			c := on(t, st, &larder.Options{Codec: kind})
			hits := `GET /a -> 200 hit "a"
				GET /b -> 200 hit "b"
				GET /l -> 200 hit "l"`
			misses := strings.ReplaceAll(hits, "hit", "miss")
			o.run(t, c.Client(), misses)
			o.run(t, c.Client(), hits)
			spoil := func(change func(value []byte) []byte) {
				for it := range st.List(t.Context(), "") {
					if it.Key == "m" {
						continue
					}
					whole, err := st.Get(t.Context(), it.Key)
					if err != nil {
						t.Fatal(err)
					}
					whole.Value = change(bytes.Clone(whole.Value))
					if _, err := st.Put(t.Context(), it.Key, whole, store.Any); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, change := range []func([]byte) []byte{
				func(v []byte) []byte { return v[:len(v)/2] },
				func([]byte) []byte { return nil },
				func([]byte) []byte { return []byte("something else") },
			} {
				spoil(change)
				o.run(t, c.Client(), misses)
				o.run(t, c.Client(), hits)
			}
			var last []byte
			spoil(func(v []byte) []byte { v, last = last, v; return v }) // each takes the place of the next
			o.run(t, c.Client(), misses)
			o.run(t, c.Client(), hits)
		})
	}
}

// broken is a store that fails from some moment on.
type broken struct {
	store.Store
	mu  sync.Mutex
	off bool
}

var errBroken = errors.New("the disk is gone")

func (b *broken) fails() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.off {
		return errBroken
	}
	return nil
}

func (b *broken) set(off bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.off = off
}

func (b *broken) Get(ctx context.Context, key string) (store.Item, error) {
	if err := b.fails(); err != nil {
		return store.Item{}, err
	}
	return b.Store.Get(ctx, key)
}

func (b *broken) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if err := b.fails(); err != nil {
		return "", err
	}
	return b.Store.Put(ctx, key, it, was)
}

func (b *broken) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	if err := b.fails(); err != nil {
		return func(yield func(store.Item, error) bool) { yield(store.Item{}, err) }
	}
	return b.Store.List(ctx, prefix)
}

func TestBrokenStoreBreaksNoRequest(t *testing.T) {
	var log bytes.Buffer
	b := &broken{Store: memstore.New(nil)}
	b.set(true)
	c := on(t, b, &larder.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	o := newOrigin(t, `/a  Cache-Control: max-age=60  %n`)
	if err := c.Check(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("Check says %v", err)
	}
	o.run(t, c.Client(), `GET /a -> 200 pass "1"
		POST /a -> 200 pass "2"
		GET /a  Cache-Control: only-if-cached  -> 504 none`)
	if n := strings.Count(log.String(), "\n"); n < 1 || n > 2 || c.Stats().Faults < 3 {
		t.Errorf("%d lines logged, %d faults counted:\n%s", n, c.Stats().Faults, log.String())
	}
	b.set(false) // it comes back
	o.run(t, c.Client(), `GET /a -> 200 miss "3"
		GET /a -> 200 hit "3"`)
	b.set(true)
	o.run(t, c.Client(), `GET /a -> 200 pass "4"`)
	for _, err := range c.Entries(t.Context(), larder.Filter{}) {
		if !errors.Is(err, errBroken) {
			t.Errorf("Entries says %v", err)
		}
	}
}

// TestManifest: a cache opens again without naming its serializer, entries of several lie side by side, and one that cannot be
// built says why and passes everything on.
func TestManifest(t *testing.T) {
	st := memstore.New(nil)
	o := newOrigin(t, `/a  Cache-Control: max-age=60  a
		/b  Cache-Control: max-age=60  b
		/c  Cache-Control: max-age=60  c`)
	o.run(t, on(t, st, &larder.Options{Codec: codec.JSON}).Client(), `GET /a -> 200 miss`)
	o.run(t, on(t, st, nil).Client(), `GET /a -> 200 hit
		GET /b -> 200 miss`)
	for it := range st.List(t.Context(), "e/") {
		if it.Form != "1.json" {
			t.Errorf("%s has the form %s", it.Key, it.Form)
		}
	}
	o.run(t, on(t, st, &larder.Options{Codec: codec.Binary}).Client(), `GET /a -> 200 hit
		GET /b -> 200 hit
		GET /c -> 200 miss`)
	o.run(t, on(t, st, nil).Client(), `GET /a -> 200 hit
		GET /c -> 200 hit`)

	sealed := memstore.New(nil)
	o.run(t, on(t, sealed, &larder.Options{Codec: sealing(t, "k")}).Client(), `GET /a -> 200 miss
		GET /a -> 200 hit`)
	manifest, err := sealed.Get(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(manifest.Value, []byte(`"hash_key_sealed_by": "1"`)) {
		t.Errorf("the hash key is not sealed: %s", manifest.Value)
	}
	for name, c := range map[string]struct {
		o    *larder.Options
		want error
	}{
		"without the key": {&larder.Options{Logger: slog.New(slog.DiscardHandler)}, nil},
		"with another":    {&larder.Options{Codec: sealing(t, "x"), Logger: slog.New(slog.DiscardHandler)}, codec.ErrKey},
	} {
		cache := on(t, sealed, c.o)
		err := cache.Check(t.Context())
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), "aesgcm") && c.want == nil {
			t.Errorf("%s: Check says %v", name, err)
		}
		o.run(t, cache.Client(), `GET /a -> 200 pass "a"`)
	}
	keys := codec.Keys(map[string][]byte{"aesgcm": []byte(strings.Repeat("k", 32))})
	o.run(t, on(t, sealed, &larder.Options{Keys: keys}).Client(), `GET /a -> 200 hit`)

	newer := memstore.New(nil)
	if _, err := newer.Put(t.Context(), "m", store.Item{Form: "0.json", Value: []byte(`{"format": 7, "larder": 1}`)}, store.Absent); err != nil {
		t.Fatal(err)
	}
	if err := on(t, newer, nil).Check(t.Context()); !errors.Is(err, codec.ErrVersion) || !strings.Contains(err.Error(), "7") {
		t.Errorf("a newer format: Check says %v", err)
	}
}

// TestLostManifest: whoever holds the cache open writes it again, so that later openers find what is there.
func TestLostManifest(t *testing.T) {
	st := memstore.New(nil)
	o := newOrigin(t, `/a  Cache-Control: max-age=60  a`)
	c := on(t, st, &larder.Options{Codec: codec.JSON})
	o.run(t, c.Client(), `GET /a -> 200 miss`)
	if err := st.Delete(t.Context(), "m", store.Any); err != nil {
		t.Fatal(err)
	}
	for it := range st.List(t.Context(), "e/") { // an item of a serializer that c does not know makes it look
		whole, err := st.Get(t.Context(), it.Key)
		if err != nil {
			t.Fatal(err)
		}
		whole.Form = "9.json"
		if _, err := st.Put(t.Context(), it.Key, whole, store.Any); err != nil {
			t.Fatal(err)
		}
	}
	o.run(t, c.Client(), `GET /a -> 200 miss
		GET /a -> 200 hit`)
	o.run(t, on(t, st, nil).Client(), `GET /a -> 200 hit`)
}

// TestTwoCachesMakeOneManifest: caches that open an empty store at once agree on it.
func TestTwoCachesMakeOneManifest(t *testing.T) {
	st := memstore.New(nil)
	o := newOrigin(t, `/a  Cache-Control: max-age=60  a`)
	caches := make([]*larder.Cache, 8)
	for i := range caches {
		caches[i] = on(t, st, &larder.Options{Codec: []codec.Codec{codec.JSON, codec.Binary}[i%2]})
	}
	var wg sync.WaitGroup
	for _, c := range caches {
		wg.Go(func() {
			if err := c.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o.run(t, caches[0].Client(), `GET /a -> 200 miss`)
	for _, c := range caches {
		o.run(t, c.Client(), `GET /a -> 200 hit "a"`)
	}
}

func TestCredentialsAddedUnderTheCache(t *testing.T) {
	o := newOrigin(t, `/me  Cache-Control: max-age=60  $Authorization`)
	token := "A"
	c := on(t, nil, &larder.Options{
		Logger: slog.New(slog.DiscardHandler),
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.Header.Set("Authorization", token)
			return http.DefaultTransport.RoundTrip(req)
		}),
	})
	o.run(t, c.Client(), `GET /me -> 200 miss "A"`)
	token = "B"
	o.run(t, c.Client(), `GET /me -> 200 miss "B"`)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestTrust: what came over a transport that takes any certificate is not given to one that checks.
func TestTrust(t *testing.T) {
	st := memstore.New(nil)
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
	}))
	defer srv.Close()
	careless := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer careless.CloseIdleConnections()
	get := func(rt http.RoundTripper) bool {
		resp, err := on(t, st, &larder.Options{Transport: rt}).Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		info, _ := larder.InfoOf(resp)
		return info.FromCache
	}
	if get(careless) || !get(careless) || get(srv.Client().Transport) || !get(srv.Client().Transport) || !get(careless) {
		t.Error("want a miss and a hit for each, and nothing shared")
	}
}

func TestScopes(t *testing.T) {
	o := newOrigin(t, `/me  Cache-Control: max-age=60  $Authorization
		/c  Cache-Control: max-age=60; Vary: Cookie  $Cookie`)
	one := open(t, "binary", &larder.Options{Terms: larder.Terms{Scope: larder.OneUser}})
	o.run(t, one.Client(), `GET /me  Authorization: 1  -> 200 miss "1"
		GET /me  Authorization: 2  -> 200 hit "1"
		GET /c  Cookie: a=1  -> 200 miss "a=1"
		GET /c  Cookie: a=2  -> 200 hit "a=1"`)
	st := memstore.New(nil)
	o.run(t, on(t, st, &larder.Options{Terms: larder.Terms{Scope: larder.OneUser}}).Client(), `GET /me  Authorization: 1  -> 200 miss "1"`)
	o.run(t, on(t, st, nil).Client(), `GET /me -> 200 miss ""`)
	scoped := open(t, "binary", nil)
	as := func(scope string) *http.Client {
		return &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			return scoped.RoundTrip(req.WithContext(larder.With(req.Context(), larder.Terms{Scope: scope})))
		})}
	}
	o.run(t, as("ann"), `GET /me  Authorization: 1  -> 200 miss "1"
		GET /me  Authorization: rotated  -> 200 hit "1"`)
	o.run(t, as("bob"), `GET /me  Authorization: 3  -> 200 miss "3"`)
	o.run(t, as("ann"), `GET /me  Authorization: rotated  -> 200 hit "1"`)
	o.run(t, scoped.Client(), `GET /me  Authorization: 1  -> 200 miss "1"`)
}

// TestInvalidationOutlivesTheCaller: an unsafe request that succeeded invalidates also where its caller has gone by then.
func TestInvalidationOutlivesTheCaller(t *testing.T) {
	o := newOrigin(t, `/a  Cache-Control: max-age=60  %n`)
	ctx, cancel := context.WithCancel(t.Context())
	c := open(t, "binary", &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if req.Method == http.MethodPost {
			cancel()
		}
		return resp, err
	})})
	o.run(t, c.Client(), `GET /a -> 200 miss "1"`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL+"/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	o.run(t, c.Client(), `GET /a -> 200 miss "3"`)
}

// TestTransportInUse: a cache may be made over a transport that is just sending its first request.
func TestTransportInUse(t *testing.T) {
	o := newOrigin(t, "/a  Cache-Control: max-age=60  x")
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	var wg sync.WaitGroup
	wg.Go(func() {
		resp, err := (&http.Client{Transport: tr}).Get(o.URL + "/a")
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
	})
	wg.Go(func() { on(t, nil, &larder.Options{Transport: tr}) })
	wg.Wait()
}
