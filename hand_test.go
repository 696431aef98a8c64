package larder_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store"
)

// hand is an origin that the test plays by hand: each request waits until it is answered.
type hand struct {
	mu    sync.Mutex
	calls []*call
}

type call struct {
	req    *http.Request
	answer chan any // a *http.Response or an error
	w      *io.PipeWriter
	sent   chan struct{} // the last piece has been read
}

func (h *hand) RoundTrip(req *http.Request) (*http.Response, error) {
	c := &call{req: req, answer: make(chan any, 1)}
	h.mu.Lock()
	h.calls = append(h.calls, c)
	h.mu.Unlock()
	select {
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	case got := <-c.answer:
		if err, failed := got.(error); failed {
			return nil, err
		}
		return got.(*http.Response), nil
	}
}

// asked waits until nothing moves any more, and returns the requests that have come.
func (h *hand) asked(t *testing.T, want int) []*call {
	t.Helper()
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.calls) != want {
		t.Fatalf("%d requests to the origin, want %d", len(h.calls), want)
	}
	return h.calls
}

// head answers 200 with these fields, "Field: value; Field: value", and a body that is what is written to c.w.
func (c *call) head(fields string) {
	var r *io.PipeReader
	r, c.w = io.Pipe()
	ctx := c.req.Context()
	context.AfterFunc(ctx, func() { c.w.CloseWithError(ctx.Err()) }) // as net/http ends a body
	resp := answer(c.req, "", fieldsOf(fields))
	resp.Body, resp.ContentLength = r, -1
	c.answer <- resp
}

// send writes a piece of the body without waiting for whoever reads it.
func (c *call) send(body string, ends bool) {
	done := make(chan struct{})
	c.sent = done
	go func() {
		defer close(done)
		io.WriteString(c.w, body)
		if ends {
			c.w.Close()
		}
	}()
}

// whole answers with head and body.
func (c *call) whole(fields, body string) {
	c.head(fields)
	c.send(body, true)
}

func fieldsOf(fields string) http.Header {
	h := http.Header{}
	for field := range strings.SplitSeq(fields, "; ") {
		if name, value, ok := strings.Cut(field, ": "); ok {
			h.Add(name, value)
		}
	}
	return h
}

// caller is a request that somebody waits for.
type caller struct {
	req  *http.Request
	stop context.CancelFunc
	resp *http.Response
	err  error
	done chan struct{} // resp and err are there
}

// asks begins a request on its own; the context's own values and end are kept.
func asks(t *testing.T, ctx context.Context, rt http.RoundTripper, path, fields string) *caller {
	t.Helper()
	c := &caller{done: make(chan struct{})}
	ctx, c.stop = context.WithCancel(ctx)
	t.Cleanup(c.stop)
	method, path, two := strings.Cut(path, " ")
	if !two {
		method, path = http.MethodGet, method
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://h.example"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.req, req.Header = req, fieldsOf(fields)
	go func() {
		defer close(c.done)
		c.resp, c.err = rt.RoundTrip(req)
	}()
	synctest.Wait() // it has joined, or leads
	return c
}

// body reads an answer to its end: "collapsed: " before it says that it was another's.
func (c *caller) body() string {
	<-c.done
	if c.err != nil {
		return "error " + c.err.Error()
	}
	defer c.resp.Body.Close()
	body, err := io.ReadAll(c.resp.Body)
	text := string(body)
	if strings.Contains(c.resp.Header.Get("Cache-Status"), "; collapsed") {
		text = "collapsed: " + text
	}
	if err != nil {
		text += " cut " + err.Error()
	}
	return text
}

// lies says what the cache has for a path, without asking the origin.
func lies(t *testing.T, rt http.RoundTripper, path, fields string) string {
	t.Helper()
	c := asks(t, t.Context(), rt, path, strings.TrimPrefix(fields+"; Cache-Control: only-if-cached", "; "))
	got := c.body()
	if c.resp != nil && c.resp.StatusCode == http.StatusGatewayTimeout {
		return "nothing"
	}
	return got
}

// byHand is a cache in a bubble whose origin the test plays.
func byHand(t *testing.T, st store.Store) (*larder.Cache, *hand) {
	t.Helper()
	h := &hand{}
	return on(t, st, &larder.Options{Transport: h}), h
}
