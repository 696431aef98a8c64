// Package coding takes content codings (RFC 9110 §8.4.1) off bodies: gzip, the one that the standard library reads.
package coding

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
)

// ErrTooLarge reports a decoded content over the limit that was asked for.
var ErrTooLarge = errors.New("decoded content is over the limit")

// Of returns the content coding that h names, in lower case; empty for none or identity. Several codings are returned
// joined, a form that nothing decodes.
func Of(h http.Header) string {
	lines := h["Content-Encoding"]
	if len(lines) == 0 {
		return ""
	}
	name := strings.ToLower(strings.TrimSpace(strings.Join(lines, ",")))
	switch name {
	case "identity":
		return ""
	case "x-gzip":
		return "gzip"
	}
	return name
}

// Decodes reports whether NewReader knows the coding.
func Decodes(name string) bool { return name == "gzip" }

// NewReader returns what r holds without the coding. It reads nothing before its own first Read.
func NewReader(name string, r io.Reader) io.Reader { return &lazyGzip{src: r} }

// lazyGzip opens the gzip stream at the first Read, because gzip.NewReader blocks for the header.
type lazyGzip struct {
	src io.Reader
	zr  *gzip.Reader
	err error
}

func (l *lazyGzip) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.zr == nil {
		l.zr, l.err = gzip.NewReader(l.src)
		if l.err != nil {
			return 0, l.err // io.EOF for an empty body, which is an empty content
		}
	}
	return l.zr.Read(p)
}

// Decode returns data without the coding, or an error where it does not decode or is longer than limit bytes.
func Decode(name string, data []byte, limit int64) ([]byte, error) {
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(NewReader(name, bytes.NewReader(data)), limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, ErrTooLarge
	}
	return out.Bytes(), nil
}
