package doc_test

import (
	"strings"
	"testing"

	"github.com/larder-go/larder/doc"
)

// A text that comes back byte for byte with the layout that is guessed from it is shown as JSON in a record.
func TestLayoutOf(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `{"a":1}`, `{"a": 1}`, `[1, 2]`, "[1,2]\n", "{\n  \"a\": [\n    1\n  ]\n}\n", "{\n\t\"a\": 1\n}",
		`{"a":"hello, world"}`, `["a","b, c"]`, `{"a":"q\": y"}`, `{"a, b":1}`, `{"a: b": "c,d"}`, // separators inside strings
		`{"a":"C:\\/x"}`, `{"u":"http:\/\/h\/"}`, // slashes
		`{"a":"\\u003c <b>"}`, `{"a":"\u003cb\u003e"}`, `{"a":"\u00e9"}`, `{"a":"é"}`, `{"a":"\ud83d\ude00"}`, `{"é":"\u0001"}`, // escapes
		`{"a":1,"a":2}`, `{"a":12345678901234567890123,"b":1.0e+00}`,
	} {
		v, err := doc.ParseJSON([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := string(doc.AppendJSON(nil, v, doc.LayoutOf([]byte(text)))); got != text {
			t.Errorf("got  %q\nwant %q", got, text)
		}
	}
}

func TestIntoWantsEveryField(t *testing.T) {
	type state struct {
		Verify bool   `doc:"verify"`
		Note   string `doc:"note,omitempty"`
		Count  uint16 `doc:"count"`
	}
	for text, want := range map[string]string{
		`{"verify":true,"count":1}`:           "",
		`{"verify":true,"note":"","count":1}`: "",
		`{"note":"x","count":1}`:              "verify: is missing",
		`{"verify":true,"count":65536}`:       "count: want a whole number in range, got 65536",
		`{"verify":true,"count":-1}`:          "count: want a whole number in range, got -1",
		`{"verify":true,"cuont":1}`:           "cuont: unknown field; did you mean count?",
	} {
		v, err := doc.ParseJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		err = v.Into(new(state))
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestOfRefusesWhatWouldBeLost(t *testing.T) {
	type untagged struct{ A int }
	type hidden struct {
		a int `doc:"a"`
	}
	for _, v := range []any{untagged{1}, &untagged{1}, hidden{1}} {
		if got, err := doc.Of(v); err == nil {
			t.Errorf("%T: no error, %v", v, got)
		}
	}
}

func TestMaxNodes(t *testing.T) {
	text := []byte("[" + strings.Repeat("0,", 9) + "0]") // a list and ten numbers
	if _, err := doc.ParseJSONLimit(text, 11); err != nil {
		t.Error(err)
	}
	if _, err := doc.ParseJSONLimit(text, 10); err == nil {
		t.Error("one value too many is read")
	}
}
