package doc

import (
	"strings"
	"unicode/utf8"
)

// AppendJSON appends v, which holds no Bytes and Times (see Lower), as JSON in the layout.
func AppendJSON(dst []byte, v Value, l Layout) []byte {
	p := printer{dst, l}
	p.value(v, 0)
	if l.Newline {
		p.out = append(p.out, '\n')
	}
	return p.out
}

type printer struct {
	out []byte
	Layout
}

func (p *printer) value(v Value, depth int) {
	switch v.Kind {
	case Bool, Number:
		p.out = append(p.out, v.Text...)
	case String, Bytes:
		p.string(v.Text)
	case List:
		p.group('[', ']', len(v.Items), depth, func(i int) { p.value(v.Items[i], depth+1) })
	case Map:
		p.group('{', '}', len(v.Fields), depth, func(i int) {
			p.string(v.Fields[i].Name)
			p.out = append(p.out, ':')
			if p.Indent != "" || p.Spaced {
				p.out = append(p.out, ' ')
			}
			p.value(v.Fields[i].Value, depth+1)
		})
	default:
		p.out = append(p.out, "null"...)
	}
}

// group writes n members between brackets; an empty group stays closed.
func (p *printer) group(open, shut byte, n, depth int, member func(int)) {
	p.out = append(p.out, open)
	for i := range n {
		if i > 0 {
			p.out = append(p.out, ',')
			if p.Indent == "" && p.Spaced {
				p.out = append(p.out, ' ')
			}
		}
		p.line(depth + 1)
		member(i)
	}
	if n > 0 {
		p.line(depth)
	}
	p.out = append(p.out, shut)
}

func (p *printer) line(depth int) {
	if p.Indent == "" {
		return
	}
	p.out = append(p.out, '\n')
	p.out = append(p.out, strings.Repeat(p.Indent, depth)...)
}

const hexDigits = "0123456789abcdef"

func (p *printer) string(s string) {
	p.out = append(p.out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf && !p.ASCII || c < utf8.RuneSelf && !p.escapes(c) {
			i++
			continue
		}
		p.out = append(p.out, s[start:i]...)
		r, size := utf8.DecodeRuneInString(s[i:])
		p.escape(r)
		i += size
		start = i
	}
	p.out = append(p.out, s[start:]...)
	p.out = append(p.out, '"')
}

func (p *printer) escapes(c byte) bool {
	switch c {
	case '"', '\\':
		return true
	case '/':
		return p.Slash
	case '<', '>', '&':
		return p.HTML
	}
	return c < ' '
}

func (p *printer) escape(r rune) {
	if i := strings.IndexRune("\"\\/\b\f\n\r\t", r); i >= 0 {
		p.out = append(p.out, '\\', `"\/bfnrt`[i])
		return
	}
	if r > 0xffff {
		r -= 0x10000
		p.unit(0xd800 + r>>10)
		p.unit(0xdc00 + r&0x3ff)
		return
	}
	p.unit(r)
}

func (p *printer) unit(r rune) {
	p.out = append(p.out, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
