package httpfield

import (
	"iter"
	"strings"
)

// Directive is one member of a Cache-Control field (RFC 9111 §5.2).
type Directive struct {
	Name     string // as it was written; compare with Is
	Value    string // without quotes
	HasValue bool

	// Malformed says that the directive does not have the form token["="(token/quoted-string)], or stands beside
	// something that throws doubt on it: a semicolon or space where a comma belongs, an open quote before it. What restricts
	// (no-store) counts nevertheless, what permits (public) does not, and a lifetime is none.
	Malformed bool
}

// Is reports whether the directive has this name, which is given in lower case.
func (d *Directive) Is(name string) bool { return equalFold(d.Name, name) }

// Fields yields the field names that a qualified directive lists, as in no-cache="Set-Cookie, Age". An unqualified one
// lists none.
func (d *Directive) Fields() iter.Seq[string] { return Members([]string{d.Value}) }

// Directives reads Cache-Control lines one directive after the other, without allocating.
//
//	for ds := httpfield.NewDirectives(lines); ds.Next(); {
//		use(ds.Directive)
//	}
type Directives struct {
	Directive
	lines   []string
	rest    string
	doubt   bool // an open or stray quote stood before on this line
	noComma bool // the last directive ended with something else
}

// NewDirectives begins to read lines.
func NewDirectives(lines []string) Directives { return Directives{lines: lines} }

// Next reads the next directive and reports whether there was one.
func (ds *Directives) Next() bool {
	for {
		for ds.rest != "" && (isSpace(ds.rest[0]) || ds.rest[0] == ',' || ds.rest[0] == ';') {
			ds.noComma = ds.noComma || ds.rest[0] == ';'
			ds.rest = ds.rest[1:]
		}
		if ds.rest != "" {
			ds.read()
			return true
		}
		if len(ds.lines) == 0 {
			return false
		}
		ds.rest, ds.lines = ds.lines[0], ds.lines[1:]
		ds.doubt, ds.noComma = false, false
	}
}

// read takes the directive at the beginning of rest, which is neither empty nor a separator.
func (ds *Directives) read() {
	s := ds.rest
	i := 0
	for i < len(s) && isTokenChar(s[i]) {
		i++
	}
	ds.Directive = Directive{Name: s[:i], Malformed: ds.noComma || ds.doubt || i == 0}
	ds.noComma = false
	if i < len(s) && s[i] == '=' {
		i = ds.readValue(s, i+1)
	}
	end := ds.skipJunk(s, i)
	if end < len(s) && s[end] != ',' {
		ds.Malformed, ds.noComma = true, true
		end++
	}
	ds.rest = s[end:]
}

// readValue takes the value that begins at s[i] and returns where it ends.
func (ds *Directives) readValue(s string, i int) int {
	ds.HasValue = true
	if i < len(s) && s[i] == '"' {
		if n := quotedLen(s[i:]); n > 0 {
			ds.Value = unquote(s[i : i+n])
			return i + n
		}
		return i // open: skipJunk finds the quote
	}
	start := i
	for i < len(s) && isTokenChar(s[i]) {
		i++
	}
	ds.Value = s[start:i]
	ds.Malformed = ds.Malformed || start == i
	return i
}

// skipJunk goes from s[i] to the next separator and marks what should not stand there. A space before a word is one, so
// that "public no-store" hides nothing.
func (ds *Directives) skipJunk(s string, i int) int {
	for ; i < len(s) && s[i] != ',' && s[i] != ';'; i++ {
		if isSpace(s[i]) {
			if i+1 < len(s) && isTokenChar(s[i+1]) {
				return i
			}
			continue
		}
		ds.Malformed = true
		if s[i] == '"' {
			ds.doubt = true
		}
	}
	return i
}

// permissive are the directives that allow more than would be allowed without them.
const permissive = " public immutable max-stale stale-while-revalidate stale-if-error must-understand "

// HasDirective reports whether the lines hold the directive, with or without a value; the name is given in lower case.
// A malformed one counts where it restricts and does not count where it permits.
func HasDirective(lines []string, name string) bool {
	for ds := NewDirectives(lines); ds.Next(); {
		if ds.Is(name) && !(ds.Malformed && permits(name)) {
			return true
		}
	}
	return false
}

func permits(name string) bool { return strings.Contains(permissive, " "+name+" ") }
