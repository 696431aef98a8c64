package larder_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// stored is a cache that holds a content in chunks.
func stored(t *testing.T, head string) (*larder.Cache, *large, *memstore.Store) {
	t.Helper()
	o, st := newLarge(t, content("binary", size), head), memstore.New(nil)
	c := on(t, st, quiet(&larder.Options{}))
	if _, err := get(t, c, o.URL); err != nil {
		t.Fatal(err)
	}
	o.asked()
	return c, o, st
}

func askRange(t *testing.T, ctx context.Context, rt http.RoundTripper, url, spec string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", spec)
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// TestRangesClosedEarly: whoever closes in the middle of several ranges disturbs nobody who still reads the content (-race).
func TestRangesClosedEarly(t *testing.T) {
	c, o, _ := stored(t, tagA)
	for i := range 100 {
		resp := askRange(t, t.Context(), c, o.URL, "bytes=0-300000,400000-700000,800000-900000")
		io.CopyN(io.Discard, resp.Body, int64(i)*3000)
		resp.Body.Close()
	}
}

// TestRangeOfAnEndedRequest: it holds nothing, though the caller neither reads nor closes.
func TestRangeOfAnEndedRequest(t *testing.T) {
	c, o, _ := stored(t, tagA)
	before := runtime.NumGoroutine()
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		askRange(t, ctx, c, o.URL, "bytes=5-")
		cancel()
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before+10; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// TestRangeClosedWhileMending: an origin that hangs holds nothing of a body that is closed.
func TestRangeClosedWhileMending(t *testing.T) {
	c, o, st := stored(t, tagA)
	spoil(t, st, gone, 2)
	begun, ended := make(chan struct{}), make(chan struct{})
	o.set(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	})
	resp := askRange(t, t.Context(), c, o.URL, fmt.Sprintf("bytes=%d-", piece))
	go io.Copy(io.Discard, resp.Body)
	<-begun
	resp.Body.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the request for the lost piece goes on")
		o.CloseClientConnections()
	}
}

// TestRangeOfWhatIsLost: nothing of it is there and nothing can be mended, so the origin answers.
func TestRangeOfWhatIsLost(t *testing.T) {
	c, o, st := stored(t, "X: no validator")
	spoil(t, st, gone, 1)
	resp := askRange(t, t.Context(), c, o.URL, "bytes=300000-300009")
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != string(o.body[300000:300010]) {
		t.Errorf("%d: %d bytes, %v", resp.StatusCode, len(body), err)
	}
}

