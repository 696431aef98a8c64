package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"testing"
)

// budget says how long one side of one row is measured.
type budget struct {
	rounds int
	time   string // of a round, as -test.benchtime takes it
}

// figures are medians over the rounds. The ratio is that of the rounds' ratios, not that of the medians: a round's two
// halves saw the same weather.
type figures struct {
	ours, theirs figure
	ratio        float64
}

type figure struct {
	nanoseconds float64 // for one operation
	allocs      int64   // by the whole process: where a request goes out, the origin's are among them
}

// measure opens both sides and measures them in turns.
func (r row) measure(p *place, b budget) (_ figures, err error) {
	if err := flag.Set("test.benchtime", b.time); err != nil {
		return figures{}, err
	}
	p = p.inner()
	defer func() { err = errors.Join(err, p.close()) }()
	ours, err := opened(r.ours, p)
	if err != nil {
		return figures{}, err
	}
	theirs, err := opened(r.theirs, p)
	if err != nil {
		return figures{}, err
	}
	var f, g []figure
	var ratios []float64
	for range b.rounds {
		a, err := r.round(ours)
		if err != nil {
			return figures{}, fmt.Errorf("%s: %w", r.ours.name, err)
		}
		b, err := r.round(theirs)
		if err != nil {
			return figures{}, fmt.Errorf("%s: %w", r.theirs.name, err)
		}
		f, g, ratios = append(f, a), append(g, b), append(ratios, a.nanoseconds/b.nanoseconds)
	}
	return figures{medianFigure(f), medianFigure(g), median(ratios)}, errors.Join(ours.check(), theirs.check())
}

func opened(s side, p *place) (subject, error) {
	sub, err := s.open(p)
	if err == nil {
		err = sub.check()
	}
	if err != nil {
		return subject{}, fmt.Errorf("%s: %w", s.name, err)
	}
	return sub, nil
}

// round measures one side once. That a hit is a hit, and a miss a miss, is seen at the origin: it costs the measured code
// nothing, and no cache has to be believed.
func (r row) round(s subject) (figure, error) {
	var failed error
	var done int64
	before := s.asked()
	res := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		if r.parallel {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := s.do(); err != nil {
						b.Error(err)
						return
					}
				}
			})
			done += int64(b.N)
			return
		}
		for b.Loop() {
			done++
			if failed = s.do(); failed != nil {
				b.Fatal(failed)
			}
		}
	})
	switch {
	case failed != nil:
		return figure{}, failed
	case res.N == 0:
		return figure{}, errors.New("the benchmark failed")
	}
	if asked := s.asked() - before; asked != done*s.asks {
		return figure{}, fmt.Errorf("%d operations asked the origin %d times, want %d", done, asked, done*s.asks)
	}
	return figure{float64(res.T.Nanoseconds()) / float64(res.N), res.AllocsPerOp()}, nil
}

func medianFigure(all []figure) figure {
	var ns []float64
	var allocs []int64
	for _, f := range all {
		ns, allocs = append(ns, f.nanoseconds), append(allocs, f.allocs)
	}
	return figure{median(ns), median(allocs)}
}

func median[T int64 | float64](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}
