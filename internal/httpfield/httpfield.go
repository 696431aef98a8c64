// Package httpfield reads and writes the values of HTTP fields: comma lists over several lines, Cache-Control
// directives, delta-seconds, dates, entity tags, Accept-Encoding, Vary and structured fields.
//
// The one rule to know: a field is read as strictly as it can be. Where a value is malformed the caller learns so
// (Directive.Malformed, ok == false) instead of being given a guess, and nothing here panics, whatever the bytes.
//
// It knows no policy: what a directive or a date means for a stored response is decided by package rfc9111.
package httpfield

// A field arrives as lines; most have one. Functions here take all lines of a field, as http.Header holds them, and
// read each by itself: a quoted string that is left open on one line does not swallow the next.

// tokenChars are the characters of a token (RFC 9110 §5.6.2).
var tokenChars = func() (table [256]bool) {
	const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for _, c := range []byte(alphanumeric + "!#$%&'*+-.^_`|~") {
		table[c] = true
	}
	return table
}()

func isTokenChar(c byte) bool { return tokenChars[c] }

// IsToken reports whether s is a token: a field name, a method, a directive name.
func IsToken(s string) bool {
	for i := range len(s) {
		if !isTokenChar(s[i]) {
			return false
		}
	}
	return s != ""
}

// trim takes spaces and tabs off both ends (OWS, RFC 9110 §5.6.3).
func trim(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// equalFold compares ASCII letters without regard to case. strings.EqualFold would also fold U+212A to k.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}
