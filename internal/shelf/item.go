package shelf

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

// indexKind stands in the form of an index: "1.index.json".
const indexKind = "index"

func isIndex(form string) bool {
	_, rest, _ := strings.Cut(form, ".")
	return rest == indexKind || strings.HasPrefix(rest, indexKind+".")
}

// pipelineFor is the pipeline that wrote an item of the given form.
func (s *Shelf) pipelineFor(ctx context.Context, form string) (*codec.Pipeline, error) {
	l, err := s.layout(ctx)
	if err != nil {
		return nil, err
	}
	id, _, _ := strings.Cut(form, ".")
	if p := l.read[id]; p != nil {
		return p, nil
	}
	if l, err = s.reread(ctx, l); err != nil {
		return nil, err
	}
	if p := l.read[id]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("shelf: item of form %q: %w: no serializer with id %q", form, ErrUnusable, id)
}

// unmarshal reads an item with the serializer that wrote it.
func (s *Shelf) unmarshal(ctx context.Context, it store.Item, v any) error {
	p, err := s.pipelineFor(ctx, it.Form)
	if err != nil {
		return err
	}
	return p.Unmarshal(it.Value, v)
}

// readRecord reads the record in it, and refuses one that was written under another key: entries that somebody swapped,
// under encryption too, are misses.
func (s *Shelf) readRecord(ctx context.Context, it store.Item) (*record.Record, error) {
	if rec := s.memo.get(it); rec != nil {
		return rec, nil
	}
	rec := new(record.Record)
	if err := s.unmarshal(ctx, it, rec); err != nil {
		return nil, err
	}
	if rec.Key != it.Key {
		return nil, fmt.Errorf("shelf: %s: %w: it holds the record of %s", it.Key, codec.ErrCorrupt, rec.Key)
	}
	s.memo.put(it, rec)
	return own(rec), nil
}

// indexItem is idx as a store keeps it. An index that remembers an invalidation is not evicted while that may matter.
func (s *Shelf) indexItem(l *layout, idx *record.Index, retain time.Time) (store.Item, error) {
	data, err := l.write.Marshal(idx)
	if err != nil {
		return store.Item{}, err
	}
	it := store.Item{
		Value:  data,
		Label:  l.label(&record.Label{Kind: indexKind, URL: idx.URL, Generation: idx.Generation, Length: -1}),
		Form:   l.form(indexKind),
		Retain: retain,
		Group:  idx.Key,
	}
	if !idx.Invalidated.IsZero() && time.Since(idx.Invalidated) < tombstoneRetain {
		it.Group = ""
	}
	return it, nil
}

// recordLabel summarises rec.
func recordLabel(rec *record.Record, k record.Kept) *record.Label {
	return &record.Label{
		Kind:       "record",
		Method:     rec.Request.Method,
		URL:        rec.URL,
		StatusCode: rec.StatusCode,
		Type:       mediaType(rec.Header),
		Stored:     rec.ResponseTime,
		FreshUntil: k.FreshUntil,
		Length:     rec.Body.Size(),
		Set:        rec.Body.Set,
	}
}

func mediaType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// label turns lb into bytes that are as protected as the items are: sealed where the pipeline seals. Where a user's own
// codec may hide or sign, there is none, and a listing reads the records.
func (l *layout) label(lb *record.Label) []byte {
	if !l.write.Plain() {
		return nil
	}
	for {
		data, err := codec.Binary.Marshal(lb)
		if err == nil && l.write.Seals() {
			data, err = l.write.Encode(nil, data)
		}
		if err != nil {
			return nil
		}
		if len(data) <= store.MaxLabel {
			return data
		}
		if len(lb.URL) < 16 {
			return nil
		}
		short := *lb
		short.URL = strings.ToValidUTF8(lb.URL[:len(lb.URL)-max(8, min(len(lb.URL)/2, len(data)-store.MaxLabel+4))], "") + "…"
		lb = &short
	}
}

// readLabel is the inverse of label; nil where there is none or it does not read.
func (s *Shelf) readLabel(ctx context.Context, it store.Item) *record.Label {
	if len(it.Label) == 0 {
		return nil
	}
	p, err := s.pipelineFor(ctx, it.Form)
	if err != nil || !p.Plain() {
		return nil
	}
	data := it.Label
	if p.Seals() {
		if data, err = p.Decode(nil, data); err != nil {
			return nil
		}
	}
	lb := new(record.Label)
	if codec.Binary.Unmarshal(data, lb) != nil {
		return nil
	}
	return lb
}
