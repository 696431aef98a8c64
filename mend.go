package larder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// mendedBody is a stored content in chunks. Where one is lost or damaged, the rest is asked from the origin; the entry goes,
// so that the next request fetches it anew.
type mendedBody struct {
	x      *exchange
	body   record.Body
	at     int64
	mended bool

	coding    string // of the content as it is stored
	validator string // of exactly this content
	strong    bool   // there is one

	mu     sync.Mutex // Close may come beside a Read
	src    io.ReadCloser
	closed bool
}

func newMendedBody(x *exchange, rec *record.Record, src io.ReadCloser, off int64) *mendedBody {
	b := &mendedBody{x: x, body: rec.Body, src: src, at: off, coding: rec.Header.Get("Content-Encoding")}
	b.validator, b.strong = rfc9111.StrongValidator(rec) // now, before the head is made the caller's
	return b
}

// Read implements io.Reader.
func (b *mendedBody) Read(p []byte) (int, error) {
	for {
		b.mu.Lock()
		src, closed := b.src, b.closed
		b.mu.Unlock()
		if closed {
			return 0, http.ErrBodyReadAfterClose
		}
		n, err := src.Read(p)
		b.at += int64(n)
		switch {
		case n > 0 && b.at < b.body.Length, err == nil: // an error comes again
			return n, nil
		case b.at == b.body.Length && err == io.EOF:
			return n, err
		}
		if why := b.mend(err); why != nil {
			return n, why
		}
	}
}

// mend puts the rest as the origin has it in the place of a content that ended with err, or says why that cannot be.
func (b *mendedBody) mend(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if ctxErr := context.Cause(b.x.req.Context()); ctxErr != nil {
		return ctxErr
	}
	if b.mended {
		return err
	}
	b.mended = true
	rest, why := b.rest()
	b.x.lost(b.body.Set, err)
	if why != nil {
		return fmt.Errorf("larder: a piece of the stored response is lost, and the rest cannot be had: %w: %w", why, err)
	}
	b.mu.Lock()
	old, closed := b.src, b.closed
	b.src = rest
	b.mu.Unlock()
	old.Close()
	if closed {
		rest.Close()
	}
	return nil
}

// Close implements io.Closer.
func (b *mendedBody) Close() error {
	b.mu.Lock()
	b.closed = true
	src := b.src
	b.mu.Unlock()
	return src.Close()
}

// lost takes out the entry whose content cannot be read. It may have been validated since it was found, so it is looked up
// again.
func (x *exchange) lost(set string, why error) {
	ctx := x.req.Context()
	x.cache.fault(ctx, "larder: a piece of a stored response is lost, the entry goes", why)
	found, _, err := x.cache.backend.Find(ctx, x.query)
	for _, st := range found {
		if st.Record.Body.Set == set {
			err = x.cache.backend.Drop(ctx, st)
		}
	}
	if err != nil {
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
	if err = b.fits(r.resp); err == nil && r.resp.StatusCode == http.StatusOK { // it knows no ranges
		if _, short := io.CopyN(io.Discard, r.resp.Body, b.at); short != nil {
			err = fmt.Errorf("the origin answered 200, which ended before the loss: %w", short)
		}
	}
	if err != nil {
		r.resp.Body.Close()
		return nil, err
	}
	return &exactly{r.resp.Body, b.body.Length - b.at}, nil
}

// fits reports whether an answer brings the rest of this very content, or all of it. A 206 to If-Range need not repeat the
// fields that a cache knows (RFC 9110 §15.3.7); but one without the validator may be that of an origin that ignores
// If-Range and has other bytes now.
func (b *mendedBody) fits(resp *http.Response) error {
	now := resp.Header.Get("Etag")
	if !strings.HasSuffix(b.validator, `"`) {
		now = resp.Header.Get("Last-Modified")
	}
	coding, size := resp.Header.Get("Content-Encoding"), b.body.Length
	part := resp.StatusCode == http.StatusPartialContent
	switch {
	case now != b.validator, coding != b.coding && (coding != "" || !part):
		return errOtherNow
	case part && resp.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", b.at, size-1, size):
		return fmt.Errorf("the origin answered 206 with Content-Range %q", resp.Header.Get("Content-Range"))
	case !part && (resp.StatusCode != http.StatusOK || resp.ContentLength >= 0 && resp.ContentLength != size):
		return fmt.Errorf("the origin answered %d with %d bytes, want %d", resp.StatusCode, resp.ContentLength, size)
	}
	return nil
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
