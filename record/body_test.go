package record_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/doc"
	"github.com/larder-go/larder/record"
)

// field is the text of a field of a document; empty where it has none.
func field(v doc.Value, name string) string {
	f, _ := v.Get(name)
	return f.Text
}

// TestBodyForms: what a person can read is shown so, and all of it comes back to the byte.
func TestBodyForms(t *testing.T) {
	for _, c := range []struct{ body, format, layout string }{
		{"", "text", ""},
		{"hello\r\n\tyou", "text", ""},
		{"grüß\u2028", "text", ""},
		{`{}`, "json", ""},
		{`[1,2]`, "json", ""},
		{`{"a": [1, 2]}`, "json", "spaced"},
		{"{\n  \"a\": 1\n}\n", "json", "indent=2 newline"},
		{"{\n    \"a\": 1\n}", "json", "indent=4"},
		{"[\n\t1\n]\n", "json", "tab newline"},
		{`{"a":"\u00fc"}`, "json", "ascii"},
		{`{"a":"\u003c"}`, "json", "html"},
		{`{"a":"\/"}`, "json", "slash"},
		{`{"a":1,"a":1e400,"b":123456789012345678901234567890}`, "json", ""},
		{`{"$base64":"AAAA"}`, "json", ""}, // not taken for bytes of ours
		{`{"format":"text"}`, "json", ""},  // nor for a body
		{`{"a":"\ud800"}`, "text", ""},     // no JSON that every parser reads
		{`{"a":"\u00FC"}`, "text", ""},     // upper case would not come back
		{"{\"a\":1}\n\n", "text", ""},      // nor a second line end
		{` {"a":1}`, "text", ""},           // nor a space in front
		{`"alone"`, "text", ""},            // single values are no documents
		{"{\n \t\"a\": 1\n}", "text", ""},  // an indent of both kinds
		{"\ufeff{}", "bytes", ""},          // a byte order mark is not seen
		{"a\x00b", "bytes", ""},            // nor is NUL
		{"a\x1b[31m", "bytes", ""},         // an escape would act in a terminal
		{"gr\xfc\xdf", "bytes", ""},        // no UTF-8
		{"\x89PNG\r\n\x1a\n", "bytes", ""}, // nor is this
		{strings.Repeat("x", 1<<20), "text", ""},
		{strings.Repeat("x", 1<<20+1), "bytes", ""},
	} {
		v, err := doc.Of(record.Body{Data: []byte(c.body), Coding: "gzip"})
		if err != nil {
			t.Fatal(err)
		}
		if field(v, "format") != c.format || field(v, "layout") != c.layout {
			t.Errorf("%.40q is shown as %s in %q, want %s in %q", c.body, field(v, "format"), field(v, "layout"), c.format, c.layout)
		}
		for _, native := range []doc.Native{0, doc.NativeBytes, doc.NativeBytes | doc.NativeTimes} {
			var back record.Body
			if err := doc.Lower(v, native).Into(&back); err != nil || string(back.Data) != c.body || back.Coding != "gzip" {
				t.Errorf("%.40q comes back as %.40q, %q: %v", c.body, back.Data, back.Coding, err)
			}
		}
	}
}

func TestBodyInChunks(t *testing.T) {
	want := record.Body{Set: "s", Length: -1, Piece: 3, Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Coding: "br", Extents: []record.Extent{{Offset: 0, Length: 3, Chunk: 0}, {Offset: 9, Length: 1, Chunk: 4}}}
	v, err := doc.Of(want)
	if err != nil {
		t.Fatal(err)
	}
	back := record.Body{Data: []byte("what was there before")}
	if err := v.Into(&back); err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("%+v comes back as %+v: %v", want, back, err)
	}
}

// TestBodyRefuses: what a person may have written wrongly is told by field.
func TestBodyRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`"hello"`:                                    "want an object with format and content, got a string",
		`{"format":"jsn","content":{}}`:              `format: want json, text or bytes, got "jsn"`,
		`{"content":"x"}`:                            "format: is missing",
		`{"format":"text"}`:                          "content: is missing",
		`{"format":"text","content":1}`:              "content: want a string, got a number",
		`{"format":"bytes","content":"%"}`:           "content: want bytes in base64",
		`{"format":"bytes","content":[1]}`:           "content: want bytes in base64",
		`{"format":"text","contend":"x"}`:            "contend: unknown field; did you mean content?",
		`{"format":"json","layout":"x","content":1}`: `layout: unknown word "x"`,
		`{"set":"s","length":1}`:                     "piece: is missing",
		`{"set":"s","length":1,"piece":1,"extents":[{"offset":0,"length":"x","chunk":0}]}`: "extents[0].length: want a whole number, got a string",
	} {
		v, err := doc.ParseJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Into(new(record.Body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestOpaque(t *testing.T) {
	r := &record.Record{Body: record.Body{Data: []byte(`{"a":1}`)}}
	for _, c := range []struct {
		v      any
		format string
	}{{r.Opaque(), "bytes"}, {r, "json"}} { // r itself is not changed
		v, err := doc.Of(c.v)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := v.Get("body"); field(b, "format") != c.format {
			t.Errorf("the body is shown as %s, want %s", field(b, "format"), c.format)
		}
	}
	if o := r.Opaque().(*record.Record); !bytes.Equal(o.Body.Data, r.Body.Data) {
		t.Errorf("the body is %q", o.Body.Data)
	}
}

func TestRequestTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := record.Record{ResponseTime: at, Elapsed: 2 * time.Second}
	if got := r.RequestTime(); !got.Equal(at.Add(-2 * time.Second)) {
		t.Errorf("the request went out at %v", got)
	}
}
