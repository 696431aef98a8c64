package doc

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
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

// LayoutOf guesses the layout of a JSON text. Whether it is right is seen by printing the parsed text with it.
func LayoutOf(data []byte) Layout {
	var l Layout
	l.Newline = bytes.HasSuffix(data, []byte("\n"))
	l.ASCII = bytes.Contains(data, []byte(`\u`)) && !bytes.ContainsFunc(data, func(r rune) bool { return r > 0x7e })
	l.HTML = bytes.Contains(data, []byte(`\u003`)) || bytes.Contains(data, []byte(`\u0026`))
	l.Slash = bytes.Contains(data, []byte(`\/`))
	if len(data) < 2 {
		return l
	}
	if rest, ok := bytes.CutPrefix(data[1:], []byte("\n")); ok {
		n := 0
		for n < len(rest) && n < 16 && (rest[n] == ' ' || rest[n] == '\t') {
			n++
		}
		l.Indent = string(rest[:n])
		if strings.Trim(l.Indent, " ") != "" && strings.Trim(l.Indent, "\t") != "" {
			l.Indent = "" // mixed: not a layout of ours
		}
		return l
	}
	l.Spaced = bytes.Contains(data, []byte(`": `)) || bytes.Contains(data, []byte(", "))
	return l
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
