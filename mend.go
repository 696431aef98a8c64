package larder

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// mendedBody is a stored content in chunks. Where one is lost or damaged, the rest is asked from the origin; the entry goes,
// so that the next request fetches it anew.
type mendedBody struct {
	x      *exchange
	st     record.Stored
	src    io.ReadCloser
	at     int64
	mended bool

	coding    string // of the content as it is stored
	validator string // of exactly this content
	strong    bool   // there is one
}

// Read implements io.Reader.
func (b *mendedBody) Read(p []byte) (int, error) {
	for {
		n, err := b.src.Read(p)
		b.at += int64(n)
		whole := b.at == b.st.Record.Body.Length
		switch {
		case n > 0 && !whole:
			return n, nil // an error comes again
		case whole && (err == nil || err == io.EOF):
			return n, err
		case b.mended, b.x.req.Context().Err() != nil:
			return n, unlessEOF(err)
		}
		b.mended = true
		rest, why := b.rest()
		b.x.lost(b.st, err)
		if why != nil {
			return n, fmt.Errorf("larder: a piece of the stored response is lost, and the rest cannot be had: %w: %w", why, err)
		}
		b.src.Close()
		b.src = rest
	}
}

// unlessEOF is the error of a content that ended too early.
func unlessEOF(err error) error {
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Close implements io.Closer.
func (b *mendedBody) Close() error { return b.src.Close() }

// lost takes out an entry whose content cannot be read.
func (x *exchange) lost(st record.Stored, why error) {
	ctx := x.req.Context()
	x.cache.fault(ctx, "larder: a piece of a stored response is lost, the entry goes", why)
	if err := x.cache.backend.Drop(ctx, st); err != nil {
		x.cache.fault(ctx, "larder: taking out a damaged entry failed", err)
	}
}

var errOtherNow = errors.New("the origin has another content now")

// rest asks the origin for the content from the lost offset on. Only the very same content will do: it is asked for under
// the stored strong validator (RFC 9110 §13.1.5), and the answer has to bear that and the length.
func (b *mendedBody) rest() (io.ReadCloser, error) {
	switch {
	case !b.strong:
		return nil, errors.New("the stored response has no strong validator")
	case rfc9111.OnlyIfCached(b.x.asked):
		return nil, errors.New("the request says only-if-cached")
	}
	r, err := b.x.ask(b.x.req.Context(), http.Header{
		"Range":           {fmt.Sprintf("bytes=%d-", b.at)},
		"If-Range":        {b.validator},
		"Accept-Encoding": {orIdentity(b.coding)},
		// A condition of the caller's is about the whole.
		"If-None-Match": nil, "If-Modified-Since": nil,
	})
	if err != nil {
		return nil, err
	}
	resp, at, size := r.resp, b.at, b.st.Record.Body.Length
	now, ok := rfc9111.StrongValidator(&record.Record{Header: resp.Header, ResponseTime: r.arrived})
	if !ok || now != b.validator || resp.Header.Get("Content-Encoding") != b.coding {
		resp.Body.Close()
		return nil, errOtherNow
	}
	body := exactly{resp.Body, size - at}
	switch {
	case resp.StatusCode == http.StatusPartialContent && resp.Header.Get("Content-Range") == fmt.Sprintf("bytes %d-%d/%d", at, size-1, size):
		return &body, nil
	case resp.StatusCode == http.StatusOK: // it knows no ranges
		if n, err := io.CopyN(io.Discard, resp.Body, at); err == nil && n == at {
			return &body, nil
		}
	}
	resp.Body.Close()
	return nil, fmt.Errorf("the origin answered %d with Content-Range %q", resp.StatusCode, resp.Header.Get("Content-Range"))
}

func orIdentity(coding string) string {
	if coding == "" {
		return "identity"
	}
	return coding
}

// exactly reads n bytes, no fewer and no more.
type exactly struct {
	io.ReadCloser
	n int64
}

// Read implements io.Reader.
func (e *exactly) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n, err := e.ReadCloser.Read(p[:min(int64(len(p)), e.n)])
	e.n -= int64(n)
	if err == io.EOF && e.n > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
