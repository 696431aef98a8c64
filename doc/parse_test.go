package doc_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/larder-go/larder/doc"
)

func TestParseJSONErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "line 1, column 1: want a value, got the end of the text",
		"{\n  \"a\": 1,\n}":      "line 3, column 1: want a name in quotes, got '}'",
		"{\"a\" 1}":              "line 1, column 6: want ':' after the name \"a\", got '1'",
		"[1 2]":                  "line 1, column 4: want ',' or ']', got '2'",
		"[01]":                   "a number has no zero in front",
		"[1.]":                   "want a digit, got ']'",
		"[-]":                    "want a digit",
		"[1e]":                   "want a digit",
		"tru":                    "want a value, got 't'",
		"\"a":                    "the text ends inside a string",
		"\"a\nb\"":               "escaped inside a string",
		`"\x"`:                   `unknown escape \'x'`,
		`"\ud800"`:               "half of a surrogate pair",
		`"\u12"`:                 "four hexadecimal digits",
		"\"\xff\"":               "not UTF-8",
		"1 1":                    "want the end of the text, got '1'",
		strings.Repeat("[", 600): "nested deeper than 512",
	} {
		_, err := doc.ParseJSON([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %s", text, err, want)
		}
	}
}

func TestLayouts(t *testing.T) {
	for _, text := range []string{
		`{}`, `[1,2]`, `{"a": [1, 2]}`, "{\n  \"a\": 1\n}\n", "[\n\t[],\n\t{}\n]", `{"k":"\u00fc"}`, `{"k":"\u003c"}`, `{"k":"\/"}`, "[]\n",
		`{"a":"hello, world","b":": "}`, `["\ud83d\ude00"]`,
	} {
		v, err := doc.ParseJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		l, err := doc.ParseLayout(doc.LayoutOf([]byte(text)).String())
		if err != nil {
			t.Fatal(err)
		}
		if got := string(doc.AppendJSON(nil, v, l)); got != text {
			t.Errorf("%q is written %q in the layout %q", text, got, l)
		}
	}
	for _, bad := range []string{"indent=0", "indent=99", "indent=x", "wide"} {
		if _, err := doc.ParseLayout(bad); err == nil {
			t.Errorf("layout %q is taken", bad)
		}
	}
}

// FuzzParseJSON holds the parser against encoding/json: what both take means the same, and what is taken is written and read
// again as it was.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e+10,true,null,"\u00fc\n"]}`, ` [ ] `, `"\ud83d\ude00"`, `0`, `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := doc.ParseJSON(data)
		if err != nil {
			if json.Valid(data) && utf8.Valid(data) && !bytes.Contains(data, []byte(`\u`)) && len(data) < 512 {
				t.Fatalf("encoding/json takes %q: %v", data, err)
			}
			return
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			if !strings.Contains(err.Error(), "cannot unmarshal number") {
				t.Fatalf("encoding/json refuses %q: %v", data, err)
			}
			return
		}
		for _, l := range []doc.Layout{{}, {Indent: "  ", Newline: true}, {ASCII: true, HTML: true, Slash: true, Spaced: true}} {
			text := doc.AppendJSON(nil, v, l)
			again, err := doc.ParseJSON(text)
			if err != nil || !again.Equal(v) {
				t.Fatalf("%q is written %q and read %v", data, text, err)
			}
			var got any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("encoding/json refuses %q: %v", text, err)
			}
			a, _ := json.Marshal(want)
			b, _ := json.Marshal(got)
			if !bytes.Equal(a, b) {
				t.Fatalf("%q means %s, and %q means %s", data, a, text, b)
			}
		}
	})
}
