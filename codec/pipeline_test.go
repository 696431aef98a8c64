package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

func TestPipelines(t *testing.T) {
	for spec, want := range map[string]string{ // text, readable, seals, plain, extension
		"json":                        "true true false true json",
		"binary":                      "false false false true bin",
		"json|gzip":                   "false true false true json.gz",
		"json|gzip(level=9)|gzip":     "false true false true json.gz.gz",
		"json|aesgcm":                 "false true true true json.sealed",
		"binary|gzip|aesgcm(key=old)": "false false true true bin.gz.sealed",
		" json | gzip( level=1 )":     "",
		"json|gzip(level=1)":          "false true false true json.gz",
	} {
		if want == "" {
			continue
		}
		p := parse(t, spec)
		if got := fmt.Sprint(p.Text(), p.Readable(), p.Seals(), p.Plain(), " "+p.Ext()); strings.Join(strings.Fields(got), " ") != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
		if p.Name() != spec || parse(t, p.Name()).Name() != spec {
			t.Errorf("%s is named %s", spec, p.Name())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for spec, want := range map[string]string{
		"":                           `unknown name ""`,
		"jsno":                       "did you mean json?",
		"json|gzpi":                  "did you mean gzip?",
		"json|whatever":              "known: aesgcm, binary, gzip, json",
		"json|gzip(lvl=1)":           "did you mean level?",
		"json|gzip(level=10)":        "want a level from 1 to 9, got 10",
		"json|gzip(level=x)":         `want a whole number, got "x"`,
		"json|gzip(level=1,level=2)": "stands twice",
		"json|gzip(level)":           "want name=value",
		"json|gzip(level=1":          "want ')'",
		"json(a=1)":                  "it takes none",
		"gzip|json":                  "a codec (json, binary) stands before it",
		"json|binary":                "stands first",
		"json|aesgcm(key=nobody)":    `no key named "nobody"`,
	} {
		_, err := codec.Std().Parse(spec, keys)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", spec, err, want)
		}
	}
	if _, err := codec.Std().Parse("json|aesgcm", nil); err == nil || !strings.Contains(err.Error(), `needs the key "aesgcm"`) {
		t.Errorf("without keys: %v", err)
	}
}

// foreign is a codec that somebody else wrote. It may sign or encrypt for all that larder knows.
type foreign struct{}

func (foreign) Name() string                       { return "foreign" }
func (foreign) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (foreign) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }
func (foreign) Text() bool                         { return true }

func TestPipe(t *testing.T) {
	gz, err := codec.Gzip(0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := codec.Pipe(foreign{}, gz)
	if err != nil {
		t.Fatal(err)
	}
	if p.Plain() || p.Name() != "foreign|gzip" {
		t.Errorf("%s is taken for one of larder's own", p.Name())
	}
	data, err := p.Marshal(small())
	if err != nil {
		t.Fatal(err)
	}
	back := new(record.Record)
	if err := p.Unmarshal(data, back); err != nil || string(back.Body.Data) != "hello" {
		t.Errorf("%v %v", back, err)
	}
	for _, parts := range [][]codec.Part{{}, {nil}, {gz}, {codec.JSON, nil}, {codec.JSON, codec.Binary}, {p, p}, {(*codec.Pipeline)(nil)}} {
		if _, err := codec.Pipe(parts...); err == nil {
			t.Errorf("%v is taken", parts)
		}
	}
	again, err := codec.Pipe(p, gz)
	if err != nil || again.Name() != "foreign|gzip|gzip" {
		t.Errorf("a pipeline and a stage: %v, %v", again, err)
	}
}

func small() *record.Record {
	return &record.Record{Key: "e/1", StatusCode: 200, Body: record.Body{Data: []byte("hello")}}
}

func TestAESGCM(t *testing.T) {
	key := []byte("p4ssp4ssp4ssp4ss")
	s, err := codec.AESGCM(key)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Encode([]byte("before"), []byte("hello"))
	if err != nil || !bytes.HasPrefix(sealed, []byte("before")) || bytes.Contains(sealed, []byte("hello")) {
		t.Fatalf("%q %v", sealed, err)
	}
	sealed = sealed[len("before"):]
	if got, err := s.Decode([]byte("x"), sealed); string(got) != "xhello" || err != nil {
		t.Errorf("%q %v", got, err)
	}
	if twice, _ := s.Encode(nil, []byte("hello")); bytes.Equal(twice, sealed) {
		t.Error("one nonce was used twice")
	}
	other, err := codec.AESGCM([]byte("another key 16 b"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(i int) []byte {
		c := bytes.Clone(sealed)
		c[i]++
		return c
	}
	for name, c := range map[string]struct {
		s    codec.Stage
		data []byte
		want error
	}{
		"another key":  {other, sealed, codec.ErrKey},
		"the end":      {s, change(len(sealed) - 1), codec.ErrTampered},
		"the nonce":    {s, change(13), codec.ErrTampered},
		"the magic":    {s, change(0), codec.ErrCorrupt},
		"the version":  {s, change(4), codec.ErrVersion},
		"the key id":   {s, change(5), codec.ErrKey},
		"cut":          {s, sealed[:20], codec.ErrCorrupt},
		"a byte short": {s, sealed[:len(sealed)-1], codec.ErrTampered},
		"nothing":      {s, nil, codec.ErrCorrupt},
	} {
		if _, err := c.s.Decode(nil, c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	for _, n := range []int{0, 15, 17, 33} {
		if _, err := codec.AESGCM(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes is taken", n)
		}
	}
	p, err := codec.Pipe(codec.JSON, s)
	if err != nil {
		t.Fatal(err)
	}
	held := struct {
		P *codec.Pipeline
		p codec.Codec
		S codec.Stage
		s codec.Stage
		k codec.KeySource
	}{p, p, s, s, codec.Keys(map[string][]byte{"a": key})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, held) + fmt.Sprintf(verb, p) + fmt.Sprintf(verb, s); strings.Contains(got, "p4ss") || strings.Contains(got, "70347373") {
			t.Errorf("%s shows the key: %s", verb, got)
		}
	}
}

func TestBombs(t *testing.T) {
	gz, err := codec.Gzip(9)
	if err != nil {
		t.Fatal(err)
	}
	bomb, err := gz.Encode(nil, make([]byte, codec.MaxDecoded+1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gz.Decode(nil, bomb); !errors.Is(err, codec.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}
