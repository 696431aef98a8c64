package httpfield

import "strings"

// ParseItem reads a structured field that is an item. As RFC 9651 §4.2 demands, a field that is malformed anywhere is
// refused whole; the same holds for ParseList and ParseDictionary.
func ParseItem(lines []string) (Item, error) {
	p := newParser(lines)
	value := p.bare()
	item := Item{value, p.params()}
	if !p.finish() {
		return Item{}, ErrStructured
	}
	return item, nil
}

// ParseList reads a structured field that is a list. No lines are an empty one.
func ParseList(lines []string) ([]Member, error) {
	p := newParser(lines)
	var list []Member
	for first := true; p.more(first); first = false {
		list = append(list, p.member())
	}
	if !p.finish() {
		return nil, ErrStructured
	}
	return list, nil
}

// ParseDictionary reads a structured field that is a dictionary. Of equal keys the last value holds, at the place of the
// first.
func ParseDictionary(lines []string) ([]Member, error) {
	p := newParser(lines)
	var dict []Member
	at := map[string]int{}
	for first := true; p.more(first); first = false {
		key := p.key()
		m := Member{Value: true}
		if p.take('=') {
			m = p.member()
		} else {
			m.Params = p.params()
		}
		m.Key = key
		if i, ok := at[key]; ok {
			dict[i] = m
		} else {
			at[key] = len(dict)
			dict = append(dict, m)
		}
	}
	if !p.finish() {
		return nil, ErrStructured
	}
	return dict, nil
}

// structuredParser reads s from the left. The first fault sets bad and empties s, so that every loop ends.
type structuredParser struct {
	s   string
	bad bool
}

func newParser(lines []string) *structuredParser {
	return &structuredParser{s: strings.TrimLeft(strings.Join(lines, ", "), " ")}
}

func (p *structuredParser) fail() { p.s, p.bad = "", true }

func (p *structuredParser) finish() bool { return !p.bad && strings.TrimLeft(p.s, " ") == "" }

func (p *structuredParser) peek() byte {
	if p.s == "" {
		return 0
	}
	return p.s[0]
}

func (p *structuredParser) take(c byte) bool {
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

// run takes the longest prefix whose characters fit.
func (p *structuredParser) run(fits func(byte) bool) string {
	i := 0
	for i < len(p.s) && fits(p.s[i]) {
		i++
	}
	word := p.s[:i]
	p.s = p.s[i:]
	return word
}

// more goes on to the next member of a list or dictionary and reports whether there is one. A comma at the end is a fault.
func (p *structuredParser) more(first bool) bool {
	if first {
		return p.s != ""
	}
	p.s = strings.TrimLeft(p.s, " \t")
	if p.s == "" {
		return false
	}
	if !p.take(',') {
		p.fail()
		return false
	}
	p.s = strings.TrimLeft(p.s, " \t")
	if p.s == "" {
		p.fail()
	}
	return !p.bad
}

func (p *structuredParser) member() Member {
	if p.peek() != '(' {
		return Member{Value: p.bare(), Params: p.params()}
	}
	p.take('(')
	inner := []Item{}
	for {
		p.s = strings.TrimLeft(p.s, " ")
		if p.take(')') {
			return Member{Inner: inner, Params: p.params()}
		}
		inner = append(inner, Item{p.bare(), p.params()})
		if c := p.peek(); c != ' ' && c != ')' {
			p.fail()
			return Member{}
		}
	}
}

func (p *structuredParser) params() []Param {
	var params []Param
	var at map[string]int
	for p.take(';') {
		p.s = strings.TrimLeft(p.s, " ")
		param := Param{p.key(), true}
		if p.take('=') {
			param.Value = p.bare()
		}
		if at == nil {
			at = map[string]int{}
		}
		if i, ok := at[param.Key]; ok {
			params[i] = param
			continue
		}
		at[param.Key] = len(params)
		params = append(params, param)
	}
	return params
}

func (p *structuredParser) key() string {
	if !isKeyStart(p.peek()) {
		p.fail()
		return ""
	}
	return p.run(isKeyChar)
}
