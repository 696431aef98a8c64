package httpfield

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendItem appends an item as it stands in a field (RFC 9651 §4.1). What cannot stand there is ErrStructured: text that
// is no ASCII in a string, a number out of range, a token or key with a wrong character, another Go type. The same holds
// for AppendList and AppendDictionary.
func AppendItem(b []byte, item Item) ([]byte, error) {
	b, ok := appendItem(b, item)
	return finished(b, ok)
}

// AppendList appends a list. An empty one is no text: such a field is not sent.
func AppendList(b []byte, list []Member) ([]byte, error) {
	ok := true
	for i, m := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		if b, ok = appendMember(b, m); !ok {
			break
		}
	}
	return finished(b, ok)
}

// AppendDictionary appends a dictionary. Keys are the caller's to keep apart.
func AppendDictionary(b []byte, dict []Member) ([]byte, error) {
	ok := true
	for i, m := range dict {
		if i > 0 {
			b = append(b, ", "...)
		}
		if b, ok = appendKey(b, m.Key); !ok {
			break
		}
		if m.Value == true && m.Inner == nil {
			b, ok = appendParams(b, m.Params)
		} else {
			b, ok = appendMember(append(b, '='), m)
		}
		if !ok {
			break
		}
	}
	return finished(b, ok)
}

func finished(b []byte, ok bool) ([]byte, error) {
	if !ok {
		return nil, ErrStructured
	}
	return b, nil
}

// AppendString appends s as a string of a structured field. What is no printable ASCII becomes "?": for text that people
// read, as in the detail parameter of Cache-Status.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case ' ' <= r && r <= '~':
			b = append(b, byte(r))
		default:
			b = append(b, '?')
		}
	}
	return append(b, '"')
}

func appendMember(b []byte, m Member) ([]byte, bool) {
	if m.Inner == nil {
		return appendItem(b, Item{m.Value, m.Params})
	}
	b = append(b, '(')
	for i, item := range m.Inner {
		if i > 0 {
			b = append(b, ' ')
		}
		var ok bool
		if b, ok = appendItem(b, item); !ok {
			return b, false
		}
	}
	return appendParams(append(b, ')'), m.Params)
}

func appendItem(b []byte, item Item) ([]byte, bool) {
	b, ok := appendBare(b, item.Value)
	if !ok {
		return b, false
	}
	return appendParams(b, item.Params)
}

func appendParams(b []byte, params []Param) ([]byte, bool) {
	for _, p := range params {
		var ok bool
		if b, ok = appendKey(append(b, ';'), p.Key); !ok {
			return b, false
		}
		if p.Value == true {
			continue
		}
		if b, ok = appendBare(append(b, '='), p.Value); !ok {
			return b, false
		}
	}
	return b, true
}

func appendKey(b []byte, key string) ([]byte, bool) {
	ok := key != "" && isKeyStart(key[0]) && all(key, isKeyChar)
	return append(b, key...), ok
}

func appendBare(b []byte, value any) ([]byte, bool) {
	switch v := value.(type) {
	case int64:
		return appendInteger(b, v)
	case int:
		return appendInteger(b, int64(v))
	case Decimal:
		return appendDecimal(b, int64(v))
	case string:
		return AppendString(b, v), all(v, isPrintable)
	case Token:
		ok := v != "" && isTokenStart(v[0]) && all(string(v), isStructuredTokenChar)
		return append(b, v...), ok
	case []byte:
		b = base64.StdEncoding.AppendEncode(append(b, ':'), v)
		return append(b, ':'), true
	case bool:
		if v {
			return append(b, "?1"...), true
		}
		return append(b, "?0"...), true
	case time.Time:
		return appendInteger(append(b, '@'), v.Unix())
	case Display:
		return appendDisplay(b, string(v))
	}
	return b, false
}

func appendInteger(b []byte, v int64) ([]byte, bool) {
	return strconv.AppendInt(b, v, 10), -maxInteger <= v && v <= maxInteger
}

func appendDecimal(b []byte, v int64) ([]byte, bool) {
	if v < -maxDecimal || v > maxDecimal {
		return b, false
	}
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	b = append(strconv.AppendInt(b, v/1000, 10), '.')
	part := strconv.Itoa(int(v%1000) + 1000)[1:]
	for len(part) > 1 && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	return append(b, part...), true
}

func appendDisplay(b []byte, s string) ([]byte, bool) {
	const hex = "0123456789abcdef"
	b = append(b, `%"`...)
	for i := range len(s) {
		if c := s[i]; isPrintable(c) && c != '%' && c != '"' {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return append(b, '"'), utf8.ValidString(s)
}

func all(s string, fits func(byte) bool) bool {
	for i := range len(s) {
		if !fits(s[i]) {
			return false
		}
	}
	return true
}
