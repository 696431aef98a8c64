package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/larder-go/larder/doc"
)

// maxTreeDepth is how deep lists and objects may nest in binary documents.
const maxTreeDepth = 512

var errShort = errors.New("cut short")

func appendText(out []byte, s string) []byte {
	out = binary.AppendUvarint(out, uint64(len(s)))
	return append(out, s...)
}

// appendTime writes seconds and nanoseconds in UTC; the zero time is 0 and a nanosecond count no time has.
func appendTime(out []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(out, 0, 1)
	}
	out = binary.AppendVarint(out, t.Unix())
	return binary.AppendUvarint(out, uint64(t.Nanosecond())+2)
}

// appendTree writes a document: a byte for the kind, then what it holds.
func appendTree(out []byte, v doc.Value) []byte {
	out = append(out, byte(v.Kind))
	switch v.Kind {
	case doc.Bool, doc.Number, doc.String, doc.Bytes:
		out = appendText(out, v.Text)
	case doc.Time:
		out = appendTime(out, v.Time)
	case doc.List:
		out = binary.AppendUvarint(out, uint64(len(v.Items)))
		for _, item := range v.Items {
			out = appendTree(out, item)
		}
	case doc.Map:
		out = binary.AppendUvarint(out, uint64(len(v.Fields)))
		for _, f := range v.Fields {
			out = appendTree(appendText(out, f.Name), f.Value)
		}
	}
	return out
}

// reader takes values off a text. After the first error it yields zero values.
type reader struct {
	text  string
	nodes int // of a tree that may still come
	err   error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.text = ""
}

// end reports the first error, or bytes that are left over.
func (r *reader) end() error {
	if r.err == nil && r.text != "" {
		return fmt.Errorf("%d bytes too many", len(r.text))
	}
	return r.err
}

func (r *reader) unsigned() uint64 {
	var n uint64
	for shift := uint(0); shift < 64; shift += 7 {
		if r.text == "" {
			r.fail(errShort)
			return 0
		}
		b := r.text[0]
		r.text = r.text[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.fail(errors.New("a number is too long"))
	return 0
}

func (r *reader) num() int64 {
	u := r.unsigned()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

// count reads how many things follow, each of at least size bytes, so that no count allocates more than the text holds.
func (r *reader) count(size int) int {
	n := r.unsigned()
	if n > uint64(len(r.text)/size)+1 {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

func (r *reader) str() string {
	n := r.unsigned()
	if n > uint64(len(r.text)) {
		r.fail(errShort)
		return ""
	}
	s := r.text[:n]
	r.text = r.text[n:]
	return s
}

func (r *reader) time() time.Time {
	sec, nano := r.num(), r.unsigned()
	switch {
	case nano == 1 && sec == 0:
		return time.Time{}
	case nano < 2 || nano > 1_000_000_001:
		r.fail(errors.New("no such time"))
		return time.Time{}
	}
	return time.Unix(sec, int64(nano-2)).UTC()
}

func (r *reader) tree(depth int) doc.Value {
	r.nodes--
	switch {
	case r.text == "":
		r.fail(errShort)
		return doc.Value{}
	case r.nodes < 0 || depth > maxTreeDepth:
		r.fail(errors.New("more values, or deeper nested, than a document may hold"))
		return doc.Value{}
	}
	v := doc.Value{Kind: doc.Kind(r.text[0])}
	r.text = r.text[1:]
	switch v.Kind {
	case doc.Null:
	case doc.Bool, doc.Number, doc.String, doc.Bytes:
		v.Text = r.str()
	case doc.Time:
		v.Time = r.time()
	case doc.List:
		for range r.count(1) {
			if r.err != nil {
				break
			}
			v.Items = append(v.Items, r.tree(depth+1))
		}
	case doc.Map:
		for range r.count(2) {
			if r.err != nil {
				break
			}
			v.Fields = append(v.Fields, doc.Field{Name: r.str(), Value: r.tree(depth + 1)})
		}
	default:
		r.fail(fmt.Errorf("no such kind of value: %d", v.Kind))
	}
	return v
}
