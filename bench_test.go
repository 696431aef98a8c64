package larder_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
)

// BenchmarkHit is a hit of 4 KiB with a dozen header fields, through http.Client.
func BenchmarkHit(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for name, value := range map[string]string{
			"Cache-Control": "max-age=3600", "Content-Type": "application/json; charset=utf-8", "Etag": `"33a64df5"`,
			"Last-Modified": "Tue, 22 Feb 2022 22:22:22 GMT", "X-Request-Id": "0123456789", "Server": "bench", "X-Frame-Options": "deny",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "origin", "Strict-Transport-Security": "max-age=31536000",
		} {
			h.Set(name, value)
		}
		io.WriteString(w, `{"a":"`+strings.Repeat("x", 4<<10)+`"}`)
	}))
	defer srv.Close()
	for _, kind := range []codec.Codec{codec.Binary, codec.JSON} {
		b.Run(kind.Name(), func(b *testing.B) {
			c, err := larder.New(nil, &larder.Options{Codec: kind})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			client := c.Client()
			get := func() larder.Info {
				resp, err := client.Get(srv.URL)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				info, _ := larder.InfoOf(resp)
				return info
			}
			get()
			b.ReportAllocs()
			for b.Loop() {
				if !get().FromCache {
					b.Fatal("a miss")
				}
			}
		})
	}
}
