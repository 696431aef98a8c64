package larder

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
)

var (
	errClosed    = errors.New("the cache was closed meanwhile")
	errCancelled = errors.New("larder: the request was cancelled")
)

// reader is one caller's body: a place in a stream.
type reader struct {
	stream  *stream
	flight  *flight
	resp    *http.Response // whose trailer is filled at the end
	unwatch func() bool    // stops watching the caller's context; nil: it never ends

	leaving sync.Once // whoever comes second waits for the first

	// Guarded by the stream's mu.
	at   int64
	left error // why it reads no more
}

// reader returns a body that begins at the content's first byte, or nil where that cannot be had any more.
func (s *stream) reader(ctx context.Context, f *flight, n *note) *reader {
	r := &reader{stream: s, flight: f}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gap {
		return nil
	}
	s.readers = append(s.readers, r)
	s.notes = append(s.notes, n)
	for _, change := range s.fate {
		n.set(change)
	}
	if ctx.Done() != nil {
		r.unwatch = context.AfterFunc(ctx, func() { r.leave(context.Cause(ctx), true) })
	}
	return r
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	s := r.stream
	if len(p) == 0 {
		return 0, nil
	}
	s.mu.Lock()
	for {
		ready := s.at + int64(len(s.window))
		switch {
		case r.left != nil:
			s.mu.Unlock()
			return 0, r.left
		case r.at < s.at:
			at, draft := r.at, s.draft
			s.mu.Unlock()
			return r.readBehind(draft, p, at)
		case r.at < ready:
			n := copy(p, s.window[r.at-s.at:])
			r.at += int64(n)
			s.moved.Broadcast()
			s.mu.Unlock()
			return n, nil
		case s.end != nil:
			err := s.end
			s.mu.Unlock()
			return 0, r.finish(err)
		}
		if s.wanted <= ready {
			s.wanted = ready + 1
			s.moved.Broadcast()
		}
		s.moved.Wait()
	}
}

// readBehind reads what has passed by from the store.
func (r *reader) readBehind(draft io.ReaderAt, p []byte, at int64) (int, error) {
	n, err := draft.ReadAt(p, at)
	switch {
	case n > 0:
		err = nil
	case err == io.EOF:
		err = io.ErrUnexpectedEOF // more was there
	}
	s := r.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	r.at += int64(n)
	s.moved.Broadcast() // the pump may wait for the slowest
	return n, err
}

// finish is the end of the content: it waits a moment for the commit.
func (r *reader) finish(err error) error {
	if err == io.EOF {
		await(r.stream.settled, commitWait)
		for name, values := range r.stream.resp.Trailer {
			if r.resp.Trailer == nil {
				r.resp.Trailer = http.Header{}
			}
			r.resp.Trailer[name] = values
		}
	}
	r.leave(err, false)
	return err
}

// Close implements io.Closer.
func (r *reader) Close() error {
	r.leave(http.ErrBodyReadAfterClose, true)
	return nil
}

// leave gives up the reader's place; later reads are why. Who is the last waits for a short rest of the content.
func (r *reader) leave(why error, linger bool) {
	r.leaving.Do(func() {
		s := r.stream
		s.mu.Lock()
		r.left = why
		s.readers = slices.DeleteFunc(s.readers, func(o *reader) bool { return o == r })
		s.moved.Broadcast()
		unwatch := r.unwatch
		s.mu.Unlock()
		if unwatch != nil {
			unwatch()
		}
		if r.flight.leave() && linger {
			s.linger()
		}
		s.release(func() {})
	})
}
