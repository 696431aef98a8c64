package larder_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
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

// lines is a text of n bytes in which no place looks like another.
func lines(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strconv.Itoa(i) + "\n")
	}
	return b.String()[:n]
}

// TestStreamReaders: whoever joins while the body comes, and however far behind, gets all of it; the first bytes come before
// the last are sent.
func TestStreamReaders(t *testing.T) {
	for _, size := range []int{0, 10, 40 << 10, 100 << 10, 700 << 10, 3 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := memstore.New(nil)
				cache, h := byHand(t, st)
				text := lines(size)
				leader, slow, never := asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")
				call := h.asked(t, 1)[0]
				call.head("Cache-Control: max-age=600")
				synctest.Wait()
				call.send(text[:size/2], false)
				readers := []*caller{leader, slow}
				for _, c := range readers { // half of it, while the origin has no more
					got := make([]byte, min(size/2, 1+size/8))
					if _, err := io.ReadFull(c.resp.Body, got); err != nil || string(got) != text[:len(got)] {
						t.Fatalf("the first bytes: %v", err)
					}
				}
				half := make([]byte, size/2-min(size/2, 1+size/8))
				if _, err := io.ReadFull(leader.resp.Body, half); err != nil {
					t.Fatal(err)
				}
				late := asks(t, t.Context(), cache, "/a", "")
				never.resp.Body.Close()
				synctest.Wait()
				call.send(text[size/2:], true)
				rest, err := io.ReadAll(leader.resp.Body)
				if err != nil || string(rest) != text[size/2:] {
					t.Errorf("the leader: %d bytes, %v", len(rest), err)
				}
				rest, err = io.ReadAll(slow.resp.Body)
				if err != nil || string(rest) != text[min(size/2, 1+size/8):] {
					t.Errorf("the slow one: %d bytes, %v", len(rest), err)
				}
				if got := late.body(); got != "collapsed: "+text {
					t.Errorf("the late one: %d bytes", len(got))
				}
				if got := lies(t, cache, "/a", ""); got != text {
					t.Errorf("stored are %d bytes", len(got))
				}
				for _, c := range []*caller{leader, slow, late} {
					if info, _ := larder.InfoOf(c.resp); !info.Stored {
						t.Errorf("%+v", info)
					}
					c.resp.Body.Close()
				}
				h.asked(t, 1)
			})
		})
	}
}

// TestStreamCut: all see the bytes that came and an error, and it is not stored.
func TestStreamCut(t *testing.T) {
	for _, size := range []int{0, 10, 700 << 10} {
		synctest.Test(t, func(t *testing.T) {
			st := memstore.New(nil)
			cache, h := byHand(t, st)
			leader, slow := asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")
			call := h.asked(t, 1)[0]
			call.head("Cache-Control: max-age=600")
			synctest.Wait()
			go func() {
				io.WriteString(call.w, lines(size))
				call.w.CloseWithError(io.ErrUnexpectedEOF)
			}()
			for _, c := range []*caller{leader, slow} {
				got, err := io.ReadAll(c.resp.Body)
				if string(got) != lines(size) || err != io.ErrUnexpectedEOF {
					t.Errorf("%d: got %d bytes, %v", size, len(got), err)
				}
				c.resp.Body.Close()
			}
			if got := lies(t, cache, "/a", ""); got != "nothing" {
				t.Errorf("%d: stored are %d bytes", size, len(got))
			}
			synctest.Wait()
			if n, _, err := store.Count(t.Context(), st, "b/"); n != 0 || err != nil {
				t.Errorf("%d: %d chunks are left, %v", size, n, err)
			}
		})
	}
}

// failing is a store whose Put fails after some calls.
type failing struct {
	store.Store
	left atomic.Int32
}

var errFull = errors.New("no room")

func (f *failing) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if f.left.Add(-1) < 0 {
		return "", errFull
	}
	return f.Store.Put(ctx, key, it, was)
}

