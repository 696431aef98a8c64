package rfc9111_test

import (
	"testing"
	"time"

	"github.com/larder-go/larder/rfc9111"
)

func TestFreshenByHead(t *testing.T) {
	const now = "Date: Tue, 24 Nov 2026 09:00:10 GMT"
	const tag = ` | Etag: "a"`
	for _, c := range []struct{ rule, stored, head, want string }{ // want "-": to be invalidated
		{"§4.3.5 the same tag", `A: 1 | ETag: "a"`, `200 | A: 2 | ETag: "a"`, "A: 2 | " + now + tag},
		{"§4.3.5 adds and keeps", `A: 1 | ETag: "a"`, `200 | B: 2 | ETag: "a"`, "A: 1 | B: 2 | " + now + tag},
		{"§4.3.5 the same weak tag", `ETag: W/"a"`, `200 | ETag: W/"a"`, now + ` | Etag: W/"a"`},
		{"§4.3.5 another tag", `ETag: "a"`, `200 | ETag: "b"`, "-"},
		{"§4.3.5 weak for strong", `ETag: "a"`, `200 | ETag: W/"a"`, "-"},
		{"§4.3.5 strong for weak", `ETag: W/"a"`, `200 | ETag: "a"`, "-"},
		{"§4.3.5 a tag for none", "Last-Modified: {-1h}", `200 | ETag: "a" | Last-Modified: {-1h}`, "-"},
		{"§4.3.5 a malformed tag", `ETag: "a"`, "200 | ETag: a", "-"},
		{"§4.3.5 the same Last-Modified", "Last-Modified: {-1h}", "200 | Last-Modified: {-1h}", now + " | Last-Modified: Tue, 24 Nov 2026 08:00:00 GMT"},
		{"§4.3.5 another Last-Modified", `Last-Modified: {-1h}`, "200 | Last-Modified: {0}", "-"},
		{"§4.3.5 another Last-Modified, although the tag is the same", `ETag: "a" | Last-Modified: {-1h}`, `200 | ETag: "a" | Last-Modified: {0}`, "-"},
		{"§4.3.5 a validator that only the stored one has", `ETag: "a" | Last-Modified: {-1h}`, `200 | ETag: "a"`, now + tag + " | Last-Modified: Tue, 24 Nov 2026 08:00:00 GMT"},
		{"§4.3.5 the same length", `Content-Length: 5 | ETag: "a"`, `200 | Content-Length: 5 | ETag: "a"`, "Content-Length: 5 | " + now + tag},
		{"§4.3.5 another length", `Content-Length: 5 | ETag: "a"`, `200 | Content-Length: 6 | ETag: "a"`, "-"},
		{"§4.3.5 a malformed length", `Content-Length: 5 | ETag: "a"`, `200 | Content-Length: +5 | ETag: "a"`, "-"},
		{"§4.3.5 two lengths", `Content-Length: 5 | ETag: "a"`, `200 | Content-Length: 5 | Content-Length: 6 | ETag: "a"`, "-"},
		{"§4.3.5 stored without: the content's own", `ETag: "a"`, `200 | Content-Length: 5 | ETag: "a"`, now + tag},
		{"§4.3.5 stored without, another one", `ETag: "a"`, `200 | Content-Length: 6 | ETag: "a"`, "-"},
		{"§4.3.5 no validator proves nothing", `Content-Length: 5`, "200 | Content-Length: 5", "-"},
		{"§3.2 never what describes the stored bytes", `Content-Encoding: gzip | ETag: "a"`, `200 | Content-Encoding: br | ETag: "a"`, "Content-Encoding: gzip | " + now + tag},
		{"§4.3.5 the stored one is no 200", `404 | ETag: "a"`, `200 | ETag: "a"`, "-"},
		{"§4.3.5 an answer that is no 200 says nothing", `A: 1 | ETag: "a"`, `404 | A: 2 | ETag: "b"`, `A: 1 | Etag: "a"`},
		{"§4.3.5 nor does a 304", `A: 1 | ETag: "a"`, `304 | A: 2 | ETag: "b"`, `A: 1 | Etag: "a"`},
	} {
		rec := stored(t, c.stored)
		rec.Body.Data = []byte("hello")
		before := show(rec.Header)
		next, ok := rfc9111.FreshenByHead(rec, response(t, c.head), start.Add(7*time.Second), start.Add(10*time.Second))
		got := "-"
		if ok {
			got = show(next.Header)
		}
		if got != c.want || ok != (next != nil) {
			t.Errorf("%s\n  got  %s\n  want %s", c.rule, got, c.want)
		}
		if show(rec.Header) != before || !rec.ResponseTime.Equal(start) {
			t.Errorf("%s: changed its input", c.rule)
		}
		if ok && next != rec && (next.Elapsed != 3*time.Second || string(next.Body.Data) != "hello") {
			t.Errorf("%s: %+v", c.rule, next)
		}
	}

	// A length that the coding had which was taken off is not known.
	rec := stored(t, `ETag: "a"`)
	rec.Body.Data, rec.Body.Coding = []byte("hello"), "gzip"
	if _, ok := rfc9111.FreshenByHead(rec, response(t, `200 | Content-Length: 5 | ETag: "a"`), start, start); ok {
		t.Error("took the decoded length")
	}
}
