package rfc9111_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/larder-go/larder/record"
)

// hit is a response as an API sends it.
const hit = `Date: {0} | Content-Type: application/json | Content-Length: 4096 | Cache-Control: private, max-age=600 | ETag: "abc" | ` +
	`Last-Modified: {-1h} | Vary: Accept, Accept-Encoding | Server: x | X-Request-Id: 1234 | Strict-Transport-Security: max-age=31536000`

func BenchmarkDecide(b *testing.B) {
	for name, asked := range map[string]string{
		"plain":     "Accept: application/json | User-Agent: x | Accept-Encoding: gzip",
		"directive": "Accept: application/json | Cache-Control: max-age=300",
	} {
		b.Run(name, func(b *testing.B) {
			req, recs := request(b, asked), []*record.Record{stored(b, hit)}
			now := start.Add(time.Minute)
			b.ReportAllocs()
			for b.Loop() {
				if d := private.Decide(req, recs, now); d.Action != serve {
					b.Fatal(d.Reason)
				}
			}
		})
	}
}

func BenchmarkStorable(b *testing.B) {
	_, h := fields(b, hit)
	req, resp := request(b, "Accept: application/json"), &http.Response{StatusCode: 200, Header: h}
	b.ReportAllocs()
	for b.Loop() {
		if ok, why := private.Storable(req, resp, start); !ok {
			b.Fatal(why)
		}
	}
}
