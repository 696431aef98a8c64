package larder_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// large is an origin of one long content, with ranges and conditions as net/http has them, unless it is told to answer
// otherwise.
type large struct {
	*httptest.Server
	body []byte
	mu   sync.Mutex
	how  http.HandlerFunc
	seen []http.Header // of each request
}

// newLarge serves body with the fields of head, "Etag: "a"; X: y"; fresh for a minute where head says nothing.
func newLarge(t *testing.T, body []byte, head string) *large {
	o := &large{body: body}
	o.how = serves(body, head)
	o.Server = httptest.NewServer(http.HandlerFunc(o.answer))
	t.Cleanup(o.Server.Close)
	return o
}

func (o *large) answer(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.seen = append(o.seen, r.Header.Clone())
	how := o.how
	o.mu.Unlock()
	how(w, r)
}

func (o *large) set(how http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.how = how
}

// asked returns the requests since it was called last.
func (o *large) asked() []http.Header {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := o.seen
	o.seen = nil
	return seen
}

// serves is an origin as it should be.
func serves(body []byte, head string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", fields(w, head), bytes.NewReader(body))
	}
}

// fields sets head and returns its Last-Modified.
func fields(w http.ResponseWriter, head string) (modified time.Time) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "max-age=60")
	for f := range strings.SplitSeq(head, "; ") {
		if name, value, ok := strings.Cut(f, ": "); ok {
			w.Header().Set(name, value)
		}
	}
	modified, _ = http.ParseTime(w.Header().Get("Last-Modified"))
	return modified
}

// says answers with this, without looking at the request.
func says(code int, head string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fields(w, head)
		w.WriteHeader(code)
		w.Write(body)
	}
}

