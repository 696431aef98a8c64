package main

import "net/http"

// hit fetches a body that is stored already. A cache that lasts is opened anew before, so that nothing is left in memory
// of the request that stored it.
func hit(size int, c client) side {
	return side{name: c.name, open: func(p *place) (subject, error) {
		client, _, err := stored(p, size, c)
		if err != nil {
			return subject{}, err
		}
		url, want := p.origin.url(size), p.origin.body(size)
		before := p.origin.seen.Load()
		if err := fetchExactly(client, url, want); err != nil {
			return subject{}, err
		}
		if p.origin.seen.Load() != before {
			return subject{}, errNotStored
		}
		return subject{
			do:    func() error { return fetch(client, url, size) },
			check: func() error { return fetchExactly(client, url, want) },
			asked: p.origin.seen.Load,
		}, nil
	}}
}

// stored opens a cache in which a body of size bytes lies, if it takes one, and returns its folder too.
func stored(p *place, size int, c client) (*http.Client, string, error) {
	dir, err := p.folder()
	if err != nil {
		return nil, "", err
	}
	client, closeIt, err := c.open(dir)
	if err != nil {
		return nil, "", err
	}
	if err := fetchExactly(client, p.origin.url(size), p.origin.body(size)); err != nil {
		return nil, "", err
	}
	if c.lasts {
		if err := closeIt(); err != nil {
			return nil, "", err
		}
		if client, closeIt, err = c.open(dir); err != nil {
			return nil, "", err
		}
	}
	p.onClose(closeIt)
	return client, dir, nil
}
