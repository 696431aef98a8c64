package codec_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

func someChunks() map[string]*record.Chunk {
	return map[string]*record.Chunk{
		"zero":       {},
		"usual":      {Set: strings.Repeat("0123456789abcdef", 2), Index: 3, Data: []byte("data")},
		"the first":  {Set: "s", Owner: "e/0123456789abcdef0123456789abcdef01234567", Data: []byte{0, 1, 0xff}},
		"no data":    {Set: "s", Index: 1},
		"far":        {Set: "s", Index: 1<<31 - 1, Data: []byte("x")},
		"before":     {Set: "s", Index: -1, Data: []byte("x")},
		"large":      {Set: "s", Index: 1, Data: bytes.Repeat([]byte("large "), 1<<16)},
		"like bytes": {Set: "LR\x01c", Index: 1, Owner: "\x00\xff", Data: []byte("LR\x01r\x00\x00\x00\x00")},
	}
}

func TestChunksComeBack(t *testing.T) {
	for _, spec := range []string{"binary", "json", "binary|gzip", "json|aesgcm"} {
		p := parse(t, spec)
		for name, want := range someChunks() {
			if name == "like bytes" && strings.HasPrefix(spec, "json") {
				continue // what is not UTF-8 does not come back from a text
			}
			data, err := p.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			back := &record.Chunk{Set: "before", Owner: "before", Data: []byte("before")}
			if err := p.Unmarshal(data, back); err != nil || !reflect.DeepEqual(back, want) && (len(back.Data) > 0 || len(want.Data) > 0) {
				t.Errorf("%s, %s: %.200v comes back as %.200v, %v", spec, name, want, back, err)
			}
		}
	}
}

// TestChunkGolden holds the bytes that docs/format.md states.
func TestChunkGolden(t *testing.T) {
	c := &record.Chunk{Set: "set", Index: 2, Owner: "e/1", Data: []byte("data")}
	want := strings.ReplaceAll("4c52 01 63 cfeb641e 09000000 03736574 04 03652f31 64617461", " ", "")
	data, err := codec.Binary.Marshal(c)
	if err != nil || hex.EncodeToString(data) != want {
		t.Errorf("got  %x, %v\nwant %s", data, err, want)
	}
	old, err := hex.DecodeString(want)
	if err != nil {
		t.Fatal(err)
	}
	back := new(record.Chunk)
	if err := codec.Binary.Unmarshal(old, back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%+v, %v", back, err)
	}
}

// TestDamagedChunk: every cut, every flipped bit and every byte too many is ErrCorrupt, or another version.
func TestDamagedChunk(t *testing.T) {
	data, err := codec.Binary.Marshal(someChunks()["the first"])
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, at int, data []byte) {
		t.Helper()
		err := codec.Binary.Unmarshal(data, new(record.Chunk))
		if !errors.Is(err, codec.ErrCorrupt) && (at != 2 || !errors.Is(err, codec.ErrVersion)) {
			t.Errorf("%s at %d: %v", what, at, err)
		}
	}
	refused("a byte too many", len(data), append(bytes.Clone(data), 0))
	for i := range data {
		refused("a cut", i, data[:i:i])
		for bit := range 8 {
			flipped := bytes.Clone(data)
			flipped[i] ^= 1 << bit
			refused("a flipped bit", i, flipped)
		}
	}
}

