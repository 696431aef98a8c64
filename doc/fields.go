package doc

import (
	"reflect"
	"strings"
	"sync"
)

// field is a struct field as its tag names it.
type field struct {
	name      string
	index     int
	omitempty bool
}

// plans caches the fields of struct types.
var plans sync.Map // reflect.Type → []field

// fieldsOf returns the tagged fields of a struct type in order.
func fieldsOf(t reflect.Type) []field {
	if p, ok := plans.Load(t); ok {
		return p.([]field)
	}
	var fields []field
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("doc")
		if !ok || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		fields = append(fields, field{name, i, options == "omitempty"})
	}
	plans.Store(t, fields)
	return fields
}
