package httpfield

import "errors"

// Structured fields (RFC 9651, which adds dates and display strings to RFC 8941). A bare item is one of these Go types:
//
//	int64      an integer of at most 15 digits
//	Decimal    12 digits before the point, 3 behind it
//	string     printable ASCII
//	Token      an unquoted word
//	[]byte     bytes, base64 in the field
//	bool
//	time.Time  a date, whole seconds
//	Display    a string of any Unicode text

// Decimal is a decimal number in thousandths: 1.5 is Decimal(1500).
type Decimal int64

// Token is an unquoted word of a structured field.
type Token string

// Display is a Unicode string of a structured field.
type Display string

// Param is a parameter of an item or an inner list. One without a value is true.
type Param struct {
	Key   string
	Value any
}

// Item is a bare item with its parameters.
type Item struct {
	Value  any
	Params []Param
}

// Member is a member of a list or a dictionary: an item, or an inner list where Inner is not nil.
type Member struct {
	Key    string // in a dictionary
	Value  any    // nil for an inner list
	Inner  []Item
	Params []Param
}

// ErrStructured reports a text that is no structured field, or a value that cannot be one.
var ErrStructured = errors.New("httpfield: not a structured field")

// Limits of RFC 9651 §3.3.1 and §3.3.2.
const (
	maxInteger = 999_999_999_999_999
	maxDecimal = 999_999_999_999_999 // thousandths
)

func isLowerAlpha(c byte) bool { return 'a' <= c && c <= 'z' }

func isAlpha(c byte) bool { return isLowerAlpha(lower(c)) }

func isKeyStart(c byte) bool { return isLowerAlpha(c) || c == '*' }

func isKeyChar(c byte) bool {
	return isKeyStart(c) || isDigit(c) || c == '_' || c == '-' || c == '.'
}

func isTokenStart(c byte) bool { return isAlpha(c) || c == '*' }

func isStructuredTokenChar(c byte) bool { return isTokenChar(c) || c == ':' || c == '/' }

func isPrintable(c byte) bool { return ' ' <= c && c <= '~' }
