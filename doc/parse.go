package doc

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep lists and objects may nest.
const maxDepth = 512

// MaxNodes is how many values a document may hold. A value takes some fifty times the two bytes of text that it may be
// written in, so that the length of a text says little about the memory that it needs.
const MaxNodes = 1 << 20

// ParseJSON reads one JSON text (RFC 8259): the order of members, repeated names and the literals of numbers are kept.
// Errors are of type *Error with line and column. Text that is no UTF-8, and lone surrogates, are errors.
// More than MaxNodes values are an error too.
func ParseJSON(data []byte) (Value, error) { return ParseJSONLimit(data, MaxNodes) }

// ParseJSONLimit is ParseJSON for at most nodes values.
func ParseJSONLimit(data []byte, nodes int) (Value, error) {
	p := parser{data: data, nodes: nodes}
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.pos < len(data) {
		return Value{}, p.fail("want the end of the text, got %s", p.here())
	}
	return v, nil
}

type parser struct {
	data []byte
	pos  int
	line int // from 0

	nodes int // that may still come
}

func (p *parser) fail(format string, args ...any) error {
	before := p.data[:min(p.pos, len(p.data))]
	return &Error{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Msg:    fmt.Sprintf(format, args...),
	}
}

// here names what stands at the position.
func (p *parser) here() string {
	if p.pos >= len(p.data) {
		return "the end of the text"
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	return strconv.QuoteRune(r)
}

func (p *parser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case '\n':
			p.line++
			p.pos++
		case ' ', '\t', '\r':
			p.pos++
		default:
			return
		}
	}
}

// next skips white space and returns the byte there; 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.pos >= len(p.data) {
		return 0
	}
	return p.data[p.pos]
}

// value reads a value and notes the line it begins on.
func (p *parser) value(depth int) (Value, error) {
	p.space()
	line := p.line + 1
	v, err := p.bare(depth)
	v.Line = line
	return v, err
}

func (p *parser) bare(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, p.fail("nested deeper than %d", maxDepth)
	}
	if p.nodes--; p.nodes < 0 {
		return Value{}, p.fail("more values than a document may hold")
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		s, err := p.string()
		return Str(s), err
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for _, word := range []struct {
		text string
		v    Value
	}{{"null", Value{}}, {"true", Flag(true)}, {"false", Flag(false)}} {
		if bytes.HasPrefix(p.data[p.pos:], []byte(word.text)) {
			p.pos += len(word.text)
			return word.v, nil
		}
	}
	return Value{}, p.fail("want a value, got %s", p.here())
}

func (p *parser) object(depth int) (Value, error) {
	v := Value{Kind: Map}
	p.pos++
	if p.next() == '}' {
		p.pos++
		return v, nil
	}
	for {
		if p.next() != '"' {
			return v, p.fail("want a name in quotes, got %s", p.here())
		}
		name, err := p.string()
		if err != nil {
			return v, err
		}
		if p.next() != ':' {
			return v, p.fail("want ':' after the name %q, got %s", name, p.here())
		}
		p.pos++
		e, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		v.Fields = append(v.Fields, Field{name, e})
		if done, err := p.more('}'); done || err != nil {
			return v, err
		}
	}
}

func (p *parser) list(depth int) (Value, error) {
	v := Value{Kind: List}
	p.pos++
	if p.next() == ']' {
		p.pos++
		return v, nil
	}
	for {
		e, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, e)
		if done, err := p.more(']'); done || err != nil {
			return v, err
		}
	}
}

// more takes the comma before another member, or the closing bracket.
func (p *parser) more(shut byte) (done bool, err error) {
	switch p.next() {
	case ',':
		p.pos++
		return false, nil
	case shut:
		p.pos++
		return true, nil
	}
	return false, p.fail("want ',' or '%c', got %s", shut, p.here())
}

func (p *parser) number() (Value, error) {
	start := p.pos
	if p.data[p.pos] == '-' {
		p.pos++
	}
	whole := p.pos
	ok := p.digits()
	if ok && p.data[whole] == '0' && p.pos > whole+1 {
		p.pos = whole + 1
		return Value{}, p.fail("a number has no zero in front")
	}
	if ok && p.pos < len(p.data) && p.data[p.pos] == '.' {
		p.pos++
		ok = p.digits()
	}
	if ok && p.pos < len(p.data) && p.data[p.pos]|0x20 == 'e' {
		p.pos++
		if p.pos < len(p.data) && (p.data[p.pos] == '+' || p.data[p.pos] == '-') {
			p.pos++
		}
		ok = p.digits()
	}
	if !ok {
		return Value{}, p.fail("want a digit, got %s", p.here())
	}
	return Num(string(p.data[start:p.pos])), nil
}

func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.data) && '0' <= p.data[p.pos] && p.data[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}
