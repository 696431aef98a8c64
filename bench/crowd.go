package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/all"
)

// crowd is a cache of many entries in SQLite, filled when it is first used. It is its own origin, without sockets, so that
// a million entries are there in minutes.
type crowd struct {
	n     int
	seen  atomic.Int64
	dir   string
	cache *larder.Cache
}

const crowdBody = 1 * kib

// glob chooses every hundredth entry.
const glob = "http://many.example/*/entry*42"

func (c *crowd) url(i int) string {
	return fmt.Sprintf("http://many.example/%03d/entry%07d", i%1000, i)
}

// RoundTrip implements http.RoundTripper.
func (c *crowd) RoundTrip(req *http.Request) (*http.Response, error) {
	c.seen.Add(1)
	resp := &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}, ContentLength: crowdBody,
		Body: io.NopCloser(bytes.NewReader(make([]byte, crowdBody))),
	}
	writeFields(resp.Header, crowdBody)
	return resp, nil
}

// fill stores the entries and opens the cache again, so that nothing is left in memory. Rows share it: it is closed with
// the whole place.
func (c *crowd) fill(p *place) error {
	if c.cache != nil {
		return nil
	}
	dir, err := p.outer.folder()
	if err != nil {
		return err
	}
	c.dir = dir
	if err := c.open(); err != nil {
		return err
	}
	client := c.cache.Client()
	const workers = 8
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < c.n && errs[w] == nil; i += workers {
				errs[w] = fetch(client, c.url(i), crowdBody)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if err := c.cache.Close(); err != nil {
		return err
	}
	if err := c.open(); err != nil {
		return err
	}
	p.outer.onClose(c.cache.Close)
	return nil
}

func (c *crowd) open() (err error) {
	c.cache, err = all.Open(context.Background(), "sqlite:"+database(c.dir), &larder.Options{Transport: c})
	return err
}

func (c *crowd) side(name string, do func(*place) (func() error, error)) side {
	return side{name: fmt.Sprintf("%s %d entries", name, c.n), open: func(p *place) (subject, error) {
		if err := c.fill(p); err != nil {
			return subject{}, err
		}
		f, err := do(p)
		return subject{do: f, check: f, asked: c.seen.Load}, err
	}}
}

// hits asks for entries here and there.
func (c *crowd) hits() side {
	return c.side("hits among", func(*place) (func() error, error) {
		client, random := c.cache.Client(), rand.New(rand.NewPCG(1, 2))
		return func() error { return fetch(client, c.url(random.IntN(c.n)), crowdBody) }, nil
	})
}

// list chooses entries by a pattern.
func (c *crowd) list() side {
	return c.side("a listing of", func(*place) (func() error, error) {
		return func() error {
			found := 0
			for _, err := range c.cache.Entries(context.Background(), larder.Filter{Glob: glob}) {
				if err != nil {
					return err
				}
				found++
			}
			if want := (c.n + 57) / 100; found != want {
				return fmt.Errorf("%d entries match, want %d", found, want)
			}
			return nil
		}, nil
	})
}

// selectLabels reads what a listing needs, by SQL.
func (c *crowd) selectLabels() side {
	return c.side("SELECT of the labels of", func(p *place) (func() error, error) {
		db, err := reader(p, c.dir)
		if err != nil {
			return nil, err
		}
		return func() error {
			rows, err := db.Query(`SELECT key, label FROM items`)
			if err != nil {
				return err
			}
			defer rows.Close()
			n := 0
			for ; rows.Next(); n++ {
				var key string
				var label sql.RawBytes
				if err := rows.Scan(&key, &label); err != nil {
					return err
				}
			}
			if n < c.n {
				return fmt.Errorf("%d rows, want %d or more", n, c.n)
			}
			return rows.Err()
		}, nil
	})
}
