package doc

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/larder-go/larder/internal/nearest"
	"github.com/larder-go/larder/secret"
)

// Into fills what ptr points to from v, overwriting it. A field that v lacks becomes zero where its tag says omitempty, and is an
// error elsewhere: a missing "verify" must not read as false. A document in a text format is read
// as well as a native one: bytes as base64, times as RFC 3339. A field that the struct lacks, or that stands twice, is an
// error. Errors are of type *Error.
func (v Value) Into(ptr any) error {
	p := reflect.ValueOf(ptr)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("doc: into: want a pointer, got a %T", ptr)
	}
	return into(v, p.Elem())
}

func into(v Value, to reflect.Value) error {
	switch to.Type() {
	case timeType:
		return intoTime(v, to)
	case durationType:
		return intoDuration(v, to)
	case valueType:
		to.Set(reflect.ValueOf(v))
		return nil
	case secretType:
		s, err := v.AsString()
		if err == nil {
			to.Set(reflect.ValueOf(secret.New(s)))
		}
		return err
	}
	if to.CanAddr() {
		if u, ok := to.Addr().Interface().(Undocumenter); ok {
			return u.FromDoc(v)
		}
	}
	switch to.Kind() {
	case reflect.Pointer:
		if v.Kind == Null {
			to.SetZero()
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		return into(v, to.Elem())
	case reflect.Bool:
		if v.Kind != Bool {
			return want("true or false", v)
		}
		to.SetBool(v.Text == "true")
		return nil
	case reflect.String:
		s, err := v.AsString()
		to.SetString(s)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intoInt(v, to)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return intoUint(v, to)
	case reflect.Slice:
		return intoSlice(v, to)
	case reflect.Map:
		return intoMap(v, to)
	case reflect.Struct:
		return intoStruct(v, to)
	}
	return fmt.Errorf("doc: into: no form for a %s", to.Type())
}

// AsString is the text of a String, or of Bytes in either form.
func (v Value) AsString() (string, error) {
	switch v.Kind {
	case String, Bytes:
		return v.Text, nil
	case Map:
		if b, ok := v.Get(bytesName); ok && len(v.Fields) == 1 {
			raw, err := b.AsBytes()
			return string(raw), err
		}
	}
	return "", want("a string", v)
}

// AsBytes is what Bytes hold, or what a String says in base64.
func (v Value) AsBytes() ([]byte, error) {
	switch v.Kind {
	case Null:
		return nil, nil
	case Bytes:
		return []byte(v.Text), nil
	case String:
		b, err := base64.StdEncoding.Strict().DecodeString(v.Text)
		if err != nil {
			return nil, &Error{Line: v.Line, Msg: "want base64, got something else: " + err.Error()}
		}
		return b, nil
	case Map:
		if b, ok := v.Get(bytesName); ok && len(v.Fields) == 1 {
			return b.AsBytes()
		}
	}
	return nil, want("bytes in base64", v)
}

func intoTime(v Value, to reflect.Value) error {
	switch v.Kind {
	case Null:
		to.SetZero()
		return nil
	case Time:
		to.Set(reflect.ValueOf(v.Time))
		return nil
	case String:
		t, err := time.Parse(time.RFC3339Nano, v.Text)
		if err != nil {
			return &Error{Line: v.Line, Msg: fmt.Sprintf("want a time like 2026-01-02T15:04:05Z, got %q", v.Text)}
		}
		to.Set(reflect.ValueOf(t))
		return nil
	}
	return want("a time like 2026-01-02T15:04:05Z", v)
}

func intoDuration(v Value, to reflect.Value) error {
	if v.Kind != Number {
		return want("a number of seconds", v)
	}
	r, ok := new(big.Rat).SetString(limited(v.Text))
	if !ok {
		return &Error{Line: v.Line, Msg: "want a number of seconds, got " + v.Text}
	}
	r.Mul(r, big.NewRat(int64(time.Second), 1))
	n := new(big.Int).Quo(r.Num(), r.Denom())
	if !n.IsInt64() {
		return &Error{Line: v.Line, Msg: "want a number of seconds up to 292 years, got " + v.Text}
	}
	to.SetInt(n.Int64())
	return nil
}

// limited refuses literals whose exponent would make them huge.
func limited(literal string) string {
	if len(literal) > 40 {
		return ""
	}
	for i, c := range literal {
		if (c == 'e' || c == 'E') && len(literal)-i > 4 {
			return ""
		}
	}
	return literal
}

func intoInt(v Value, to reflect.Value) error {
	if v.Kind != Number {
		return want("a whole number", v)
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	if err != nil || to.OverflowInt(n) {
		return &Error{Line: v.Line, Msg: "want a whole number in range, got " + v.Text}
	}
	to.SetInt(n)
	return nil
}

func intoUint(v Value, to reflect.Value) error {
	if v.Kind != Number {
		return want("a whole number", v)
	}
	n, err := strconv.ParseUint(v.Text, 10, 64)
	if err != nil || to.OverflowUint(n) {
		return &Error{Line: v.Line, Msg: "want a whole number in range, got " + v.Text}
	}
	to.SetUint(n)
	return nil
}

func intoSlice(v Value, to reflect.Value) error {
	if to.Type().Elem().Kind() == reflect.Uint8 {
		b, err := v.AsBytes()
		if err == nil {
			to.SetBytes(b)
		}
		return err
	}
	switch {
	case v.Kind == Null:
		to.SetZero()
		return nil
	case v.Kind != List && (to.Type().Elem().Kind() == reflect.String || to.Type().Elem() == secretType):
		if _, err := v.AsString(); err != nil {
			return want("a string or a list of strings", v)
		}
		v = Value{Kind: List, Items: []Value{v}} // a single value stands plain
	case v.Kind != List:
		return want("a list", v)
	}
	l := reflect.MakeSlice(to.Type(), len(v.Items), len(v.Items))
	for i, item := range v.Items {
		if err := into(item, l.Index(i)); err != nil {
			return at(fmt.Sprintf("[%d]", i), err)
		}
	}
	to.Set(l)
	return nil
}

func intoMap(v Value, to reflect.Value) error {
	if v.Kind == Null {
		to.SetZero()
		return nil
	}
	if v.Kind != Map {
		return want("an object", v)
	}
	m := reflect.MakeMapWithSize(to.Type(), len(v.Fields))
	for _, f := range v.Fields {
		key := reflect.ValueOf(f.Name).Convert(to.Type().Key())
		if m.MapIndex(key).IsValid() {
			return at(f.Name, &Error{Line: f.Value.Line, Msg: "stands twice"})
		}
		e := reflect.New(to.Type().Elem()).Elem()
		if err := into(f.Value, e); err != nil {
			return at(f.Name, err)
		}
		m.SetMapIndex(key, e)
	}
	to.Set(m)
	return nil
}

func intoStruct(v Value, to reflect.Value) error {
	if v.Kind != Map {
		return want("an object", v)
	}
	fields, err := fieldsOf(to.Type())
	if err != nil {
		return err
	}
	for _, f := range fields {
		to.Field(f.index).SetZero()
	}
	seen := make(map[string]bool, len(v.Fields))
	for _, got := range v.Fields {
		if seen[got.Name] {
			return at(got.Name, &Error{Line: got.Value.Line, Msg: "stands twice"})
		}
		seen[got.Name] = true
		f, ok := find(fields, got.Name)
		if !ok {
			return unknown(got, fields)
		}
		if err := into(got.Value, to.Field(f.index)); err != nil {
			return at(got.Name, err)
		}
	}
	for _, f := range fields {
		if !f.omitempty && !seen[f.name] {
			return at(f.name, &Error{Line: v.Line, Msg: "is missing"})
		}
	}
	return nil
}

func find(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func unknown(got Field, fields []field) error {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.name
	}
	msg := "unknown field"
	if near := nearest.Of(got.Name, known); near != "" {
		msg += "; did you mean " + near + "?"
	}
	return at(got.Name, &Error{Line: got.Value.Line, Msg: msg})
}
