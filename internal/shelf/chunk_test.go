package shelf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/internal/shelf"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

const (
	piece = 1 << 10
	url   = "http://h.example/a"
)

// pieces is a store that wants small chunks, and loses the puts of keys that end in lose.
type pieces struct {
	store.Store
	lose string
	late func(error) // how the writer of such a key wants to know
}

func (pieces) Limits() store.Limits {
	return store.Limits{Value: 4 * piece, Chunk: piece, Lists: true, Labels: true}
}

func (p *pieces) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	if p.lose != "" && strings.HasSuffix(key, p.lose) && it.Lost != nil {
		p.late = it.Lost
		return "lost", nil
	}
	return p.Store.Put(ctx, key, it, was)
}

func newShelf(t *testing.T, c codec.Codec) (*shelf.Shelf, *pieces) {
	t.Helper()
	st := &pieces{Store: memstore.New(nil)}
	s, err := shelf.New(st, shelf.Options{Codec: c})
	if err != nil {
		t.Fatal(err)
	}
	return s, st
}

// find looks a language's response up; nil: there is none.
func find(t *testing.T, s *shelf.Shelf, lang string) (*record.Stored, record.Slot) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", lang)
	found, sl, err := s.Find(t.Context(), record.Query{Request: req, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		return nil, sl
	}
	return &found[0], sl
}

func kept(needs ...string) record.Kept {
	now := time.Now()
	return record.Kept{FreshUntil: now.Add(time.Minute), RetainUntil: now.Add(24 * time.Hour), Needs: needs, Length: -1}
}

func begin(t *testing.T, s *shelf.Shelf, needs ...string) record.Draft {
	t.Helper()
	_, sl := find(t, s, "de")
	rec := &record.Record{URL: url, StatusCode: 200, ResponseTime: time.Now(), Header: http.Header{"Etag": {`"a"`}}, Request: record.Request{Method: "GET", URL: url}}
	d, err := s.Begin(t.Context(), sl, rec, kept(needs...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func write(t *testing.T, d record.Draft, data []byte) {
	t.Helper()
	for part := range slices.Chunk(data, 700) {
		if n, err := d.Write(part); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
}

// keep stores data and returns its set.
func keep(t *testing.T, s *shelf.Shelf, data []byte, needs ...string) string {
	t.Helper()
	d := begin(t, s, needs...)
	write(t, d, data)
	if err := d.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	st, _ := find(t, s, "de")
	if st == nil || st.Record.Body.Set == "" {
		t.Fatalf("stored %+v", st)
	}
	return st.Record.Body.Set
}

func bytesFrom(seed byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7+i>>8) ^ seed
	}
	return out
}

func read(t *testing.T, s *shelf.Shelf, lang string, off int64) ([]byte, error) {
	t.Helper()
	st, _ := find(t, s, lang)
	if st == nil {
		return nil, store.ErrNotFound
	}
	r, err := st.Open(t.Context(), off)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// chunks are the keys of a set that are there, of all sets where it is empty.
func chunks(t *testing.T, st store.Store, set string) (keys []string) {
	t.Helper()
	for it, err := range st.List(t.Context(), "b/"+set) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, it.Key)
	}
	return keys
}

// TestOffsets: a content is read from any of its bytes on.
func TestOffsets(t *testing.T) {
	s, _ := newShelf(t, nil)
	data := bytesFrom(1, 5*piece+3)
	keep(t, s, data)
	for _, off := range []int64{0, 1, piece - 1, piece, piece + 1, 5 * piece, 5*piece + 2, 5*piece + 3, 5*piece + 4} {
		if got, err := read(t, s, "de", off); err != nil || !bytes.Equal(got, data[min(off, 5*piece+3):]) {
			t.Errorf("from %d: %d bytes, %v", off, len(got), err)
		}
	}
}

// TestDraftReadsBehind: what was written is read back, from chunks and from what waits for one, before the commit and after it.
func TestDraftReadsBehind(t *testing.T) {
	s, _ := newShelf(t, nil)
	data := bytesFrom(2, 4*piece+99)
	d := begin(t, s)
	check := func(n int) {
		t.Helper()
		for _, off := range []int{0, 1, piece - 1, piece, 2*piece + 5, 4 * piece, n - 1} {
			got := make([]byte, 1500)
			m, err := d.ReadAt(got, int64(off))
			want := data[min(off, n):min(off+1500, n)]
			if !bytes.Equal(got[:m], want) || m < 1500 && err != io.EOF {
				t.Errorf("of %d bytes, at %d: %d, want %d, %v", n, off, m, len(want), err)
			}
		}
	}
	for n := 0; n < len(data); n += 1111 {
		write(t, d, data[n:min(n+1111, len(data))])
		check(min(n+1111, len(data)))
	}
	if err := d.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	check(len(data))
}

// TestAbort: what was written is gone, and reading it is an error and nothing worse.
func TestAbort(t *testing.T) {
	s, st := newShelf(t, nil)
	d := begin(t, s)
	write(t, d, bytesFrom(3, 4*piece))
	if n := len(chunks(t, st, "")); n == 0 {
		t.Fatal("no chunks yet")
	}
	if err := d.Abort(); err != nil || len(chunks(t, st, "")) > 0 {
		t.Errorf("%v, left: %v", err, chunks(t, st, ""))
	}
	panicked := func(off int64) (why any) {
		defer func() { why = recover() }()
		if n, err := d.ReadAt(make([]byte, 8), off); n != 0 || err == nil {
			t.Errorf("at %d it reads %d, %v", off, n, err)
		}
		return nil
	}
	if why := panicked(2 * piece); why != nil {
		t.Error(why)
	}
	if why := panicked(10); why != nil {
		t.Errorf("a reader who is just reading behind: %v", why)
	} else if why := panicked(0); why != nil { // at 0 it does not end, so it is not tried before
		t.Error(why)
	}
}

// TestLostChunk: a chunk that the store tells it has lost keeps the response from being stored.
func TestLostChunk(t *testing.T) {
	s, st := newShelf(t, nil)
	st.lose = "/2"
	d := begin(t, s)
	write(t, d, bytesFrom(4, 4*piece))
	st.late(store.ErrTooLarge)
	if _, err := d.Write([]byte("more")); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("the next write: %v", err)
	}
	if err := d.Commit(t.Context(), nil); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("the commit: %v", err)
	}
	if err := d.Abort(); err != nil {
		t.Error(err)
	}
	if found, _ := find(t, s, "de"); found != nil || len(chunks(t, st, "")) > 0 {
		t.Errorf("it is found: %v, left: %v", found, chunks(t, st, ""))
	}
}