// TestStreamStoreFails: then all still get everything, in whatever order they read, and nothing is served later.
func TestStreamStoreFails(t *testing.T) {
	text := lines(1500 << 10)
	for puts := int32(1); puts < 8; puts++ { // the first one is the manifest
		for _, slowly := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				st := &failing{Store: memstore.New(nil)}
				st.left.Store(puts)
				cache, h := byHand(t, st)
				fast, slow := asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")
				call := h.asked(t, 1)[0]
				call.head("Cache-Control: max-age=600")
				synctest.Wait() // both have their place: who comes when bytes are gone asks for itself
				call.send(text, true)
				var wg sync.WaitGroup
				wg.Go(func() {
					if got := fast.body(); got != text {
						t.Errorf("%d puts: the fast one got %d bytes", puts, len(got))
					}
				})
				if synctest.Wait(); slowly {
					var all []byte
					for p := make([]byte, 10000); ; synctest.Wait() {
						n, err := slow.resp.Body.Read(p)
						if all = append(all, p[:n]...); err != nil {
							break
						}
					}
					if string(all) != text {
						t.Errorf("%d puts: the slow one got %d bytes", puts, len(all))
					}
				} else if got := slow.body(); got != "collapsed: "+text {
					t.Errorf("%d puts: the other one got %d bytes", puts, len(got))
				}
				wg.Wait()
				slow.resp.Body.Close()
				synctest.Wait()
				st.left.Store(100)
				if got := lies(t, cache, "/a", ""); got != "nothing" && got != text || got == text && puts < 7 {
					t.Errorf("%d puts: stored are %d bytes", puts, len(got))
				}
			})
		}
	}
}

// TestStreamClose: a body is closed once, twice, and while it is read; afterwards it is not read any more. Who closes at once
// has a short one stored.
func TestStreamClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, h := byHand(t, nil)
		first, other := asks(t, t.Context(), cache, "/a", ""), asks(t, t.Context(), cache, "/a", "")
		call := h.asked(t, 1)[0]
		call.head("Cache-Control: max-age=600")
		<-first.done
		<-other.done
		read := make(chan error)
		go func() {
			_, err := first.resp.Body.Read(make([]byte, 1))
			read <- err
		}()
		synctest.Wait() // it waits for bytes
		first.resp.Body.Close()
		if err := <-read; err == nil || err == io.EOF {
			t.Errorf("a Read that Close met: %v", err)
		}
		first.resp.Body.Close()
		if n, err := first.resp.Body.Read(make([]byte, 1)); n != 0 || err == nil || err == io.EOF {
			t.Errorf("a Read after Close: %d, %v", n, err)
		}
		call.send("short", true)
		other.resp.Body.Close()
		if got := lies(t, cache, "/a", ""); got != "short" {
			t.Errorf("stored is %q", got)
		}
	})
}

// late is a body whose trailer comes with its end, as net/http fills it.
type late struct {
	io.Reader
	resp *http.Response
}

func (b *late) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		for i := range 100 {
			b.resp.Trailer.Set(fmt.Sprint("X-", i), "sum")
		}
	}
	return n, err
}

func (b *late) Close() error { return nil }

// TestStreamTrailersWhileJoining: the trailer is filled by one goroutine, while others join.
func TestStreamTrailersWhileJoining(t *testing.T) {
	for range 50 {
		cache := on(t, nil, &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			resp := answer(req, "", fieldsOf("Cache-Control: max-age=600"))
			resp.Trailer = http.Header{"X-0": nil}
			resp.Body, resp.ContentLength = &late{strings.NewReader(lines(100 << 10)), resp}, -1
			return resp, nil
		})})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				resp, err := cache.Client().Get("http://h.example/")
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				if got, err := io.ReadAll(resp.Body); string(got) != lines(100<<10) || err != nil || resp.Trailer.Get("X-99") != "sum" {
					t.Errorf("%d bytes, %v, trailer %v", len(got), err, resp.Trailer)
				}
			})
		}
		wg.Wait()
	}
}

