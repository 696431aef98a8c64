package codec_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/record"
)

func sample(body string) *record.Record {
	return &record.Record{
		Key: "e/1", URL: "http://h/", StatusCode: 200, Reason: "OK", Proto: "HTTP/1.1", ResponseTime: time.Unix(1700000000, 123456789).UTC(), Elapsed: 1234567,
		Header: http.Header{"Set-Cookie": {"a=1", "b=\xff"}}, Body: record.Body{Data: []byte(body)}, Request: record.Request{Method: "GET", URL: "http://h/"},
	}
}

// A record that lost a line in an editor is damaged: served, it would have no status or no body.
func TestJSONWithoutAField(t *testing.T) {
	data, err := codec.JSON.Marshal(sample("plain"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"status_code", "created_at", "content", "format", "elapsed"} {
		lines := strings.SplitAfter(string(data), "\n")
		cut := lines[:0:0]
		for _, l := range lines {
			if !strings.Contains(l, `"`+name+`"`) {
				cut = append(cut, l)
			}
		}
		text := strings.ReplaceAll(strings.Join(cut, ""), "\"text\",\n  }", "\"text\"\n  }")
		if err := codec.JSON.Unmarshal([]byte(text), new(record.Record)); !errors.Is(err, codec.ErrCorrupt) || !strings.Contains(err.Error(), name+": is missing") {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// A body of very many values stays readable, as text, and costs no multiple of its length.
func TestJSONOfManyValues(t *testing.T) {
	rec := sample("[" + strings.Repeat("0,", 1<<19-2) + "0]")
	var data []byte
	grown := allocated(func() { data, _ = codec.JSON.Marshal(rec) })
	if !bytes.Contains(data, []byte(`"format": "text"`)) || grown > 100<<20 {
		t.Errorf("%d MiB allocated", grown>>20)
	}
}

func TestUnmarshalIntoNil(t *testing.T) {
	for _, c := range []codec.Codec{codec.Binary, codec.JSON} {
		data, err := c.Marshal(sample("x"))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []any{nil, (*record.Record)(nil), (*record.Label)(nil), record.Record{}} {
			if err := c.Unmarshal(data, v); err == nil || errors.Is(err, codec.ErrCorrupt) {
				t.Errorf("%s: into a %T: %v; the data is not at fault", c.Name(), v, err)
			}
		}
	}
}

// The counts in binary data are claims of whoever wrote it.
func TestBinaryClaims(t *testing.T) {
	const n = 4 << 20
	head := []byte{0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1} // up to the header fields
	head = binary.AppendUvarint(head, n)
	head = binary.AppendUvarint(head, n-100)
	head = append(head, make([]byte, n)...)
	data := summed('r', append(binary.LittleEndian.AppendUint32(nil, uint32(len(head))), head...))
	if grown := allocated(func() {
		if err := codec.Binary.Unmarshal(data, new(record.Record)); !errors.Is(err, codec.ErrCorrupt) {
			t.Error(err)
		}
	}); grown > 4*n {
		t.Errorf("a header of %d bytes: %d MiB allocated", len(head), grown>>20)
	}
	tree := append([]byte{5}, "Label\x06"...)
	tree = append(binary.AppendUvarint(tree, n), make([]byte, n)...)
	if err := codec.Binary.Unmarshal(summed('t', tree), new(record.Label)); !errors.Is(err, codec.ErrCorrupt) || !strings.Contains(err.Error(), "more values") {
		t.Error(err)
	}
}

// Every cut and every changed bit of binary and of sealed bytes is refused, and so is a byte too many.
func TestEveryChangeIsRefused(t *testing.T) {
	seal, err := codec.AESGCM(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][]codec.Part{{codec.Binary}, {codec.JSON, seal}} {
		p, err := codec.Pipe(parts...)
		if err != nil {
			t.Fatal(err)
		}
		data, err := p.Marshal(sample(`{"a":1}`))
		if err != nil {
			t.Fatal(err)
		}
		refused := func(what string, i int, data []byte) {
			if p.Unmarshal(data, new(record.Record)) == nil {
				t.Errorf("%s: %s at %d is not seen", p.Name(), what, i)
			}
		}
		refused("a byte too many", len(data), append(bytes.Clone(data), 0))
		for i := range data {
			refused("a cut", i, data[:i:i])
			for bit := range 8 {
				c := bytes.Clone(data)
				c[i] ^= 1 << bit
				refused("a changed bit", i, c)
			}
		}
	}
}

func summed(shape byte, rest []byte) []byte {
	out := append([]byte{'L', 'R', 1, shape, 0, 0, 0, 0}, rest...)
	binary.LittleEndian.PutUint32(out[4:], crc32.Checksum(out[8:], crc32.MakeTable(crc32.Castagnoli)))
	return out
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
