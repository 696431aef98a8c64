package httpfield

import (
	"strings"
	"time"
)

// ParseDate reads an HTTP date in any of its three formats (RFC 9110 §5.6.7), without regard to case
// (RFC 9111 §4.2). The zone is GMT or, in the asctime format, none. A year of two digits is the one nearest to now that
// is not more than 50 years ahead of it. That the weekday fits the date is not checked; that it is one is.
//
// now matters for two-digit years alone; pass the time the field was received.
func ParseDate(s string, now time.Time) (t time.Time, ok bool) {
	s = trim(s)
	comma := strings.IndexByte(s, ',')
	switch {
	case comma == 3:
		return parseIMF(s)
	case comma > 3:
		return parseRFC850(s, comma, now)
	}
	return parseAsctime(s)
}

// parseIMF reads "Sun, 06 Nov 1994 08:49:37 GMT".
func parseIMF(s string) (t time.Time, ok bool) {
	if len(s) != 29 || s[4] != ' ' || s[7] != ' ' || s[11] != ' ' || s[16] != ' ' || !equalFold(s[25:], " GMT") {
		return t, false
	}
	return makeDate(s[:3], number(s[12:16]), s[8:11], number(s[5:7]), s[17:25])
}

// parseRFC850 reads "Sunday, 06-Nov-94 08:49:37 GMT".
func parseRFC850(s string, comma int, now time.Time) (t time.Time, ok bool) {
	day, rest := s[:comma], s[comma+1:]
	if len(rest) != 23 || rest[0] != ' ' || rest[3] != '-' || rest[7] != '-' || rest[10] != ' ' || !equalFold(rest[19:], " GMT") {
		return t, false
	}
	if !isLongWeekday(day) {
		return t, false
	}
	year := number(rest[8:10])
	if year < 0 {
		return t, false
	}
	y := now.UTC().Year()
	year += y - y%100 + 100
	for year > y+50 {
		year -= 100
	}
	t, ok = makeDate(day[:3], year, rest[4:7], number(rest[1:3]), rest[11:19])
	if ok && t.After(now.AddDate(50, 0, 0)) {
		return makeDate(day[:3], year-100, rest[4:7], number(rest[1:3]), rest[11:19])
	}
	return t, ok
}

// parseAsctime reads "Sun Nov  6 08:49:37 1994".
func parseAsctime(s string) (t time.Time, ok bool) {
	if len(s) != 24 || s[3] != ' ' || s[7] != ' ' || s[10] != ' ' || s[19] != ' ' {
		return t, false
	}
	day := s[8:10]
	if day[0] == ' ' {
		day = day[1:]
	}
	return makeDate(s[:3], number(s[20:]), s[4:7], number(day), s[11:19])
}

// makeDate puts a date together; a negative number is one that was none. Second 60 counts as 59: never later than what
// was meant.
func makeDate(weekday string, year int, month string, day int, clock string) (t time.Time, ok bool) {
	m := month3(month)
	if clock[2] != ':' || clock[5] != ':' {
		return t, false
	}
	hour, minute, second := number(clock[:2]), number(clock[3:5]), number(clock[6:])
	switch {
	case !isWeekday(weekday), m == 0, year < 0, day < 1, day > daysIn(m, year),
		hour < 0, hour > 23, minute < 0, minute > 59, second < 0, second > 60:
		return t, false
	}
	return time.Date(year, time.Month(m), day, hour, minute, min(second, 59), 0, time.UTC), true
}

// number reads a string of digits, which is short; -1: it is none.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

const (
	weekdays = "sunmontuewedthufrisat"
	months   = "janfebmaraprmayjunjulaugsepoctnovdec"
)

// index3 is the place of a name of three letters in a table of such, counted from 1; 0: not there.
func index3(table, name string) int {
	if len(name) != 3 {
		return 0
	}
	a, b, c := lower(name[0]), lower(name[1]), lower(name[2])
	for i := 0; i < len(table); i += 3 {
		if table[i] == a && table[i+1] == b && table[i+2] == c {
			return i/3 + 1
		}
	}
	return 0
}

func month3(name string) int { return index3(months, name) }

func isWeekday(name string) bool { return index3(weekdays, name) > 0 }

func isLongWeekday(name string) bool {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if equalFold(name, d.String()) {
			return true
		}
	}
	return false
}

func daysIn(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
