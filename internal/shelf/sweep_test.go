package shelf_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/internal/shelf"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// place is a shelf in a bubble, where hours and months cost nothing.
type place struct {
	*testing.T
	st *memstore.Store
	*shelf.Shelf
}

func inBubble(t *testing.T, test func(p *place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := memstore.New(&memstore.Options{MaxBytes: 1 << 30})
		test(&place{t, st, shelfOn(t, st, codec.JSON)})
	})
}

func shelfOn(t *testing.T, st store.Store, c codec.Codec) *shelf.Shelf {
	t.Helper()
	s, err := shelf.New(st, shelf.Options{Codec: c})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// long is a content of five chunks, short one that stands in its record.
var long, short = bytes.Repeat([]byte{0xff, 'l', 'o', 'n', 'g'}, 240<<10), []byte("short")

const month = 30 * 24 * time.Hour

// look finds what lies there for a request with this Accept-Language.
func (p *place) look(url, language string) ([]record.Stored, record.Slot) {
	p.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		p.Fatal(err)
	}
	req.Header.Set("Accept-Language", language)
	found, slot, err := p.Find(p.Context(), record.Query{Request: req, URL: url})
	if err != nil {
		p.Fatal(err)
	}
	return found, slot
}

// head is a response that varies by needs and is kept so long.
func head(keep time.Duration, needs ...string) (*record.Record, record.Kept) {
	now := time.Now()
	rec := &record.Record{
		URL: "http://h/", StatusCode: 200, Reason: "OK", Proto: "HTTP/1.1", ResponseTime: now,
		Header: http.Header{"Content-Type": {"application/octet-stream"}}, Request: record.Request{Method: http.MethodGet, Header: http.Header{}},
	}
	return rec, record.Kept{FreshUntil: now, RetainUntil: now.Add(keep), Needs: needs, Length: -1}
}

// draft begins to store a response; the content is written, and nothing committed.
func (p *place) draft(url, language string, content []byte, keep time.Duration, needs ...string) record.Draft {
	p.Helper()
	_, slot := p.look(url, language)
	rec, k := head(keep, needs...)
	d, err := p.Begin(p.Context(), slot, rec, k)
	if err == nil {
		_, err = d.Write(content)
	}
	if err != nil {
		p.Fatal(err)
	}
	return d
}

// put stores a response.
func (p *place) put(url, language string, content []byte, keep time.Duration, needs ...string) {
	p.Helper()
	if err := p.draft(url, language, content, keep, needs...).Commit(p.Context(), nil); err != nil {
		p.Fatal(err)
	}
}

// freshen does what a 304 does.
func (p *place) freshen(url, language string, keep time.Duration, needs ...string) {
	p.Helper()
	found, _ := p.look(url, language)
	if len(found) != 1 {
		p.Fatalf("%s for %s is not there to be freshened", url, language)
	}
	_, k := head(keep, needs...)
	rec := *found[0].Record
	rec.ResponseTime = time.Now()
	if err := p.Freshen(p.Context(), found[0], &rec, k); err != nil {
		p.Fatal(err)
	}
}

func (p *place) forget(url string) {
	p.Helper()
	if err := p.Forget(p.Context(), url); err != nil {
		p.Fatal(err)
	}
}

// open returns the content that lies there.
func (p *place) open(url, language string) io.Reader {
	p.Helper()
	found, _ := p.look(url, language)
	if len(found) != 1 {
		p.Fatalf("%s for %s is gone", url, language)
	}
	if found[0].Open == nil {
		return bytes.NewReader(found[0].Record.Body.Data)
	}
	r, err := found[0].Open(p.Context(), 0)
	if err != nil {
		p.Fatal(err)
	}
	return r
}

func (p *place) wants(url, language string, content []byte) {
	p.Helper()
	p.reads(p.open(url, language), content)
}

func (p *place) reads(r io.Reader, content []byte) {
	p.Helper()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
		p.Errorf("%d bytes, %v; want %d", len(got), err, len(content))
	}
}

// sweep wants so many entries, variants and chunks to go.
func (p *place) sweep(expired, variants, chunks int) {
	p.Helper()
	got, err := p.Sweep(p.Context())
	if err != nil || got.Expired != expired || got.Variants != variants || got.Chunks != chunks || (got.Bytes > 0) != (expired+variants+chunks > 0) {
		p.Errorf("swept %+v, %v; want %d expired, %d variants, %d chunks", got, err, expired, variants, chunks)
	}
}

