// Package codectest is the suite that every codec and pipeline passes: values of its own table come back as they were, and
// damaged bytes are refused without a panic.
//
//	func TestSuite(t *testing.T) { codectest.Run(t, mycodec.New()) }
//
// A failing case names the value. Sessions are not among the values: package session brings its own.
package codectest

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/doc"
)

// Run holds c against the suite.
func Run(t *testing.T, c codec.Codec) {
	for name, v := range values() {
		t.Run("comes back/"+name, func(t *testing.T) { comesBack(t, c, v) })
	}
	t.Run("every field", func(t *testing.T) { everyField(t, c) })
	t.Run("equal values give equal documents", func(t *testing.T) { stable(t, c) })
	t.Run("damage", func(t *testing.T) { damage(t, c) })
	t.Run("what is no value", func(t *testing.T) { noValue(t, c) })
}

// comesBack marshals v, reads it, and compares what both say.
func comesBack(t *testing.T, c codec.Codec, v any) {
	t.Helper()
	before := said(t, v)
	data, err := c.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if !said(t, v).Equal(before) {
		t.Fatal("Marshal changed the value")
	}
	kept := bytes.Clone(data)
	back := like(v)
	if err := c.Unmarshal(data, back); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, kept) {
		t.Fatal("Unmarshal changed the data")
	}
	if got := said(t, back); !got.Equal(before) {
		t.Errorf("it comes back as another:\n%+v\n%+v", back, v)
	}
	if err := c.Unmarshal(append(bytes.Clone(data), 'x'), like(v)); err == nil {
		t.Error("a byte too many is taken")
	}
}

// said is all that a value says, its body as bytes, so that how a body is shown makes no difference.
func said(t *testing.T, v any) doc.Value {
	t.Helper()
	if o, ok := v.(interface{ Opaque() any }); ok {
		v = o.Opaque()
	}
	tree, err := doc.Of(v)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// like is a new value of v's type.
func like(v any) any { return reflect.New(reflect.TypeOf(v).Elem()).Interface() }

// stable marshals one value twice; only what is encrypted or compressed may differ.
func stable(t *testing.T, c codec.Codec) {
	if !c.Text() {
		return
	}
	for name, v := range values() {
		one, err := c.Marshal(v)
		two, err2 := c.Marshal(v)
		if err != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: two marshallings differ (%v, %v)", name, err, err2)
		}
	}
}

// damage cuts a value everywhere and flips every bit. Text may say something else after a flip; other bytes may not.
func damage(t *testing.T, c codec.Codec) {
	v := small()
	data, err := c.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if n == len(data)-1 && c.Text() {
			continue // a final newline more or less
		}
		refused(t, c, data[:n], "cut to %d bytes", n)
	}
	refused(t, c, append(bytes.Clone(data), data...), "twice in a row")
	for i := range data {
		for bit := range 8 {
			flipped := bytes.Clone(data)
			flipped[i] ^= 1 << bit
			if c.Text() {
				c.Unmarshal(flipped, like(v)) // must not panic
				continue
			}
			back := like(v)
			if c.Unmarshal(flipped, back) == nil && said(t, back).Equal(said(t, v)) {
				continue // a bit that says nothing, such as the time in a gzip header
			}
			refused(t, c, flipped, "bit %d of byte %d flipped", bit, i)
		}
	}
}

// refused wants an error of a kind that codecs have.
func refused(t *testing.T, c codec.Codec, data []byte, format string, args ...any) {
	t.Helper()
	err := c.Unmarshal(data, like(small()))
	for _, kind := range []error{codec.ErrCorrupt, codec.ErrTampered, codec.ErrKey, codec.ErrVersion, codec.ErrTooLarge} {
		if errors.Is(err, kind) {
			return
		}
	}
	t.Fatalf(format+": want an error of package codec, got %v", append(args, err)...)
}

// noValue gives Marshal what it cannot take.
func noValue(t *testing.T, c codec.Codec) {
	var nothing *struct{}
	for _, v := range []any{nil, nothing, 1, "text", struct{}{}} {
		if _, err := c.Marshal(v); err == nil {
			t.Errorf("Marshal takes a %T", v)
		}
	}
}
