package codec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/larder-go/larder/internal/plain"
)

// Pipeline is a codec and the stages that its bytes go through. It is a Codec itself, safe for concurrent use.
type Pipeline struct {
	codec  Codec
	stages []Stage
	name   string
}

var _ Codec = (*Pipeline)(nil)

// Pipe puts parts in a row: a codec first, then stages. A pipeline may stand for its parts. What cannot work is an error
// that names the part.
func Pipe(parts ...Part) (*Pipeline, error) {
	p := &Pipeline{}
	for i, part := range parts {
		if err := p.add(part); err != nil {
			return nil, fmt.Errorf("codec: pipe: part %d: %w", i+1, err)
		}
	}
	if p.codec == nil {
		return nil, errors.New("codec: pipe: no parts: want a codec, then stages")
	}
	return p, nil
}

func (p *Pipeline) add(part Part) error {
	switch part := part.(type) {
	case nil:
		return errors.New("it is nil")
	case *Pipeline:
		if part == nil {
			return errors.New("it is nil")
		}
		if p.codec != nil {
			return fmt.Errorf("%s turns values into bytes and stands first, here it follows %s", part.name, p.name)
		}
		p.codec, p.stages, p.name = part.codec, append([]Stage(nil), part.stages...), part.name
	case Codec:
		if p.codec != nil {
			return fmt.Errorf("%s turns values into bytes and stands first, here it follows %s", part.Name(), p.name)
		}
		p.codec, p.name = part, part.Name()
	case Stage:
		if p.codec == nil {
			return fmt.Errorf("%s turns bytes into bytes: a codec (json, binary) stands before it", part.Name())
		}
		p.stages = append(p.stages, part)
		p.name += "|" + specOf(part)
	default:
		return fmt.Errorf("%s is neither a codec nor a stage", part.Name())
	}
	return nil
}

// specOf is how a stage is written in a spec: its name and what it was made with, never a key.
func specOf(s Stage) string {
	if sp, ok := s.(interface{ Spec() string }); ok {
		return sp.Spec()
	}
	return s.Name()
}

// AsPipeline returns c itself if it is a pipeline, else a pipeline of c alone.
func AsPipeline(c Codec) (*Pipeline, error) {
	if p, ok := c.(*Pipeline); ok && p != nil {
		return p, nil
	}
	return Pipe(c)
}

// WithCodec returns the pipeline's stages behind another codec.
func (p *Pipeline) WithCodec(c Codec) (*Pipeline, error) {
	parts := []Part{c}
	for _, s := range p.stages {
		parts = append(parts, s)
	}
	return Pipe(parts...)
}

// Name is the pipeline's spec, "json|gzip(level=9)". It holds no secret.
func (p *Pipeline) Name() string { return p.name }

// String is Name, so that no printer shows what the parts hold.
func (p *Pipeline) String() string { return p.name }

// GoString is Name too.
func (p *Pipeline) GoString() string { return "codec.Pipeline(" + p.name + ")" }

// Marshal implements Codec.
func (p *Pipeline) Marshal(v any) ([]byte, error) {
	data, err := p.codec.Marshal(v)
	if err != nil {
		return nil, err
	}
	return p.Encode(nil, data)
}

// Unmarshal implements Codec.
func (p *Pipeline) Unmarshal(data []byte, v any) error {
	data, err := p.Decode(nil, data)
	if err != nil {
		return err
	}
	return p.codec.Unmarshal(data, v)
}

// Encode sends bytes through the stages alone and appends the result to dst. Where dst is nil and there are no stages it is src.
func (p *Pipeline) Encode(dst, src []byte) ([]byte, error) {
	for _, s := range p.stages {
		out, err := s.Encode(nil, src)
		if err != nil {
			return nil, fmt.Errorf("codec: encode %s: %w", s.Name(), err)
		}
		src = out
	}
	if dst == nil {
		return src, nil
	}
	return append(dst, src...), nil
}

// Decode is the inverse of Encode.
func (p *Pipeline) Decode(dst, src []byte) ([]byte, error) {
	for i := len(p.stages) - 1; i >= 0; i-- {
		out, err := p.stages[i].Decode(nil, src)
		if err != nil {
			return nil, fmt.Errorf("codec: decode %s: %w", p.stages[i].Name(), err)
		}
		src = out
	}
	if dst == nil {
		return src, nil
	}
	return append(dst, src...), nil
}

// Text reports whether the pipeline's output is UTF-8 text.
func (p *Pipeline) Text() bool {
	text := p.codec.Text()
	for _, s := range p.stages {
		text = s.Text(text)
	}
	return text
}

// Ext is the file extension of the pipeline's output: "json.gz".
func (p *Pipeline) Ext() string {
	var exts []string
	add := func(part Part) {
		if e, ok := part.(interface{ Ext() string }); ok && e.Ext() != "" {
			exts = append(exts, e.Ext())
		}
	}
	add(p.codec)
	for _, s := range p.stages {
		add(s)
	}
	return strings.Join(exts, ".")
}

// Readable reports whether its codec is a text format, so that a person reads what it writes once the stages are undone.
func (p *Pipeline) Readable() bool { return p.codec.Text() }

// Seals reports whether one of its stages hides the bytes from whoever lacks a key.
func (p *Pipeline) Seals() bool {
	for _, s := range p.stages {
		if sealing, ok := s.(interface{ Seals() bool }); ok && sealing.Seals() {
			return true
		}
	}
	return false
}

// Plain reports whether its codec is one of larder's own, which hide and sign nothing themselves.
func (p *Pipeline) Plain() bool { return plain.Is(p.codec) }
