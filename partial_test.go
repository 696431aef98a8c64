package larder_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store/memstore"
)

// TestHead: the head of a stored response answers HEAD; where none may be used the origin does.
func TestHead(t *testing.T) {
	for _, kind := range []string{"binary", "json"} {
		o := newOrigin(t, "/a  Cache-Control: max-age=60; Etag: \"1\"; X: y  0123\n/z  Cache-Control: max-age=60; Gzip: yes; Content-Type: text/plain  0123\n/no  Cache-Control: no-store  x")
		c := open(t, kind, nil)
		o.run(t, c.Client(), `HEAD /a -> 200 pass ""
			GET /a -> 200 miss "0123"
			HEAD /a -> 200 hit ""
			HEAD /a  If-None-Match: "1"  -> 304 hit ""
			HEAD /a  If-None-Match: "2"  -> 200 hit ""
			HEAD /a  Cache-Control: no-cache  -> 200 pass ""
			GET /z -> 200 miss "0123"
			HEAD /z -> 200 hit ""
			HEAD /no -> 200 pass ""
			HEAD /other  Cache-Control: only-if-cached  -> 504 none
			GET /a -> 200 hit "0123"`)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, o.URL+"/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.ContentLength != 4 || resp.Header.Get("X") != "y" || resp.Header.Get("Age") == "" {
			t.Errorf("%s: %d %v", kind, resp.ContentLength, resp.Header)
		}
	}
}

// TestHeadFreshens: an answer to HEAD prolongs what it agrees with, and takes out what it does not (§4.3.5).
func TestHeadFreshens(t *testing.T) {
	const same, other = `/a  Cache-Control: max-age=60; Etag: "1"; Content-Length: 4; X: new  0123`, `/a  Cache-Control: max-age=60; Etag: "2"; Content-Length: 4  4567`
	for _, c := range []struct{ then, head, after string }{
		{same, "HEAD /a -> 200 pass", `GET /a -> 200 hit "0123"`},
		{other, "HEAD /a -> 200 pass", `GET /a -> 200 miss "4567"`},
		{`/a  Status: 404; Cache-Control: max-age=60  x`, "HEAD /a -> 404 pass", `GET /a -> 404 miss`},
	} {
		synctest.Test(t, func(t *testing.T) {
			o, transport := inBubble(`/a  Cache-Control: max-age=60; Etag: "1"; Content-Length: 4  0123`)
			cache := on(t, memstore.New(nil), &larder.Options{Transport: transport})
			o.run(t, cache.Client(), `GET /a -> 200 miss
				+61s
				SET `+c.then+`
				`+c.head+`
				`+c.after)
		})
	}
}

// TestRanges: whatever the range, the answer is the one that net/http's own file server gives for the same content.
func TestRanges(t *testing.T) {
	for _, n := range []int{10, 300 << 10} { // inline, and in chunks
		body := []byte(lines(n))
		o := newLarge(t, body, "Cache-Control: max-age=60; "+tagA+"; Content-Type: text/plain; Last-Modified: Tue, 24 Nov 2020 00:00:00 GMT")
		for _, spec := range []string{"binary", "json"} {
			c := on(t, memstore.New(nil), quiet(&larder.Options{Codec: serializer(t, spec)}))
			if _, err := get(t, c, o.URL); err != nil {
				t.Fatal(err)
			}
			o.asked()
			for _, fields := range []string{
				"Range: bytes=0-3", "Range: bytes=5-", "Range: bytes=-4", "Range: bytes=0-0", fmt.Sprintf("Range: bytes=%d-", n-1), fmt.Sprintf("Range: bytes=1-%d", n+5),
				fmt.Sprintf("Range: bytes=%d-", n), "Range: bytes=9-2", "Range: bytes=x", "Range: bytes=0-1,4-5", "Range: bytes=0-1, -2",
				`Range: bytes=2-3; If-Range: "a"`, `Range: bytes=2-3; If-Range: "b"`, `Range: bytes=2-3; If-Range: W/"a"`,
				"Range: bytes=2-3; If-Range: Tue, 24 Nov 2020 00:00:00 GMT", "Range: bytes=2-3; If-Range: Tue, 24 Nov 2020 00:00:01 GMT",
				"Range: bytes=2-3; If-Modified-Since: Tue, 24 Nov 2020 00:00:00 GMT", "Range: bytes=2-3; If-Modified-Since: Tue, 24 Nov 2019 00:00:00 GMT",
				`Range: bytes=2-3; If-None-Match: "a"`, `Range: bytes=2-3; If-None-Match: "b"`,
			} {
				got, want := rangeAnswer(t, c, o.URL, fields), rangeAnswer(t, http.DefaultTransport, o.URL, fields)
				if got != want {
					t.Errorf("%d bytes, %s, %s:\n got  %.300q\n want %.300q", n, spec, fields, got, want)
				}
				if asked := o.asked(); len(asked) != 1 { // the one without the cache
					t.Errorf("%d bytes, %s, %s: the origin was asked %d times", n, spec, fields, len(asked))
				}
			}
		}
	}
}

// rangeAnswer is the status, the head as far as it is about ranges, and the content; parts each with its own.
func rangeAnswer(t *testing.T, rt http.RoundTripper, url, fields string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = fieldsOf(fields)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	kind, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	text := string(body)
	if kind == "multipart/byteranges" {
		text = ""
		for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
			p, err := r.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			piece, _ := io.ReadAll(p)
			text += p.Header.Get("Content-Range") + string(piece) + "|"
		}
	} else if resp.ContentLength >= 0 && resp.ContentLength != int64(len(body)) {
		t.Errorf("%s: ContentLength is %d, the body has %d bytes", fields, resp.ContentLength, len(body))
	}
	return fmt.Sprint(resp.StatusCode, kind, resp.Header.Get("Content-Range"), resp.Header.Get("Etag"), text)
}

// TestRangesOfWhatIsDecoded: a content whose coding was taken off has no ranges that the origin would know; nor has one that
// is decoded for the caller.
func TestRangesOfWhatIsDecoded(t *testing.T) {
	o := newOrigin(t, "/z  Cache-Control: max-age=60; Gzip: yes; Content-Type: text/plain  0123456789")
	for _, kind := range []string{"binary", "json"} {
		o.run(t, open(t, kind, nil).Client(), `GET /z -> 200 miss "0123456789"
			GET /z  Range: bytes=0-1; Accept-Encoding: identity  -> 200 pass`)
	}
}

// TestRangeOfALostPiece: it is mended like the whole, and never wrong.
func TestRangeOfALostPiece(t *testing.T) {
	body := content("binary", size)
	o := newLarge(t, body, tagA)
	st := memstore.New(nil)
	c := on(t, st, quiet(&larder.Options{}))
	if _, err := get(t, c, o.URL); err != nil {
		t.Fatal(err)
	}
	spoil(t, st, gone, 2)
	from := size/2 - 100
	a, err := get(t, c, o.URL, fmt.Sprintf("Range: bytes=%d-", from))
	if err != nil || !bytes.Equal(a.body, body[from:]) {
		t.Errorf("%d bytes, %v, want %d", len(a.body), err, size-from)
	}
	if status := a.head.Get("Cache-Status"); !strings.Contains(status, "hit") {
		t.Errorf("Cache-Status is %q", status)
	}
}
