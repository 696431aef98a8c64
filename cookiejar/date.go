package cookiejar

import (
	"strings"
	"time"
)

// parseDate reads the date of an Expires attribute by RFC 6265bis §5.1.1: a time, a day of the month, a month and a year
// in any order, between delimiters of many kinds. Time zones are not looked at.
func parseDate(s string) (time.Time, bool) {
	var d cookieDate
	for _, token := range strings.FieldsFunc(s, isDelimiter) {
		d.take(token)
	}
	return d.time()
}

func isDelimiter(r rune) bool {
	switch {
	case r == '\t', ' ' <= r && r <= '/', ';' <= r && r <= '@', '[' <= r && r <= '`', '{' <= r && r <= '~':
		return true
	}
	return false
}

type cookieDate struct {
	hour, minute, second               int
	day, month, year                   int
	hasTime, hasDay, hasMonth, hasYear bool
}

// take gives a token to the first part of the date that is missing and that it fits.
func (d *cookieDate) take(token string) {
	if !d.hasTime {
		if h, m, s, ok := clock(token); ok {
			d.hour, d.minute, d.second, d.hasTime = h, m, s, true
			return
		}
	}
	if !d.hasDay {
		if n, ok := number(token, 1, 2); ok {
			d.day, d.hasDay = n, true
			return
		}
	}
	if !d.hasMonth && len(token) >= 3 {
		if i := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(token[:3])); i >= 0 && i%3 == 0 {
			d.month, d.hasMonth = i/3+1, true
			return
		}
	}
	if !d.hasYear {
		if n, ok := number(token, 2, 4); ok {
			d.year, d.hasYear = n, true
		}
	}
}

func (d *cookieDate) time() (time.Time, bool) {
	switch {
	case 70 <= d.year && d.year <= 99:
		d.year += 1900
	case 0 <= d.year && d.year <= 69:
		d.year += 2000
	}
	if !d.hasTime || !d.hasDay || !d.hasMonth || !d.hasYear || d.day < 1 || d.year < 1601 || d.hour > 23 || d.minute > 59 || d.second > 59 {
		return time.Time{}, false
	}
	t := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, time.UTC)
	return t, t.Day() == d.day
}

// number reads least to most digits at the start of token, with no further digit behind them.
func number(token string, least, most int) (int, bool) {
	n, digits := 0, 0
	for digits < len(token) && '0' <= token[digits] && token[digits] <= '9' {
		if digits++; digits > most {
			return 0, false
		}
		n = n*10 + int(token[digits-1]-'0')
	}
	return n, digits >= least
}

// clock reads hh:mm:ss, of one or two digits each.
func clock(token string) (h, m, s int, ok bool) {
	parts := strings.SplitN(token, ":", 3)
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, p := range parts {
		if n[i], ok = number(p, 1, 2); !ok {
			return 0, 0, 0, false
		}
		if i < 2 && len(p) > 2 {
			return 0, 0, 0, false
		}
	}
	return n[0], n[1], n[2], true
}
