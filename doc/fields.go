package doc

import (
	"fmt"
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

// fieldsOf returns the tagged fields of a struct type in order. A type without any, or with a tag on a field that is not
// exported, is an error: what it holds would be lost without a word.
func fieldsOf(t reflect.Type) ([]field, error) {
	if p, ok := plans.Load(t); ok {
		return p.([]field), nil
	}
	var fields []field
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("doc")
		if !ok || tag == "-" {
			continue
		}
		if !t.Field(i).IsExported() {
			return nil, fmt.Errorf("doc: %s: field %s has a doc tag and is not exported", t, t.Field(i).Name)
		}
		name, options, _ := strings.Cut(tag, ",")
		fields = append(fields, field{name, i, options == "omitempty"})
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("doc: %s has no field with a doc tag", t)
	}
	plans.Store(t, fields)
	return fields, nil
}
