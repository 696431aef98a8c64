package httpfield

import "strings"

// Acceptable reports whether a content coding may be sent in answer to these Accept-Encoding lines
// (RFC 9110 §12.5.3). "" and "identity" both mean no coding; of several codings ("gzip, br") each must be acceptable.
// No lines at all accept everything; an empty field accepts identity alone. A malformed weight counts as 0.
func Acceptable(coding string, acceptEncoding []string) bool {
	if len(acceptEncoding) == 0 {
		return true
	}
	none := true
	for rest := coding; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, ",")
		if one = trim(one); one == "" || equalFold(one, "identity") {
			continue
		}
		none = false
		if !acceptable(one, acceptEncoding) {
			return false
		}
	}
	return !none || acceptable("identity", acceptEncoding)
}

func acceptable(coding string, lines []string) bool {
	named, star, starSeen := false, true, false
	for m := range Members(lines) {
		name, params, _ := strings.Cut(m, ";")
		name = trim(name)
		switch ok := weighty(params); {
		case sameCoding(name, coding):
			if !ok {
				return false // once refused is refused
			}
			named = true
		case name == "*":
			star, starSeen = star && ok, true
		}
	}
	if named {
		return true
	}
	if starSeen {
		return star
	}
	return equalFold(coding, "identity")
}

// sameCoding compares codings; the x- forms are old names (RFC 9110 §8.4.1).
func sameCoding(a, b string) bool {
	return equalFold(bare(a), bare(b))
}

func bare(coding string) string {
	if equalFold(coding, "x-gzip") || equalFold(coding, "x-compress") {
		return coding[2:]
	}
	return coding
}

// weighty reports whether the parameters of a member leave it a weight above 0 (RFC 9110 §12.4.2).
func weighty(params string) bool {
	ok := true
	for params != "" {
		var p string
		p, params, _ = strings.Cut(params, ";")
		name, value, _ := strings.Cut(trim(p), "=")
		if equalFold(name, "q") {
			ok = ok && positive(value)
		} else if trim(p) != "" {
			ok = false // only a weight may stand here
		}
	}
	return ok
}

// positive reports whether s is a qvalue above 0: at most three decimals, at most 1.
func positive(s string) bool {
	if s == "" || len(s) > 5 || s[0] != '0' && s[0] != '1' || len(s) > 1 && s[1] != '.' {
		return false
	}
	digits := s[min(2, len(s)):]
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return false
		}
	}
	zeros := strings.Trim(digits, "0") == ""
	if s[0] == '1' {
		return zeros
	}
	return !zeros
}
