package rfc9111_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

func several(t *testing.T, heads []string) []*record.Record {
	var recs []*record.Record
	for _, head := range heads {
		if head == "-" {
			recs = append(recs, nil)
		} else {
			recs = append(recs, stored(t, head))
		}
	}
	return recs
}

func TestConditional(t *testing.T) {
	for _, c := range []struct {
		rule, request string
		stored        []string
		want          string
	}{
		{"§4.3.1 ETag", "", []string{`ETag: "a"`}, `If-None-Match: "a"`},
		{"§4.3.1 weak ETag", "", []string{`ETag: W/"a"`}, `If-None-Match: W/"a"`},
		{"§4.3.1 Last-Modified, byte for byte", "", []string{"Last-Modified: Sunday, 06-Nov-94 08:49:37 GMT"}, "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"},
		{"§4.3.1 both, for a single one", "", []string{`ETag: "a" | Last-Modified: {0}`}, `If-Modified-Since: Tue, 24 Nov 2026 09:00:00 GMT | If-None-Match: "a"`},
		{"§4.3.1 all tags, each once", "", []string{`ETag: "a" | Last-Modified: {0}`, `ETag: W/"b"`, `ETag: "a"`, "X: y"}, `If-None-Match: "a", W/"b"`},
		{"§4.3.1 several without tags: the most recent", "", []string{"Date: {-1h} | Last-Modified: {-2h}", "Date: {-2h} | Last-Modified: {-1h}", "Date: {0}"}, "If-Modified-Since: Tue, 24 Nov 2026 07:00:00 GMT"},
		{"malformed validators are none", "", []string{"ETag: a | Last-Modified: 0"}, ""},
		{"two different tags are none", "", []string{`ETag: "a" | ETag: "b"`}, ""},
		{"nothing", "", nil, ""},
		{"§4.3.1 both, beside one that is not there", "", []string{"-", `ETag: "a" | Last-Modified: {0}`}, `If-Modified-Since: Tue, 24 Nov 2026 09:00:00 GMT | If-None-Match: "a"`},
		{"one that is not there", "", []string{"-", `ETag: "a"`}, `If-None-Match: "a"`},
		{"the caller's own condition stays", `If-None-Match: "x"`, []string{`ETag: "a"`}, ""},
		{"the caller's own condition stays", "If-Modified-Since: {0}", []string{`ETag: "a"`}, ""},
	} {
		if got := show(rfc9111.Conditional(request(t, c.request), several(t, c.stored))); got != c.want {
			t.Errorf("%s: %q\n  got  %s\n  want %s", c.rule, c.stored, got, c.want)
		}
	}
}

func TestSelected(t *testing.T) {
	for _, c := range []struct {
		rule     string
		stored   []string
		response string
		want     int
	}{
		{"§4.3.4 strong tag", []string{`ETag: "a"`, `ETag: "b"`}, `304 | ETag: "b"`, 1},
		{"§4.3.4 strong tag, the most recent", []string{`ETag: "a" | Date: {-1h}`, `ETag: "a" | Date: {-2h}`}, `304 | ETag: "a"`, 0},
		{"§4.3.4 strong tag of nobody", []string{`ETag: "a"`}, `304 | ETag: "b"`, -1},
		{"§4.3.4 even with the same Last-Modified", []string{`ETag: "a" | Last-Modified: {0}`}, `304 | ETag: "b" | Last-Modified: {0}`, -1},
		{"§4.3.4 strong does not name one of several weak", []string{`ETag: W/"a"`, `ETag: "b"`}, `304 | ETag: "a"`, -1},
		{"deviation: it names the only one asked about", []string{`ETag: W/"a"`}, `304 | ETag: "a"`, 0},
		{"§4.3.4 weak tag", []string{`ETag: W/"a"`, `ETag: W/"b"`}, `304 | ETag: W/"b"`, 1},
		{"§4.3.4 weak tag of a strong one", []string{`ETag: "a"`, `ETag: "b"`}, `304 | ETag: W/"b"`, 1},
		{"§4.3.4 Last-Modified", []string{"Last-Modified: {-1h}", "Last-Modified: {-2h}"}, "304 | Last-Modified: {-2h}", 1},
		{"§4.3.4 Last-Modified in another format", []string{"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"}, "304 | Last-Modified: Sun Nov  6 08:49:37 1994", 0},
		{"§4.3.4 Last-Modified of nobody", []string{"Last-Modified: {-1h}"}, "304 | Last-Modified: {-2h}", -1},
		{"§4.3.4 Last-Modified, where only a tag was stored", []string{`ETag: "a"`}, "304 | Last-Modified: {-2h}", -1},
		{"§4.3.4 Last-Modified that is no date", []string{"Last-Modified: x"}, "304 | Last-Modified: x", -1},
		{"§4.3.4 no validator, only one", []string{`ETag: "a"`}, "304", 0},
		{"§4.3.4 no validator, several", []string{`ETag: "a"`, `ETag: "b"`}, "304", -1},
		{"§4.3.4 a malformed tag is none", []string{`ETag: "a"`, `ETag: "b"`}, "304 | ETag: a", -1},
		{"no 304", []string{`ETag: "a"`}, `200 | ETag: "a"`, -1},
		{"nothing", nil, `304 | ETag: "a"`, -1},
		{"not there", []string{"-"}, "304", -1},
	} {
		if got := rfc9111.Selected(several(t, c.stored), response(t, c.response)); got != c.want {
			t.Errorf("%s: %q, %q: %d, want %d", c.rule, c.stored, c.response, got, c.want)
		}
	}
}

