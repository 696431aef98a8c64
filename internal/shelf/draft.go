package shelf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/larder-go/larder/internal/coding"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// readableLimit is how much of a body a readable format keeps decoded, in bytes.
const readableLimit = 1 << 20

// draft collects a response in memory until it is committed.
type draft struct {
	shelf *Shelf
	slot  *slot
	rec   *record.Record
	kept  record.Kept

	mu   sync.Mutex
	body []byte
	over bool // committed or aborted
}

// Begin implements record.Backend.
func (s *Shelf) Begin(_ context.Context, sl record.Slot, r *record.Record, k record.Kept) (record.Draft, error) {
	own, err := ownSlot(sl)
	if err != nil {
		return nil, err
	}
	return &draft{shelf: s, slot: own, rec: r, kept: k}, nil
}

// Write implements io.Writer; beyond the largest content that is kept it is record.ErrTooLarge.
func (d *draft) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if int64(len(d.body)+len(p)) > d.shelf.maxBody() {
		return 0, record.ErrTooLarge
	}
	d.body = append(d.body, p...)
	return len(p), nil
}

// ReadAt implements io.ReaderAt.
func (d *draft) ReadAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if off >= int64(len(d.body)) {
		return 0, io.EOF
	}
	n := copy(p, d.body[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Abort implements record.Draft.
func (d *draft) Abort() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over, d.body = true, nil
	return nil
}

// Commit implements record.Draft.
func (d *draft) Commit(ctx context.Context, trailer http.Header) error {
	d.mu.Lock()
	if d.over {
		d.mu.Unlock()
		return nil
	}
	d.over = true
	rec, body := *d.rec, d.body
	d.mu.Unlock()

	rec.Body = record.Body{Data: body}
	rec.Trailer = trailer
	if d.slot.layout.write.Readable() {
		decode(&rec)
	}
	return d.shelf.put(ctx, d.slot, &rec, d.kept)
}

// decode takes a known content coding off a body, so that a person can read it. The head goes on describing the coded
// form; the coding that was taken off is noted.
func decode(rec *record.Record) {
	name := coding.Of(rec.Header)
	if !coding.Decodes(name) {
		return
	}
	plain, err := coding.Decode(name, rec.Body.Data, readableLimit)
	if err != nil {
		return // not what it says it is, or long: kept as it came
	}
	rec.Body = record.Body{Data: plain, Coding: name}
}

// put stores rec where the slot says, if what was seen there, or what has grown out of it, still lies there.
func (s *Shelf) put(ctx context.Context, sl *slot, rec *record.Record, k record.Kept) error {
	if sl.version == store.Absent && time.Since(sl.seenAt) > grace {
		return record.ErrNotKept // an invalidation may have been forgotten meanwhile
	}
	if sl.index == nil && len(k.Needs) == 0 {
		err := s.putRecord(ctx, sl, sl.key, sl.version, rec, k)
		if !errors.Is(err, store.ErrChanged) {
			return err
		}
		// Another writer was first. If that was a sibling who found that the URL has variants, this is one of them.
	}
	idx, err := s.grow(ctx, sl, k.Needs, k.RetainUntil)
	if err != nil {
		return err
	}
	key := sl.variantKey(idx)
	was := store.Absent
	if key == sl.variant {
		was = sl.variantVersion
	}
	err = s.putRecord(ctx, sl, key, was, rec, k)
	if errors.Is(err, store.ErrChanged) {
		return record.ErrNotKept
	}
	return err
}

// putRecord writes rec under key.
func (s *Shelf) putRecord(ctx context.Context, sl *slot, key string, was store.Version, rec *record.Record, k record.Kept) error {
	rec.Key = key
	data, err := sl.layout.write.Marshal(rec)
	if err != nil {
		return err
	}
	_, err = s.store.Put(ctx, key, store.Item{
		Value:  data,
		Label:  sl.layout.label(recordLabel(rec, k)),
		Form:   sl.layout.form(""),
		Retain: k.RetainUntil,
		Group:  key,
	}, was)
	return err
}

// Freshen implements record.Backend.
func (s *Shelf) Freshen(ctx context.Context, old record.Stored, r *record.Record, k record.Kept) error {
	sl, err := ownSlot(old.Slot)
	if err != nil {
		return err
	}
	fresh := *r
	if !sl.covers(k.Needs) {
		return s.put(ctx, sl, &fresh, k) // the origin has changed by what it tells responses apart
	}
	if sl.index != nil {
		if _, err := s.grow(ctx, sl, nil, k.RetainUntil); err != nil {
			return err
		}
	}
	key, version := sl.where()
	err = s.putRecord(ctx, sl, key, version, &fresh, k)
	if errors.Is(err, store.ErrChanged) {
		return record.ErrNotKept
	}
	return err
}

// stored is rec as Find returns it.
func stored(rec *record.Record, sl *slot) record.Stored {
	return record.Stored{Record: rec, Slot: sl, Open: func(_ context.Context, off int64) (io.ReadCloser, error) {
		off = min(off, int64(len(rec.Body.Data)))
		return io.NopCloser(bytes.NewReader(rec.Body.Data[off:])), nil
	}}
}
