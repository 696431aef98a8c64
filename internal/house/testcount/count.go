package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of go test -json, as far as it is needed here.
type event struct {
	Action, Package, Test, Output, ImportPath string
}

// counter adds up results and prints each failure with its output.
type counter struct {
	out                     io.Writer
	passed, failed, skipped int
	output                  map[string][]string            // what a test or package said and has not been printed
	open                    map[string]map[string]struct{} // tests of a package that began and have not ended
	ended                   map[string]int                 // tests of a package that ended
	broken                  map[string]bool                // packages with a failed test
}

func newCounter(out io.Writer) *counter {
	return &counter{
		out: out, output: map[string][]string{}, open: map[string]map[string]struct{}{}, ended: map[string]int{}, broken: map[string]bool{},
	}
}

func (c *counter) read(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Fprintln(c.out, in.Text())
			continue
		}
		c.add(e)
	}
	return in.Err()
}

func (c *counter) add(e event) {
	name := nameOf(e.Package, e.Test)
	if e.Package == "" {
		name = e.ImportPath
	}
	switch e.Action {
	case "output", "build-output":
		c.output[name] = append(c.output[name], e.Output)
		return
	case "build-fail":
		c.fail("FAIL to build "+name, name)
		pkg, _, _ := strings.Cut(e.ImportPath, " ") // "p [p.test]": the package ends as failed too, and is not counted again
		c.broken[pkg] = true
		return
	case "run":
		if c.open[e.Package] == nil {
			c.open[e.Package] = map[string]struct{}{}
		}
		c.open[e.Package][e.Test] = struct{}{}
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	if e.Test == "" {
		c.endPackage(e, name)
		return
	}
	delete(c.open[e.Package], e.Test)
	c.ended[e.Package]++
	switch e.Action {
	case "pass":
		c.passed++
	case "fail":
		c.fail("FAIL "+name, name)
		c.broken[e.Package] = true
	case "skip":
		c.skipped++
		fmt.Fprintf(c.out, "skip %s: %s\n", name, reason(c.output[name]))
	}
	delete(c.output, name)
}

// endPackage judges a package by what its tests left open. A test that dies takes the process with it: it gets no result
// of its own, and its last words lie under its name.
func (c *counter) endPackage(e event, name string) {
	died := slices.Sorted(maps.Keys(c.open[e.Package]))
	delete(c.open, e.Package)
	switch {
	case e.Action == "skip": // a package without test files
	case len(died) > 0:
		for _, test := range died {
			c.fail("FAIL "+nameOf(e.Package, test)+": it did not end", nameOf(e.Package, test))
		}
		c.print(name)
	case e.Action == "fail" && !c.broken[e.Package]:
		c.fail("FAIL "+name, name)
	case e.Action == "pass" && c.ended[e.Package] == 0:
		c.fail("FAIL "+name+": it has test files and ran no test", name)
	}
	delete(c.output, name)
}

func (c *counter) fail(line, name string) {
	c.failed++
	fmt.Fprintln(c.out, line)
	c.print(name)
}

func (c *counter) print(name string) { io.WriteString(c.out, strings.Join(c.output[name], "")) }

func nameOf(pkg, test string) string { return strings.TrimSpace(pkg + " " + test) }

// reason is what a test said before it was skipped.
func reason(lines []string) string {
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if l != "" && !strings.HasPrefix(l, "=== ") && !strings.HasPrefix(l, "--- ") {
			if _, after, ok := strings.Cut(l, ".go:"); ok {
				_, after, _ = strings.Cut(after, ": ")
				return after
			}
			return l
		}
	}
	return "no reason given"
}