// TestStreamOverNetHTTP: what net/http does itself, over both versions of HTTP: trailers, a timeout of the leader's client, a
// body that is cut, a decoder that stops before the last newline, one connection for all that was stored.
func TestStreamOverNetHTTP(t *testing.T) {
	for _, two := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[two], func(t *testing.T) {
			var asked atomic.Int32
			goOn := make(chan struct{})
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				w.Header().Set("Cache-Control", "max-age=600")
				w.Header().Set("Trailer", "X-Sum")
				io.WriteString(w, `{"a": 1}`)
				w.(http.Flusher).Flush()
				switch r.URL.Path {
				case "/cut":
					<-goOn
					panic(http.ErrAbortHandler)
				case "/slow":
					<-goOn
				}
				io.WriteString(w, "\n")
				w.Header().Set("X-Sum", "1")
			}))
			srv.EnableHTTP2 = two
			srv.StartTLS()
			defer srv.Close()
			cache := on(t, nil, &larder.Options{Transport: srv.Client().Transport})
			client := cache.Client()
			get := func(cl *http.Client, path string) *http.Response {
				resp, err := cl.Get(srv.URL + path)
				if err != nil {
					t.Fatal(err)
				}
				return resp
			}
			all := func(resp *http.Response) string {
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				return fmt.Sprintf("%s %v %s", got, err, resp.Trailer.Get("X-Sum"))
			}

			var v struct{ A int }
			if err := func() error {
				resp := get(client, "/json")
				defer resp.Body.Close()
				return json.NewDecoder(resp.Body).Decode(&v)
			}(); err != nil || v.A != 1 {
				t.Error(err)
			}
			resp := get(client, "/json")
			if got := all(resp); got != "{\"a\": 1}\n <nil> 1" || resp.ProtoMajor != 1+map[bool]int{true: 1}[two] {
				t.Errorf("again: %q %s", got, resp.Proto)
			}
			if info, _ := larder.InfoOf(resp); !info.FromCache {
				t.Errorf("decoded is not stored: %+v", info)
			}

			hasty := *client
			hasty.Timeout = 300 * time.Millisecond // its head comes at once
			leader, follower := get(&hasty, "/slow"), get(client, "/slow")
			var timeout interface{ Timeout() bool }
			if _, err := io.ReadAll(leader.Body); !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("the timeout of the leader: %v", err)
			}
			leader.Body.Close()
			goOn <- struct{}{}
			if got := all(follower); got != "{\"a\": 1}\n <nil> 1" || asked.Load() != 2 {
				t.Errorf("after the leader's timeout: %q, %d requests", got, asked.Load())
			}

			one, other := get(client, "/cut"), get(client, "/cut")
			goOn <- struct{}{}
			for _, resp := range []*http.Response{one, other} {
				got, err := io.ReadAll(resp.Body)
				if resp.Body.Close(); string(got) != `{"a": 1}` || err == nil || !two && err != io.ErrUnexpectedEOF {
					t.Errorf("cut: %q, %v", got, err)
				}
			}
		})
	}
}

