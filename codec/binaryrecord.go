package codec

import (
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/larder-go/larder/record"
)

// sizeOf is about how many bytes a record takes, so that a long body is not moved.
func sizeOf(r *record.Record) int {
	n := 512 + len(r.Body.Data) + len(r.Request.Body)
	for _, h := range []http.Header{r.Header, r.Trailer, r.Request.Header} {
		for name, values := range h {
			n += len(name) + 4
			for _, v := range values {
				n += len(v) + 2
			}
		}
	}
	return n
}

// appendRecord writes the head's length, the head, and the body to the end.
func appendRecord(out []byte, r *record.Record) []byte {
	at := len(out)
	out = append(out, 0, 0, 0, 0)
	out = appendText(out, r.Key)
	out = appendText(out, r.URL)
	out = binary.AppendVarint(out, int64(r.StatusCode))
	out = appendText(out, r.Reason)
	out = appendText(out, r.Proto)
	out = appendText(out, r.Encoding)
	out = appendTime(out, r.ResponseTime)
	out = binary.AppendVarint(out, int64(r.Elapsed))
	out = appendTime(out, r.Expires)
	out = appendHeader(out, r.Header)
	out = appendHeader(out, r.Trailer)
	out = appendText(out, r.Body.Coding)
	out = appendText(out, r.Body.Set)
	out = binary.AppendVarint(out, r.Body.Length)
	out = binary.AppendVarint(out, r.Body.Piece)
	out = appendTime(out, r.Body.Until)
	out = binary.AppendUvarint(out, uint64(len(r.Body.Extents)))
	for _, e := range r.Body.Extents {
		out = binary.AppendVarint(out, e.Offset)
		out = binary.AppendVarint(out, e.Length)
		out = binary.AppendVarint(out, int64(e.Chunk))
	}
	out = appendText(out, r.Request.Method)
	out = appendText(out, r.Request.URL)
	out = appendHeader(out, r.Request.Header)
	out = appendText(out, string(r.Request.Body))
	binary.LittleEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	return append(out, r.Body.Data...)
}

// readRecord is the inverse. The head becomes one string that all of its texts are parts of; the body stays in data.
func readRecord(data []byte, r *record.Record) error {
	if len(data) < 4 {
		return errShort
	}
	n := binary.LittleEndian.Uint32(data)
	if uint64(n) > uint64(len(data)-4) {
		return errShort
	}
	in := reader{text: string(data[4 : 4+n])}
	*r = record.Record{
		Key: in.str(), URL: in.str(), StatusCode: int(in.num()), Reason: in.str(), Proto: in.str(), Encoding: in.str(),
		ResponseTime: in.time(), Elapsed: time.Duration(in.num()), Expires: in.time(),
		Header: in.header(), Trailer: in.header(),
		Body: record.Body{Coding: in.str(), Set: in.str(), Length: in.num(), Piece: in.num(), Until: in.time()},
	}
	if k := in.count(3); k > 0 {
		r.Body.Extents = make([]record.Extent, k)
		for i := range r.Body.Extents {
			r.Body.Extents[i] = record.Extent{Offset: in.num(), Length: in.num(), Chunk: int(in.num())}
		}
	}
	r.Request = record.Request{Method: in.str(), URL: in.str(), Header: in.header()}
	if b := in.str(); b != "" {
		r.Request.Body = []byte(b)
	}
	if body := data[4+n:]; len(body) > 0 {
		r.Body.Data = body[:len(body):len(body)]
	}
	return in.end()
}

// appendHeader writes the names in order, so that equal headers give equal bytes. A nil header has a count of its own.
func appendHeader(out []byte, h http.Header) []byte {
	if h == nil {
		return binary.AppendUvarint(out, 0)
	}
	names := make([]string, 0, 32)
	lines := 0
	for name, values := range h {
		names = append(names, name)
		lines += len(values)
	}
	slices.Sort(names)
	out = binary.AppendUvarint(out, uint64(len(names))+1)
	out = binary.AppendUvarint(out, uint64(lines))
	for _, name := range names {
		out = appendText(out, name)
		out = binary.AppendUvarint(out, uint64(len(h[name])))
		for _, value := range h[name] {
			out = appendText(out, value)
		}
	}
	return out
}

// maxClaim is how many names or lines of a header are allocated before they were seen.
const maxClaim = 256

func (r *reader) header() http.Header {
	names := r.count(1)
	if names == 0 {
		return nil
	}
	names--
	lines := r.count(1)
	// The counts are only claims: what they would allocate is many times the text behind them.
	h := make(http.Header, min(names, maxClaim))
	all := make([]string, 0, min(lines, maxClaim))
	for range names {
		name, n := r.str(), r.count(1)
		if r.err != nil || n > lines-len(all) {
			r.fail(errors.New("a header has more lines than it says"))
			return nil
		}
		from := len(all)
		for range n {
			all = append(all, r.str())
		}
		if r.err != nil {
			return nil
		}
		h[name] = all[from:len(all):len(all)]
	}
	return h
}
