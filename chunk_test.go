package larder_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// theirs is a codec of a user's own: gob, and AES-GCM around it where there is a key.
type theirs struct{ seal cipher.AEAD }

func (theirs) Name() string { return "theirs" }
func (theirs) Text() bool   { return false }

func (c theirs) Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	if c.seal == nil {
		return b.Bytes(), err
	}
	nonce := make([]byte, c.seal.NonceSize())
	rand.Read(nonce)
	return c.seal.Seal(nonce, nonce, b.Bytes(), nil), err
}

func (c theirs) Unmarshal(data []byte, v any) error {
	if c.seal != nil {
		n := c.seal.NonceSize()
		if len(data) < n {
			return codec.ErrCorrupt
		}
		plain, err := c.seal.Open(nil, data[:n], data[n:], nil)
		if err != nil {
			return codec.ErrTampered
		}
		data = plain
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", codec.ErrCorrupt, err)
	}
	return nil
}

// plainJSON is another: encoding/json over the exported fields.
type plainJSON struct{}

func (plainJSON) Name() string                       { return "plain-json" }
func (plainJSON) Text() bool                         { return true }
func (plainJSON) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (plainJSON) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// serializer makes one from its name.
func serializer(t *testing.T, spec string) codec.Codec {
	t.Helper()
	switch spec {
	case "theirs":
		return theirs{}
	case "plain-json":
		return plainJSON{}
	case "theirs, sealed":
		block, err := aes.NewCipher(bytes.Repeat([]byte("k"), 32))
		if err != nil {
			t.Fatal(err)
		}
		seal, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		return theirs{seal}
	}
	p, err := codec.Std().Parse(spec, codec.Keys(map[string][]byte{"aesgcm": bytes.Repeat([]byte("k"), 32)}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// small is a store that takes only short values, and drops at once what may be dropped. It notes the keys that are put.
type small struct {
	store.Store
	limits store.Limits
	mu     sync.Mutex
	puts   []string
}

func newSmall(value, chunk int) *small {
	return &small{Store: memstore.New(nil), limits: store.Limits{Value: value, Chunk: chunk, Lists: true, Labels: true, Retains: true}}
}

func (s *small) Limits() store.Limits { return s.limits }

func (s *small) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if s.limits.Value > 0 && len(it.Value) > s.limits.Value {
		return "", &store.Error{Op: "put", Key: key, Err: store.ErrTooLarge}
	}
	s.mu.Lock()
	s.puts = append(s.puts, key)
	s.mu.Unlock()
	return s.Store.Put(ctx, key, it, was)
}

func (s *small) Get(ctx context.Context, key string) (store.Item, error) {
	it, err := s.Store.Get(ctx, key)
	if err == nil && !it.Retain.IsZero() && !it.Retain.After(time.Now()) {
		return store.Item{}, errors.Join(store.ErrNotFound, s.Store.Delete(ctx, key, it.Version))
	}
	return it, err
}

// took returns the keys that were put since it was asked last.
func (s *small) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := s.puts
	s.puts = nil
	return keys
}

// content makes n bytes of a kind.
func content(kind string, n int) []byte {
	out := make([]byte, 0, n+64)
	random := mathrand.New(mathrand.NewPCG(uint64(n), 7))
	switch kind {
	case "text":
		for i := 0; len(out) < n; i++ {
			out = fmt.Appendf(out, "line %d: %x, plain words\n", i, random.Uint32())
		}
		return out[:n]
	case "json":
		if n < 20 {
			return []byte("1234567890123456789")[:n]
		}
		out = append(out, '[')
		for len(out) < n-40 {
			out = fmt.Appendf(out, `"%x plain words",`, random.Uint32())
		}
		return append(append(out, strings.Repeat("1", n-1-len(out))...), ']')
	}
	for len(out) < n {
		out = append(out, byte(random.Uint32()))
	}
	return out
}

func zipped(data []byte) []byte {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	zw.Write(data)
	zw.Close()
	return b.Bytes()
}

// got is an answer that was read to its end.
type got struct {
	body   []byte
	length int64 // as it was announced
	head   http.Header
	info   larder.Info
}

// get asks url with fields and reads all.
func get(t *testing.T, rt http.RoundTripper, url string, fields ...string) (got, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		if name, value, ok := strings.Cut(f, ": "); ok {
			req.Header.Add(name, value)
		}
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return got{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	info, _ := larder.InfoOf(resp)
	for err == nil && !info.FromCache && !info.Stored && !info.Refused && !strings.Contains(info.Reason, "not stored") {
		runtime.Gosched() // the end of a body does not wait long for its commit; this does
		info, _ = larder.InfoOf(resp)
	}
	return got{body, resp.ContentLength, resp.Header, info}, err
}

// items are the whole items of a store under a prefix, by key.
func items(t *testing.T, st store.Store, prefix string) map[string]store.Item {
	t.Helper()
	all := map[string]store.Item{}
	for it, err := range st.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		whole, err := st.Get(t.Context(), it.Key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		if err == nil {
			all[it.Key] = whole
		}
	}
	return all
}

// TestEveryLength: bodies about every limit come back byte for byte through every serializer, and stand where they should.
func TestEveryLength(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	lengths := []int{0, 1, 64*kib - 1, 64 * kib, 64*kib + 1, 256*kib - 1, 256 * kib, 256*kib + 1, mib, mib + 1, 3*mib + 17}
	bodies := map[string][]byte{}
	for _, kind := range []string{"text", "json", "binary"} {
		for _, n := range lengths {
			plain := content(kind, n)
			bodies[fmt.Sprintf("/%s/%d", kind, n)] = plain
			bodies[fmt.Sprintf("/%s/%d/gzip", kind, n)] = zipped(plain)
		}
	}
	o := newLarge(t, nil, "")
	o.set(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		body := bodies[r.URL.Path]
		if strings.HasSuffix(r.URL.Path, "/gzip") {
			w.Header().Set("Content-Encoding", "gzip")
		}
		if r.URL.RawQuery == "sized" {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		} else {
			w.(http.Flusher).Flush()
		}
		w.Write(body)
	})
	for _, spec := range []string{"binary", "json", "binary|gzip", "json|gzip", "json|aesgcm", "theirs", "plain-json"} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			st := memstore.New(&memstore.Options{MaxBytes: 256 << 20})
			c := on(t, st, quiet(&larder.Options{Codec: serializer(t, spec)}))
			for i, path := range slices.Sorted(maps.Keys(bodies)) {
				long := len(bodies[path]) > 64*kib+1
				if long && spec != "binary" && spec != "json" && (i+len(spec))%3 > 0 {
					continue // these differ from the others by what the bytes go through, not by where they stand
				}
				everyLength(t, c, st, o.URL+path+"?sized", path, bodies)
				if !long || spec == "binary" {
					everyLength(t, c, st, o.URL+path+"?unsized", path, bodies)
				}
			}
		})
	}
}

