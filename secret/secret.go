// Package secret holds text that must not be printed.
//
// A [Text] shows itself as "[redacted]" to fmt, log/slog, encoding/json and every other printer, also where it lies in
// an unexported field of somebody's struct: fmt cannot call methods there and would print the fields, so the text lies
// behind a pointer. Only Reveal gives it out, and package doc, which saves sessions.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Redacted is what stands in place of a secret.
const Redacted = "[redacted]"

// Text is a secret text. The zero value is the empty text. Copies share the text, which never changes.
type Text struct{ p *hidden }

// A hidden is only ever reached through a second pointer: fmt follows one level at the top, none below.
type hidden struct{ s *string }

// New returns s as a secret.
func New(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{&hidden{&s}}
}

// Reveal returns the text.
func (t Text) Reveal() string {
	if t.p == nil {
		return ""
	}
	return *t.p.s
}

// IsZero reports whether the text is empty.
func (t Text) IsZero() bool { return t.p == nil }

// Equal compares in time that does not depend on where the texts differ.
func (t Text) Equal(u Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(u.Reveal())) == 1
}

// String returns Redacted, or nothing for the empty text.
func (t Text) String() string {
	if t.IsZero() {
		return ""
	}
	return Redacted
}

// GoString, Format, LogValue and MarshalText keep every printer to what String says.
func (t Text) GoString() string { return fmt.Sprintf("secret.Text(%q)", t.String()) }

// Format implements fmt.Formatter for every verb.
func (t Text) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		fmt.Fprint(f, t.GoString())
		return
	}
	fmt.Fprint(f, t.String())
}

// LogValue implements slog.LogValuer.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses too.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