func TestFreshen(t *testing.T) {
	const now = "Date: Tue, 24 Nov 2026 09:00:10 GMT"
	for _, c := range []struct{ rule, stored, response, want string }{
		{"§3.2 replaces", "A: 1 | Cache-Control: max-age=1", "304 | A: 2 | A: 3 | Cache-Control: max-age=60", "A: 2 | A: 3 | Cache-Control: max-age=60 | " + now},
		{"§3.2 adds and keeps", "A: 1", "304 | B: 2", "A: 1 | B: 2 | " + now},
		{"§3.2 never Content-Length", "Content-Length: 5", "304 | Content-Length: 0", "Content-Length: 5 | " + now},
		{"§3.2 nor adds it", "A: 1", "304 | Content-Length: 0", "A: 1 | " + now},
		{"§3.2 nor what the stored bytes depend on", "Content-Encoding: gzip", "304 | Content-Encoding: br | Content-Range: bytes 0-1/2", "Content-Encoding: gzip | " + now},
		{"§3.2 nor their digests", `Content-Md5: a | Repr-Digest: b`, "304 | Content-Digest: x | Content-MD5: x | Digest: x | Repr-Digest: x", "Content-Md5: a | " + now + " | Repr-Digest: b"},
		{"§3.2 but Content-Type", "Content-Type: a/b", "304 | Content-Type: text/plain; charset=utf-8", "Content-Type: text/plain; charset=utf-8 | " + now},
		{"§3.2 and Vary", "Vary: a", "304 | Vary: a, b", now + " | Vary: a, b"},
		{"§3.2 and Set-Cookie", "Set-Cookie: a=b", "304 | Set-Cookie: a=c", now + " | Set-Cookie: a=c"},
		{"§3.1 not the connection's fields", "A: 1", "304 | Connection: close, B | B: 2 | Keep-Alive: 3 | Proxy-Authenticate: x", "A: 1 | " + now},
		{"§4.2.3 the old Age is gone", "Age: 500", "304", now},
		{"§4.2.3 the new one counts", "Age: 500", "304 | Age: 7", "Age: 7 | " + now},
		{"§4.2.3 the new Date counts", "Date: {-1h}", "304 | Date: {5s}", "Date: Tue, 24 Nov 2026 09:00:05 GMT"},
		{"RFC 9110 §6.6.1 no Date: when it arrived", "Date: {-1h}", "304", now},
		{"§4.3.4 ETag", `ETag: "a"`, `304 | ETag: W/"a"`, now + ` | Etag: W/"a"`},
		{"§4.3.4 a weak ETag does not become strong", `ETag: W/"a"`, `304 | ETag: "a"`, now + ` | Etag: W/"a"`},
	} {
		rec := stored(t, c.stored)
		rec.Encoding = "latin1"
		rec.Body.Data = []byte("hello")
		rec.Trailer = map[string][]string{"T": {"1"}}
		before := stored(t, c.stored).Header
		resp := response(t, c.response)
		next := rfc9111.Freshen(rec, resp, start.Add(7*time.Second), start.Add(10*time.Second))
		if got := show(next.Header); got != c.want {
			t.Errorf("%s\n  got  %s\n  want %s", c.rule, got, c.want)
		}
		if !reflect.DeepEqual(rec.Header, before) || !reflect.DeepEqual(resp.Header, response(t, c.response).Header) || !rec.ResponseTime.Equal(start) {
			t.Errorf("%s: changed its input", c.rule)
		}
		if next.StatusCode != 200 || string(next.Body.Data) != "hello" || next.Trailer["T"] == nil || !next.ResponseTime.Equal(start.Add(10*time.Second)) || next.Elapsed != 3*time.Second {
			t.Errorf("%s: %+v", c.rule, next)
		}
		want := "latin1"
		if len(resp.Header["Content-Type"]) > 0 {
			want = "utf-8"
		}
		if next.Encoding != want {
			t.Errorf("%s: encoding %q", c.rule, next.Encoding)
		}
	}
}

