// Package record holds one stored HTTP exchange as plain data: the request that asked, the response that came, and the
// two instants that RFC 9111 §4.2.3 counts an age from.
//
// It carries no policy: whether a record may be used is decided by package rfc9111, how it becomes bytes by package
// codec, where they lie by package store. The struct tags name the fields in the text formats.
package record

import (
	"net/http"
	"time"
)

// Record is one stored exchange. Of a Record that a backend returned, the struct and Header are the caller's own; the other
// maps and slices may be shared and are read only.
type Record struct {
	Key          string        `doc:"key"`                // the store key it was written under; checked when it is read
	URL          string        `doc:"url"`                // normalised, without fragment, userinfo and known secrets
	StatusCode   int           `doc:"status_code"`        //
	Reason       string        `doc:"reason"`             // the reason phrase, "OK"
	Proto        string        `doc:"version"`            // "HTTP/1.1"
	Encoding     string        `doc:"encoding,omitempty"` // charset of a text body as Content-Type names it
	ResponseTime time.Time     `doc:"created_at"`         // response_time of §4.2.3: when the head arrived
	Elapsed      time.Duration `doc:"elapsed"`            // from request_time to response_time
	Expires      time.Time     `doc:"expires,omitempty"`  // when it became stale as seen when it was stored; for people, rules compute their own
	Header       http.Header   `doc:"headers"`            //
	Trailer      http.Header   `doc:"trailers,omitempty"` //
	Body         Body          `doc:"body"`               //
	Request      Request       `doc:"request"`            //
}

// RequestTime is request_time of RFC 9111 §4.2.3: when the request went out.
func (r *Record) RequestTime() time.Time { return r.ResponseTime.Add(-r.Elapsed) }

// Request is what is kept of the request. What the caller sent as a secret (credentials, cookies, API keys) is not
// among it.
type Request struct {
	Method string      `doc:"method"`
	URL    string      `doc:"url"` // as sent, without fragment, userinfo and known secrets
	Header http.Header `doc:"headers"`
	Body   []byte      `doc:"body,omitempty"`
}

// Body is where the content of the response is: inline in Data, or cut into the chunks of a set.
type Body struct {
	// Data is the whole content where Set is empty.
	Data []byte

	// Coding names the content coding that was taken off Data ("gzip"). The header fields still describe the coded form.
	Coding string

	// Set names the chunks that hold the content; empty: inline.
	Set string

	// Length is the length of the complete content in bytes; -1: unknown. Like what follows, it means something only
	// with a Set; see Size.
	Length int64

	// Piece is how many bytes each chunk of the set holds. The last chunk of an extent may hold less.
	Piece int64

	// Until is how long the chunks are kept, whatever happens to the record; zero: for ever.
	Until time.Time

	// Extents are the parts of the content that are there, in order, none touching the next. A complete content is one.
	Extents []Extent

	opaque bool // not shown as JSON or text in a document; see Opaque
}

// Size is the length of the content in bytes; -1: unknown.
func (b Body) Size() int64 {
	if b.Set != "" {
		return b.Length
	}
	return int64(len(b.Data))
}

// Extent is a run of content bytes that is stored in consecutive chunks.
type Extent struct {
	Offset int64 `doc:"offset"` // of its first byte in the content
	Length int64 `doc:"length"`
	Chunk  int   `doc:"chunk"` // index of its first chunk in the set
}

// Chunk is a piece of a content that is too large to stand inside its record.
type Chunk struct {
	Set   string `doc:"set"`
	Index int    `doc:"index"`
	Owner string `doc:"owner,omitempty"` // in chunk 0: the key of the record that the set belongs to
	Data  []byte `doc:"data"`
}
