package larder

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/larder-go/larder/record"
)

const (
	windowBytes = 32 << 10              // longest piece that is read from the origin at once
	drainBytes  = 64 << 10              // what is read of a rest when the last reader leaves, to reach the end
	drainWait   = 50 * time.Millisecond // and how long that may take
	commitWait  = 50 * time.Millisecond // how long the end of a content waits for its commit
	commitTime  = 30 * time.Second      // how long a commit may take in all
)

var errCut = errors.New("the body broke off")

// stream is the content of a response on its way from the origin to the store and to all who read it. One goroutine, the
// pump, reads from the origin when a reader has had everything that came and wants more; readers who lag behind read what
// was stored. The content is committed at its verified end and at no other moment.
type stream struct {
	cache   *Cache
	resp    *http.Response // whose trailer is filled at the end
	head    http.Response  // as it came, for the readers
	src     io.ReadCloser
	want    int64              // by Content-Length; -1: until the end
	stop    context.CancelFunc // ends the request
	awaited bool               // by a task that Close waits for
	settled chan struct{}      // closed when the end has been dealt with: committed or given up

	mu       sync.Mutex
	moved    sync.Cond // on mu: something below has changed
	draft    record.Draft
	broken   bool // the draft takes nothing more, so the pump waits for the slowest reader
	kept     bool // committed
	spare    [2]*[]byte
	window   []byte // the piece that came last, in one of these
	at       int64  // its offset
	wanted   int64  // offset up to which readers want bytes
	end      error  // why no more comes, io.EOF where all of it came; nil: more may come
	deserted bool   // nobody reads any more
	owed     bool   // Close waits until this has ended
	drain    int    // bytes that are read all the same
	gap      bool   // bytes have passed that the draft did not take: nobody can begin any more
	pumped   bool   // the pump has ended
	readers  []*reader
	notes    []*note
	fate     []func(*Info) // what is to be noted of how it went
}

func newStream(c *Cache, resp *http.Response, stop context.CancelFunc) *stream {
	s := &stream{cache: c, resp: resp, src: resp.Body, want: resp.ContentLength, stop: stop, settled: make(chan struct{})}
	s.moved.L = &s.mu
	s.head = *resp
	s.head.Trailer = announced(resp.Trailer)
	if s.want == 0 && s.src != http.NoBody && len(resp.Header["Content-Length"]) == 0 {
		s.want = -1 // a transport that leaves the length out
	}
	if s.src == http.NoBody && s.want <= 0 {
		s.end = io.EOF
	}
	return s
}

// pump reads from the origin until the end, or until nobody is left.
func (s *stream) pump() {
	for i := 0; s.more(); i ^= 1 {
		if s.spare[i] == nil {
			s.spare[i] = s.newWindow()
		}
		n, err := s.src.Read(*s.spare[i])
		s.take((*s.spare[i])[:n], err)
	}
	s.settle()
	s.src.Close()
	s.stop()
	s.release(func() { s.pumped = true })
}

var windows = sync.Pool{New: func() any { w := make([]byte, windowBytes); return &w }}

// newWindow is no longer than what is announced.
func (s *stream) newWindow() *[]byte {
	if s.want > 0 && s.want < windowBytes {
		w := make([]byte, s.want)
		return &w
	}
	return windows.Get().(*[]byte)
}

// more waits until bytes are wanted that did not come yet; false: they never will.
func (s *stream) more() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.end != nil:
			return false
		case s.deserted:
			return s.drain > 0
		case s.wanted > s.at+int64(len(s.window)):
			return true
		}
		s.moved.Wait()
	}
}

// take hands a piece to the readers, and then to the draft: readers never wait for the store.
func (s *stream) take(piece []byte, err error) {
	s.mu.Lock()
	for s.broken && s.lagging() {
		s.moved.Wait()
	}
	s.gap = s.gap || s.broken
	s.at += int64(len(s.window))
	s.window = piece
	s.drain -= len(piece)
	got := s.at + int64(len(piece))
	switch {
	case err != nil:
		s.end = err
	case s.want >= 0 && got == s.want && s.resp.Trailer == nil && s.resp.ProtoMajor < 2: // in HTTP/2 any response may have a trailer
		s.end = io.EOF
	}
	cut := err != nil && err != io.EOF || s.want >= 0 && (got > s.want || err == io.EOF && got < s.want)
	broken := s.broken
	s.moved.Broadcast()
	s.mu.Unlock()
	if broken {
		return
	}
	if cut {
		s.giveUp(errCut)
	} else if _, err := s.draft.Write(piece); err != nil {
		s.giveUp(err)
	}
}

