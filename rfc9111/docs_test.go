package rfc9111_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestConformance holds docs/conformance.md against the tree: each test and each row of a table that it cites exists, each
// function too, each row has a status, and the counts are right.
func TestConformance(t *testing.T) {
	page, err := os.ReadFile("../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, rules := declared(t, "..", true), declared(t, ".", false)
	cited := 0
	for line := range strings.Lines(string(page)) {
		cells := cellsOf(line)
		switch len(cells) {
		case 0:
			continue
		case 3:
			cited += found(t, tests, line, cells[2])
		case 6:
			judged(t, line, cells)
			for _, name := range backticked.FindAllStringSubmatch(cells[3], -1) {
				if len(rules[name[1]]) == 0 {
					t.Errorf("%s is no function of package rfc9111:\n%s", name[1], line)
				}
			}
			cited += found(t, tests, line, cells[4])
		default:
			t.Errorf("%d cells:\n%s", len(cells), line)
		}
	}
	if cited < 100 {
		t.Errorf("only %d citations seen", cited)
	}
	counted(t, string(page))
}

// cellsOf splits a row of a table; heads are none.
func cellsOf(line string) []string {
	if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| § ") {
		return nil
	}
	cells := strings.Split(strings.TrimSpace(line), "|")
	cells = cells[1 : len(cells)-1]
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
	return cells
}

var (
	backticked = regexp.MustCompile("`([A-Za-z0-9]+)`")
	citation   = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`(?:: ((?:\"[^\"]+\"(?:, )?)+))?")
	quoted     = regexp.MustCompile(`"[^"]+"`)
	statuses   = []string{"done", "different", "not yet", "not ours"}
	declares   = regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?([A-Z][A-Za-z0-9]*)\(`)
)

// declared maps the exported functions and methods under dir to the texts of the files that declare them.
func declared(t *testing.T, dir string, inTests bool) map[string][]string {
	t.Helper()
	names := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") != inTests {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range declares.FindAllSubmatch(data, -1) {
			names[string(m[1])] = append(names[string(m[1])], string(data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// found looks the citations of a cell up, and returns how many there are.
func found(t *testing.T, tests map[string][]string, line, cell string) int {
	t.Helper()
	n := 0
	for _, c := range citation.FindAllStringSubmatch(cell, -1) {
		n++
		files := tests[c[1]]
		if len(files) == 0 {
			t.Errorf("there is no %s:\n%s", c[1], line)
		}
		for _, row := range quoted.FindAllString(c[2], -1) {
			n++
			if !slices.ContainsFunc(files, func(text string) bool { return strings.Contains(text, row) }) {
				t.Errorf("%s has no row %s:\n%s", c[1], row, line)
			}
		}
	}
	if rest := strings.Trim(citation.ReplaceAllString(cell, ""), "; "); rest != "" {
		t.Errorf("what is %q in this row?\n%s", rest, line)
	}
	return n
}

// judged wants a status, a test for what is done, and a reason for what is not.
func judged(t *testing.T, line string, cells []string) {
	t.Helper()
	status, why, _ := strings.Cut(cells[5], ":")
	switch {
	case !slices.Contains(statuses, status):
		t.Errorf("status %q:\n%s", status, line)
	case status == "done" && !strings.Contains(cells[4], "`"):
		t.Errorf("done, but no test shows it:\n%s", line)
	case (status == "different" || status == "not yet") && why == "":
		t.Errorf("%s, but why?\n%s", status, line)
	}
}

// counted wants the line before each table of requirements to say how many rows of each status that has.
func counted(t *testing.T, page string) {
	t.Helper()
	said := regexp.MustCompile(`(?m)^\d+ rows: .*$`)
	sections := strings.Split(page, "\n## ")
	tables := 0
	for _, section := range sections {
		n, by := 0, map[string]int{}
		for line := range strings.Lines(section) {
			if cells := cellsOf(line); len(cells) == 6 {
				status, _, _ := strings.Cut(cells[5], ":")
				by[status]++
				n++
			}
		}
		if n == 0 {
			continue
		}
		tables++
		want := fmt.Sprintf("%d rows: %d done, %d different, %d not yet, %d not ours.", n, by["done"], by["different"], by["not yet"], by["not ours"])
		if got := said.FindString(section); got != want {
			t.Errorf("the page says %q, it has %q", got, want)
		}
	}
	if tables != 2 {
		t.Errorf("%d tables of requirements seen, want 2", tables)
	}
}
