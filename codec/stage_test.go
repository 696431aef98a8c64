package codec_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/larder-go/larder/codec"
)

// FuzzSpec: a spec that is taken has a name, which is a spec of the same pipeline; another is an error that quotes it.
func FuzzSpec(f *testing.F) {
	for _, spec := range []string{"json", " json | gzip( level=1 )", "binary|gzip(level=9)|aesgcm(key=old)", "json|aesgcm(key=)", "gzip|json", "json|", "json|gzip(", "json()", "json|gzip(level=1,,)"} {
		f.Add(spec)
	}
	std := codec.Std()
	f.Fuzz(func(t *testing.T, spec string) {
		if strings.Count(spec, "|") > 20 {
			t.Skip()
		}
		p, err := std.Parse(spec, anyKey{})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "codec: spec ") {
				t.Fatalf("%q: %v", spec, err)
			}
			return
		}
		again, err := std.Parse(p.Name(), anyKey{})
		if err != nil || again.Name() != p.Name() || again.Ext() != p.Ext() || again.Text() != p.Text() || again.Seals() != p.Seals() {
			t.Fatalf("%q is named %q, which is read as %v: %v", spec, p.Name(), again, err)
		}
	})
}

// anyKey has a key of every name.
type anyKey struct{}

func (anyKey) Key(string) ([]byte, error) { return make([]byte, 32), nil }

func FuzzGzip(f *testing.F) {
	s, err := codec.Gzip(1)
	if err != nil {
		f.Fatal(err)
	}
	fuzzStage(f, s)
}

func FuzzAESGCM(f *testing.F) {
	s, err := codec.AESGCM(make([]byte, 16))
	if err != nil {
		f.Fatal(err)
	}
	fuzzStage(f, s)
}

// fuzzStage: whatever comes, a stage answers with bytes or with an error of this package, and what it wrote it reads.
func fuzzStage(f *testing.F, s codec.Stage) {
	for _, text := range []string{"", "hello", strings.Repeat("a", 1000)} {
		data, err := s.Encode(nil, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		out, err := s.Decode([]byte("before"), data)
		switch {
		case err == nil && !bytes.HasPrefix(out, []byte("before")):
			t.Fatalf("it wrote over what was there: %q", out)
		case err != nil && !errors.Is(err, codec.ErrCorrupt) && !errors.Is(err, codec.ErrTampered) && !errors.Is(err, codec.ErrKey) &&
			!errors.Is(err, codec.ErrVersion) && !errors.Is(err, codec.ErrTooLarge):
			t.Fatalf("an error of no kind: %v", err)
		case !bytes.Equal(data, kept):
			t.Fatal("it changed what it read")
		}
		encoded, err := s.Encode(nil, data)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := s.Decode(nil, encoded); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%q comes back as %q: %v", data, back, err)
		}
	})
}

// TestOneGzipMember: whoever appends another one changes nothing unseen.
func TestOneGzipMember(t *testing.T) {
	s, err := codec.Gzip(0)
	if err != nil {
		t.Fatal(err)
	}
	member := func(text string) []byte {
		data, err := s.Encode(nil, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, more := range [][]byte{member(""), member("more"), {0}, []byte("text")} {
		if out, err := s.Decode(nil, append(member("hello"), more...)); !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("%x behind a member: got %q, %v, want ErrCorrupt", more, out, err)
		}
	}
}