// lagging reports whether a reader has not had all of the window. mu is held.
func (s *stream) lagging() bool {
	return slices.ContainsFunc(s.readers, func(r *reader) bool { return r.at < s.at+int64(len(s.window)) })
}

// settle commits what came to its end, and gives up what did not.
func (s *stream) settle() {
	defer close(s.settled)
	s.mu.Lock()
	end, broken := s.end, s.broken
	s.mu.Unlock()
	switch {
	case broken:
	case end != io.EOF:
		s.giveUp(errCut)
	case !s.awaited && !s.cache.begin():
		s.giveUp(errClosed)
	default:
		if !s.awaited {
			defer s.cache.work.Done()
		}
		ctx, cancel := context.WithTimeout(context.Background(), commitTime)
		defer cancel()
		if err := s.draft.Commit(ctx, s.resp.Trailer.Clone()); err != nil {
			s.giveUp(err)
			return
		}
		s.mu.Lock()
		s.kept = true
		s.mu.Unlock()
		s.cache.stats.stored.Add(1)
		s.note(func(i *Info) { i.Stored = true })
		s.cache.sweepIfDue()
	}
}

// giveUp stores nothing more.
func (s *stream) giveUp(why error) {
	s.mu.Lock()
	s.broken = true
	s.mu.Unlock()
	s.lose(why)
}

// lose says that the response is not stored after all.
func (s *stream) lose(why error) {
	if !errors.Is(why, errCut) && !errors.Is(why, errClosed) && !errors.Is(why, record.ErrTooLarge) {
		s.cache.fault(context.Background(), "larder: storing a response failed", why)
	}
	s.note(func(i *Info) {
		i.Stored, i.FreshUntil = false, time.Time{}
		i.Reason += "; not stored: " + why.Error()
	})
}

func (s *stream) note(change func(*Info)) {
	s.mu.Lock()
	s.fate = append(s.fate, change)
	notes := s.notes
	s.mu.Unlock()
	for _, n := range notes {
		n.set(change)
	}
}

// desert says that the last reader has left. A rest of so many bytes is read all the same, because decoders stop before the
// end of a body.
func (s *stream) desert(rest int) {
	s.mu.Lock()
	if !s.deserted {
		s.owed = s.cache.begin()
	}
	s.deserted, s.drain = true, rest
	s.moved.Broadcast()
	s.mu.Unlock()
}

// linger waits a moment for the rest of a deserted content, and then ends the request.
func (s *stream) linger() {
	if await(s.settled, drainWait) {
		return
	}
	s.desert(0)
	s.stop() // a read that does not come back
}

// await waits for ch to be closed, for no longer than d.
func await(ch <-chan struct{}, d time.Duration) bool {
	select {
	case <-ch:
		return true
	default:
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ch:
		return true
	case <-t.C:
		return false
	}
}

// release makes a change, and gives away what neither the pump nor a reader needs any more.
func (s *stream) release(change func()) {
	s.mu.Lock()
	change()
	draft, over := s.draft, false
	if s.pumped && s.deserted && draft != nil {
		s.draft, over = nil, !s.kept
		s.window = nil
		for _, w := range s.spare {
			if w != nil && len(*w) == windowBytes {
				windows.Put(w)
			}
		}
	}
	owed := s.owed && s.draft == nil
	s.owed = s.owed && !owed
	s.moved.Broadcast()
	s.mu.Unlock()
	end := func() {
		if over {
			if err := draft.Abort(); err != nil {
				s.cache.fault(context.Background(), "larder: removing what was not stored failed", err)
			}
		}
		if owed {
			s.cache.work.Done()
		}
	}
	if over {
		go end() // it may take a while to remove a large content
	} else {
		end()
	}
}

// sharedHead is a head of its own for one of the readers of a response. The origin's own is not looked at: its trailer may
// just be coming.
func (s *stream) sharedHead() *http.Response {
	own := s.head
	own.Trailer = announced(own.Trailer)
	return &own
}

// announced is a trailer without its values, which come with the end.
func announced(trailer http.Header) http.Header {
	if trailer == nil {
		return nil
	}
	own := make(http.Header, len(trailer))
	for name := range trailer {
		own[name] = nil
	}
	return own
}