// The freshened response shares no header lines with what it came from.
func TestFreshenIsApart(t *testing.T) {
	rec, resp := stored(t, "A: 1"), response(t, "304 | B: 2")
	next := rfc9111.Freshen(rec, resp, start, start)
	next.Header["A"][0], next.Header["B"][0] = "x", "x"
	if rec.Header.Get("A") != "1" || resp.Header.Get("B") != "2" {
		t.Error("shares lines")
	}
	rec.Header = nil
	if next := rfc9111.Freshen(rec, resp, start, start); next.Header.Get("B") != "2" {
		t.Error("no header")
	}
}

func TestNotModified(t *testing.T) {
	for _, c := range []struct {
		rule, request, stored string
		want                  bool
	}{
		{"§4.3.2 the tag", `If-None-Match: "a"`, `ETag: "a"`, true},
		{"§4.3.2 another", `If-None-Match: "b"`, `ETag: "a"`, false},
		{"RFC 9110 §13.1.2 weak comparison", `If-None-Match: W/"a"`, `ETag: "a"`, true},
		{"RFC 9110 §13.1.2 weak comparison", `If-None-Match: "a"`, `ETag: W/"a"`, true},
		{"§4.3.2 list", `If-None-Match: "x", "a", "y"`, `ETag: "a"`, true},
		{"§4.3.2 lines", `If-None-Match: "x" | If-None-Match: "a"`, `ETag: "a"`, true},
		{"§4.3.2 star", "If-None-Match: *", "X: y", true},
		{"a star in a list is none", `If-None-Match: *, "x"`, `ETag: "a"`, false},
		{"no tag stored", `If-None-Match: "a"`, "X: y", false},
		{"a comma inside", `If-None-Match: "x,a", "y"`, `ETag: "x"`, false},
		{"unquoted", "If-None-Match: a", `ETag: "a"`, false},
		{"unquoted both", "If-None-Match: a", "ETag: a", false},
		{"§4.3.2 If-None-Match comes first", `If-None-Match: "b" | If-Modified-Since: {0}`, `ETag: "a" | Last-Modified: {-1h}`, false},
		{"§4.3.2 If-None-Match comes first", `If-None-Match: "a" | If-Modified-Since: {-2h}`, `ETag: "a" | Last-Modified: {-1h}`, true},
		{"§4.3.2 not modified since", "If-Modified-Since: {-1h}", "Last-Modified: {-1h}", true},
		{"§4.3.2 modified before", "If-Modified-Since: {0}", "Last-Modified: {-1h}", true},
		{"§4.3.2 modified since", "If-Modified-Since: {-1h}", "Last-Modified: {-59m}", false},
		{"§4.3.2 no Last-Modified: Date", "If-Modified-Since: {-1h}", "Date: {-2h}", true},
		{"§4.3.2 no Last-Modified: Date", "If-Modified-Since: {-3h}", "Date: {-2h}", false},
		{"§4.3.2 neither: when it arrived", "If-Modified-Since: {0}", "X: y", true},
		{"§4.3.2 neither: when it arrived", "If-Modified-Since: {-1s}", "X: y", false},
		{"a malformed Last-Modified proves nothing", "If-Modified-Since: {0}", "Last-Modified: x | Date: {-2h}", false},
		{"RFC 9110 §13.1.3 no date", "If-Modified-Since: yesterday", "Last-Modified: {-1h}", false},
		{"RFC 9110 §13.1.3 two dates", "If-Modified-Since: {0} | If-Modified-Since: {0}", "Last-Modified: {-1h}", false},
		{"RFC 9110 §13.2.1 no success", `If-None-Match: "a"`, `404 | ETag: "a"`, false},
		{"RFC 9110 §13.2.1 a redirect", "If-None-Match: *", "301", false},
		{"no condition", "", `ETag: "a"`, false},
		{"another method", `POST | If-None-Match: "a"`, `ETag: "a"`, false},
	} {
		if got := rfc9111.NotModified(request(t, c.request), stored(t, c.stored)); got != c.want {
			t.Errorf("%s: NotModified(%q, %q) = %v", c.rule, c.request, c.stored, got)
		}
	}
}

func TestIsConditional(t *testing.T) {
	for head, want := range map[string]bool{
		`If-None-Match: "a"`: true, "If-Modified-Since: x": true, `If-Match: "a"`: true, "If-Unmodified-Since: x": true, `If-Range: "a"`: true,
		"": false, "If: (x)": false,
	} {
		if got := rfc9111.IsConditional(request(t, head)); got != want {
			t.Errorf("IsConditional(%q) = %v", head, got)
		}
	}
}
