package codec

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"reflect"

	"github.com/larder-go/larder/doc"
	"github.com/larder-go/larder/internal/plain"
	"github.com/larder-go/larder/record"
)

// Binary is the default codec: compact, with a checksum, and quick to read. docs/format.md states its bytes. A record's
// body and a chunk's data are the end of the bytes and are not copied when they are read.
var Binary Codec = binaryCodec{}

type binaryCodec struct{ plain.Codec }

func (binaryCodec) Name() string { return "binary" }
func (binaryCodec) Ext() string  { return "bin" }
func (binaryCodec) Text() bool   { return false }

// Every value begins with magic, version, shape and a CRC-32C over what follows.
const (
	binaryMagic   = "LR"
	binaryVersion = 1
	shapeRecord   = 'r'
	shapeChunk    = 'c'
	shapeTree     = 't'
	binaryHead    = len(binaryMagic) + 2 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Marshal implements Codec.
func (c binaryCodec) Marshal(v any) ([]byte, error) {
	if rec, ok := v.(*record.Record); ok && rec != nil {
		return sum(appendRecord(begin(shapeRecord, sizeOf(rec)), rec)), nil
	}
	if c, ok := v.(*record.Chunk); ok && c != nil {
		return sum(appendChunk(begin(shapeChunk, 64+len(c.Set)+len(c.Owner)+len(c.Data)), c)), nil
	}
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer || reflect.ValueOf(v).IsNil() {
		return nil, fmt.Errorf("codec: binary: marshal: want a pointer to a value, got %T", v)
	}
	tree, err := doc.Of(v)
	if err != nil {
		return nil, fmt.Errorf("codec: binary: marshal %T: %w", v, err)
	}
	out := appendText(begin(shapeTree, 256), t.Elem().Name())
	return sum(appendTree(out, tree)), nil
}

func begin(shape byte, size int) []byte {
	out := make([]byte, 0, size)
	out = append(out, binaryMagic...)
	return append(out, binaryVersion, shape, 0, 0, 0, 0)
}

// sum sets the checksum.
func sum(out []byte) []byte {
	binary.LittleEndian.PutUint32(out[binaryHead-4:], crc32.Checksum(out[binaryHead:], castagnoli))
	return out
}

// Unmarshal implements Codec.
func (c binaryCodec) Unmarshal(data []byte, v any) error {
	shape, rest, err := open(data)
	if err != nil {
		return fmt.Errorf("codec: binary: %w", err)
	}
	if t := reflect.TypeOf(v); t == nil || t.Kind() != reflect.Pointer || reflect.ValueOf(v).IsNil() {
		return fmt.Errorf("codec: binary: unmarshal: want a pointer to a value, got %T", v)
	}
	switch v := v.(type) {
	case *record.Record:
		if shape != shapeRecord {
			return fmt.Errorf("codec: binary: %w: not a record", ErrCorrupt)
		}
		err = readRecord(rest, v)
	case *record.Chunk:
		if shape != shapeChunk {
			return fmt.Errorf("codec: binary: %w: not a chunk", ErrCorrupt)
		}
		err = readChunk(rest, v)
	default:
		err = readValue(shape, rest, v)
	}
	if err != nil {
		return fmt.Errorf("codec: binary: %T: %w: %w", v, ErrCorrupt, err)
	}
	return nil
}

// open checks what every value begins with.
func open(data []byte) (shape byte, rest []byte, err error) {
	switch {
	case len(data) < binaryHead || string(data[:2]) != binaryMagic:
		return 0, nil, fmt.Errorf("%w: not written by larder, or cut short", ErrCorrupt)
	case data[2] > binaryVersion:
		return 0, nil, fmt.Errorf("%w: version %d, this program reads up to %d", ErrVersion, data[2], binaryVersion)
	case data[2] != binaryVersion:
		return 0, nil, fmt.Errorf("%w: no such version: %d", ErrCorrupt, data[2])
	case crc32.Checksum(data[binaryHead:], castagnoli) != binary.LittleEndian.Uint32(data[binaryHead-4:]):
		return 0, nil, fmt.Errorf("%w: the checksum does not fit", ErrCorrupt)
	}
	return data[3], data[binaryHead:], nil
}

func readValue(shape byte, rest []byte, v any) error {
	if shape != shapeTree {
		return fmt.Errorf("want a document, got shape %q", shape)
	}
	r := reader{text: string(rest), nodes: doc.MaxNodes}
	name := r.str()
	tree := r.tree(0)
	if err := r.end(); err != nil {
		return err
	}
	if reflect.TypeOf(v).Elem().Name() != name {
		return fmt.Errorf("it holds a %s", name)
	}
	return tree.Into(v)
}
