package main

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// miss fetches a body of another URL each time, so it is never stored before; a cache stores it.
func miss(size int, c client) side {
	return side{name: c.name, open: func(p *place) (subject, error) {
		dir, err := p.folder()
		if err != nil {
			return subject{}, err
		}
		client, closeIt, err := c.open(dir)
		if err != nil {
			return subject{}, err
		}
		p.onClose(closeIt)
		var n atomic.Int64
		next := func() string { return p.origin.url(size) + "?n=" + strconv.FormatInt(n.Add(1), 10) }
		return subject{
			do:    func() error { return fetch(client, next(), size) },
			check: func() error { return stores(p, c, client, next(), size) },
			asks:  1,
			asked: p.origin.seen.Load,
		}, nil
	}}
}

// stores fetches a body twice, and wants a cache to answer the second time. A cache may finish a moment after the body.
func stores(p *place, c client, client *http.Client, url string, size int) error {
	want := p.origin.body(size)
	if err := fetchExactly(client, url, want); err != nil || !c.keeps {
		return err
	}
	for range 100 {
		before := p.origin.seen.Load()
		if err := fetchExactly(client, url, want); err != nil {
			return err
		}
		if p.origin.seen.Load() == before {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errNotStored
}
