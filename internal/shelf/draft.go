package shelf

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/internal/coding"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

const (
	// inlineLimit is the longest content that stands inside its record, in bytes.
	inlineLimit = 64 << 10

	// readableLimit is the same for a text in a readable format, so that a person can read it.
	readableLimit = 1 << 20

	// maxPause is how long a writer may write no chunk. After the grace period a sweep takes it for dead.
	maxPause = grace - time.Minute

	// abortTime is how long the removal of an abandoned draft's chunks may take.
	abortTime = 30 * time.Second
)

var errGone = errors.New("shelf: the draft was thrown away")

// draft is a content that is being written. What is longer than a record holds is cut into chunks while it comes; the
// record, written last, makes them visible. The first chunk is kept back, since it names its record's key.
type draft struct {
	shelf *Shelf
	ctx   context.Context
	slot  *slot
	rec   *record.Record
	kept  record.Kept
	piece int
	limit int64 // of the whole content; 0: none

	mu    sync.Mutex
	buf   []byte // the content from offset cut on
	cut   int64  // what lies in chunks already
	set   string // of the chunks; empty: there are none
	until time.Time
	wrote time.Time // when a chunk was, last
	first []byte    // chunk 0
	again readAgain
	over  bool // committed or aborted
	gone  bool // aborted: nothing is read any more

	lost atomic.Pointer[error] // why a chunk was not committed; not under mu, which may be held while the store tells
}

// readAgain is the chunk that ReadAt read last.
type readAgain struct {
	n    int64
	data []byte
}

// Begin implements record.Backend.
func (s *Shelf) Begin(ctx context.Context, sl record.Slot, r *record.Record, k record.Kept) (record.Draft, error) {
	own, err := ownSlot(sl)
	if err != nil {
		return nil, err
	}
	d := &draft{shelf: s, ctx: ctx, slot: own, rec: r, kept: k, piece: s.piece(), limit: s.limits.Entry}
	if d.limit > 0 && k.Length > d.limit {
		return nil, record.ErrTooLarge
	}
	if k.Length > 0 {
		d.buf = make([]byte, 0, min(k.Length, int64(s.inline(inlineLimit))))
	}
	return d, nil
}

// inline is the longest content of a record, of which the store takes a value of twice that.
func (s *Shelf) inline(limit int) int {
	if s.limits.Value > 0 {
		return min(limit, s.limits.Value/2)
	}
	return limit
}

// Write implements io.Writer; beyond what the store keeps in an entry it is record.ErrTooLarge.
func (d *draft) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.lostChunk(); err != nil {
		return 0, err
	}
	if d.limit > 0 && d.cut+int64(len(d.buf)+len(p)) > d.limit {
		return 0, record.ErrTooLarge
	}
	d.buf = append(d.buf, p...)
	waits := inlineLimit
	if d.slot.layout.write.Readable() {
		waits = readableLimit // it may turn out to be a text
	}
	if d.set == "" && len(d.buf) <= d.shelf.inline(waits) {
		return len(p), nil
	}
	return len(p), d.spill(d.piece)
}

// spill writes chunks as long as there is a piece of at least the given length. mu is held.
func (d *draft) spill(least int) error {
	if d.set == "" {
		d.set, d.until = newSet(), longer(d.kept.RetainUntil, chunkRetain)
	}
	if !d.wrote.IsZero() && time.Since(d.wrote) > maxPause {
		return record.ErrNotKept // a sweep may have taken it for dead
	}
	for len(d.buf) >= least && len(d.buf) > 0 {
		data := d.buf[:min(d.piece, len(d.buf))]
		if d.cut == 0 {
			d.first = append([]byte(nil), data...)
		} else if err := d.put(int(d.cut/int64(d.piece)), data); err != nil {
			return err
		}
		d.cut += int64(len(data))
		d.buf = append(d.buf[:0], d.buf[len(data):]...)
	}
	return nil
}

func (d *draft) put(n int, data []byte) error {
	d.wrote = time.Now()
	c := &record.Chunk{Set: d.set, Index: n, Data: data}
	return d.shelf.putChunk(d.ctx, d.slot.layout, c, store.Item{Retain: d.until, Lazy: true, Lost: d.lose}, store.Any)
}