func everyLength(t *testing.T, c *larder.Cache, st store.Store, url, path string, bodies map[string][]byte) {
	t.Helper()
	name, isZip := strings.CutSuffix(path, "/gzip")
	plain, stored := bodies[name], bodies[path]
	if miss, err := get(t, c, url); err != nil || !bytes.Equal(miss.body, plain) || miss.info.FromCache || !miss.info.Stored {
		t.Fatalf("%s: the miss has %d bytes, %v, %+v", url, len(miss.body), err, miss.info)
	}
	hit, err := get(t, c, url)
	if err != nil || !bytes.Equal(hit.body, plain) || !hit.info.FromCache {
		t.Fatalf("%s: the hit has %d bytes of %d, %v, from the cache: %v", url, len(hit.body), len(plain), err, hit.info.FromCache)
	}
	if hit.length != int64(len(plain)) && !(isZip && hit.length == -1) {
		t.Errorf("%s: ContentLength is %d, want %d", url, hit.length, len(plain))
	}
	if isZip {
		coded, err := get(t, c, url, "Accept-Encoding: gzip")
		want := plain
		if coded.head.Get("Content-Encoding") == "gzip" {
			want = stored
		}
		if err != nil || !bytes.Equal(coded.body, want) || coded.length != int64(len(want)) {
			t.Errorf("%s: to who takes gzip %d bytes, ContentLength %d, %v", url, len(coded.body), coded.length, err)
		}
	}
	specs, _ := c.Serializers(t.Context())
	chunks, e := len(items(t, st, "b/")), items(t, st, "e/")
	readable := strings.Contains(specs[0], "json") && !strings.Contains(path, "binary") && len(plain) <= 1<<20
	short := len(stored) <= 64<<10 || strings.Contains(specs[0], "json") && len(plain) <= 64<<10 // in the form in which it is kept
	if inline := short || readable; inline != (chunks == 0) {
		t.Errorf("%s: %d bytes stand in %d chunks", url, len(stored), chunks)
	}
	for _, it := range e {
		if specs[0] == "json" && readable && len(plain) > 20 && !bytes.Contains(it.Value, []byte(`"format": "`+strings.Split(path, "/")[1]+`"`)) {
			t.Errorf("%s: it is not readable: %.300s", url, it.Value)
		}
	}
	for en, err := range c.Entries(t.Context(), larder.Filter{}) {
		size := int64(len(e[en.Key].Value))
		if chunks > 0 {
			size += int64(len(stored))
		}
		if (en.Length != int64(len(stored)) && en.Length != int64(len(plain))) || en.Size != size || err != nil {
			t.Errorf("%s: listed with length %d and size %d, want %d; %v", url, en.Length, en.Size, size, err)
		}
	}
	if n, err := c.Delete(t.Context(), larder.Filter{}); n != 1 || err != nil || len(items(t, st, "")) != 1 {
		t.Errorf("%s: deleted %d, %d items are left, %v", url, n, len(items(t, st, "")), err)
	}
}

