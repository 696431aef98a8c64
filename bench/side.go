package main

import "errors"

// side is one of the two things that a row compares.
type side struct {
	name string
	open func(*place) (subject, error)
}

// subject is something that can be measured.
type subject struct {
	do    func() error // what is measured, once
	check func() error // that it does it right, byte for byte; before and after the measurement
	asks  int64        // requests that the origin sees for each do
	asked func() int64 // requests that the origin has seen
}

// errNotStored is the answer of a cache that does not keep a response of this size.
var errNotStored = errors.New("not stored")

// both does a and then b.
func both(a, b side) side {
	return side{name: a.name + " + " + b.name, open: func(p *place) (subject, error) {
		x, err := a.open(p)
		if err != nil {
			return subject{}, err
		}
		y, err := b.open(p)
		if err != nil {
			return subject{}, err
		}
		y.do, y.check = then(x.do, y.do), then(x.check, y.check)
		y.asks += x.asks
		return y, nil
	}}
}

func then(f, g func() error) func() error {
	return func() error {
		if err := f(); err != nil {
			return err
		}
		return g()
	}
}
