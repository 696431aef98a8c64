package rfc9111_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
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
	b.Run("shared", func(b *testing.B) {
		rec := answered(b, "Authorization: [redacted]", strings.Replace(hit, "private", "public, s-maxage=600", 1))
		req, recs, now := request(b, "Accept: application/json"), []*record.Record{rec}, start.Add(time.Minute)
		b.ReportAllocs()
		for b.Loop() {
			if d := shared.Decide(req, recs, now); d.Action != serve {
				b.Fatal(d.Reason)
			}
		}
	})
}

// The way of a hit takes no memory.
func TestDecideAllocatesNothing(t *testing.T) {
	req, recs, now := request(t, "Accept: application/json | Cache-Control: max-age=300"), []*record.Record{stored(t, hit)}, start.Add(time.Minute)
	for _, p := range []rfc9111.Policy{private, shared} {
		if n := testing.AllocsPerRun(100, func() { p.Decide(req, recs, now) }); n != 0 {
			t.Errorf("%+v: %v allocations", p, n)
		}
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
