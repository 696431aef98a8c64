package larder

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// maxRanges is how many ranges of one request are answered from the store.
const maxRanges = 16

// ranges answers with the ranges that the request asks for (RFC 9110 §14). net/http's file server knows how: If-Range,
// several ranges, 416 and 304; it writes to the caller through a pipe.
func (x *exchange) ranges(st record.Stored, d rfc9111.Decision, s status) *http.Response {
	rec := st.Record
	h := rec.Header.Clone() // the record's is looked at beside
	if h == nil {
		h = http.Header{}
	}
	for _, name := range []string{"Content-Length", "Content-Digest", "Content-Md5"} { // of the whole
		delete(h, name)
	}
	typed := len(h["Content-Type"]) > 0
	if !typed {
		h["Content-Type"] = nil // net/http would guess one
	}
	modified, _ := http.ParseTime(h.Get("Last-Modified"))
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(x.req.Context())
	caller := x.req
	x.req = x.req.WithContext(ctx) // what mends the content ends with the body
	unwatch := context.AfterFunc(ctx, func() { w.CloseWithError(context.Cause(ctx)) })
	to := &pipeWriter{header: h, pipe: w, code: http.StatusOK, headed: make(chan int, 1)}
	content := &seeker{x: x, st: st}
	go func() {
		defer cancel()
		http.ServeContent(to, x.asked, "", modified, content)
		err := content.end()
		if err != nil && !to.wrote {
			to.code = 0 // lost before the head went out
		}
		to.head()
		unwatch()
		w.CloseWithError(err)
	}()
	code := <-to.headed
	if code == 0 || code == http.StatusPartialContent && h.Get("Content-Length") == "0" { // net/http takes bytes=-0 for satisfiable
		cancel()
		x.req = caller
		return nil
	}
	if !typed && len(h["Content-Type"]) == 0 {
		delete(h, "Content-Type")
	}
	resp := x.head(rec, code, http.StatusText(code))
	resp.Body, resp.ContentLength = pipeBody{r, cancel}, -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		resp.ContentLength = n
	}
	x.age[0] = strconv.FormatInt(int64(d.Age/time.Second), 10)
	h["Age"] = x.age[:]
	x.finish(resp, h, s)
	return resp
}

// pipeWriter is an http.ResponseWriter whose head is one value and whose body is a pipe.
type pipeWriter struct {
	header http.Header
	pipe   *io.PipeWriter
	headed chan int // what code is when the first byte of the content is there
	code   int
	wrote  bool
}

// pipeBody is the reader's end; what writes ends with it.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (b pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

// Header implements http.ResponseWriter.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pipeWriter) WriteHeader(code int) { w.code = code }

func (w *pipeWriter) head() {
	if !w.wrote {
		w.wrote = true
		w.headed <- w.code
	}
}

// Write implements http.ResponseWriter.
func (w *pipeWriter) Write(p []byte) (int, error) {
	w.head()
	return w.pipe.Write(p)
}

// seeker is a stored content that is opened where it is read. net/http reads several ranges in a goroutine of its own, which
// may go on when it has returned.
type seeker struct {
	x  *exchange
	st record.Stored

	mu    sync.Mutex
	at    int64
	src   io.ReadCloser
	err   error // met while reading: the caller has to see it
	ended bool
}

// Seek implements io.Seeker.
func (s *seeker) Seek(off int64, whence int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		off += s.at
	case io.SeekEnd:
		off += s.st.Record.Body.Size()
	}
	if off != s.at {
		s.close()
	}
	s.at = off
	return off, nil
}

// Read implements io.Reader.
func (s *seeker) Read(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	if s.src == nil {
		s.src = s.open()
	}
	n, err = s.src.Read(p)
	s.at += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// open is the content from here on. The head has gone out already, so a piece that is lost at once is mended too.
func (s *seeker) open() io.ReadCloser {
	rec := s.st.Record
	if rec.Body.Set == "" {
		return s.x.inline(rec.Body.Data[s.at:])
	}
	src, err := s.st.Open(s.x.req.Context(), s.at)
	if err != nil {
		src = lostBody{err}
	}
	return newMendedBody(s.x, rec, src, s.at)
}

// lostBody is a content that cannot be opened.
type lostBody struct{ err error }

func (b lostBody) Read([]byte) (int, error) { return 0, b.err }
func (b lostBody) Close() error             { return nil }

// end closes the content for good, and says what was met.
func (s *seeker) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.close()
	return s.err
}

func (s *seeker) close() {
	if s.src != nil {
		s.src.Close()
		s.src = nil
	}
}
