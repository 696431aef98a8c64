package codec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

// TestHandEdits: what a person changes in a document is what is read, and what does not fit is told by line and field.
func TestHandEdits(t *testing.T) {
	rec := &record.Record{
		Key: "e/1", URL: "http://a/", StatusCode: 200,
		Body: record.Body{Data: []byte("{\n    \"honey\": 1\n}\n")},
	}
	data, err := codec.JSON.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct{ old, new, body, err string }{
		{`"honey": 1`, `"honey": 2, "tea": [1]`, "{\n    \"honey\": 2,\n    \"tea\": [\n        1\n    ]\n}\n", ""},
		{`"status_code": 200`, `"status_code": "ok"`, "", "line 4: status_code: want a whole number, got a string"},
		{`"status_code": 200`, `"status_cod": 200`, "", "line 4: status_cod: unknown field; did you mean status_code?"},
		{`"status_code": 200,`, `"status_code": 200`, "", "line 5, column 3: want ',' or '}'"},
		{`"format": "json"`, `"format": "jpeg"`, "", `body.format: want json, text or bytes, got "jpeg"`},
		{`indent=4`, `indented`, "", `body.layout: unknown word "indented"`},
		{`"larder": 1`, `"larder": 2`, "", "version 2, this program reads up to 1"},
		{`"larder": 1`, `"elapsed": 1`, "", "cut short"},
		{`"url": "http://a/"`, `"url": "http://a/", "url": "http://b/"`, "", "url: stands twice"},
	} {
		if !strings.Contains(string(data), e.old) {
			t.Fatalf("the document does not hold %s:\n%s", e.old, data)
		}
		back := new(record.Record)
		err := codec.JSON.Unmarshal([]byte(strings.Replace(string(data), e.old, e.new, 1)), back)
		switch {
		case e.err == "" && (err != nil || string(back.Body.Data) != e.body):
			t.Errorf("%s: got %q, %v", e.new, back.Body.Data, err)
		case e.err != "" && (err == nil || !strings.Contains(err.Error(), e.err)):
			t.Errorf("%s: got %v, want %s", e.new, err, e.err)
		case e.err != "" && !errors.Is(err, codec.ErrCorrupt) && !errors.Is(err, codec.ErrVersion):
			t.Errorf("%s: %v is of no kind", e.new, err)
		}
	}
}

// TestReadable: how bodies are shown.
func TestReadable(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":1}`:                        `"format": "json",`,
		"hello\n":                        `"content": "hello\n"`,
		`"a JSON string"`:                `"format": "text"`,
		`{"a" :1}`:                       `"format": "text"`,
		"\x89PNG":                        `"$base64": "iVBORw=="`,
		strings.Repeat("x", 1<<20):       `"format": "text"`,
		strings.Repeat("x", 1<<20) + "x": `"format": "bytes"`,
	} {
		data, err := codec.JSON.Marshal(&record.Record{Body: record.Body{Data: []byte(body)}})
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%.40q: want %s in %.400s (%v)", body, want, data, err)
		}
	}
}

func TestKindsAreNotConfused(t *testing.T) {
	for _, c := range []codec.Codec{codec.Binary, codec.JSON} {
		values := []any{&record.Record{Key: "k"}, &record.Chunk{Set: "s"}, &record.Index{Key: "k"}, &record.Label{Kind: "k"}}
		for i, v := range values {
			data, err := c.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			for j, other := range []any{new(record.Record), new(record.Chunk), new(record.Index), new(record.Label)} {
				if err := c.Unmarshal(data, other); (err == nil) != (i == j) {
					t.Errorf("%s: a %T read as a %T: %v", c.Name(), v, other, err)
				}
			}
		}
	}
}

func FuzzBinary(f *testing.F) {
	for _, v := range []any{small(), &record.Index{Key: "k", From: []string{"a"}}} {
		data, err := codec.Binary.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[8:])
	}
	f.Fuzz(func(t *testing.T, rest []byte) {
		codec.ReadUnsummed(rest)
	})
}

func FuzzJSON(f *testing.F) {
	data, err := codec.JSON.Marshal(small())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		rec := new(record.Record)
		if codec.JSON.Unmarshal(data, rec) != nil {
			return
		}
		again, err := codec.JSON.Marshal(rec)
		if err != nil {
			t.Skip() // a year beyond 9999 and the like
		}
		back := new(record.Record)
		if err := codec.JSON.Unmarshal(again, back); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
	})
}