func (p *place) count(prefix string, want int) {
	p.Helper()
	if n, _, err := store.Count(p.Context(), p.st, prefix); err != nil || n != want {
		p.Errorf("%d items under %s, %v; want %d", n, prefix, err, want)
	}
}

// byHand puts an item past the shelf.
func (p *place) byHand(key string, it store.Item) {
	p.Helper()
	if _, err := p.st.Put(p.Context(), key, it, store.Any); err != nil {
		p.Fatal(err)
	}
}

func TestSweepExpired(t *testing.T) {
	inBubble(t, func(p *place) {
		p.put("http://h/short", "", short, 2*time.Hour)
		p.put("http://h/long", "", long, 2*time.Hour)
		p.put("http://h/vary", "de", long, 2*time.Hour, "accept-language")
		p.put("http://h/vary", "en", short, month, "accept-language")
		p.put("http://h/stays", "", long, month)
		p.byHand("s/session", store.Item{Value: []byte("not ours"), Retain: time.Now().Add(time.Minute)})
		time.Sleep(2 * time.Hour)
		p.sweep(0, 0, 0)
		time.Sleep(2 * time.Hour)
		p.Sweep(p.Context())
		time.Sleep(2 * time.Hour) // a second time, for those who still read
		p.Sweep(p.Context())
		p.count("e/", 2) // the index and what stays
		p.count("v/", 1)
		p.count("b/", 5)
		p.count("s/", 1)
		p.count("m", 1)
		p.wants("http://h/stays", "", long)
		p.wants("http://h/vary", "en", short)
	})
}

// TestSweepVariantsOfAnEndedGeneration: they go an hour after they were stored at the earliest, and their index after that.
func TestSweepVariantsOfAnEndedGeneration(t *testing.T) {
	inBubble(t, func(p *place) {
		p.put("http://h/", "de", short, month, "accept-language")
		p.put("http://h/", "en", short, month, "accept-language")
		p.put("http://h/other", "en", short, month, "accept-language")
		p.forget("http://h/")
		time.Sleep(30 * time.Minute)
		p.put("http://h/", "en", []byte("new"), month, "accept-language")
		p.sweep(0, 0, 0)
		time.Sleep(30 * time.Minute)
		p.sweep(0, 0, 0)
		time.Sleep(time.Minute)
		p.sweep(0, 2, 0)
		p.wants("http://h/", "en", []byte("new"))
		p.wants("http://h/other", "en", short)
		p.forget("http://h/other")
		time.Sleep(24 * time.Hour)
		p.sweep(1, 1, 0) // the invalidation is forgotten
	})
}

// TestSweepWhatNoRecordRefersTo: chunks of a writer who died, of one who gave up without a word, and of somebody else.
func TestSweepWhatNoRecordRefersTo(t *testing.T) {
	inBubble(t, func(p *place) {
		p.put("http://h/", "", long, month)
		p.draft("http://h/died", "", long, month) // chunks 1 and on
		p.byHand("b/0123456789abcdef0123456789abcdef/7", store.Item{Value: []byte("?"), Form: "1.chunk.bin"})
		time.Sleep(30 * time.Minute)
		slow := p.draft("http://h/slow", "", long, month)
		time.Sleep(30 * time.Minute)
		p.sweep(0, 0, 0)
		time.Sleep(time.Minute)
		p.sweep(0, 0, 4) // three of the draft, whose first and last it had not written
		if err := slow.Commit(p.Context(), nil); err != nil {
			p.Error(err)
		}
		p.wants("http://h/slow", "", long)
		time.Sleep(24 * time.Hour)
		p.sweep(0, 0, 0)
		p.wants("http://h/slow", "", long)
		p.wants("http://h/", "", long)
	})
}

// TestSweepKeepsLiveChunks: after 304s, after a 304 that brought a Vary and so moved the record, and for months.
func TestSweepKeepsLiveChunks(t *testing.T) {
	inBubble(t, func(p *place) {
		p.put("http://h/", "de", long, 10*month)
		for range 20 {
			time.Sleep(24 * time.Hour)
			p.freshen("http://h/", "de", 10*month)
			p.sweep(0, 0, 0)
		}
		p.freshen("http://h/", "de", 10*month, "accept-language")
		for range 100 {
			p.sweep(0, 0, 0)
			p.wants("http://h/", "de", long)
			time.Sleep(24 * time.Hour)
		}
		p.freshen("http://h/", "de", 10*month, "accept-language", "accept")
		p.put("http://h/", "en", long, 10*month, "accept-language")
		time.Sleep(2 * time.Hour)
		p.sweep(0, 1, 0) // the record under the generation before
		p.wants("http://h/", "de", long)
		p.wants("http://h/", "en", long)
		p.count("b/", 10)
	})
}

