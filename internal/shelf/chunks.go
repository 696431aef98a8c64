package shelf

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/store"
)

const (
	chunkKind = "chunk" // stands in the form of a chunk: "1.chunk.bin.zst"

	// defaultPiece is how many bytes a chunk holds where the store advises nothing.
	defaultPiece = 256 << 10

	// chunkRetain is how much longer than their record chunks are kept: validations prolong the life of a record up to
	// there, and write no chunk.
	chunkRetain = 30 * 24 * time.Hour
)

// newSet names the chunks of a new content.
func newSet() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// setPrefix is what the keys of a set begin with, and, without its slash, the group of the set and its record.
func setPrefix(set string) string { return chunkPrefix + set + "/" }

func chunkKey(set string, n int) string { return setPrefix(set) + strconv.Itoa(n) }

// groupOf is what a record is evicted together with: its chunks, where it has some.
func groupOf(rec *record.Record) string {
	if rec.Body.Set != "" {
		return chunkPrefix + rec.Body.Set
	}
	return rec.Key
}

// forChunks is the pipeline that chunks go through. Where the codec is one of larder's own, which hide and sign nothing,
// it is replaced by the binary one: text formats would only make the bytes longer. The stages stay, so that a seal covers
// the chunks, and so do the set and the index inside each, so that chunks that were swapped are told.
func forChunks(p *codec.Pipeline) (*codec.Pipeline, error) {
	if !p.Plain() {
		return p, nil
	}
	return p.WithCodec(codec.Binary)
}

// piece is how many bytes of a content a chunk holds.
func (s *Shelf) piece() int {
	n := defaultPiece
	if s.limits.Chunk > 0 {
		n = s.limits.Chunk
	}
	if s.limits.Value > 0 {
		n = min(n, max(1, s.limits.Value/2)) // leaves room for the frame and for text forms
	}
	return n
}

// putChunk writes one chunk. A set has one writer, for whom was is Any.
func (s *Shelf) putChunk(ctx context.Context, l *layout, c *record.Chunk, it store.Item, was store.Version) error {
	p, err := forChunks(l.write)
	if err != nil {
		return err
	}
	if it.Value, err = p.Marshal(c); err != nil {
		return err
	}
	it.Form = l.formOf(chunkKind, p.Ext())
	it.Group = chunkPrefix + c.Set
	_, err = s.store.Put(ctx, chunkKey(c.Set, c.Index), it, was)
	return err
}

// chunk reads the data of one chunk, which is want bytes long.
func (s *Shelf) chunk(ctx context.Context, set string, n int, want int64) ([]byte, error) {
	it, err := s.store.Get(ctx, chunkKey(set, n))
	if err != nil {
		return nil, err
	}
	c, err := s.readChunk(ctx, it)
	if err != nil {
		return nil, err
	}
	if c.Set != set || c.Index != n || int64(len(c.Data)) != want {
		return nil, fmt.Errorf("shelf: %s: %w: it holds %d bytes of chunk %d of set %s, want %d", it.Key, codec.ErrCorrupt, len(c.Data), c.Index, c.Set, want)
	}
	return c.Data, nil
}

func (s *Shelf) readChunk(ctx context.Context, it store.Item) (*record.Chunk, error) {
	p, err := s.pipelineFor(ctx, it.Form)
	if err == nil {
		p, err = forChunks(p)
	}
	if err != nil {
		return nil, err
	}
	c := new(record.Chunk)
	return c, p.Unmarshal(it.Value, c)
}

// removeSet deletes the chunks of a set that no reader can reach any more.
func (s *Shelf) removeSet(ctx context.Context, set string) error {
	if !s.limits.Lists {
		return nil // it drops them in its own time
	}
	_, err := store.Clear(ctx, s.store, setPrefix(set))
	return err
}
