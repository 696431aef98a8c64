package codectest

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

// everyField sets every field of every type, one at a time, so that a field that is added later cannot be forgotten in one
// form and be there in another.
func everyField(t *testing.T, c codec.Codec) {
	for _, v := range []any{&record.Record{}, &record.Chunk{}, &record.Index{}, &record.Label{}} {
		walk(reflect.ValueOf(v).Elem(), reflect.TypeOf(v).Elem().Name(), func(f reflect.Value, path string) {
			if !fill(f) {
				t.Errorf("%s: the suite does not know how to set a %s", path, f.Type())
			}
			data, err := c.Marshal(v)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return
			}
			back := like(v)
			if err := c.Unmarshal(data, back); err != nil {
				t.Errorf("%s: %v", path, err)
			} else if got := at(back, path); !same(got, f) {
				t.Errorf("%s comes back as %v, want %v", path, got, f)
			}
			f.SetZero()
		})
	}
}

// walk calls use with every field that is no struct of our own.
func walk(v reflect.Value, path string, use func(reflect.Value, string)) {
	for i := range v.NumField() {
		f, name := v.Field(i), path+"."+v.Type().Field(i).Name
		switch {
		case !v.Type().Field(i).IsExported():
		case f.Type() == reflect.TypeFor[record.Body]():
			body(f, name, use)
		case f.Type() == reflect.TypeFor[record.Request]():
			walk(f, name, use)
		default:
			use(f, name)
		}
	}
}

// body sets a body as it can be: in a set of chunks what is only there, the rest inline.
func body(f reflect.Value, name string, use func(reflect.Value, string)) {
	b := f.Addr().Interface().(*record.Body)
	walk(f, name, func(part reflect.Value, path string) {
		switch part.Addr().Interface() {
		case &b.Length, &b.Piece, &b.Until, &b.Extents:
			b.Set = "set"
		}
		use(part, path)
		b.Set = ""
	})
}

// at is the field of v at a path that walk gave. Documents are not asked: they might forget a field on both sides.
func at(v any, path string) reflect.Value {
	f := reflect.ValueOf(v).Elem()
	for _, name := range strings.Split(path, ".")[1:] {
		f = f.FieldByName(name)
	}
	return f
}

// same compares two fields, times by their instant.
func same(a, b reflect.Value) bool {
	if t, ok := a.Interface().(time.Time); ok {
		return t.Equal(b.Interface().(time.Time))
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// fill sets a field to something.
func fill(f reflect.Value) bool {
	switch v := f.Addr().Interface().(type) {
	case *string:
		*v = "text"
	case *int:
		*v = 7
	case *int64:
		*v = 1 << 40
	case *[]byte:
		*v = []byte{0, 1}
	case *[]string:
		*v = []string{"a", "b"}
	case *time.Time:
		*v = time.Unix(1, 1).UTC()
	case *time.Duration:
		*v = 1
	case *http.Header:
		*v = http.Header{"A": {"1"}}
	case *[]record.Extent:
		*v = make([]record.Extent, 1)
		e := reflect.ValueOf(&(*v)[0]).Elem()
		for i := range e.NumField() {
			if !fill(e.Field(i)) {
				return false
			}
		}
	default:
		return false
	}
	return true
}