// TestSweepReplacedContent: it goes, and not within the hour in which somebody may still read it, however often the URL is
// written to.
func TestSweepReplacedContent(t *testing.T) {
	for _, c := range []struct {
		name    string
		replace func(p *place)
		often   func(p *place) // again and again after that
		want    []byte
	}{
		{"by another in chunks", func(p *place) { p.put("http://h/", "de", long[1:], month) }, nil, long[1:]},
		{"by a short one", func(p *place) { p.put("http://h/", "de", short, month) }, nil, short},
		{"by an invalidation", func(p *place) { p.forget("http://h/") }, nil, nil},
		{"by another that is validated often", func(p *place) { p.put("http://h/", "de", long[1:], month) },
			func(p *place) { p.freshen("http://h/", "de", month) }, long[1:]},
		{"by a short one that is validated often", func(p *place) { p.put("http://h/", "de", short, month) },
			func(p *place) { p.freshen("http://h/", "de", month) }, short},
		{"by many invalidations", func(p *place) { p.forget("http://h/") }, func(p *place) { p.forget("http://h/") }, nil},
	} {
		for _, needs := range [][]string{nil, {"accept-language"}} {
			t.Run(fmt.Sprint(c.name, needs), func(t *testing.T) {
				inBubble(t, func(p *place) {
					p.put("http://h/", "de", long, month, needs...)
					time.Sleep(48 * time.Hour)
					reader := p.open("http://h/", "de")
					c.replace(p)
					time.Sleep(30 * time.Minute)
					if _, err := p.Sweep(p.Context()); err != nil {
						p.Error(err)
					}
					p.reads(reader, long)
					for i := range 3 * 24 * 6 {
						time.Sleep(10 * time.Minute)
						if c.often != nil {
							c.often(p)
						}
						if i%(24*6) != 24*6-1 {
							continue
						}
						if _, err := p.Sweep(p.Context()); err != nil { // once a day
							p.Error(err)
						}
					}
					live := 0
					if len(c.want) > 1000 {
						live = 5
					}
					p.count("b/", live)
					if c.want != nil {
						p.wants("http://h/", "de", c.want)
					}
				})
			})
		}
	}
}

// TestSweepJudgesNothingUnreadable: what this program cannot read may be read by another.
func TestSweepJudgesNothingUnreadable(t *testing.T) {
	for name, spoil := range map[string]func(*store.Item){
		"a damaged value":       func(it *store.Item) { it.Value = it.Value[:len(it.Value)/2] },
		"an unknown serializer": func(it *store.Item) { it.Form = "9.toml" },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(p *place) {
				p.put("http://h/", "", long, month)
				for it := range p.st.List(p.Context(), "e/") {
					whole, err := p.st.Get(p.Context(), it.Key)
					if err != nil {
						p.Fatal(err)
					}
					spoil(&whole)
					p.byHand(it.Key, whole)
				}
				for range 3 {
					time.Sleep(24 * time.Hour)
					p.sweep(0, 0, 0)
				}
				p.count("b/", 5)
			})
		})
	}
}

// TestSweepBesideAnotherSerializer: variants whose index was written by a program with a codec of its own are its matter.
func TestSweepBesideAnotherSerializer(t *testing.T) {
	inBubble(t, func(p *place) {
		p.put("http://h/plain", "", short, month)
		theirs := &place{p.T, p.st, shelfOn(p.T, p.st, upside{codec.JSON})}
		theirs.put("http://h/", "de", long, month, "accept-language")
		theirs.put("http://h/", "en", short, month, "accept-language")
		time.Sleep(24 * time.Hour)
		ours := &place{p.T, p.st, shelfOn(p.T, p.st, codec.JSON)}
		ours.sweep(0, 0, 0)
		theirs.wants("http://h/", "en", short)
		theirs.wants("http://h/", "de", long)
	})
}

// upside is a codec that only its own program has.
type upside struct{ codec.Codec }

func (upside) Name() string { return "upside" }

// TestSweepEndsWithItsContext: and says so.
func TestSweepEndsWithItsContext(t *testing.T) {
	inBubble(t, func(p *place) {
		p.put("http://h/", "", long, time.Minute)
		time.Sleep(24 * time.Hour)
		ctx, cancel := context.WithCancel(p.Context())
		cancel()
		if got, err := p.Sweep(ctx); err == nil || got != (record.Swept{}) {
			p.Errorf("%+v %v", got, err)
		}
	})
}
