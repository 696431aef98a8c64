package codectest

import (
	"net/http"
	"reflect"
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
			} else if !said(t, back).Equal(said(t, v)) {
				t.Errorf("%s does not come back", path)
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

// body sets a body as it can be: inline with its coding, or in a set of chunks.
func body(f reflect.Value, name string, use func(reflect.Value, string)) {
	b := f.Addr().Interface().(*record.Body)
	use(f.FieldByName("Data"), name+".Data")
	use(f.FieldByName("Coding"), name+".Coding")
	b.Set = "set"
	use(f.FieldByName("Length"), name+".Length")
	use(f.FieldByName("Extents"), name+".Extents")
	b.Set = ""
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
		*v = []record.Extent{{Offset: 1, Length: 2, Chunk: 3}}
	default:
		return false
	}
	return true
}
