package larder_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// raw answers every request on a connection of its own with these bytes, then closes it.
func raw(t *testing.T, answers ...string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for i := 0; ; i++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				io.Copy(io.Discard, req.Body)
				io.WriteString(conn, answers[min(i, len(answers)-1)])
			}
			conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

const whole = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nwhole"

// TestCutBodies: what breaks off is handed on as it came, with its error, and never served again.
func TestCutBodies(t *testing.T) {
	for name, cut := range map[string]string{
		"shorter than its Content-Length": "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 9\r\n\r\ncut",
		"chunks without an end":           "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncut\r\n",
		"a chunk that is cut":             "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ncut",
	} {
		t.Run(name, func(t *testing.T) {
			url := raw(t, cut, whole)
			c := open(t, "binary", nil)
			body, info, err := fetch(t, c, url)
			if body != "cut" || err == nil || info.Stored {
				t.Errorf("got %q, %v, stored: %v; want what came, an error, and nothing stored", body, err, info.Stored)
			}
			for _, fromCache := range []bool{false, true} {
				body, info, err = fetch(t, c, url)
				if body != "whole" || err != nil || info.FromCache != fromCache {
					t.Errorf("then got %q, %v, from the cache: %v, want %v", body, err, info.FromCache, fromCache)
				}
			}
		})
	}
}

func TestBodiesThatEndWithTheConnection(t *testing.T) {
	c := open(t, "binary", nil)
	url := raw(t, "HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\nperhaps all")
	for range 2 {
		if body, info, err := fetch(t, c, url); body != "perhaps all" || err != nil || info.FromCache || info.Stored {
			t.Errorf("got %q, %v, %+v: want it handed on and not stored", body, err, info)
		}
	}
}

func fetch(t *testing.T, c *larder.Cache, url string) (string, larder.Info, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	info, _ := larder.InfoOf(resp)
	return string(body), info, err
}

// TestClosedEarly: a decoder that stops before the end, with a newline still to come, has its answer stored; a caller that
// leaves half-way has not.
func TestClosedEarly(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		switch r.URL.Path {
		case "/json":
			io.WriteString(w, `{"a": 1}`)
			w.(http.Flusher).Flush()
			io.WriteString(w, "\n")
		case "/endless":
			io.WriteString(w, "begin")
			w.(http.Flusher).Flush()
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/long":
			for range 1000 {
				io.WriteString(w, strings.Repeat("x", 1000))
			}
		}
	}))
	defer srv.Close()
	defer close(release)
	c := open(t, "binary", nil)
	for path, want := range map[string]bool{"/json": true, "/endless": false, "/long": false} {
		for i := range 2 {
			resp, err := c.Client().Get(srv.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			var first [1]byte
			if path == "/json" {
				var v struct{ A int }
				err = json.NewDecoder(resp.Body).Decode(&v)
			} else {
				_, err = io.ReadFull(resp.Body, first[:])
			}
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if info, _ := larder.InfoOf(resp); info.FromCache != (want && i == 1) {
				t.Errorf("%s, time %d: from the cache: %v", path, i+1, info.FromCache)
			}
		}
	}
}

// TestFirstByteAtOnce: head and first bytes arrive while the origin still writes.
func TestFirstByteAtOnce(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-release
		io.WriteString(w, "last")
	}))
	defer srv.Close()
	resp, err := open(t, "binary", nil).Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var first [5]byte
	if _, err := io.ReadFull(resp.Body, first[:]); err != nil || string(first[:]) != "first" {
		t.Fatalf("%q %v", first, err)
	}
	close(release) // had the cache held anything back, this would not be reached
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "last" {
		t.Errorf("%q %v", rest, err)
	}
}

