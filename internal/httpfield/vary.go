package httpfield

import (
	"slices"
	"strings"
)

// VaryNames returns the field names of Vary lines (RFC 9110 §12.5.5) in lower case, sorted, each once. star is true
// where a member is "*" or is no field name at all, so that no request can be known to match.
func VaryNames(lines []string) (names []string, star bool) {
	for _, rest := range lines {
		for rest != "" {
			var name string
			name, rest, _ = strings.Cut(rest, ",")
			switch name = trim(name); {
			case name == "":
			case !isVaryName(name):
				return nil, true
			default:
				names = append(names, strings.ToLower(name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), false
}

// VaryAny reports what VaryNames reports as star, without allocating.
func VaryAny(lines []string) bool {
	for _, rest := range lines {
		for rest != "" {
			var name string
			name, rest, _ = strings.Cut(rest, ",")
			if name = trim(name); name != "" && !isVaryName(name) {
				return true
			}
		}
	}
	return false
}

func isVaryName(s string) bool { return s != "*" && IsToken(s) }