// breaksOff announces all of body and sends half of it.
func breaksOff(code int, head string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		says(code, head, body[:len(body)/2])(w, r)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func hangsUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

const (
	piece = 256 << 10
	size  = 5*piece - 100
	tagA  = `Etag: "a"`
	since = "Last-Modified: Mon, 02 Mar 2026 08:00:00 GMT"
)

// spoil changes the chunks of the given indexes.
func spoil(t *testing.T, st store.Store, change func(store.Item) (store.Item, bool), indexes ...int) {
	t.Helper()
	n := 0
	for key, it := range items(t, st, "b/") {
		for _, i := range indexes {
			if !strings.HasSuffix(key, fmt.Sprintf("/%d", i)) {
				continue
			}
			n++
			it.Value = bytes.Clone(it.Value)
			err := st.Delete(t.Context(), key, store.Any)
			if changed, keep := change(it); keep && err == nil {
				_, err = st.Put(t.Context(), key, changed, store.Any)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != len(indexes) {
		t.Fatalf("spoilt %d chunks of %v", n, indexes)
	}
}

// quiet keeps losses that are meant out of the log, and gives the cache a transport of its own.
func quiet(o *larder.Options) *larder.Options {
	o.Logger = slog.New(slog.DiscardHandler)
	if o.Transport == nil {
		o.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	return o
}

func gone(it store.Item) (store.Item, bool) { return it, false }

// TestMend: a chunk that is lost in the middle is had from the origin where that has the very same content, and else the
// body ends in an error that says so. Either way the entry goes, and the next request fetches it.
func TestMend(t *testing.T) {
	body, other := content("binary", size), content("binary", size+1)[:size]
	zip := zipped(body)
	const at = 2 * piece
	ranged := fmt.Sprintf("Content-Range: bytes %d-%d/%d; ", at, size-1, size)
	zipRanged := fmt.Sprintf("Content-Range: bytes %d-%d/%d; ", at, len(zip)-1, len(zip))
	for _, c := range []struct {
		name, head string
		then       http.HandlerFunc // nil: as before
		ask        string           // of the request that finds the loss
		want       string           // empty: every byte
		requests   int              // of the mending
	}{
		{"strong tag", tagA, nil, "", "", 1},
		{"strong date", since, nil, "", "", 1},
		{"both", tagA + "; " + since, nil, "", "", 1},
		{"a caller's own condition that does not hold", tagA, nil, `If-None-Match: "b"`, "", 1},
		{"a 206", tagA, says(206, ranged+tagA, body[at:]), "", "", 1},
		{"a 206 that goes on too long", tagA, says(206, ranged+tagA, append(bytes.Clone(body[at:]), "more"...)), "", "", 1},
		{"ranges are ignored", tagA, says(200, tagA, body), "", "", 1},
		{"ranges are ignored, date", since, says(200, since, body), "", "", 1},
		{"another content", tagA, says(200, `Etag: "b"`, other), "", "another content", 1},
		{"another content, If-Range is obeyed", tagA, serves(other, `Etag: "b"`), "", "another content", 1},
		{"another date", since, says(200, "Last-Modified: Mon, 02 Mar 2026 08:00:01 GMT", other), "", "another content", 1},
		{"no tag any more", tagA, says(200, "", body), "", "another content", 1},
		{"a tag that is weak now", tagA, says(206, ranged+`Etag: W/"a"`, body[at:]), "", "another content", 1},
		{"206 that leaves the tag out", tagA, says(206, ranged, body[at:]), "", "another content", 1},
		{"206 with another tag", tagA, says(206, ranged+`Etag: "b"`, other[at:]), "", "another content", 1},
		{"206 of another length", tagA, says(206, fmt.Sprintf("Content-Range: bytes %d-%d/%d; ", at, size, size+1)+tagA, other[at:]), "", "answered 206", 1},
		{"206 of another range", tagA, says(206, fmt.Sprintf("Content-Range: bytes %d-%d/%d; ", at-1, size-1, size)+tagA, other[at-1:]), "", "answered 206", 1},
		{"206 without its range", tagA, says(206, tagA, body[at:]), "", "answered 206", 1},
		{"206 in a coding", tagA, says(206, ranged+"Content-Encoding: gzip; "+tagA, body[at:]), "", "another content", 1},
		{"200 that is shorter", tagA, says(200, tagA, body[:size-1]), "", "EOF", 1},
		{"200 that is shorter than what was read", tagA, says(200, tagA, body[:at/2]), "", "answered 200", 1},
		{"200 that is longer", tagA, says(200, fmt.Sprintf("Content-Length: %d; ", size+4)+tagA, append(bytes.Clone(body), "more"...)), "", "answered 200", 1},
		{"416", tagA, says(416, tagA+"; Content-Range: bytes */7", nil), "", "answered 416", 1},
		{"404", tagA, says(404, "", []byte("none")), "", "another content", 1},
		{"404 with the tag", tagA, says(404, tagA, body), "", "answered 404", 1},
		{"304", tagA, says(304, tagA, nil), "", "answered 304", 1},
		{"no answer", tagA, hangsUp, "", "EOF", -1},
		{"an answer that breaks off", tagA, breaksOff(206, ranged+tagA, body[at:]), "", "EOF", 1},
		{"a whole answer that breaks off", tagA, breaksOff(200, tagA, body), "", "EOF", 1},
		{"a weak tag", `Etag: W/"a"`, nil, "", "no strong validator", 0},
		{"a weak tag and a strong date", `Etag: W/"a"; ` + since, nil, "", "no strong validator", 0},
		{"a date as young as the response", "Cache-Control: max-age=999999999; Date: Mon, 02 Mar 2026 08:00:00 GMT; " + since, nil, "", "no strong validator", 0},
		{"no validator", "", nil, "", "no strong validator", 0},
		{"only-if-cached", tagA, nil, "Cache-Control: only-if-cached", "only-if-cached", 0},
		{"gzip", "Content-Encoding: gzip; " + tagA, nil, "", "", 1},
		{"gzip as it is", "Content-Encoding: gzip; " + tagA, nil, "Accept-Encoding: gzip", "", 1},
		{"gzip that is plain now", "Content-Encoding: gzip; " + tagA, says(200, tagA, body), "", "another content", 1},
		{"gzip that is plain now, date", "Content-Encoding: gzip; " + since, says(200, since, body), "", "another content", 1},
		{"gzip, another content", "Content-Encoding: gzip; " + tagA, says(200, `Content-Encoding: gzip; Etag: "b"`, zipped(other)), "", "another content", 1},
		// To If-Range an origin may leave out of a 206 what the head that is known already says (RFC 9110 §15.3.7).
		{"gzip, which the 206 does not repeat", "Content-Encoding: gzip; " + tagA, says(206, zipRanged+tagA, zip[at:]), "", "", 1},
		{"a date, which the 206 does not repeat", since, says(206, ranged, body[at:]), "", "another content", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sent := body
			if strings.Contains(c.head, "gzip") {
				sent = zip
			}
			o := newLarge(t, sent, c.head)
			right := o.how
			st := memstore.New(nil)
			cache := on(t, st, quiet(&larder.Options{Transport: &http.Transport{DisableKeepAlives: true}}))
			if a, err := get(t, cache, o.URL); err != nil || !bytes.Equal(a.body, body) {
				t.Fatalf("%d bytes, %v", len(a.body), err)
			}
			spoil(t, st, gone, 2)
			o.asked()
			if c.then != nil {
				o.set(c.then)
			}
			want := body
			if c.ask == "Accept-Encoding: gzip" {
				want = zip
			}
			a, err := get(t, cache, o.URL, c.ask)
			asked := o.asked()
			switch {
			case !bytes.HasPrefix(want, a.body):
				t.Error("wrong bytes")
			case c.want == "" && (err != nil || len(a.body) != len(want)):
				t.Errorf("%d bytes of %d, %v", len(a.body), len(want), err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%d bytes of %d, %v, want %s", len(a.body), len(want), err, c.want)
			case c.want != "" && c.want != "EOF" && !strings.Contains(err.Error(), "a piece of the stored response is lost"):
				t.Errorf("the error does not say what happened: %v", err)
			}
			if len(asked) != c.requests && c.requests >= 0 {
				t.Errorf("%d requests, want %d", len(asked), c.requests)
			}
			for _, h := range asked {
				tag := map[bool]string{true: `"a"`, false: since[len("Last-Modified: "):]}[strings.Contains(c.head, tagA)]
				coding := map[bool]string{true: "gzip", false: "identity"}[strings.Contains(c.head, "gzip")]
				if h.Get("Range") != fmt.Sprintf("bytes=%d-", at) || h.Get("If-Range") != tag || h.Get("Accept-Encoding") != coding || h.Get("If-None-Match") != "" {
					t.Errorf("it asks with %v", h)
				}
			}
			o.set(right)
			for _, fromCache := range []bool{false, true} {
				if a, err := get(t, cache, o.URL); err != nil || !bytes.Equal(a.body, body) || a.info.FromCache != fromCache {
					t.Errorf("then: %d bytes, %v, from the cache: %v, want %v", len(a.body), err, a.info.FromCache, fromCache)
				}
			}
		})
	}
}

// TestDamagedChunks: whatever is done to chunks, through whichever serializer, the caller gets the right bytes.
func TestDamagedChunks(t *testing.T) {
	body := content("binary", size)
	var others map[string]store.Item // the chunks of another content of the same length
	swapped := func(i int) func(store.Item) (store.Item, bool) {
		return func(it store.Item) (store.Item, bool) {
			for key, o := range others {
				if strings.HasSuffix(key, fmt.Sprintf("/%d", i)) {
					it.Value = o.Value
				}
			}
			return it, true
		}
	}
	for _, spec := range []string{"binary", "json", "binary|gzip", "json|aesgcm", "theirs, sealed"} {
		o, foreign := newLarge(t, body, tagA), newLarge(t, content("binary", size+1)[:size], tagA)
		st := memstore.New(nil)
		cache := on(t, st, quiet(&larder.Options{Codec: serializer(t, spec)}))
		fetched := func(url string) map[string]store.Item {
			for _, prefix := range []string{"b/", "e/"} {
				if _, err := store.Clear(t.Context(), st, prefix); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := get(t, cache, url); err != nil {
				t.Fatal(err)
			}
			return items(t, st, "b/")
		}
		others = fetched(foreign.URL)
		for _, c := range []struct {
			name    string
			change  func(store.Item) (store.Item, bool)
			indexes []int
		}{
			{"cut by one", func(it store.Item) (store.Item, bool) { it.Value = it.Value[:len(it.Value)-1]; return it, true }, []int{2}},
			{"empty", func(it store.Item) (store.Item, bool) { it.Value = nil; return it, true }, []int{2}},
			{"a flipped bit", func(it store.Item) (store.Item, bool) { it.Value[len(it.Value)/2] ^= 1; return it, true }, []int{3}},
			{"a flipped bit in each", func(it store.Item) (store.Item, bool) { it.Value[len(it.Value)-9] ^= 1; return it, true }, []int{0, 1, 2, 3, 4}},
			{"the last is lost", gone, []int{4}},
			{"several are lost", gone, []int{1, 3, 4}},
			{"the first is lost", gone, []int{0}},
			{"the chunk of another content", swapped(2), []int{2}},
			{"all of another content", func(it store.Item) (store.Item, bool) { return swapped(int(it.Key[len(it.Key)-1] - '0'))(it) }, []int{0, 1, 2, 3, 4}},
			{"another piece of it", func(it store.Item) (store.Item, bool) { it.Value = others["own"].Value; return it, true }, []int{2}},
			{"a form that nothing wrote", func(it store.Item) (store.Item, bool) { it.Form = "77.chunk.bin"; return it, true }, []int{2}},
		} {
			for key, it := range fetched(o.URL) {
				if strings.HasSuffix(key, "/3") {
					others["own"] = it
				}
			}
			spoil(t, st, c.change, c.indexes...)
			o.asked()
			if a, err := get(t, cache, o.URL); err != nil || !bytes.Equal(a.body, body) {
				t.Errorf("%s, %s: %d bytes, %v; right: %v", spec, c.name, len(a.body), err, bytes.HasPrefix(body, a.body))
			}
			if asked := o.asked(); len(asked) != 1 || (asked[0].Get("Range") == "") != slices.Contains(c.indexes, 0) {
				t.Errorf("%s, %s: the origin was asked %v", spec, c.name, asked)
			}
		}
	}
}

// TestMendValidated: an entry that a 304 has just validated, with a loss in it, is mended or fetched like any other, and
// goes.
func TestMendValidated(t *testing.T) {
	for _, lost := range []int{0, 2} {
		t.Run(fmt.Sprint(lost), func(t *testing.T) {
			body := content("binary", size)
			o := newLarge(t, body, "Cache-Control: max-age=0; "+tagA)
			st := memstore.New(nil)
			cache := on(t, st, quiet(&larder.Options{}))
			if _, err := get(t, cache, o.URL); err != nil {
				t.Fatal(err)
			}
			spoil(t, st, gone, lost)
			o.set(serves(body, "Cache-Control: max-age=60; "+tagA))
			o.asked()
			if a, err := get(t, cache, o.URL); err != nil || !bytes.Equal(a.body, body) || len(o.asked()) != 2 {
				t.Fatalf("%d bytes, %v, right: %v", len(a.body), err, bytes.HasPrefix(body, a.body))
			}
			for i := range 3 {
				a, err := get(t, cache, o.URL)
				asked := o.asked()
				if err != nil || !bytes.Equal(a.body, body) || len(asked) > 1 || len(asked) == 1 && (i > 0 || lost == 0 || asked[0].Get("Range") != "") {
					t.Errorf("time %d: %d bytes, %v, the origin was asked %v", i+1, len(a.body), err, asked)
				}
			}
		})
	}
}

// TestReadsThatAskNobody: a caller who leaves, closes, or has no room for bytes is no loss of a chunk.
func TestReadsThatAskNobody(t *testing.T) {
	body := content("binary", size)
	for name, play := range map[string]func(*http.Response, context.CancelFunc) error{
		"the context is cancelled": func(resp *http.Response, cancel context.CancelFunc) error {
			cancel()
			if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("want %w, got %w", context.Canceled, err)
			}
			return nil
		},
		"no room": func(resp *http.Response, _ context.CancelFunc) error {
			if n, err := resp.Body.Read(nil); n != 0 || err != nil {
				return fmt.Errorf("%d, %w", n, err)
			}
			return nil
		},
		"read after it was closed": func(resp *http.Response, _ context.CancelFunc) error {
			resp.Body.Close()
			if n, err := resp.Body.Read(make([]byte, 8)); n != 0 || err == nil {
				return fmt.Errorf("%d, %w", n, err)
			}
			return nil
		},
		"closed beside a read": func(resp *http.Response, _ context.CancelFunc) error {
			var read sync.WaitGroup
			read.Go(func() { io.Copy(io.Discard, resp.Body) })
			resp.Body.Close()
			read.Wait()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newLarge(t, body, tagA)
			cache := open(t, "binary", quiet(&larder.Options{}))
			if _, err := get(t, cache, o.URL); err != nil {
				t.Fatal(err)
			}
			o.asked()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := cache.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			if err := play(resp, cancel); err != nil {
				t.Error(err)
			}
			resp.Body.Close()
			if a, err := get(t, cache, o.URL); err != nil || !a.info.FromCache || len(o.asked()) != 0 {
				t.Errorf("then: %v, from the cache: %v: the entry is gone, or the origin was asked", err, a.info.FromCache)
			}
		})
	}
}

// TestReplacedWhileRead: who reads a content goes on reading it while it is replaced, and asks nobody for the rest.
func TestReplacedWhileRead(t *testing.T) {
	old, next := content("binary", size), content("binary", size+1)
	o := newLarge(t, old, tagA)
	st := memstore.New(nil)
	cache := on(t, st, quiet(&larder.Options{}))
	if _, err := get(t, cache, o.URL); err != nil {
		t.Fatal(err)
	}
	resp, err := cache.Client().Get(o.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	head := make([]byte, piece+7)
	if _, err := io.ReadFull(resp.Body, head); err != nil {
		t.Fatal(err)
	}
	o.set(serves(next, `Etag: "b"`))
	if a, err := get(t, cache, o.URL, "Cache-Control: no-cache"); err != nil || !bytes.Equal(a.body, next) {
		t.Fatalf("%d bytes, %v", len(a.body), err)
	}
	o.asked()
	rest, err := io.ReadAll(resp.Body)
	if err != nil || !bytes.Equal(append(head, rest...), old) || len(o.asked()) > 0 {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
	if n := len(items(t, st, "b/")); n != 5+5 {
		t.Errorf("%d chunks, want those of the old content, for Sweep, and of the new one", n)
	}
	if a, err := get(t, cache, o.URL); err != nil || !bytes.Equal(a.body, next) || !a.info.FromCache {
		t.Errorf("then %d bytes, %v", len(a.body), err)
	}
}