// TestTooLargeToKeep: what is longer than the store keeps of one entry passes by, and leaves nothing behind.
func TestTooLargeToKeep(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		if r.URL.Path == "/said" {
			w.Header().Set("Content-Length", fmt.Sprint(3<<20))
		}
		block := make([]byte, 1<<20)
		for range 3 {
			w.Write(block)
		}
	}))
	defer srv.Close()
	st := memstore.New(&memstore.Options{MaxBytes: 16 << 20})
	c := on(t, st, nil)
	for _, path := range []string{"/said", "/unsaid"} {
		for range 2 {
			resp, err := c.Client().Get(srv.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			info, _ := larder.InfoOf(resp)
			if n != 3<<20 || err != nil || info.FromCache || info.Stored || !strings.Contains(info.Reason, "not stored") {
				t.Errorf("%s: %d bytes, %v, %+v", path, n, err, info)
			}
			if said := strings.Contains(resp.Header.Get("Cache-Status"), "larger than what is kept"); said != (path == "/said") {
				t.Errorf("%s: Cache-Status is %q", path, resp.Header.Get("Cache-Status"))
			}
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n, _, err := store.Count(t.Context(), st, "b/"); n != 0 || err != nil {
		t.Errorf("%d chunks are left, %v", n, err)
	}
}

// TestEventStreamsGoThrough: each event arrives when it is sent, and none is stored.
func TestEventStreamsGoThrough(t *testing.T) {
	next := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			io.WriteString(w, "data: 1\n\n")
			w.(http.Flusher).Flush()
			<-next
		}
	}))
	defer srv.Close()
	c := open(t, "binary", nil)
	for range 2 {
		resp, err := c.Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			var event [9]byte
			if _, err := io.ReadFull(resp.Body, event[:]); err != nil || string(event[:]) != "data: 1\n\n" {
				t.Fatalf("%q %v", event, err)
			}
			next <- struct{}{} // the next one is sent only now that this one has arrived
		}
		if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
			t.Errorf("%q %v", rest, err)
		}
		resp.Body.Close()
		if info, _ := larder.InfoOf(resp); info.FromCache || info.Stored {
			t.Errorf("%+v", info)
		}
	}
}

// TestClientTimeoutAndClose: a response is stored although its caller's context ends with the body, and Close waits for it.
func TestClientTimeoutAndClose(t *testing.T) {
	o := newOrigin(t, "/a  Cache-Control: max-age=60  %n")
	c := open(t, "json", nil)
	client := c.Client()
	client.Timeout = time.Minute
	o.run(t, client, `GET /a -> 200 miss "1"
		GET /a -> 200 hit "1"`)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	resp, err := client.Get(o.URL + "/a")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, ok := larder.InfoOf(resp); ok || o.requests() != 2 {
		t.Error("after Close requests pass by the cache")
	}
}

// answer is a response as hand-made transports give it, without a length.
func answer(req *http.Request, body string, h http.Header) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}
}

// TestHandMadeTransports: one that leaves the length out is no reason to store an empty body, one that returns nothing none to panic.
func TestHandMadeTransports(t *testing.T) {
	c := open(t, "binary", &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/nothing" {
			return nil, nil
		}
		return answer(req, "body", http.Header{"Cache-Control": {"max-age=60"}}), nil
	})})
	for i := range 2 {
		body, info, err := fetch(t, c, "http://h.example/")
		if err != nil || body != "body" || info.FromCache != (i == 1) {
			t.Errorf("time %d: %q %+v %v", i+1, body, info, err)
		}
	}
	if _, err := c.Client().Get("http://h.example/nothing"); err == nil {
		t.Error("no response, and no error")
	}
}

// turns is a body whose first Read comes back later than one that starts after it.
type turns struct {
	reads atomic.Int32
	open  chan struct{}
}

func (b *turns) Read(p []byte) (int, error) {
	switch b.reads.Add(1) {
	case 1:
		select {
		case <-b.open:
		case <-time.After(20 * time.Millisecond):
		}
		return copy(p, "first"), nil
	case 2:
		defer time.AfterFunc(5*time.Millisecond, func() { close(b.open) })
		return copy(p, "later"), nil
	}
	return 0, io.EOF
}

func (*turns) Close() error { return nil }

// TestCloseWhileReading: bytes are stored in the order in which they came, also where Close reads on beside a Read.
func TestCloseWhileReading(t *testing.T) {
	c := open(t, "binary", &larder.Options{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		resp := answer(req, "", http.Header{"Cache-Control": {"max-age=60"}})
		resp.Body, resp.ContentLength = &turns{open: make(chan struct{})}, 10
		return resp, nil
	})})
	resp, err := c.Client().Get("http://h.example/")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		resp.Body.Read(make([]byte, 5))
	}()
	time.Sleep(5 * time.Millisecond)
	resp.Body.Close()
	<-done
	if body, info, err := fetch(t, c, "http://h.example/"); err != nil || !info.FromCache || body != "firstlater" {
		t.Errorf("%q %+v %v", body, info, err)
	}
}

// TestTrailers: trailers that no field announced reach the caller from the origin and from the cache.
func TestTrailers(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		io.WriteString(w, "body")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"X-Sum", "2")
	}))
	defer srv.Close()
	c := open(t, "json", nil)
	for i := range 2 {
		resp, err := c.Client().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.Trailer.Get("X-Sum") != "2" {
			t.Errorf("time %d: %v", i+1, resp.Trailer)
		}
	}
}
