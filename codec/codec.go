// Package codec turns values into bytes and back: codecs (value ↔ bytes), stages (bytes ↔ bytes: compress, encrypt) and
// pipelines of both, which are codecs again. Users call any of these a serializer.
//
// The values are larder's own: a record.Record, record.Chunk, record.Index, record.Label or session.State, always by
// pointer. Codecs of this package never call a value's own Marshal methods; they see it through package doc.
//
// This package links the standard library alone. Stages and codecs on third-party libraries stand in packages of their
// own (zstdstage, …) and are added to a [Registry] as values; nothing registers itself.
package codec

// Codec turns a value into bytes and back. It is safe for concurrent use.
//
// Marshal does not change v and keeps no reference to it. Unmarshal fills *v, may keep references into data (the caller
// does not change data afterwards), refuses trailing bytes, and answers damaged input with an error for which
// errors.Is(err, ErrCorrupt), ErrTampered, ErrKey, ErrTooLarge or ErrVersion holds.
type Codec interface {
	Name() string                  // as written in a spec: lower case, a-z 0-9 and -
	Marshal(v any) ([]byte, error) // v: pointer to one of larder's value types
	Unmarshal(data []byte, v any) error
	Text() bool // the bytes are UTF-8 text
}

// Stage turns bytes into other bytes and back. It is safe for concurrent use.
//
// Encode and Decode append their output to dst, which may be nil, and return the extended slice; they do not change src
// and keep no reference to it. Decode limits its output (see MaxDecoded).
type Stage interface {
	Name() string
	Encode(dst, src []byte) ([]byte, error)
	Decode(dst, src []byte) ([]byte, error)
	Text(in bool) bool // whether the output is UTF-8 text, given whether the input is
}

// Part is what Pipe takes: a Codec or a Stage. A part may have a method Ext() string, the file extension it
// adds without the dot ("json", "zst"); a part without one adds none. A stage may have a method Seals() bool that is true
// when its output hides its input from whoever lacks a key.
type Part interface{ Name() string }
