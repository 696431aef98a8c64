package httpfield

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// bare reads a bare item (RFC 9651 §4.2.3.1). After a fault it is nil.
func (p *structuredParser) bare() any {
	switch c := p.peek(); {
	case c == '-' || isDigit(c):
		return p.number()
	case c == '"':
		return p.text()
	case isTokenStart(c):
		return Token(p.run(isStructuredTokenChar))
	case c == ':':
		return p.bytes()
	case c == '?':
		return p.boolean()
	case c == '@':
		return p.date()
	case c == '%':
		return p.display()
	}
	p.fail()
	return nil
}

// number reads an int64 or a Decimal.
func (p *structuredParser) number() any {
	sign := int64(1)
	if p.take('-') {
		sign = -1
	}
	whole := p.run(isDigit)
	if whole == "" || len(whole) > 15 {
		p.fail()
		return nil
	}
	n, _ := strconv.ParseInt(whole, 10, 64)
	if !p.take('.') {
		return sign * n
	}
	part := p.run(isDigit)
	if len(whole) > 12 || part == "" || len(part) > 3 {
		p.fail()
		return nil
	}
	thousandths, _ := strconv.ParseInt((part + "00")[:3], 10, 64)
	return Decimal(sign * (n*1000 + thousandths))
}

func (p *structuredParser) text() any {
	var b strings.Builder
	for s := p.s[1:]; s != ""; s = s[1:] {
		switch c := s[0]; {
		case c == '"':
			p.s = s[1:]
			return b.String()
		case c == '\\':
			if s = s[1:]; s == "" || s[0] != '"' && s[0] != '\\' {
				p.fail()
				return nil
			}
			b.WriteByte(s[0])
		case !isPrintable(c):
			p.fail()
			return nil
		default:
			b.WriteByte(c)
		}
	}
	p.fail()
	return nil
}

func (p *structuredParser) bytes() any {
	text, rest, ok := strings.Cut(p.s[1:], ":")
	for i := range len(text) {
		// The decoder would skip line breaks.
		if c := text[i]; !isAlpha(c) && !isDigit(c) && c != '+' && c != '/' && c != '=' {
			ok = false
		}
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if !ok || err != nil {
		p.fail()
		return nil
	}
	p.s = rest
	return data
}

func (p *structuredParser) boolean() any {
	p.take('?')
	switch {
	case p.take('1'):
		return true
	case p.take('0'):
		return false
	}
	p.fail()
	return nil
}

func (p *structuredParser) date() any {
	p.take('@')
	seconds, ok := p.number().(int64)
	if !ok {
		p.fail()
		return nil
	}
	return time.Unix(seconds, 0).UTC()
}

func (p *structuredParser) display() any {
	p.take('%')
	text, rest, ok := strings.Cut(strings.TrimPrefix(p.s, `"`), `"`)
	b := make([]byte, 0, len(text))
	for i := 0; ok && i < len(text); i++ {
		c := text[i]
		switch {
		case !isPrintable(c):
			ok = false
		case c == '%':
			if i+2 >= len(text) || !isLowerHex(text[i+1]) || !isLowerHex(text[i+2]) {
				ok = false
				break
			}
			b = append(b, fromHex(text[i+1])<<4|fromHex(text[i+2]))
			i += 2
		default:
			b = append(b, c)
		}
	}
	if !ok || p.peek() != '"' || !utf8.Valid(b) {
		p.fail()
		return nil
	}
	p.s = rest
	return Display(b)
}

func isLowerHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' }

func fromHex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c - 'a' + 10
}
