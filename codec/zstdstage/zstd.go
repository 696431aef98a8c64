// Package zstdstage is the Zstandard compression stage (RFC 8878) on klauspost/compress, the advised one: nearly gzip's
// ratio at several times its speed.
package zstdstage

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/larder-go/larder/codec"
)

const defaultLevel = 3

// New returns a stage at a level from 1 (fast) to 22 (small); 0 is the default, 3. Memory is bounded: decoding stops at
// codec.MaxDecoded bytes.
func New(level int) (codec.Stage, error) {
	if level == 0 {
		level = defaultLevel
	}
	if level < 1 || level > 22 {
		return nil, fmt.Errorf("zstd: want a level from 1 to 22, got %d", level)
	}
	s := &stage{level: level}
	s.encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)), zstd.WithEncoderConcurrency(0), zstd.WithWindowSize(1<<20))
	})
	s.decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(codec.MaxDecoded), zstd.WithDecoderMaxWindow(32<<20))
	})
	return s, nil
}

// Maker adds the stage to a codec.Registry, as "zstd" or "zstd(level=19)".
func Maker() codec.Maker {
	return codec.Maker{Name: "zstd", Params: []string{"level"}, Make: func(p codec.Params) (codec.Part, error) {
		level, err := p.Int("level", 0)
		if err != nil {
			return nil, err
		}
		return New(level)
	}}
}

// stage makes its encoder and decoder at first use; both are safe for concurrent use and keep their buffers.
type stage struct {
	level   int
	encoder func() (*zstd.Encoder, error)
	decoder func() (*zstd.Decoder, error)
}

func (s *stage) Name() string   { return "zstd" }
func (s *stage) Ext() string    { return "zst" }
func (s *stage) Text(bool) bool { return false }

func (s *stage) Spec() string {
	if s.level == defaultLevel {
		return "zstd"
	}
	return fmt.Sprintf("zstd(level=%d)", s.level)
}

// Encode implements codec.Stage.
func (s *stage) Encode(dst, src []byte) ([]byte, error) {
	e, err := s.encoder()
	if err != nil {
		return nil, err
	}
	return e.EncodeAll(src, dst), nil
}

// Decode implements codec.Stage.
func (s *stage) Decode(dst, src []byte) ([]byte, error) {
	if len(src) == 0 {
		return nil, fmt.Errorf("%w: no bytes", codec.ErrCorrupt) // no frame is not an empty frame
	}
	d, err := s.decoder()
	if err != nil {
		return nil, err
	}
	out, err := d.DecodeAll(src, dst)
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return nil, fmt.Errorf("%w of %d bytes", codec.ErrTooLarge, codec.MaxDecoded)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", codec.ErrCorrupt, err)
	}
	if err := oneFrame(src); err != nil {
		return nil, fmt.Errorf("%w: %w", codec.ErrCorrupt, err)
	}
	return out, nil
}
