package doc_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/doc"
	"github.com/larder-go/larder/secret"
)

// all holds a field of every type that documents have a form for.
type all struct {
	Flag  bool                `doc:"flag,omitempty"`
	Text  string              `doc:"text,omitempty"`
	Small int8                `doc:"small,omitempty"`
	Int   int64               `doc:"int,omitempty"`
	Uint  uint64              `doc:"uint,omitempty"`
	Bytes []byte              `doc:"bytes,omitempty"`
	List  []string            `doc:"list,omitempty"`
	Map   map[string][]string `doc:"map,omitempty"`
	Time  time.Time           `doc:"time,omitempty"`
	Took  time.Duration       `doc:"took,omitempty"`
	Key   secret.Text         `doc:"key,omitempty"`
	Inner *all                `doc:"inner,omitempty"`
	Many  []all               `doc:"many,omitempty"`
	Any   doc.Value           `doc:"any,omitempty"`
}

func TestThereAndBack(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for i, want := range []all{
		{},
		{Flag: true, Text: "ü", Small: -128, Int: -1 << 63, Uint: 1<<64 - 1, Bytes: []byte{0, 255}, List: []string{"a", "b"}},
		{Text: "\xff", List: []string{"\xfe"}, Map: map[string][]string{"One": {"1"}, "Two": {"1", "\x80"}, "None": {}}},
		{Time: at, Took: 1}, {Took: -1}, {Took: 1<<63 - 1}, {Took: -1 << 63}, {Took: 90 * time.Minute}, {Key: secret.New("s\xff")},
		{Inner: &all{Text: "x", Many: []all{{Int: 1}, {}}}},
	} {
		tree, err := doc.Of(&want)
		if err != nil {
			t.Fatal(err)
		}
		text := doc.AppendJSON(nil, doc.Lower(tree, 0), doc.Layout{Indent: " "})
		read, err := doc.ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []doc.Value{tree, read} {
			got := all{Text: "what was there before", Flag: true, Map: map[string][]string{"x": nil}}
			if err := v.Into(&got); err != nil {
				t.Errorf("%d: %v\n%s", i, err, text)
				continue
			}
			if again, err := doc.Of(&got); err != nil || !again.Equal(tree) {
				t.Errorf("%d: comes back as %+v\n%s", i, got, text)
			}
		}
	}
}

// TestIntoRefuses: a mistake is told with its line, its path, what was wanted and what was found.
func TestIntoRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                              "line 1: want an object, got a list",
		"{\n\"flag\":1}":                  "line 2: flag: want true or false, got a number",
		`{"text":1}`:                      "text: want a string, got a number",
		`{"text":{"$base64":"AA="}}`:      "text: want base64",
		`{"text":{"$base64":"","a":1}}`:   "text: want a string, got an object",
		`{"small":128}`:                   "small: want a whole number in range, got 128",
		`{"int":1.5}`:                     "int: want a whole number in range, got 1.5",
		`{"int":9223372036854775808}`:     "int: want a whole number in range",
		`{"uint":"1"}`:                    "uint: want a whole number, got a string",
		`{"bytes":true}`:                  "bytes: want bytes in base64, got true or false",
		`{"bytes":"AB=="}`:                "bytes: want base64", // bits left over: two texts for one value
		`{"list":1}`:                      "list: want a string or a list of strings, got a number",
		"{\"list\":[\n\"a\",\n2]}":        "line 3: list[1]: want a string, got a number",
		`{"map":[]}`:                      "map: want an object, got a list",
		`{"map":{"A":["x",{}]}}`:          "map.A[1]: want a string, got an object",
		`{"map":{"A":"x","A":"y"}}`:       "map.A: stands twice",
		`{"time":"yesterday"}`:            `time: want a time like 2026-01-02T15:04:05Z, got "yesterday"`,
		`{"time":1}`:                      "time: want a time like 2026-01-02T15:04:05Z, got a number",
		`{"took":"1s"}`:                   "took: want a number of seconds, got a string",
		`{"took":1e99}`:                   "took: want a number of seconds up to 292 years, got 1e99",
		`{"took":1e999999999}`:            "took: want a number of seconds, got 1e999999999",
		`{"key":1}`:                       "key: want a string, got a number",
		`{"inner":{"inner":{"int":"x"}}}`: "inner.inner.int: want a whole number, got a string",
		`{"many":[{},{"flg":true}]}`:      "many[1].flg: unknown field; did you mean flag?",
		`{"many":{}}`:                     "many: want a list, got an object",
		`{"nothing-like-it":1}`:           "nothing-like-it: unknown field",
	} {
		v, err := doc.ParseJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		err = v.Into(new(all))
		var e *doc.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %T %v, want %s", text, err, err, want)
		}
	}
}

func TestIntoWantsAPointer(t *testing.T) {
	for _, to := range []any{nil, all{}, (*all)(nil), 1} {
		if err := doc.Str("x").Into(to); err == nil {
			t.Errorf("a %T is filled", to)
		}
	}
	if err := doc.Str("x").Into(new(chan int)); err == nil {
		t.Error("a channel is filled")
	}
}

// TestSecretsAreSavedAndNotShown: a document is what is stored, so it holds the secret; an error about it does not.
func TestSecretsAreSavedAndNotShown(t *testing.T) {
	v, err := doc.Of(all{Key: secret.New("s3cr3t")})
	if err != nil {
		t.Fatal(err)
	}
	if key, _ := v.Get("key"); !reflect.DeepEqual(key, doc.Str("s3cr3t")) {
		t.Errorf("the document says %v", key)
	}
	broken := struct {
		A int `doc:"key"`
	}{}
	if err := v.Into(&broken); err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "s3cr3t") {
		t.Errorf("the error says %v", err)
	}
}