// TestRangeOfAStrangeRecord: what a hand has edited is never answered by an error of the cache's own.
func TestRangeOfAStrangeRecord(t *testing.T) {
	for name, change := range map[string]func(*record.Body){
		"unknown length": func(b *record.Body) { b.Length, b.Extents[0].Length = -1, -1 },
		"endless":        func(b *record.Body) { b.Length, b.Extents[0].Length, b.Piece = 1<<63-1, 1<<63-1, 1 },
		"no extent":      func(b *record.Body) { b.Extents = nil },
		"another set":    func(b *record.Body) { b.Set = strings.Repeat("0", 32) },
	} {
		c, o, st := stored(t, tagA)
		for e, err := range c.Entries(t.Context(), larder.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			rec, err := e.Record(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			change(&rec.Body)
			it, err := st.Get(t.Context(), rec.Key)
			if err != nil {
				t.Fatal(err)
			}
			if it.Value, err = codec.Binary.Marshal(rec); err != nil {
				t.Fatal(err)
			}
			if _, err := st.Put(t.Context(), it.Key, it, store.Any); err != nil {
				t.Fatal(err)
			}
		}
		resp := askRange(t, t.Context(), c, o.URL, "bytes=0-9")
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusPartialContent || err != nil || string(body) != string(o.body[:10]) {
			t.Errorf("%s: %d, %q, %v", name, resp.StatusCode, body, err)
		}
	}
}

// TestRangesForTheOrigin: what net/http's reading of RFC 9110 §14 gets wrong, or what costs too much, is the origin's to answer.
func TestRangesForTheOrigin(t *testing.T) {
	c, o, _ := stored(t, tagA)
	many := "bytes=0-0" + strings.Repeat(",300000-300000,0-0", 2000)
	for _, spec := range []string{"bytes=-0", "Bytes=0-1", "lines=1-2", many} {
		resp := askRange(t, t.Context(), c, o.URL, spec)
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if n := len(o.asked()); n != 1 {
			t.Errorf("%.20s: %d %s, the origin was asked %d times", spec, resp.StatusCode, resp.Header.Get("Content-Range"), n)
		}
	}
}

// TestRangeHead: fields about the whole content, and fields that the origin did not send, are not said of a part.
func TestRangeHead(t *testing.T) {
	body := "plain words"
	c := on(t, memstore.New(nil), &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: 200, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: int64(len(body)),
			Header: fieldsOf("Cache-Control: max-age=60; Content-Digest: sha-256=:x:; Repr-Digest: sha-256=:x:"), Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	})})
	if _, err := get(t, c, "http://origin.example/"); err != nil {
		t.Fatal(err)
	}
	a, err := get(t, c, "http://origin.example/", "Range: bytes=1-2")
	if err != nil || string(a.body) != "la" {
		t.Errorf("%q, %v", a.body, err)
	}
	if h := a.head; h.Get("Content-Type") != "" || h.Get("Content-Digest") != "" || h.Get("Repr-Digest") == "" {
		t.Errorf("%v", h)
	}
}

// TestPartsFollowTerms: Reload is about parts too, and Cache-Status says of them what it says of the whole.
func TestPartsFollowTerms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("/a  Cache-Control: max-age=10  %n")
		c := on(t, memstore.New(nil), &larder.Options{Transport: transport})
		o.run(t, c.Client(), `GET /a -> 200 miss "1"`)
		o.run(t, with(c, larder.Terms{Reload: larder.On}), `HEAD /a -> 200 pass
			GET /a  Range: bytes=0-0  -> 200 pass`)
		o.run(t, c.Client(), `GET /a -> 200 hit "1"
			+11s`)
		o.run(t, with(c, larder.Terms{StaleWhileRevalidate: time.Minute}), `HEAD /a -> 200 stale`)
		synctest.Wait()
		a, err := get(t, with(c, larder.Terms{Lifetime: larder.For(time.Hour)}).Transport, o.URL+"/a", "Range: bytes=0-0")
		if status := a.head.Get("Cache-Status"); err != nil || !strings.Contains(status, "by the caller's terms") {
			t.Errorf("Cache-Status is %q, %v", status, err)
		}
	})
}

// TestPartsAreNobodyElses: variants and credentials select for a part as for the whole.
func TestPartsAreNobodyElses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, transport := inBubble("/v  Cache-Control: max-age=60; Vary: X  $X\n/c  Cache-Control: max-age=60  $Authorization")
		c := on(t, memstore.New(nil), &larder.Options{Transport: transport})
		o.run(t, c.Client(), `GET /v  X: aaa  -> 200 miss "aaa"
			GET /v  X: bbb  -> 200 miss "bbb"
			GET /v  X: aaa; Range: bytes=0-0  -> 206 hit "a"
			GET /v  X: bbb; Range: bytes=0-0  -> 206 hit "b"
			GET /v  X: ccc; Range: bytes=0-0  -> 200 pass
			HEAD /v  X: ccc  -> 200 pass
			GET /c  Authorization: u1  -> 200 miss "u1"
			GET /c  Authorization: u1; Range: bytes=1-1  -> 206 hit "1"
			GET /c  Authorization: u2; Range: bytes=1-1  -> 200 pass
			GET /c  Range: bytes=0-1  -> 200 pass
			HEAD /c  Authorization: u2  -> 200 pass`)
	})
}