// TestSmallValues: a store of short values holds long bodies, whatever their serializer makes of them.
func TestSmallValues(t *testing.T) {
	bodies := map[string][]byte{"/text": content("text", 1<<20), "/binary": content("binary", 1<<20), "/json": content("json", 2000), "/none": nil,
		"/quotes": bytes.Repeat([]byte(`"`), 2048),
		"/zip":    zipped(make([]byte, 1<<20)),
	}
	o := newLarge(t, nil, "")
	o.set(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		if r.URL.Path == "/zip" {
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.Write(bodies[r.URL.Path])
	})
	for i, spec := range []string{"binary", "json", "json|gzip", "json|aesgcm", "theirs"} {
		st := newSmall(4096, 1024*(i%2)) // with no advice as well
		c := on(t, st, quiet(&larder.Options{Codec: serializer(t, spec)}))
		for path, want := range bodies {
			for _, fromCache := range []bool{false, true} {
				a, err := get(t, c, o.URL+path, "Accept-Encoding: gzip, identity")
				if a.head.Get("Content-Encoding") == "" && path == "/zip" {
					want = make([]byte, 1<<20)
				}
				if err != nil || !bytes.Equal(a.body, want) || a.info.FromCache != fromCache {
					t.Errorf("%s through %s: %d bytes, %v, from the cache: %v; %s", path, spec, len(a.body), err, a.info.FromCache, a.info.Reason)
				}
			}
		}
	}
}

