package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
)

// origin is a real server on the loopback device. Its path is the length of the body in bytes; all queries are answered
// alike.
type origin struct {
	server *httptest.Server
	seen   atomic.Int64
	bodies sync.Map // by length
}

func newOrigin() *origin {
	o := &origin{}
	o.server = httptest.NewServer(o)
	return o
}

func (o *origin) url(size int) string { return o.server.URL + "/" + strconv.Itoa(size) }

// ServeHTTP answers with what stands in the responses of an ordinary API: with Date, a dozen fields.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.seen.Add(1)
	size, err := strconv.Atoi(r.URL.Path[1:])
	if err != nil || size < 16 {
		http.NotFound(w, r)
		return
	}
	writeFields(w.Header(), size)
	w.Write(o.body(size))
}

func writeFields(h http.Header, size int) {
	for _, f := range [][2]string{
		{"Cache-Control", "max-age=86400"},
		{"Content-Length", strconv.Itoa(size)},
		{"Content-Type", "application/json; charset=utf-8"},
		{"Etag", `"33a64df551425fcc55e4d42a148795d9f25f89d4"`},
		{"Last-Modified", "Tue, 22 Feb 2022 22:22:22 GMT"},
		{"Referrer-Policy", "origin-when-cross-origin"},
		{"Server", "bench"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubdomains; preload"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "deny"},
		{"X-Request-Id", "0b1c4e5a-7d0f-4f6b-9b1e-2f6d8f2a9c11"},
	} {
		h[f[0]] = []string{f[1]}
	}
}

// body is a JSON document of the given length, always the same.
func (o *origin) body(size int) []byte {
	if b, ok := o.bodies.Load(size); ok {
		return b.([]byte)
	}
	b := fmt.Appendf(make([]byte, 0, size), `{"text":"`)
	random := rand.New(rand.NewPCG(1, uint64(size)))
	for len(b) < size-2 {
		b = append(b, 'a'+byte(random.IntN(26)))
	}
	b = append(b, `"}`...)
	o.bodies.Store(size, b)
	return b
}
