package larder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// counted is a store that counts what is written and removed, and tells of what was put. hold, where not nil, is called
// before what was got is handed out.
type counted struct {
	store.Store
	writes atomic.Int64
	put    chan string
	hold   func()
}

func (c *counted) Get(ctx context.Context, key string) (store.Item, error) {
	it, err := c.Store.Get(ctx, key)
	if c.hold != nil {
		c.hold()
	}
	return it, err
}

func (c *counted) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	c.writes.Add(1)
	v, err := c.Store.Put(ctx, key, it, was)
	if c.put != nil && err == nil {
		c.put <- key
	}
	return v, err
}

func (c *counted) Delete(ctx context.Context, key string, was store.Version) error {
	c.writes.Add(1)
	return c.Store.Delete(ctx, key, was)
}

// TestStaleTasksAreBounded: at most 64 refreshes at a time, and the rest is left to the next requests.
func TestStaleTasksAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("")
		c := on(t, memstore.New(nil), &larder.Options{Transport: faulty(transport)})
		var first, second strings.Builder
		for i := range 100 {
			o.set(fmt.Sprintf("/%d  Cache-Control: max-age=10, stale-while-revalidate=300; Late: 1s  one", i))
			fmt.Fprintf(&first, "GET /%d -> 200 miss\n", i)
			fmt.Fprintf(&second, "GET /%d -> 200 stale\n", i)
		}
		o.run(t, c.Client(), first.String()+"+15s")
		asked := o.requests()
		o.run(t, c.Client(), second.String())
		synctest.Wait()
		if n := o.requests() - asked; n != 64 {
			t.Errorf("%d refreshes at a time", n)
		}
		time.Sleep(2 * time.Second)
		for i := range 100 {
			if _, info, err := fetch(t, c, fmt.Sprint(o.URL, "/", i)); err != nil || info.Stale == (i < 64) {
				t.Errorf("/%d: %+v %v", i, info, err)
			}
		}
		time.Sleep(2 * time.Second)
		if n := o.requests() - asked; n != 100 {
			t.Errorf("%d refreshes in all", n)
		}
	})
}

// TestStaleUnderAClientTimeout: the refresh outlives a caller whose context ends with the answer, under net/http's own client.
func TestStaleUnderAClientTimeout(t *testing.T) {
	o := newOrigin(t, `/a  Cache-Control: max-age=0, stale-while-revalidate=300  %n`)
	st := &counted{Store: memstore.New(nil), put: make(chan string, 10)}
	c := on(t, st, nil)
	client := c.Client()
	client.Timeout = time.Minute
	o.run(t, client, `GET /a -> 200 miss "1"`)
	for len(st.put) > 0 {
		<-st.put
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+"/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	cancel()
	if string(body) != "1" || err != nil {
		t.Errorf("%q %v", body, err)
	}
	<-st.put
	o.run(t, client, `GET /a  Cache-Control: only-if-cached  -> 200 hit "2"`)
}

func roundTrip(t *testing.T, rt http.RoundTripper, url string) (string, larder.Info, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return "", larder.Info{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	info, _ := larder.InfoOf(resp)
	return string(body), info, err
}

// TestHitsWriteNothing: whatever kind of hit it is, the store is only read.
func TestHitsWriteNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &counted{Store: memstore.New(nil)}
		o, transport := inBubble(`/a  Cache-Control: max-age=60; Etag: "x"  %n
			/l  Cache-Control: max-age=60; Vary: Accept-Language  %n
			/s  Cache-Control: max-age=10, stale-while-revalidate=60; Late: 5s  %n
			/c  Cache-Control: max-age=60; Etag: "x"  ` + strings.Repeat("0123456789", 30<<10))
		c := on(t, st, &larder.Options{Transport: faulty(transport)})
		o.run(t, c.Client(), `GET /a -> 200 miss
			GET /l  Accept-Language: de  -> 200 miss
			GET /s -> 200 miss
			GET /c -> 200 miss
			+15s`)
		before := st.writes.Load()
		o.run(t, c.Client(), `GET /a -> 200 hit
			GET /a  If-None-Match: "x"  -> 304 hit
			GET /l  Accept-Language: de  -> 200 hit
			GET /c -> 200 hit
			GET /c  If-None-Match: "x"  -> 304 hit
			GET /a  Cache-Control: only-if-cached  -> 200 hit
			GET /s -> 200 stale "1"
			GET /s -> 200 stale "1"`)
		synctest.Wait()
		if n := st.writes.Load() - before; n != 0 {
			t.Errorf("%d writes", n)
		}
		o.run(t, c.Client(), "+6s\nGET /s -> 200 hit \"2\"")
		if st.writes.Load() == before {
			t.Error("the refresh wrote nothing: writes are not counted")
		}
	})
}

