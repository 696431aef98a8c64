package doc_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"testing"

	"github.com/larder-go/larder/doc"
)

// TestAgainstEncodingJSON: what encoding/json takes is taken and means the same; what it refuses is refused.
func TestAgainstEncodingJSON(t *testing.T) {
	for _, text := range []string{
		// taken
		`null`, `true`, `false`, `0`, `-0`, `-1`, `1.5`, `1E5`, `1e+05`, `1e-400`, `9007199254740993`, `""`, `"a"`, `"\"\\\/\b\f\n\r\t"`,
		`"\u0000"`, `"\u00FC"`, `"\ud83d\ude00"`, `"😀"`, "\"\u2028\x7f\"", `[]`, `[[]]`, `{}`, `{"":0}`, `{"a":{"a":[{}]}}`, " \t\r\n1 \t\r\n",
		`[1,"2",null,true,{"a":false}]`, `{"a":1,"b":2,"a":3}`,
		// refused
		``, ` `, `nul`, `nulll`, `True`, `NaN`, `Infinity`, `-`, `+1`, `.5`, `1.`, `1.e1`, `1e`, `1e+`, `01`, `-01`, `0x1`, `1_000`, `1 2`,
		`"`, `"\"`, `"\a"`, `"\u"`, `"\u00g0"`, `"\u+123"`, "\"\t\"", "\"\x00\"", `'a'`, `[`, `[1`, `[1,`, `[1,]`, `[,1]`, `]`, `[1}`, `{`, `{"a"`, `{"a":`,
		`{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{a:1}`, `{1:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `[] []`, `{}x`, "\ufeff{}", "[\v1]", "[\u00a01]", `// x`, `[1/**/]`,
	} {
		v, err := doc.ParseJSON([]byte(text))
		if json.Valid([]byte(text)) != (err == nil) {
			t.Errorf("%q: encoding/json says %v, got %v", text, json.Valid([]byte(text)), err)
		}
		if err != nil {
			if _, ok := err.(*doc.Error); !ok {
				t.Errorf("%q: an error of type %T", text, err)
			}
			continue
		}
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if got := plain(v); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, want %#v", text, got, want)
		}
	}
}

// plain is v as encoding/json has it.
func plain(v doc.Value) any {
	switch v.Kind {
	case doc.Bool:
		return v.Text == "true"
	case doc.Number:
		return json.Number(v.Text)
	case doc.String:
		return v.Text
	case doc.List:
		l := make([]any, 0, len(v.Items))
		for _, item := range v.Items {
			l = append(l, plain(item))
		}
		return l
	case doc.Map:
		m := map[string]any{}
		for _, f := range v.Fields {
			m[f.Name] = plain(f.Value)
		}
		return m
	}
	return nil
}

// TestEveryLayout: a layout is the same after its words were read, and a text in it is guessed to have it.
func TestEveryLayout(t *testing.T) {
	v, err := doc.ParseJSON([]byte(`{"a/":["<ü&>",{"b":1}],"c":{},"d":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, indent := range []string{"", " ", "  ", "    ", "                ", "\t", "\t\t"} {
		for bits := range 32 {
			l := doc.Layout{Indent: indent, Spaced: bits&1 != 0, Newline: bits&2 != 0, ASCII: bits&4 != 0, HTML: bits&8 != 0, Slash: bits&16 != 0}
			if back, err := doc.ParseLayout(l.String()); err != nil || back != l {
				t.Errorf("%q is read as %#v: %v", l.String(), back, err)
			}
			text := doc.AppendJSON(nil, v, l)
			if again := doc.AppendJSON(nil, v, doc.LayoutOf(text)); !bytes.Equal(again, text) {
				t.Errorf("%q: got %s, want %s", l.String(), again, text)
			}
			if back, err := doc.ParseJSON(text); err != nil || !back.Equal(v) {
				t.Errorf("%q: %s says something else: %v", l.String(), text, err)
			}
		}
	}
}
