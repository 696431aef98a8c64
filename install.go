package larder

import (
	"errors"
	"net/http"

	"github.com/larder-go/larder/store"
)

// ErrInstalled reports that http.DefaultTransport is a Cache already.
var ErrInstalled = errors.New("larder: a cache is installed already")

// Install puts a Cache, made as New makes it, before http.DefaultTransport, so that existing code is cached: http.Get,
// http.DefaultClient, and every client without a transport of its own. It returns the function that takes it away again and
// closes it. It belongs at the start of a program, before the first request: http.DefaultTransport is a variable without a
// lock. Where Options.Transport is nil, the transport that is found there sends the requests.
//
// Code that takes http.DefaultTransport for an *http.Transport without asking panics under it; such code is given a client
// instead: cache.Client(), or cache.Wrap(client).
func Install(st store.Store, o *Options) (uninstall func() error, err error) {
	if _, ok := http.DefaultTransport.(*Cache); ok {
		return nil, ErrInstalled
	}
	before := http.DefaultTransport
	c, err := New(st, o)
	if err != nil {
		return nil, err
	}
	http.DefaultTransport = c
	return func() error {
		if http.DefaultTransport == http.RoundTripper(c) {
			http.DefaultTransport = before
		}
		return c.Close()
	}, nil
}

// defaultTransport is http.DefaultTransport, or what sends requests behind it where a Cache is installed: a cache before
// another would ask itself.
func defaultTransport() http.RoundTripper {
	if c, ok := http.DefaultTransport.(*Cache); ok {
		return c.opts.Transport
	}
	return http.DefaultTransport
}