// TestCloseAndTheBackground: Close waits for refreshes, ends those that take longer than it waits, and what it waited for is
// stored. Afterwards none begins.
func TestCloseAndTheBackground(t *testing.T) {
	for _, c := range []struct {
		name, fields string
		limit, took  time.Duration // limit 0: Close
		err          error
		then         string
	}{
		{"a new response", "; Late: 2s", 0, 2 * time.Second, nil, `200 hit "new"`},
		{"a validation", `; Late: 2s; Etag: "x"`, 0, 2 * time.Second, nil, `200 hit "old"`},
		{"longer than Close waits", "; Late: 20s", 0, 5 * time.Second, nil, "504 none"},
		{"longer than the caller waits", "; Late: 2s", time.Second, time.Second, context.DeadlineExceeded, "504 none"},
		{"not at all", "; Late: 2s", -1, 0, context.DeadlineExceeded, "504 none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const control = "Cache-Control: max-age=10, stale-while-revalidate=30"
				o, transport := inBubble("/a  " + control + `; Etag: "x"  old`)
				var active atomic.Int32
				st, late := memstore.New(nil), faulty(transport)
				cache := on(t, st, &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
					active.Add(1)
					defer active.Add(-1)
					return late.RoundTrip(req)
				})})
				o.run(t, cache.Client(), "GET /a -> 200 miss\n+35s\nSET /a  "+control+c.fields+"  new\nGET /a -> 200 stale")
				began, shut := time.Now(), cache.Close
				if c.limit != 0 {
					shut = func() error {
						ctx, cancel := context.WithTimeout(t.Context(), c.limit)
						defer cancel()
						return cache.Shutdown(ctx)
					}
				}
				synctest.Wait()
				if err := shut(); !errors.Is(err, c.err) || c.err == nil && err != nil || time.Since(began) != c.took {
					t.Errorf("%v after %v", err, time.Since(began))
				}
				synctest.Wait()
				asked := o.requests()
				if n := active.Load(); n != 0 {
					t.Errorf("%d requests are under way after Close", n)
				}
				time.Sleep(5*time.Second - c.took + time.Second) // the first response is beyond its window now
				o.run(t, on(t, st, nil).Client(), "GET /a  Cache-Control: only-if-cached  -> "+c.then)
				if _, info, err := roundTrip(t, cache, o.URL+"/a"); err != nil || info != (larder.Info{}) || o.requests() != asked+1 {
					t.Errorf("after Close: %+v, %v, %d requests", info, err, o.requests()-asked)
				}
			})
		})
	}
}

// TestStaleLookUpThatIsSlow: who looked before a refresh ended and comes after it causes no other.
func TestStaleLookUpThatIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble(`/a  Cache-Control: max-age=10, stale-while-revalidate=60  %n`)
		st := &counted{Store: memstore.New(nil)}
		c := on(t, st, &larder.Options{Transport: transport})
		o.run(t, c.Client(), "GET /a -> 200 miss\n+15s")
		var slow atomic.Int32
		st.hold = func() { time.Sleep(time.Duration(slow.Swap(0)) * time.Second) }
		slow.Store(3)
		var wg sync.WaitGroup
		wg.Go(func() { fetch(t, c, o.URL+"/a") })
		synctest.Wait()
		o.run(t, c.Client(), "GET /a -> 200 stale\n+5s")
		wg.Wait()
		if n := o.requests(); n != 2 {
			t.Errorf("%d requests in all", n)
		}
		asked := o.requests() // one during which the cache is closed begins none either
		time.Sleep(10 * time.Second)
		slow.Store(3)
		wg.Go(func() { fetch(t, c, o.URL+"/a") })
		synctest.Wait()
		c.Close()
		wg.Wait()
		if synctest.Wait(); o.requests() != asked {
			t.Error("a refresh after Close")
		}
	})
}

// TestStaleLeaderLeft: the same for a request that others wait with: its caller has left, and changes it while they read on.
func TestStaleLeaderLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rest, w := io.Pipe()
		c := on(t, memstore.New(nil), &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := answer(req, "", http.Header{"Cache-Control": {"max-age=60"}, "Vary": {"Accept-Language"}})
			resp.Body, resp.ContentLength = rest, -1
			return resp, nil
		})})
		var both [2]*http.Request
		var resps [2]*http.Response
		for i := range both {
			both[i], _ = http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h.example/", nil)
			both[i].Header.Set("Accept-Language", "de")
			var err error
			if resps[i], err = c.RoundTrip(both[i]); err != nil {
				t.Fatal(err)
			}
		}
		resps[0].Body.Close()
		both[0].Header.Set("Accept-Language", "en")
		go func() {
			io.WriteString(w, "de")
			w.Close()
		}()
		io.Copy(io.Discard, resps[1].Body)
		resps[1].Body.Close()
		both[1].Header.Set("Cache-Control", "only-if-cached")
		if resp, err := c.RoundTrip(both[1]); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%+v %v: want what was stored for de", resp, err)
		}
	})
}