// TestStreamCacheClosed: who reads goes on to the end while the cache is closed, and then nothing of it runs any more.
func TestStreamCacheClosed(t *testing.T) {
	text := lines(600 << 10)
	goOn := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=600")
		io.WriteString(w, text[:500<<10])
		w.(http.Flusher).Flush()
		<-goOn
		io.WriteString(w, text[500<<10:])
	}))
	defer srv.Close()
	cache, err := larder.New(memstore.New(nil), &larder.Options{Transport: srv.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	var bodies []io.ReadCloser
	for range 3 {
		resp, err := cache.Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, resp.Body)
	}
	if _, err := io.ReadFull(bodies[0], make([]byte, 400<<10)); err != nil {
		t.Fatal(err)
	}
	if err := cache.Close(); err != nil {
		t.Error(err)
	}
	close(goOn)
	var wg sync.WaitGroup
	for i, body := range bodies {
		wg.Go(func() {
			defer body.Close()
			got, err := io.ReadAll(body)
			if want := text; err != nil || string(got) != want && (i != 0 || string(got) != want[400<<10:]) {
				t.Errorf("reader %d: %d bytes, %v", i, len(got), err)
			}
		})
	}
	wg.Wait()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		all := string(stacks[:runtime.Stack(stacks, true)])
		if !strings.Contains(all, "larder.(*stream)") && !strings.Contains(all, "larder.(*flight)") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still runs:\n%s", all)
		}
	}
}

// TestStreamStorm: whatever happens at once, each answer is one that the origin gave for that URL and those fields, and after
// an unsafe request was answered nothing older comes.
func TestStreamStorm(t *testing.T) {
	s := &storm{}
	cache := on(t, nil, &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		resp := w.Result()
		resp.Request = req
		return resp, req.Context().Err()
	})})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range map[bool]int{false: 200, true: 20}[testing.Short()] {
				if what := s.one(t.Context(), cache.Client()); what != "" {
					t.Error(what)
				}
			}
		})
	}
	wg.Wait()
}

// storm is an origin with five URLs, and what was answered to unsafe requests for them.
type storm struct{ versions, floors [5]atomic.Int64 }

var stormy = [5]struct {
	control string
	size    int
}{{"max-age=60", 10}, {"max-age=60", 1000}, {"no-store", 10}, {"max-age=0", 70 << 10}, {"max-age=60", 270 << 10}}

func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.URL.Path[1:])
	if r.Method == http.MethodPost {
		fmt.Fprint(w, s.versions[n].Add(1))
		return
	}
	w.Header().Set("Cache-Control", stormy[n].control)
	if n == 1 {
		w.Header().Set("Vary", "Accept-Language")
	}
	fmt.Fprintf(w, "%d %d %s\n", n, s.versions[n].Load(), r.Header.Get("Accept-Language"))
	runtime.Gosched()
	io.WriteString(w, strings.Repeat("x", stormy[n].size))
}

// one does one thing at random, and says what is wrong.
func (s *storm) one(ctx context.Context, client *http.Client) string {
	n, dice, lang := rand.IntN(17)/4, rand.IntN(20), []string{"de", "en", "fr"}[rand.IntN(3)]
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprint("http://h.example/", n), nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Accept-Language", lang)
	if dice == 0 {
		req.Method = http.MethodPost
	}
	if dice == 1 {
		go cancel()
	}
	floor := s.floors[n].Load()
	resp, err := client.Do(req)
	if err != nil {
		return map[bool]string{false: fmt.Sprint(err)}[dice == 1]
	}
	defer resp.Body.Close()
	src := io.Reader(resp.Body)
	if dice == 2 { // a look at the beginning
		src = io.LimitReader(src, 100)
	}
	body, err := io.ReadAll(src)
	if err != nil {
		return map[bool]string{false: fmt.Sprint(err)}[dice == 1]
	}
	head, rest, _ := strings.Cut(string(body), "\n")
	var at, v int64
	var told string
	if dice == 0 {
		fmt.Sscan(head, &v)
		for old := s.floors[n].Load(); old < v && !s.floors[n].CompareAndSwap(old, v); old = s.floors[n].Load() {
		}
		return ""
	}
	fmt.Sscan(head, &at, &v, &told)
	if at != int64(n) || v < floor || n == 1 && told != lang || strings.Trim(rest, "x") != "" || dice > 2 && len(rest) != stormy[n].size {
		return fmt.Sprintf("/%d for %s, after version %d was answered: %q and %d bytes", n, lang, floor, head, len(rest))
	}
	return ""
}
