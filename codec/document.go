package codec

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/larder-go/larder/doc"
	"github.com/larder-go/larder/internal/plain"
)

// documentVersion is the number at the end of every document.
const documentVersion = 1

// versionName is the last field of a document. A document without it has been cut.
const versionName = "larder"

// format is what makes a codec of documents: a name, what the format holds by itself, and the two directions.
type format struct {
	name, ext string
	native    doc.Native
	encode    func(doc.Value) ([]byte, error)
	decode    func([]byte) (doc.Value, error)
}

// documents is a codec that shows values as documents.
type documents struct {
	plain.Codec
	format
}

func (d documents) Name() string { return d.name }
func (d documents) Ext() string  { return d.ext }
func (d documents) Text() bool   { return true }

// Marshal implements Codec. It reads its own output back: where a readable body would not return as it was, the body is
// shown as bytes.
func (d documents) Marshal(v any) ([]byte, error) {
	if t := reflect.TypeOf(v); t == nil || t.Kind() != reflect.Pointer || reflect.ValueOf(v).IsNil() {
		return nil, fmt.Errorf("codec: %s: marshal: want a pointer to a value, got %T", d.name, v)
	}
	want, err := doc.Of(opaque(v))
	if err != nil {
		return nil, fmt.Errorf("codec: %s: marshal %T: %w", d.name, v, err)
	}
	for _, shown := range []any{v, opaque(v)} {
		data, err := d.marshal(shown)
		if err != nil {
			return nil, fmt.Errorf("codec: %s: marshal %T: %w", d.name, v, err)
		}
		back := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if d.Unmarshal(data, back) != nil {
			continue
		}
		if got, err := doc.Of(opaque(back)); err == nil && got.Equal(want) {
			return data, nil
		}
	}
	return nil, fmt.Errorf("codec: %s: marshal %T: it holds something that a document cannot say", d.name, v)
}

func (d documents) marshal(v any) ([]byte, error) {
	tree, err := doc.Of(v)
	if err != nil {
		return nil, err
	}
	tree.Add(versionName, doc.Num(strconv.Itoa(documentVersion)))
	return d.encode(doc.Lower(tree, d.native))
}

// opaque is v with a body that is shown as bytes, where it has one.
func opaque(v any) any {
	if o, ok := v.(interface{ Opaque() any }); ok {
		return o.Opaque()
	}
	return v
}

// Unmarshal implements Codec.
func (d documents) Unmarshal(data []byte, v any) error {
	if t := reflect.TypeOf(v); t == nil || t.Kind() != reflect.Pointer || reflect.ValueOf(v).IsNil() {
		return fmt.Errorf("codec: %s: unmarshal: want a pointer to a value, got %T", d.name, v)
	}
	tree, err := d.decode(data)
	if err != nil {
		return fmt.Errorf("codec: %s: %w: %w", d.name, ErrCorrupt, err)
	}
	if tree.Kind != doc.Map {
		return fmt.Errorf("codec: %s: %w: want an object, got %s", d.name, ErrCorrupt, tree.Kind)
	}
	if err := checkVersion(&tree); err != nil {
		return fmt.Errorf("codec: %s: %w", d.name, err)
	}
	if err := tree.Into(v); err != nil {
		return fmt.Errorf("codec: %s: %w: %w", d.name, ErrCorrupt, err)
	}
	return nil
}

// checkVersion takes the version field off a document.
func checkVersion(tree *doc.Value) error {
	for i, f := range tree.Fields {
		if f.Name != versionName {
			continue
		}
		n, err := strconv.Atoi(f.Value.Text)
		if f.Value.Kind != doc.Number || err != nil || n < 1 {
			return fmt.Errorf("%w: field %s: want a version number, got %s", ErrCorrupt, versionName, f.Value.Kind)
		}
		if n > documentVersion {
			return fmt.Errorf("%w: the document is of version %d, this program reads up to %d", ErrVersion, n, documentVersion)
		}
		rest := make([]doc.Field, 0, len(tree.Fields)-1)
		rest = append(rest, tree.Fields[:i]...)
		tree.Fields = append(rest, tree.Fields[i+1:]...)
		return nil
	}
	return fmt.Errorf("%w: no field %q at the end: cut short, or not written by larder", ErrCorrupt, versionName)
}
