package main

import (
	"errors"
	"os"
	"slices"
)

// place is where measurements happen: an origin, folders, and what is to be closed. Each row has a place inside that of the
// whole run.
type place struct {
	origin  *origin
	dir     string
	outer   *place // nil: the whole run's
	closers []func() error
}

func newPlace() (*place, error) {
	dir, err := os.MkdirTemp("", "larder-bench-")
	if err != nil {
		return nil, err
	}
	p := &place{origin: newOrigin(), dir: dir}
	p.onClose(func() error { return os.RemoveAll(dir) })
	p.onClose(func() error { p.origin.server.Close(); return nil })
	return p, nil
}

func (p *place) inner() *place { return &place{origin: p.origin, dir: p.dir, outer: p} }

// folder makes a new one, which goes when the place is closed.
func (p *place) folder() (string, error) {
	dir, err := os.MkdirTemp(p.dir, "")
	p.onClose(func() error { return os.RemoveAll(dir) })
	return dir, err
}

// onClose adds what is to be done at the end, last first.
func (p *place) onClose(f func() error) { p.closers = append(p.closers, f) }

func (p *place) close() error {
	var err error
	for _, f := range slices.Backward(p.closers) {
		err = errors.Join(err, f())
	}
	p.closers = nil
	return err
}
