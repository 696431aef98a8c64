package larder

import (
	"context"
	"io"
	"net/http"
)

// alone is the body of a response that is one caller's: the request ends with it.
func (x *exchange) alone(f *flight, body io.ReadCloser) io.ReadCloser {
	if body == http.NoBody {
		f.quit()
		return body
	}
	f.mu.Lock()
	f.body = nil // it is the caller's to close
	f.mu.Unlock()
	return &ownBody{ReadCloser: body, flight: f, unwatch: context.AfterFunc(x.req.Context(), f.stop)}
}

type ownBody struct {
	io.ReadCloser
	flight  *flight
	unwatch func() bool
}

// Read implements io.Reader.
func (b *ownBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && b.flight.ctx.Err() != nil {
		if cause := context.Cause(b.flight.x.req.Context()); cause != nil {
			err = cause // rather than that of the request behind
		}
	}
	return n, err
}

// Close implements io.Closer.
func (b *ownBody) Close() error {
	err := b.ReadCloser.Close()
	if b.unwatch() {
		b.flight.leave()
	}
	return err
}
