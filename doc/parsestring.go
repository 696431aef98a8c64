package doc

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string in quotes; the position is at the first one.
func (p *parser) string() (string, error) {
	p.pos++
	end := bytes.IndexAny(p.data[p.pos:], "\"\\")
	if end >= 0 && p.data[p.pos+end] == '"' {
		return p.plain(end)
	}
	var out []byte
	for {
		n := bytes.IndexAny(p.data[p.pos:], "\"\\")
		if n < 0 {
			p.pos = len(p.data)
			return "", p.fail("the text ends inside a string")
		}
		quote := p.data[p.pos+n] == '"'
		s, err := p.plain(n)
		if err != nil {
			return "", err
		}
		out = append(out, s...)
		if quote {
			return string(out), nil
		}
		r, err := p.escaped()
		if err != nil {
			return "", err
		}
		out = utf8.AppendRune(out, r)
	}
}

// plain takes n bytes without escapes and the quote or backslash behind them.
func (p *parser) plain(n int) (string, error) {
	s := p.data[p.pos : p.pos+n]
	if i := bytes.IndexFunc(s, func(r rune) bool { return r < ' ' }); i >= 0 {
		p.pos += i
		return "", p.fail("want %s escaped inside a string", p.here())
	}
	if !utf8.Valid(s) {
		return "", p.fail("a string is not UTF-8")
	}
	p.pos += n + 1
	return string(s), nil
}

// escaped reads what follows a backslash.
func (p *parser) escaped() (rune, error) {
	if p.pos >= len(p.data) {
		return 0, p.fail("the text ends inside a string")
	}
	c := p.data[p.pos]
	p.pos++
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), c); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		p.pos--
		return 0, p.fail("unknown escape \\%s", p.here())
	}
	r, err := p.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if bytes.HasPrefix(p.data[p.pos:], []byte(`\u`)) {
		p.pos += 2
		low, err := p.hex4()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, p.fail("half of a surrogate pair")
}

func (p *parser) hex4() (rune, error) {
	if len(p.data)-p.pos < 4 {
		return 0, p.fail("want four hexadecimal digits")
	}
	n, err := strconv.ParseUint(string(p.data[p.pos:p.pos+4]), 16, 32)
	if err != nil {
		return 0, p.fail("want four hexadecimal digits, got %q", p.data[p.pos:p.pos+4])
	}
	p.pos += 4
	return rune(n), nil
}
