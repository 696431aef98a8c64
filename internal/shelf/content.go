package shelf

import (
	"context"
	"fmt"
	"io"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

// openContent returns the content of a body in chunks from offset off. The first chunk is read before it returns.
func (s *Shelf) openContent(ctx context.Context, b *record.Body, off int64) (io.ReadCloser, error) {
	if len(b.Extents) != 1 || b.Extents[0].Offset != 0 || b.Extents[0].Length != b.Length || b.Piece <= 0 || b.Length < 0 {
		return nil, fmt.Errorf("shelf: content %s: %w: not one whole extent", b.Set, codec.ErrCorrupt)
	}
	c := &content{shelf: s, ctx: ctx, body: b, at: min(off, b.Length)}
	return c, c.fill()
}

// content reads the chunks of a set one after another.
type content struct {
	shelf *Shelf
	ctx   context.Context
	body  *record.Body
	at    int64  // offset of the next byte
	ahead []byte // bytes at that offset that were read already
}

// Read implements io.Reader. A chunk that is lost or damaged is an error at its first byte.
func (c *content) Read(p []byte) (int, error) {
	if len(c.ahead) == 0 {
		if err := c.fill(); err != nil {
			return 0, err
		}
		if len(c.ahead) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, c.ahead)
	c.ahead = c.ahead[n:]
	c.at += int64(n)
	return n, nil
}

// fill reads the chunk that the next byte lies in; at the end there is none.
func (c *content) fill() error {
	b := c.body
	if c.at >= b.Length {
		return nil
	}
	n := c.at / b.Piece
	data, err := c.shelf.chunk(c.ctx, b.Set, b.Extents[0].Chunk+int(n), min(b.Piece, b.Length-n*b.Piece))
	if err != nil {
		return err
	}
	c.ahead = data[c.at-n*b.Piece:]
	return nil
}

// Close implements io.Closer. There is nothing to give back, and a Read may be under way.
func (c *content) Close() error { return nil }