// TestClaimsOfAChunk: what fits its checksum may still lie about its lengths.
func TestClaimsOfAChunk(t *testing.T) {
	for name, rest := range map[string]string{
		"nothing":                  "",
		"a length that is cut":     "\x01\x00\x00",
		"a head beyond the end":    "\x04\x00\x00\x00\x00\x00\x00",
		"a head of 4 GiB":          "\xff\xff\xff\xff\x00\x00\x00",
		"a set beyond the head":    "\x03\x00\x00\x00\x09\x00\x00data",
		"a set of 2^63":            "\x0b\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x00\x00",
		"no owner":                 "\x02\x00\x00\x00\x00\x00data",
		"more than a head":         "\x04\x00\x00\x00\x00\x00\x00\x00data",
		"an empty head":            "\x00\x00\x00\x00data",
		"a number that never ends": "\x0c\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00",
	} {
		if err := codec.Binary.Unmarshal(summed('c', []byte(rest)), new(record.Chunk)); !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := codec.Binary.Unmarshal(summed('c', []byte("\x03\x00\x00\x00\x00\x00\x00data")), new(record.Chunk)); err != nil {
		t.Errorf("the honest one: %v", err)
	}
}

// TestChunkIsNoOther: a record read as a chunk and the reverse are damage, bare and through stages.
func TestChunkIsNoOther(t *testing.T) {
	for _, spec := range []string{"binary", "json", "binary|gzip", "json|aesgcm"} {
		p := parse(t, spec)
		for _, c := range []struct{ wrote, reads any }{
			{sample("body"), new(record.Chunk)}, {someChunks()["usual"], new(record.Record)},
			{someChunks()["usual"], new(record.Index)}, {&record.Label{Kind: "record"}, new(record.Chunk)},
		} {
			data, err := p.Marshal(c.wrote)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Unmarshal(data, c.reads); !errors.Is(err, codec.ErrCorrupt) {
				t.Errorf("%s: a %T read as a %T: %v", spec, c.wrote, c.reads, err)
			}
		}
	}
}

// TestChunkSharesItsData: reading copies no data, and what is appended to it reaches nobody else.
func TestChunkSharesItsData(t *testing.T) {
	want := someChunks()["large"]
	data, err := codec.Binary.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, "beyond"...)
	whole := data[:len(data)-6]
	c := new(record.Chunk)
	if grown := allocated(func() { err = codec.Binary.Unmarshal(whole, c) }); err != nil || grown > 64<<10 {
		t.Errorf("%d bytes allocated, %v", grown, err)
	}
	_ = append(c.Data, "other!"...)
	if string(data[len(whole):]) != "beyond" {
		t.Error("an append to the data writes beyond it")
	}
}

// other is a codec that says which value it got.
type other struct{ codec.Codec }

func (other) Name() string { return "other" }

func TestWithCodec(t *testing.T) {
	c := someChunks()["usual"]
	for spec, want := range map[string]struct{ name, ext string }{
		"json":                           {"binary", "bin"},
		"binary":                         {"binary", "bin"},
		"json|gzip":                      {"binary|gzip", "bin.gz"},
		"json|gzip(level=1)|aesgcm":      {"binary|gzip(level=1)|aesgcm", ""},
		"json|aesgcm(key=old)":           {"binary|aesgcm(key=old)", ""},
		"binary|gzip(level=1)|aesgcm":    {"binary|gzip(level=1)|aesgcm", ""},
		"json|gzip|aesgcm(key=old)|gzip": {"binary|gzip|aesgcm(key=old)|gzip", ""},
	} {
		p := parse(t, spec)
		b, err := p.WithCodec(codec.Binary)
		if err != nil {
			t.Fatal(err)
		}
		if b.Name() != want.name || want.ext != "" && b.Ext() != want.ext || b.Seals() != p.Seals() || b.Readable() || !b.Plain() || p.Name() != spec {
			t.Errorf("%s becomes %s (.%s), seals: %v, readable: %v, plain: %v", p.Name(), b.Name(), b.Ext(), b.Seals(), b.Readable(), b.Plain())
		}
		data, err := b.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		same, back := parse(t, want.name), new(record.Chunk)
		if err := same.Unmarshal(data, back); err != nil || !reflect.DeepEqual(back, c) {
			t.Errorf("%s: what it writes, %s reads as %+v, %v", b.Name(), same.Name(), back, err)
		}
		if b.Seals() && bytes.Contains(data, c.Data) {
			t.Errorf("%s shows the data", b.Name())
		}
	}
	p, err := parse(t, "json|gzip").WithCodec(other{codec.JSON})
	if err != nil || p.Name() != "other|gzip" {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := parse(t, "json").WithCodec(nil); err == nil {
		t.Error("no codec is taken")
	}
	twice, err := parse(t, "json|gzip").WithCodec(parse(t, "binary|aesgcm"))
	if err != nil || twice.Name() != "binary|aesgcm|gzip" {
		t.Errorf("behind a pipeline: %v, %v", twice, err) // its stages stay, which hide
	}
}

// FuzzChunk reads whatever fits its checksum. What reads comes back from what is written again.
func FuzzChunk(f *testing.F) {
	for _, c := range someChunks() {
		data, err := codec.Binary.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 1<<10 {
			f.Add(data[8:])
		}
	}
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, rest []byte) {
		c := new(record.Chunk)
		if err := codec.Binary.Unmarshal(summed('c', rest), c); err != nil {
			if !errors.Is(err, codec.ErrCorrupt) {
				t.Error(err)
			}
			return
		}
		data, err := codec.Binary.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		back := new(record.Chunk)
		if err := codec.Binary.Unmarshal(data, back); err != nil || !reflect.DeepEqual(back, c) {
			t.Errorf("%+v comes back as %+v, %v", c, back, err)
		}
	})
}
