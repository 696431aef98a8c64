package doc

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/larder-go/larder/secret"
)

// Of returns the document of v: a struct with doc tags, a pointer to one, or anything such a struct may hold. Durations
// are seconds, a map of string lists (http.Header) has its names sorted and single values plain.
func Of(v any) (Value, error) { return of(reflect.ValueOf(v)) }

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	secretType   = reflect.TypeFor[secret.Text]()
	valueType    = reflect.TypeFor[Value]()
)

func of(v reflect.Value) (Value, error) {
	if !v.IsValid() {
		return Value{}, nil
	}
	switch v.Type() {
	case timeType:
		return Value{Kind: Time, Time: v.Interface().(time.Time)}, nil
	case durationType:
		return Num(seconds(time.Duration(v.Int()))), nil
	case secretType:
		return text(v.Interface().(secret.Text).Reveal()), nil
	case valueType:
		return v.Interface().(Value), nil
	}
	if v.Type().NumMethod() > 0 && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		if d, ok := v.Interface().(Documenter); ok {
			return d.DocValue()
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return Value{}, nil
		}
		return of(v.Elem())
	case reflect.Bool:
		return Flag(v.Bool()), nil
	case reflect.String:
		return text(v.String()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Num(strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Num(strconv.FormatUint(v.Uint(), 10)), nil
	case reflect.Slice:
		return ofSlice(v)
	case reflect.Map:
		return ofMap(v)
	case reflect.Struct:
		return ofStruct(v)
	}
	return Value{}, fmt.Errorf("doc: no form for a %s", v.Type())
}

// text is a String, or Bytes where s is no UTF-8.
func text(s string) Value {
	if utf8.ValidString(s) {
		return Str(s)
	}
	return Value{Kind: Bytes, Text: s}
}

func ofSlice(v reflect.Value) (Value, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return Blob(v.Bytes()), nil
	}
	l := Value{Kind: List, Items: make([]Value, v.Len())}
	for i := range l.Items {
		item, err := of(v.Index(i))
		if err != nil {
			return Value{}, err
		}
		l.Items[i] = item
	}
	return l, nil
}

func ofMap(v reflect.Value) (Value, error) {
	if v.Type().Key().Kind() != reflect.String {
		return Value{}, fmt.Errorf("doc: no form for a %s", v.Type())
	}
	names := map[string]reflect.Value{}
	for k, e := range v.Seq2() {
		names[k.String()] = e
	}
	m := Value{Kind: Map}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		e, err := of(names[name])
		if err != nil {
			return Value{}, err
		}
		if e.Kind == List && len(e.Items) == 1 && v.Type().Elem().Kind() == reflect.Slice {
			e = e.Items[0]
		}
		m.Add(name, e)
	}
	return m, nil
}

func ofStruct(v reflect.Value) (Value, error) {
	fields, err := fieldsOf(v.Type())
	if err != nil {
		return Value{}, err
	}
	m := Value{Kind: Map}
	for _, f := range fields {
		fv := v.Field(f.index)
		if f.omitempty && isEmpty(fv) {
			continue
		}
		e, err := of(fv)
		if err != nil {
			return Value{}, err
		}
		m.Add(f.name, e)
	}
	return m, nil
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.Len() == 0
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.IsZero()
}

// seconds is a duration as a decimal number of seconds with all its digits.
func seconds(d time.Duration) string {
	sign, u := "", uint64(d)
	if d < 0 {
		sign, u = "-", -u
	}
	s := sign + strconv.FormatUint(u/uint64(time.Second), 10)
	if frac := u % uint64(time.Second); frac != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%09d", frac), "0")
	}
	return s
}
