package httpfield

import "time"

// MaxDelta is what a number of seconds that is too large counts as (RFC 9111 §1.2.2): 2^31, 68 years.
const MaxDelta = 1 << 31 * time.Second

// ParseSeconds reads delta-seconds: digits and nothing else. A number over 2^31 is MaxDelta. ok is false for anything
// else: a sign, a decimal point, spaces inside, nothing at all.
func ParseSeconds(s string) (d time.Duration, ok bool) {
	if s == "" {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		if n < 1<<31 {
			n = n*10 + int64(s[i]-'0')
		}
	}
	return time.Duration(min(n, 1<<31)) * time.Second, true
}

// Seconds reads the directive's value as delta-seconds; quoted or not (RFC 9111 §5.2).
func (d *Directive) Seconds() (v time.Duration, ok bool) {
	if d.Malformed {
		return 0, false
	}
	return ParseSeconds(d.Value)
}
