package codec_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

// usual is a record as an API gives it: 12 header fields and 4 KiB of JSON.
func usual() *record.Record {
	return &record.Record{
		Key: "e/0123456789abcdef0123456789abcdef", URL: "https://api.example.com/v1/things?page=2", StatusCode: 200, Reason: "OK", Proto: "HTTP/1.1",
		Encoding: "utf-8", ResponseTime: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC), Elapsed: 34 * time.Millisecond,
		Expires: time.Date(2026, 1, 2, 3, 5, 5, 0, time.UTC),
		Header: http.Header{
			"Age": {"0"}, "Cache-Control": {"public, max-age=60"}, "Connection": {"keep-alive"}, "Content-Length": {"4096"},
			"Content-Type": {"application/json; charset=utf-8"}, "Date": {"Fri, 02 Jan 2026 03:04:05 GMT"}, "Etag": {`"0123456789abcdef"`},
			"Last-Modified": {"Thu, 01 Jan 2026 00:00:00 GMT"}, "Server": {"nginx"}, "Set-Cookie": {"a=1; Path=/", "b=2; Path=/"},
			"Vary": {"Accept, Accept-Encoding"}, "X-Request-Id": {"4b3f1c2e-9f4e-4f43-9a55-0f2a7c1d2e3f"},
		},
		Body:    record.Body{Data: []byte("[" + strings.Repeat(`{"id":12345,"name":"honey","tag":"a b c"},`, 95) + `{"id":1,"name":"end"}]`)},
		Request: record.Request{Method: "GET", URL: "https://api.example.com/v1/things?page=2", Header: http.Header{"Accept": {"application/json"}}},
	}
}

func BenchmarkMarshal(b *testing.B) {
	for _, c := range []codec.Codec{codec.Binary, codec.JSON} {
		b.Run(c.Name(), func(b *testing.B) {
			rec := usual()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Marshal(rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	for _, c := range []codec.Codec{codec.Binary, codec.JSON} {
		b.Run(c.Name(), func(b *testing.B) {
			data, err := c.Marshal(usual())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := c.Unmarshal(data, new(record.Record)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
