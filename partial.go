package larder

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// maxRanges is how many ranges of one request are answered from the store.
const maxRanges = 16

// part names what a request wants of a response rather than the whole: its head or a range; empty: the whole.
func part(req *http.Request) string {
	switch {
	case req.Method == http.MethodHead:
		return "method"
	case len(req.Header["Range"]) > 0:
		return "a range"
	}
	return ""
}

// fromWhole answers a request for a part from the whole response that is stored. Where none may be used, the request goes
// to the origin as it came, and its answer is not stored.
func (x *exchange) fromWhole(part string) (*http.Response, error) {
	whole := wholeOf(x.asked)
	x.query = x.through.query(whole, x.terms)
	found, slot, err := x.cache.backend.Find(x.req.Context(), x.query)
	if err != nil {
		return x.lookUpFailed(err)
	}
	found = x.acceptable(found)
	if x.terms.Reload == On && !rfc9111.OnlyIfCached(x.asked) {
		return x.pass(part)
	}
	d := x.cache.policy.Decide(whole, x.shown(found), x.now)
	if d.Action == rfc9111.Serve || d.Action == rfc9111.Refresh {
		if resp := x.serveParts(found[d.Use], d); resp != nil {
			if d.Action == rfc9111.Refresh {
				x.refresh(slot)
			}
			x.cache.stats.hits.Add(1)
			return resp, nil
		}
	}
	if rfc9111.OnlyIfCached(x.asked) {
		return x.refuse(d.Reason.String()), nil
	}
	requested := time.Now()
	resp, err := x.pass(part)
	if err == nil && resp != nil && x.asked.Method == http.MethodHead && len(found) > 0 {
		x.freshenByHead(found[0], reply{resp: resp, sent: x.req, requested: requested, arrived: time.Now()})
	}
	return resp, err
}

// freshenByHead updates a stored response by an answer to HEAD, or takes it out where that shows that it has changed (RFC
// 9111 §4.3.5). One in another content coding says nothing about it.
func (x *exchange) freshenByHead(st record.Stored, r reply) {
	if r.resp.Header.Get("Content-Encoding") != st.Record.Header.Get("Content-Encoding") {
		return
	}
	h := r.resp.Header.Clone()
	delete(h, "Cache-Status") // the cache's own
	ctx := context.WithoutCancel(x.req.Context())
	next, ok := rfc9111.FreshenByHead(st.Record, &http.Response{StatusCode: r.resp.StatusCode, Header: h}, r.requested, r.arrived)
	switch {
	case !ok:
		if err := x.cache.backend.Drop(ctx, st); err != nil {
			x.cache.fault(ctx, "larder: taking out a response that has changed failed", err)
		}
	case next != st.Record:
		if len(h["Set-Cookie"]) == 0 {
			delete(next.Header, "Set-Cookie") // as after a 304
		}
		next.Expires = x.cache.policy.FreshUntil(x.terms.seen(next))
		x.asked = wholeOf(x.asked) // what is stored answers GET
		x.storeFreshened(st, next, r)
	}
}

// wholeOf is the request for the whole response.
func wholeOf(req *http.Request) *http.Request {
	whole := req.WithContext(req.Context())
	whole.Method = http.MethodGet
	whole.Header = req.Header.Clone()
	delete(whole.Header, "Range")
	delete(whole.Header, "If-Range")
	return whole
}

// serveParts answers with a part of a stored response, or nil where that has none to give.
func (x *exchange) serveParts(st record.Stored, d rfc9111.Decision) *http.Response {
	rec := st.Record
	s := status{hit: true, ttl: d.Lifetime - d.Age, hasTTL: true}
	switch {
	case d.Action == rfc9111.Refresh:
		s.detail = "stale-while-revalidate"
	case x.terms.force(rec.StatusCode):
		s.detail = forcedDetail
	}
	info := x.hitInfo(rec, d)
	if x.asked.Method == http.MethodHead {
		x.ctx.n.info = info
		if rfc9111.IsConditional(x.asked) && rfc9111.NotModified(x.asked, rec) {
			return x.notModified(rec, d.Age, s)
		}
		resp := x.respond(rec, http.NoBody, d.Age, s)
		resp.Body = http.NoBody
		return resp
	}
	if !x.gives(rec) {
		return nil
	}
	var resp *http.Response
	if rfc9111.IsConditional(x.asked) && rfc9111.NotModified(x.asked, rec) {
		resp = x.notModified(rec, d.Age, s)
	} else {
		resp = x.ranges(st, d, s)
	}
	if resp != nil {
		x.ctx.n.info = info
	}
	return resp
}

// gives reports whether a stored response has the part that the request asks for.
func (x *exchange) gives(rec *record.Record) bool {
	ranges := x.asked.Header["Range"]
	switch {
	case x.asked.Method == http.MethodHead:
		return true
	case len(ranges) != 1, !strings.HasPrefix(ranges[0], "bytes="): // a unit, or a spelling of it, that the origin may know
		return false
	case strings.Count(ranges[0], ",") >= maxRanges: // each opens a chunk
		return false
	}
	// Ranges are of the bytes as the origin has them.
	return rec.StatusCode == http.StatusOK && rec.Body.Size() >= 0 && rec.Body.Coding == "" && fitting(rec, x.asked.Header["Accept-Encoding"]) == asIs
}

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
