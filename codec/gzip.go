package codec

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"sync"
)

// Gzip returns a stage that compresses (RFC 1952) at a level from 1 (fast) to 9 (small); 0 is the default, 6.
func Gzip(level int) (Stage, error) {
	if level == 0 {
		level = 6
	}
	if level < 1 || level > 9 {
		return nil, fmt.Errorf("codec: gzip: want a level from 1 to 9, got %d", level)
	}
	return &gzipStage{level: level}, nil
}

// gzipStage keeps writers for reuse: a new one costs more than a small value.
type gzipStage struct {
	level   int
	writers sync.Pool
}

func (s *gzipStage) Name() string   { return "gzip" }
func (s *gzipStage) Ext() string    { return "gz" }
func (s *gzipStage) Text(bool) bool { return false }

// Spec implements the optional method that Pipe asks.
func (s *gzipStage) Spec() string {
	if s.level == 6 {
		return "gzip"
	}
	return fmt.Sprintf("gzip(level=%d)", s.level)
}

// Encode implements Stage.
func (s *gzipStage) Encode(dst, src []byte) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	w, ok := s.writers.Get().(*gzip.Writer)
	if ok {
		w.Reset(out)
	} else {
		var err error
		if w, err = gzip.NewWriterLevel(out, s.level); err != nil {
			return nil, err
		}
	}
	defer s.writers.Put(w)
	if _, err := w.Write(src); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Decode implements Stage.
func (s *gzipStage) Decode(dst, src []byte) ([]byte, error) {
	in := bytes.NewReader(src)
	r, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	r.Multistream(false) // bytes that somebody appended are no content
	out, err := ReadLimited(dst, r)
	if err == nil && in.Len() > 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrCorrupt, in.Len())
	}
	return out, err
}