// lose is told by the store that a chunk was not committed after all.
func (d *draft) lose(err error) { d.lost.Store(&err) }

func (d *draft) lostChunk() error {
	if err := d.lost.Load(); err != nil {
		return *err
	}
	return nil
}

// ReadAt implements io.ReaderAt.
func (d *draft) ReadAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	read := 0
	for read < len(p) {
		data, err := d.at(off + int64(read))
		if err != nil {
			return read, err
		}
		read += copy(p[read:], data)
	}
	return read, nil
}

// at returns bytes from off on. mu is held.
func (d *draft) at(off int64) ([]byte, error) {
	piece := int64(d.piece)
	switch n := off / piece; {
	case d.gone:
		return nil, errGone
	case off >= d.cut+int64(len(d.buf)):
		return nil, io.EOF
	case off >= d.cut:
		return d.buf[off-d.cut:], nil
	case n == 0:
		return d.first[off:], nil
	case n != d.again.n:
		data, err := d.shelf.chunk(d.ctx, d.set, int(n), min(piece, d.cut-n*piece))
		if err != nil {
			return nil, err
		}
		d.again = readAgain{n, data}
		fallthrough
	default:
		return d.again.data[off-n*piece:], nil
	}
}

// Commit implements record.Draft.
func (d *draft) Commit(ctx context.Context, trailer http.Header) error {
	d.mu.Lock()
	if over, gone := d.over, d.gone; over {
		d.mu.Unlock()
		if gone {
			return record.ErrNotKept
		}
		return nil
	}
	d.mu.Unlock()
	err := d.commit(ctx, trailer, false)
	if errors.Is(err, store.ErrTooLarge) && d.set == "" {
		err = d.commit(ctx, trailer, true) // the form of a body may be much longer than the body
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = d.over || err == nil
	if err == nil {
		err = d.lostChunk() // the record is there, and a miss without its chunks
	}
	return err
}

// commit writes the record, and what is left of the content: in chunks, or inline if it may be.
func (d *draft) commit(ctx context.Context, trailer http.Header, chunks bool) error {
	rec := *d.rec
	rec.Trailer = trailer
	d.mu.Lock()
	err := d.finish(&rec, chunks)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	// Not under mu: the store may tell what it lost, and readers go on.
	return d.shelf.put(ctx, d.slot, entry{rec: &rec, kept: d.kept, first: d.first, lazy: true})
}

// finish sets the body of rec. mu is held.
func (d *draft) finish(rec *record.Record, chunks bool) error {
	if d.set == "" && !chunks {
		short := d.shelf.inline(inlineLimit)
		if d.slot.layout.write.Readable() {
			if rec.Body = decode(rec.Header, d.buf); rec.Body.Readable() || len(rec.Body.Data) <= short {
				return nil
			}
		}
		if rec.Body = (record.Body{Data: d.buf}); len(d.buf) <= short {
			return nil
		}
	}
	if err := d.spill(1); err != nil {
		return err
	}
	rec.Body = record.Body{
		Set: d.set, Length: d.cut, Piece: int64(d.piece), Until: d.until,
		Extents: []record.Extent{{Length: d.cut}},
	}
	return d.lostChunk()
}

// decode takes a known content coding off a body, so that a person can read it. The head goes on describing the coded
// form; the coding that was taken off is noted.
func decode(h http.Header, data []byte) record.Body {
	name := coding.Of(h)
	if !coding.Decodes(name) {
		return record.Body{Data: data}
	}
	plain, err := coding.Decode(name, data, readableLimit)
	if err != nil {
		return record.Body{Data: data} // not what it says it is, or long: kept as it came
	}
	return record.Body{Data: plain, Coding: name}
}

// Abort implements record.Draft.
func (d *draft) Abort() error {
	d.mu.Lock()
	over, set := d.over, d.set
	d.over, d.gone, d.buf, d.first, d.again = true, true, nil, nil, readAgain{}
	d.mu.Unlock()
	if over || set == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), abortTime)
	defer cancel()
	return d.shelf.removeSet(ctx, set)
}
