package doc

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Layout is how a JSON text is written. The zero Layout is compact.
type Layout struct {
	Indent  string // of one level; empty: everything on one line
	Spaced  bool   // ", " and ": " on one line; ": " is always spaced in indented texts
	Newline bool   // a final one
	ASCII   bool   // \u00e9 for what is not ASCII
	HTML    bool   // \u003c for <, > and &, as encoding/json does
	Slash   bool   // \/ for /, as PHP does
}

// LayoutOf guesses the layout of a JSON text from its separators and its escapes. Whether it is right is seen by printing the
// parsed text with it.
func LayoutOf(data []byte) Layout {
	l := Layout{Newline: bytes.HasSuffix(data, []byte("\n"))}
	wide, inside, judged := false, false, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c >= utf8.RuneSelf:
			wide = true
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			l.noteEscape(data[i+1:])
			i++
		case !inside && !judged && (c == ',' || c == ':'):
			// What stands inside strings says nothing: "hello, world" is no separator.
			l.Spaced = i+1 < len(data) && data[i+1] == ' '
			judged = true
		}
	}
	l.ASCII = l.ASCII && !wide
	if len(data) > 1 && data[1] == '\n' {
		l.Indent, l.Spaced = indentOf(data[2:]), false
	}
	return l
}

// noteEscape learns from what follows a backslash.
func (l *Layout) noteEscape(rest []byte) {
	if len(rest) > 0 && rest[0] == '/' {
		l.Slash = true
	}
	if len(rest) < 5 || rest[0] != 'u' {
		return
	}
	switch code := string(rest[1:5]); {
	case code == "003c" || code == "003e" || code == "0026":
		l.HTML = true
	case code >= "0080":
		l.ASCII = true
	}
}

// indentOf is the white space that rest begins with; empty where it mixes spaces and tabs, which is no layout of ours.
func indentOf(rest []byte) string {
	n := 0
	for n < len(rest) && n < 16 && (rest[n] == ' ' || rest[n] == '\t') {
		n++
	}
	indent := string(rest[:n])
	if strings.Trim(indent, " ") != "" && strings.Trim(indent, "\t") != "" {
		return ""
	}
	return indent
}

// String is the layout in words: "indent=2 newline". The compact one is empty.
func (l Layout) String() string {
	var words []string
	switch {
	case l.Indent == "":
	case strings.Trim(l.Indent, " ") == "":
		words = append(words, fmt.Sprintf("indent=%d", len(l.Indent)))
	case strings.Trim(l.Indent, "\t") == "":
		words = append(words, strings.Repeat("tab ", len(l.Indent)-1)+"tab")
	}
	for _, w := range l.flags() {
		if *w.on {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, " ")
}

type layoutFlag struct {
	word string
	on   *bool
}

func (l *Layout) flags() []layoutFlag {
	return []layoutFlag{{"spaced", &l.Spaced}, {"newline", &l.Newline}, {"ascii", &l.ASCII}, {"html", &l.HTML}, {"slash", &l.Slash}}
}

// ParseLayout is the inverse of String.
func ParseLayout(s string) (Layout, error) {
	var l Layout
words:
	for _, word := range strings.Fields(s) {
		if word == "tab" {
			l.Indent += "\t"
			continue
		}
		if n, ok := strings.CutPrefix(word, "indent="); ok {
			k, err := strconv.Atoi(n)
			if err != nil || k < 1 || k > 16 {
				return l, &Error{Msg: "want an indent of 1 to 16, got " + n}
			}
			l.Indent = strings.Repeat(" ", k)
			continue
		}
		for _, f := range l.flags() {
			if f.word == word {
				*f.on = true
				continue words
			}
		}
		return l, &Error{Msg: fmt.Sprintf("unknown word %q; want indent=N, tab, spaced, newline, ascii, html or slash", word)}
	}
	return l, nil
}
