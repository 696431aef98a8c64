// Command testcount reads what go test -json writes and prints what failed, what was skipped, and as its last line three
// numbers: passed, failed, skipped. It exits with 1 where a test or a package failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
}

func main() {
	var passed, failed, skipped int
	output := map[string][]string{}
	broken := map[string]bool{} // packages with a failed test
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Println(in.Text())
			continue
		}
		name := strings.TrimSpace(e.Package + " " + e.Test)
		if e.Package == "" {
			name = e.ImportPath
		}
		switch e.Action {
		case "output", "build-output":
			output[name] = append(output[name], e.Output)
		case "pass":
			if e.Test != "" {
				passed++
			}
			delete(output, name)
		case "fail":
			if e.Test == "" && broken[e.Package] {
				break // said already, test by test
			}
			failed++
			broken[e.Package] = true
			fmt.Printf("FAIL %s\n%s", name, strings.Join(output[name], ""))
		case "build-fail":
			failed++
			fmt.Printf("FAIL to build %s\n%s", name, strings.Join(output[name], ""))
		case "skip":
			if e.Test == "" {
				break // a package without tests
			}
			skipped++
			fmt.Printf("skip %s: %s\n", name, reason(output[name]))
		}
	}
	fmt.Println(passed, failed, skipped)
	if failed > 0 {
		os.Exit(1)
	}
}

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