// TestStrangeBodies: a record that says something impossible of its content is an error when it is opened or read.
func TestStrangeBodies(t *testing.T) {
	whole := bytesFrom(5, 4*piece)
	for name, change := range map[string]func(*record.Body){
		"no extent":             func(b *record.Body) { b.Extents = nil },
		"two extents":           func(b *record.Body) { b.Extents = append(b.Extents, b.Extents...) },
		"an extent that is off": func(b *record.Body) { b.Extents[0].Offset = 1 },
		"a short extent":        func(b *record.Body) { b.Extents[0].Length-- },
		"no piece":              func(b *record.Body) { b.Piece = 0 },
		"a negative piece":      func(b *record.Body) { b.Piece = -1 },
		"another piece":         func(b *record.Body) { b.Piece = 2 * piece },
		"unknown length":        func(b *record.Body) { b.Length, b.Extents[0].Length = -1, -1 },
		"longer than it is":     func(b *record.Body) { b.Length += piece; b.Extents[0].Length += piece },
		"endless":               func(b *record.Body) { b.Length, b.Extents[0].Length, b.Piece = 1<<63-1, 1<<63-1, 1 },
		"shorter than it is":    func(b *record.Body) { b.Length--; b.Extents[0].Length-- },
		"from before":           func(b *record.Body) { b.Extents[0].Chunk = -1 },
		"another set":           func(b *record.Body) { b.Set = strings.Repeat("0", 32) },
		"no key":                func(b *record.Body) { b.Set = "../A" },
	} {
		for _, c := range []codec.Codec{codec.Binary, codec.JSON} {
			s, st := newShelf(t, c)
			keep(t, s, whole)
			found, _ := find(t, s, "de")
			change(&found.Record.Body)
			value, err := c.Marshal(found.Record)
			if err != nil {
				t.Fatal(err)
			}
			it, err := st.Get(t.Context(), found.Record.Key)
			if err != nil {
				t.Fatal(err)
			}
			it.Value = value
			if _, err := st.Put(t.Context(), it.Key, it, store.Any); err != nil {
				t.Fatal(err)
			}
			if got, err := read(t, s, "de", 0); err == nil || !bytes.HasPrefix(whole, got) {
				t.Errorf("%s, %s: %d bytes, %v", name, c.Name(), len(got), err)
			}
		}
	}
}