// TestBinaryIsNeverLongInline: what is decoded for people, and turns out not to be for people, stands in chunks.
func TestBinaryIsNeverLongInline(t *testing.T) {
	o := newLarge(t, zipped(make([]byte, 1<<20)), "Content-Encoding: gzip")
	st := memstore.New(nil)
	c := on(t, st, &larder.Options{Codec: codec.JSON})
	if _, err := get(t, c, o.URL); err != nil {
		t.Fatal(err)
	}
	for key, it := range items(t, st, "e/") {
		if len(it.Value) > 128<<10 {
			t.Errorf("%s has %d bytes for a content of %d", key, len(it.Value), len(o.body))
		}
	}
}

// TestValidationsKeepChunks: a 304 writes the record and no chunk; the entry lives by validations as long as its chunks, and
// is a plain miss beyond.
func TestValidationsKeepChunks(t *testing.T) {
	for _, vary := range []string{"", "; Vary: Accept-Language"} {
		t.Run(vary, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				body := string(content("text", 700<<10))
				o, transport := inBubble(`/v  Cache-Control: max-age=60; Etag: "x"` + vary + "  " + strings.ReplaceAll(body, "\n", " "))
				want := strings.TrimSpace(strings.ReplaceAll(body, "\n", " "))
				st := newSmall(0, 0)
				c := on(t, st, &larder.Options{Transport: transport})
				ask := func() larder.Info {
					a, err := get(t, c, "http://origin.example/v")
					if err != nil || string(a.body) != want {
						t.Fatalf("%d bytes of %d, %v", len(a.body), len(want), err)
					}
					return a.info
				}
				ask()
				until := time.Now()
				for e := range c.Entries(t.Context(), larder.Filter{}) {
					rec, err := e.Record(t.Context())
					if err == nil {
						until = rec.Body.Until
					}
				}
				if time.Until(until) < 55*24*time.Hour {
					t.Errorf("the chunks live until %s", until)
				}
				st.took()
				for n := 1; time.Now().Add(5 * 24 * time.Hour).Before(until); n++ {
					time.Sleep(5 * 24 * time.Hour)
					before := o.requests()
					if info := ask(); !info.Revalidated || o.requests() != before+1 {
						t.Fatalf("validation %d, %s before the end: %+v", n, time.Until(until), info)
					}
					for _, key := range st.took() {
						if strings.HasPrefix(key, "b/") {
							t.Errorf("validation %d writes %s", n, key)
						}
					}
					if info := ask(); !info.FromCache || info.Revalidated {
						t.Errorf("after validation %d: %+v", n, info)
					}
				}
				time.Sleep(time.Until(until) + time.Second)
				before := o.requests()
				if info := ask(); info.FromCache || o.requests() != before+1 {
					t.Errorf("beyond the life of its chunks: %d requests, %+v", o.requests()-before, info)
				}
			})
		})
	}
}

// TestSealCoversChunks: no piece of a sealed content stands in the store.
func TestSealCoversChunks(t *testing.T) {
	for _, spec := range []string{"json|aesgcm", "binary|aesgcm", "json|gzip|aesgcm", "theirs, sealed"} {
		for kind, body := range map[string][]byte{"text": content("text", 1<<20+1), "binary": content("binary", 1<<20)} {
			o := newLarge(t, body, "")
			st := memstore.New(nil)
			c := on(t, st, &larder.Options{Codec: serializer(t, spec)})
			if _, err := get(t, c, o.URL+"/hidden-path"); err != nil {
				t.Fatal(err)
			}
			all := items(t, st, "")
			if len(all) < 6 {
				t.Errorf("%s of %s: only %d items", kind, spec, len(all))
			}
			for key, it := range all {
				text := key + it.Form + it.Group + string(it.Label) + string(it.Value)
				for at := 0; at+16 < len(body); at += 4099 {
					if strings.Contains(text, string(body[at:at+16])) || strings.Contains(text, "hidden-path") {
						t.Fatalf("%s of %s: %s shows the URL, or the bytes from %d on", kind, spec, key, at)
					}
				}
			}
		}
	}
}
