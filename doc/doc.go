// Package doc turns larder's values into documents and back: ordered trees of the things that every text format can
// say. A struct names its fields by tags (`doc:"name"` or `doc:"name,omitempty"`), so that a field cannot be in one
// format and missing in another.
//
// Marshalling is saving: a secret.Text is revealed in a document. Nothing here calls a value's own Marshal methods.
package doc

import (
	"fmt"
	"time"
)

// Kind is what a Value holds.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number // as a literal, so that no digit is lost
	String
	Bytes
	Time
	List
	Map // ordered
)

var kindNames = [...]string{"null", "true or false", "a number", "a string", "bytes", "a time", "a list", "an object"}

// String names the kind as error messages do: "a number".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Value is a node of a document. The zero Value is null.
type Value struct {
	Kind   Kind
	Text   string    // of a String; the literal of a Number; the bytes of Bytes; "true" or "false" of a Bool
	Time   time.Time // of a Time
	Items  []Value   // of a List
	Fields []Field   // of a Map, in order
	Line   int       // of the text it was read from, from 1; 0: not known
}

// Field is a member of a Map.
type Field struct {
	Name  string
	Value Value
}

// Str, Num, Blob and Flag make single values.
func Str(s string) Value { return Value{Kind: String, Text: s} }

// Num makes a Number of a literal in JSON's spelling.
func Num(literal string) Value { return Value{Kind: Number, Text: literal} }

// Blob makes Bytes.
func Blob(b []byte) Value { return Value{Kind: Bytes, Text: string(b)} }

// Flag makes a Bool.
func Flag(b bool) Value {
	if b {
		return Value{Kind: Bool, Text: "true"}
	}
	return Value{Kind: Bool, Text: "false"}
}

// Get returns the first field of a Map with the name.
func (v Value) Get(name string) (Value, bool) {
	for _, f := range v.Fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Add appends a field to a Map.
func (v *Value) Add(name string, f Value) {
	v.Kind = Map
	v.Fields = append(v.Fields, Field{name, f})
}

// Equal reports whether v and w say the same: times by their instant, the rest to the letter.
func (v Value) Equal(w Value) bool {
	if v.Kind != w.Kind || v.Text != w.Text || !v.Time.Equal(w.Time) || len(v.Items) != len(w.Items) || len(v.Fields) != len(w.Fields) {
		return false
	}
	for i := range v.Items {
		if !v.Items[i].Equal(w.Items[i]) {
			return false
		}
	}
	for i := range v.Fields {
		if v.Fields[i].Name != w.Fields[i].Name || !v.Fields[i].Value.Equal(w.Fields[i].Value) {
			return false
		}
	}
	return true
}

// Documenter is a type with a form of its own in documents.
type Documenter interface{ DocValue() (Value, error) }

// Undocumenter is its inverse. It is called on a pointer and overwrites what that holds.
type Undocumenter interface{ FromDoc(Value) error }

// Error says where in a document a value does not fit.
type Error struct {
	Path   string // "request.headers.Accept"; empty: the document itself
	Line   int    // from 1; 0: not known
	Column int    // in bytes, from 1; 0: not known
	Msg    string
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Msg
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	switch {
	case e.Line > 0 && e.Column > 0:
		s = fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, s)
	case e.Line > 0:
		s = fmt.Sprintf("line %d: %s", e.Line, s)
	}
	return s
}

// want is the error of a value of another kind than expected.
func want(what string, got Value) error {
	return &Error{Line: got.Line, Msg: fmt.Sprintf("want %s, got %s", what, got.Kind)}
}

// at puts name before the path of err.
func at(name string, err error) error {
	e, ok := err.(*Error)
	if !ok {
		return &Error{Path: name, Msg: err.Error()}
	}
	c := *e
	switch {
	case c.Path == "":
		c.Path = name
	case c.Path[0] == '[':
		c.Path = name + c.Path
	default:
		c.Path = name + "." + c.Path
	}
	return &c
}