// TestVariantTakesItsContentAlong: a validation that learns of a Vary moves the record, and names it in the first chunk.
func TestVariantTakesItsContentAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st := newShelf(t, nil)
		data := bytesFrom(6, 4*piece)
		set := keep(t, s, data)
		found, _ := find(t, s, "de")
		if err := s.Freshen(t.Context(), *found, found.Record, kept("accept-language")); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			time.Sleep(3 * time.Hour)
			if swept, err := s.Sweep(t.Context()); err != nil || swept.Chunks > 0 {
				t.Errorf("%+v, %v", swept, err)
			}
		}
		if got, err := read(t, s, "de", 0); err != nil || !bytes.Equal(got, data) || len(chunks(t, st, set)) != 4 {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if got, err := read(t, s, "en", 0); err == nil {
			t.Errorf("another variant: %d bytes", len(got))
		}
	})
}

// TestSweepSets: a content that was replaced stays for its readers for an hour and goes then; what is read, or being
// written, stays.
func TestSweepSets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, st := newShelf(t, nil)
		old := keep(t, s, bytesFrom(7, 4*piece))
		time.Sleep(2 * time.Hour)
		next := keep(t, s, bytesFrom(8, 4*piece))
		d := begin(t, s)
		write(t, d, bytesFrom(9, 3*piece))
		for _, c := range []struct {
			after     time.Duration
			old, next int
		}{{0, 4, 4}, {59 * time.Minute, 4, 4}, {2 * time.Minute, 0, 4}} {
			time.Sleep(c.after)
			write(t, d, bytesFrom(9, piece))
			if _, err := s.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if o, n := len(chunks(t, st, old)), len(chunks(t, st, next)); o != c.old || n != c.next {
				t.Errorf("after %s there are %d of the old and %d of the new one, want %d and %d", c.after, o, n, c.old, c.next)
			}
		}
		if err := d.Commit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got, err := read(t, s, "de", 0); err != nil || len(got) != 6*piece {
			t.Errorf("what was being written: %d bytes, %v", len(got), err)
		}
	})
}

// TestSlowWriter: a writer who paused for longer than Sweep waits stores a whole content or none.
func TestSlowWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newShelf(t, nil)
		keep(t, s, bytesFrom(10, 4*piece))
		d := begin(t, s)
		data := bytesFrom(11, 4*piece)
		write(t, d, data)
		time.Sleep(61 * time.Minute)
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := d.Write(data)
		if err == nil {
			err = d.Commit(t.Context(), nil)
		}
		got, readErr := read(t, s, "de", 0)
		if err == nil && (readErr != nil || len(got) != 8*piece) {
			t.Errorf("it is stored, and reads %d bytes, %v", len(got), readErr)
		}
	})
}

// TestOwnKeys: chunks lie in their set, and belong to one group with their record, so that they are evicted with it.
func TestOwnKeys(t *testing.T) {
	s, st := newShelf(t, codec.JSON)
	set := keep(t, s, bytesFrom(12, 4*piece))
	for it, err := range st.List(t.Context(), "") {
		switch {
		case err != nil:
			t.Fatal(err)
		case it.Key == "m":
		case it.Group != "b/"+set || it.Retain.IsZero():
			t.Errorf("%s: group %s, retained until %s", it.Key, it.Group, it.Retain)
		case strings.HasPrefix(it.Key, "b/") && it.Form != "1.chunk.bin":
			t.Errorf("%s: form %s", it.Key, it.Form)
		}
	}
	if keys := chunks(t, st, set); len(keys) != 4 || !slices.Contains(keys, fmt.Sprintf("b/%s/0", set)) {
		t.Error(keys)
	}
}
