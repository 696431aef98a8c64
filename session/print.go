package session

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/larder-go/larder/internal/redact"
)

// String says what a state is without its secrets.
func (st State) String() string {
	var b strings.Builder
	b.WriteString("session")
	if st.BaseURL != "" {
		b.WriteString(" at " + redact.RawURL(st.BaseURL))
	}
	fmt.Fprintf(&b, " (%d cookies, %d credentials", len(st.Cookies), len(st.Auth))
	if !st.Verify {
		b.WriteString(", certificates unchecked")
	}
	return b.String() + ")"
}

// Format shows String for every verb: no printer walks through the fields.
func (st State) Format(f fmt.State, _ rune) { fmt.Fprint(f, st.String()) }

// LogValue implements slog.LogValuer.
func (st State) LogValue() slog.Value { return slog.StringValue(st.String()) }

// String says what a session is without its secrets.
func (s *Session) String() string {
	if s.core.Load() == nil {
		return "session (not made)"
	}
	return s.State().String()
}

// Format shows String for every verb.
func (s *Session) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue implements slog.LogValuer.
func (s *Session) LogValue() slog.Value { return slog.StringValue(s.String()) }
