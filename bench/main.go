// Command bench measures larder against its peers, against a client without a cache, and against itself. Every figure is a
// ratio of two things measured in one run, in turns, so that a busy machine disturbs both alike; nanoseconds are printed for
// orientation only.
//
//	go run . [-quick] [-run REGEXP] [-entries N]
//
// It is a module of its own, because larder itself must not require its peers. What was seen, and what was aimed at, is in
// docs/performance.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"
)

func main() {
	testing.Init() // before the flags of testing can be set
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run prints the rows that args choose. A row that fails does not stop the others.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "measure for less than a minute")
	chosen := flags.String("run", "", "only rows whose name matches `REGEXP`")
	entries := flags.Int("entries", 10_000, "how many entries the big cache holds, 100 to 1000000")
	if err := flags.Parse(args); err != nil {
		return err
	}
	only, err := regexp.Compile(*chosen)
	if err != nil {
		return err
	}
	if *entries < 100 || *entries > 1_000_000 {
		return fmt.Errorf("-entries %d: want 100 to 1000000", *entries)
	}
	b := budget{rounds: 7, time: "500ms"}
	if *quick {
		b = budget{rounds: 3, time: "150ms"}
	}
	return measureAll(rows(*entries), only, b, out)
}

func measureAll(all []row, only *regexp.Regexp, b budget, out io.Writer) error {
	all = slices.DeleteFunc(all, func(r row) bool { return !only.MatchString(r.name) })
	if len(all) == 0 {
		return fmt.Errorf("no row matches %q", only)
	}
	p, err := newPlace()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s; %s; %d rounds of %s each\n\n", machine(), time.Now().Format(time.DateOnly), b.rounds, b.time)
	printHead(out)
	var failed error
	for _, r := range all {
		f, err := r.measure(p, b)
		if err != nil && !errors.Is(err, errNotStored) {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", r.name, err))
		}
		printRow(out, r, f, err)
	}
	return errors.Join(failed, p.close())
}
