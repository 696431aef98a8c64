// Package nearest finds the known name that a mistyped one was probably meant to be, for error messages.
package nearest

import "strings"

// Of returns the element of known nearest to got, or "" where none is near: within a third of its letters, at least one.
func Of(got string, known []string) string {
	got = strings.ToLower(got)
	best, bestDistance := "", 1<<30
	for _, name := range known {
		d := distance(got, strings.ToLower(name))
		if d < bestDistance && d <= max(1, len(name)/3+1) {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with their neighbour.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 1 << 30
	}
	var before, last, row [65]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
