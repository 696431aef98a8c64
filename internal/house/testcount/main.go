// Command testcount reads what go test -json writes and prints what failed, what was skipped, and as its last line three
// numbers: passed, failed, skipped. It exits with 1 where a test or a package failed, or where a package that has tests ran none.
package main

import (
	"fmt"
	"os"
)

func main() {
	c := newCounter(os.Stdout)
	err := c.read(os.Stdin)
	if err != nil {
		fmt.Println("FAIL to read the results:", err)
		c.failed++
	}
	fmt.Println(c.passed, c.failed, c.skipped)
	if c.failed > 0 {
		os.Exit(1)
	}
}
