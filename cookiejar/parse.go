package cookiejar

import (
	"strconv"
	"strings"
	"time"
)

// Limits of RFC 6265bis §5.6 and §5.5, in bytes, and the longest life that is kept.
const (
	maxPair      = 4096
	maxAttribute = 1024
	maxLife      = 400 * 24 * time.Hour
)

// line is a Set-Cookie line as it is written, before the jar judges it.
type line struct {
	name, value string
	domain      string // as given, lower case, without a leading dot; empty: this host alone
	path        string // empty: the default
	secure      bool
	httpOnly    bool
	partitioned bool
	sameSite    string
	expires     time.Time // zero: at the end of the session
}

// parse reads a Set-Cookie line as user agents do (RFC 6265bis §5.6). It takes what origins send rather than what the
// grammar says: values of any bytes but control characters, quotes that belong to the value, cookies without a name.
func parse(s string, now time.Time) (line, bool) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return line{}, false
	}
	pair, attributes, _ := strings.Cut(s, ";")
	name, value, named := strings.Cut(pair, "=")
	if !named {
		name, value = "", pair
	}
	l := line{name: trim(name), value: trim(value)}
	if l.name == "" && l.value == "" || len(l.name)+len(l.value) > maxPair {
		return line{}, false
	}
	maxAge := ""
	for a := range strings.SplitSeq(attributes, ";") {
		key, value, _ := strings.Cut(a, "=")
		value = trim(value)
		if len(value) > maxAttribute {
			continue
		}
		l.attribute(strings.ToLower(trim(key)), value, &maxAge, now)
	}
	if maxAge != "" {
		l.expires = expiry(maxAge, now)
	}
	if !l.expires.IsZero() && l.expires.After(now.Add(maxLife)) {
		l.expires = now.Add(maxLife)
	}
	return l, true
}

// attribute notes one attribute; of several of a name the last holds, and Max-Age beats Expires.
func (l *line) attribute(key, value string, maxAge *string, now time.Time) {
	switch key {
	case "expires":
		if t, ok := parseDate(value); ok {
			l.expires = t
		}
	case "max-age":
		digits := strings.TrimPrefix(value, "-")
		if digits != "" && strings.Trim(digits, "0123456789") == "" {
			*maxAge = value
		}
	case "domain":
		l.domain = strings.ToLower(strings.TrimPrefix(value, "."))
	case "path":
		l.path = ""
		if strings.HasPrefix(value, "/") {
			l.path = value
		}
	case "secure":
		l.secure = true
	case "httponly":
		l.httpOnly = true
	case "partitioned":
		l.partitioned = true
	case "samesite":
		l.sameSite = ""
		for _, known := range []string{"Strict", "Lax", "None"} {
			if strings.EqualFold(value, known) {
				l.sameSite = known
			}
		}
	}
}

// expiry is now and the seconds of a Max-Age, whatever their size; zero and less are past.
func expiry(maxAge string, now time.Time) time.Time {
	if strings.HasPrefix(maxAge, "-") {
		return time.Unix(0, 0).UTC()
	}
	n, err := strconv.ParseInt(maxAge, 10, 64)
	if err != nil || n > int64(maxLife/time.Second) {
		return now.Add(maxLife)
	}
	if n == 0 {
		return time.Unix(0, 0).UTC()
	}
	return now.Add(time.Duration(n) * time.Second)
}

func trim(s string) string { return strings.Trim(s, " \t") }
