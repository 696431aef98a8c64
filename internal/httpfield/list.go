package httpfield

import (
	"iter"
	"strings"
)

// Members yields the members of a comma list over all lines (RFC 9110 §5.6.1), without surrounding space and without
// empty ones. A comma inside a quoted string does not separate; in a string that never ends it does.
func Members(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, rest := range lines {
			open := false
			for rest != "" {
				end := memberEnd(rest, &open)
				member := trim(rest[:end])
				rest = rest[min(end+1, len(rest)):]
				if member != "" && !yield(member) {
					return
				}
			}
		}
	}
}

// memberEnd is the index of the comma that ends the first member of s, or len(s). open remembers that a quoted string of
// the line never ends: then no later one does, and looking for its end each time would take quadratic time.
func memberEnd(s string, open *bool) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ',':
			return i
		case '"':
			if *open {
				continue
			}
			n := quotedLen(s[i:])
			*open = n == 0
			i += max(n-1, 0)
		}
	}
	return len(s)
}

// quotedLen is the length of the quoted string that s begins with, quotes included; 0: it never ends
// (RFC 9110 §5.6.4).
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// unquote returns what stands between the quotes of a quoted string.
func unquote(s string) string {
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}
