package larder

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/larder-go/larder/internal/shelf"
	"github.com/larder-go/larder/record"
)

const (
	maxKept    = shelf.MaxBody         // longest content that is stored, in bytes
	drainBytes = 64 << 10              // what Close reads of a rest to reach the end
	drainWait  = 50 * time.Millisecond // and how long it tries
	commitWait = 50 * time.Millisecond // how long the end of a body waits for its commit
	commitTime = 30 * time.Second      // how long a commit may take in all
)

// keptBody is a response's body that is stored while the caller reads it. It is committed at its verified end and at no
// other moment: a body that breaks off, or that the caller leaves long before its end, is not stored.
type keptBody struct {
	cache *Cache
	note  *note
	resp  *http.Response // whose trailer is filled at the end of the body
	src   io.ReadCloser
	want  int64 // by Content-Length; -1: until the end

	reading sync.Mutex // what was read is kept before more is read, in order: Close reads too

	mu    sync.Mutex // Close may come while a Read is under way
	draft record.Draft
	got   int64
	done  bool // committed or given up
}

func newKeptBody(c *Cache, n *note, d record.Draft, resp *http.Response) *keptBody {
	b := &keptBody{cache: c, note: n, resp: resp, src: resp.Body, want: resp.ContentLength, draft: d}
	switch {
	case b.src == http.NoBody && b.want <= 0:
		b.commit()
	case b.want == 0 && len(resp.Header["Content-Length"]) == 0:
		b.want = -1 // a transport that leaves the length out
	}
	return b
}

// Read implements io.Reader.
func (b *keptBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	n, err := b.src.Read(p)
	b.keep(p[:n], err)
	return n, err
}

// keep takes what was read into the draft, and ends the draft where the body ends.
func (b *keptBody) keep(p []byte, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done {
		return
	}
	b.got += int64(len(p))
	if len(p) > 0 {
		if _, err := b.draft.Write(p); err != nil {
			b.giveUp(err)
			return
		}
	}
	switch {
	case b.want >= 0 && b.got > b.want, err != nil && err != io.EOF, err == io.EOF && b.want >= 0 && b.got != b.want:
		b.giveUp(errCut)
	case err == io.EOF, b.want >= 0 && b.got == b.want:
		b.commit()
	}
}

var errCut = errors.New("the body broke off")

// giveUp throws the draft away.
func (b *keptBody) giveUp(why error) {
	b.done = true
	b.draft.Abort()
	b.note.set(func(i *Info) {
		i.FreshUntil = time.Time{}
		i.Reason += "; not stored: " + why.Error()
	})
	if !errors.Is(why, errCut) && !errors.Is(why, record.ErrTooLarge) {
		b.cache.fault(context.Background(), "larder: storing a response failed", why)
	}
}

// commit stores the response, beside the caller: who waits for it no longer than commitWait.
func (b *keptBody) commit() {
	b.done = true
	if !b.cache.begin() {
		b.draft.Abort()
		return
	}
	trailer := b.resp.Trailer.Clone()
	done := make(chan struct{})
	go func() {
		defer b.cache.work.Done()
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), commitTime)
		defer cancel()
		b.committed(b.draft.Commit(ctx, trailer))
	}()
	t := time.NewTimer(commitWait)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

func (b *keptBody) committed(err error) {
	if err == nil {
		b.cache.stats.stored.Add(1)
		b.note.set(func(i *Info) { i.Stored = true })
		return
	}
	b.cache.fault(context.Background(), "larder: storing a response failed", err)
	b.note.set(func(i *Info) {
		i.FreshUntil = time.Time{}
		i.Reason += "; not stored: " + err.Error()
	})
}

// Close reads a short rest, because decoders stop before the end of a body, and closes the body.
func (b *keptBody) Close() error {
	b.mu.Lock()
	done := b.done
	b.mu.Unlock()
	if !done {
		b.drain()
	}
	err := b.src.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.done {
		b.giveUp(errCut)
	}
	return err
}

// drain reads on for a moment. A read that does not return in time is ended by the Close that follows.
func (b *keptBody) drain() {
	finished := make(chan struct{})
	if !b.cache.begin() {
		return
	}
	go func() {
		defer b.cache.work.Done()
		defer close(finished)
		io.Copy(io.Discard, io.LimitReader(b, drainBytes))
	}()
	t := time.NewTimer(drainWait)
	defer t.Stop()
	select {
	case <-finished:
	case <-t.C:
	}
}
