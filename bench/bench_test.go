package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// TestTable runs every row once, so that none of them rots: that hits are hits and bodies whole is checked as always.
func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := measureAll(rows(100), regexp.MustCompile(""), budget{rounds: 1, time: "1x"}, &out); err != nil {
		t.Error(err)
	}
	figures := regexp.MustCompile(`^\S+ +[0-9.]+ \S+ +[0-9/]+ +[0-9.]+ \S+ +[0-9]+ +[0-9.]+ `)
	for _, r := range rows(100) {
		_, line, found := strings.Cut(out.String(), "\n"+r.name+" ")
		line, _, _ = strings.Cut(line, "\n")
		switch {
		case !found:
			t.Errorf("no line for %s", r.name)
		case strings.HasSuffix(line, errNotStored.Error()) && r.size > mib:
			t.Logf("%s: not stored", r.name)
		case !figures.MatchString(r.name + " " + line):
			t.Errorf("no figures in %q", line)
		}
	}
	t.Log("\n" + out.String())
}

// BenchmarkSides runs the sides of rows as ordinary benchmarks, to look into one of them:
//
//	go test -bench Sides/hit-4k/larder -cpuprofile cpu.out
func BenchmarkSides(b *testing.B) {
	for _, r := range rows(10_000) {
		for _, s := range []side{r.ours, r.theirs} {
			b.Run(r.name+"/"+s.name, func(b *testing.B) { benchmarkSide(b, s) })
		}
	}
}

func benchmarkSide(b *testing.B, s side) {
	whole, err := newPlace()
	if err != nil {
		b.Fatal(err)
	}
	defer whole.close()
	p := whole.inner()
	defer p.close()
	sub, err := opened(s, p)
	if err != nil {
		b.Skip(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := sub.do(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, args := range [][]string{{"-run", "("}, {"-run", "nothing"}, {"-entries", "99"}, {"-entries", "1000001"}, {"-fast"}} {
		if err := run(args, new(bytes.Buffer)); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