// TestSweepByItself: beside a response that it stores, an hour after the cache was made, and once a day.
func TestSweepByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const orphan = "b/0123456789abcdef0123456789abcdef/1"
		st := memstore.New(nil)
		o, transport := inBubble("/none  Cache-Control: no-store\n/hit  Cache-Control: max-age=999999")
		c := on(t, st, &larder.Options{Transport: transport})
		o.run(t, c.Client(), "GET /hit -> 200 miss")
		for _, step := range []struct {
			after time.Duration
			path  string // what is asked for then
			swept bool
		}{
			{59 * time.Minute, "/1", false},
			{30 * time.Hour, "/hit", false},
			{0, "/none", false},
			{0, "/2", true},
			{2 * time.Hour, "/3", false},
			{21 * time.Hour, "/4", false},
			{2 * time.Hour, "/5", true},
		} {
			if _, err := st.Put(t.Context(), orphan, store.Item{Value: []byte("left")}, store.Absent); err != nil && !errors.Is(err, store.ErrChanged) {
				t.Fatal(err)
			}
			time.Sleep(step.after)
			if strings.Trim(step.path, "/1234567890") == "" {
				o.set(step.path + "  Cache-Control: max-age=60")
			}
			if _, _, err := fetch(t, c, o.URL+step.path); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if _, err := st.Get(t.Context(), orphan); errors.Is(err, store.ErrNotFound) != step.swept {
				t.Errorf("%v later, after %s: %v", step.after, step.path, err)
			}
		}
	})
}

// world is an origin whose responses depend on nothing but the path, the language, and how often the path was posted to.
type world struct {
	mu       sync.Mutex
	versions map[string]int
	down     bool
}

// The paths differ in all that a sweep looks at: how long they are kept, whether they vary, and whether they are long.
var paths = []struct {
	control string
	tag     bool
	vary    bool
	long    bool
}{
	{"max-age=3600", true, false, false},
	{"max-age=3600", true, false, true},
	{"max-age=7200", true, true, false},
	{"max-age=7200", true, true, true},
	{"max-age=60, stale-while-revalidate=36000", true, false, true},
	{"max-age=60, stale-while-revalidate=36000, stale-if-error=90000", false, true, true},
	{"max-age=20000", false, false, true},
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var i int
	fmt.Sscanf(r.URL.Path, "/%d", &i)
	switch {
	case r.Method == http.MethodPost:
		w.versions[r.URL.Path]++
		return
	case w.down:
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body := fmt.Sprintf("%s, version=%d", r.URL.Path, w.versions[r.URL.Path])
	rw.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	rw.Header().Set("Cache-Control", paths[i].control)
	if paths[i].vary {
		rw.Header().Set("Vary", "Accept-Language")
		body += ", in=" + r.Header.Get("Accept-Language")
	}
	if tag := fmt.Sprintf("%q", strings.ReplaceAll(body, ", ", "-")); paths[i].tag {
		rw.Header().Set("Etag", tag)
		if r.Header.Get("If-None-Match") == tag {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if paths[i].long {
		body = strings.Repeat(body+"\n", 4<<10)
	}
	io.WriteString(rw, body)
}

// TestSweepLosesNothing: a cache that is swept at any time answers as one that is not.
func TestSweepLosesNothing(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { twins(t, rand.New(rand.NewPCG(seed, 9111))) })
		})
	}
}

func twins(t *testing.T, r *rand.Rand) {
	var origins [2]*world
	var caches [2]*larder.Cache
	for i := range caches {
		w := &world{versions: map[string]int{}}
		origins[i] = w
		caches[i] = on(t, memstore.New(nil), &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			w.ServeHTTP(rec, req)
			resp := rec.Result()
			resp.Request = req
			return resp, nil
		})})
	}
	var swept larder.Swept
	for step := range 200 {
		if r.IntN(3) == 0 {
			n, err := caches[0].Sweep(t.Context())
			if err != nil {
				t.Error(err)
			}
			swept.Expired, swept.Variants, swept.Chunks = swept.Expired+n.Expired, swept.Variants+n.Variants, swept.Chunks+n.Chunks
		}
		method, path, language := http.MethodGet, fmt.Sprint("/", r.IntN(len(paths))), []string{"de", "en", "eo"}[r.IntN(3)]
		if r.IntN(12) == 0 {
			method = http.MethodPost
		}
		down := r.IntN(10) == 0
		var did [2]string
		for i, c := range caches {
			origins[i].mu.Lock()
			origins[i].down = down
			origins[i].mu.Unlock()
			req, err := http.NewRequestWithContext(t.Context(), method, "http://h.example"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Language", language)
			resp, err := c.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			info, _ := larder.InfoOf(resp)
			line, _, _ := strings.Cut(string(body), "\n")
			did[i] = fmt.Sprint(resp.StatusCode, " ", line, ", ", len(body), " bytes ", err, ", from the cache: ", info.FromCache, info.Revalidated, info.Stale)
			synctest.Wait()
		}
		if did[0] != did[1] {
			t.Fatalf("step %d, %s %s in %s:\n swept     %s\n not swept %s", step, method, path, language, did[0], did[1])
		}
		if r.IntN(3) == 0 { // less than the 30 days in all that a stale response is kept
			time.Sleep(time.Duration(r.IntN(7*3600)) * time.Second)
		}
	}
	if swept.Expired == 0 || swept.Variants == 0 || swept.Chunks == 0 {
		t.Errorf("too little was swept: %+v", swept)
	}
}
