package session

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/cookiejar"
	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/secret"
)

// State is what a session knows about itself, as plain data. Marshalling a State (JSON, binary, gob) is saving it: the
// result carries the secrets. Printing one is not: fmt, slog and errors show none. A logger that marshals to JSON saves;
// log Redacted() there.
type State struct {
	ID      string                   `doc:"id"` // random; whose responses a cache keeps for it
	BaseURL string                   `doc:"base_url,omitempty"`
	Headers map[string][]secret.Text `doc:"headers,omitempty"` // canonical names
	Cookies []cookiejar.Cookie       `doc:"cookies,omitempty"`
	Auth    []auth.Credential        `doc:"auth,omitempty"` // each with its origin
	Timeout time.Duration            `doc:"timeout,omitempty"`
	Params  map[string][]secret.Text `doc:"params,omitempty"`
	Verify  bool                     `doc:"verify"` // TLS certificates are checked
}

// ErrInvalid reports a state that makes no session.
var ErrInvalid = errors.New("invalid session state")

// Check says what is wrong with st, in errors that wrap ErrInvalid and show no secret.
func (st State) Check() error {
	if st.BaseURL != "" {
		if err := checkBase(st.BaseURL); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	for name, values := range st.Headers {
		if !validFieldName(name) || name != http.CanonicalHeaderKey(name) {
			return fmt.Errorf("session: headers: %w: want a field name like Accept-Language, got %q", ErrInvalid, name)
		}
		for _, v := range values {
			if strings.ContainsAny(v.Reveal(), "\r\n\x00") {
				return fmt.Errorf("session: headers: %w: %s: a line break or NUL in the value", ErrInvalid, name)
			}
		}
		if st.BaseURL == "" && redact.IsField(name) {
			return fmt.Errorf("session: headers: %w: %s is a secret and needs base_url", ErrInvalid, name)
		}
	}
	for i, c := range st.Auth {
		if c.Origin == "" {
			return fmt.Errorf("session: auth[%d]: %w: no origin", i, ErrInvalid)
		}
		if err := c.Check(); err != nil {
			return fmt.Errorf("session: auth[%d]: %w: %w", i, ErrInvalid, err)
		}
	}
	if st.Timeout < 0 {
		return fmt.Errorf("session: timeout: %w: want seconds from 0, got %v", ErrInvalid, st.Timeout)
	}
	return nil
}

func checkBase(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errors.New("session: base URL: it does not parse")
	case auth.Origin(u) == "":
		return fmt.Errorf("session: base URL: want http://… or https://…, got %q", redact.URL(u))
	case u.User != nil:
		return errors.New("session: base URL: it holds a user: use Auth")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("session: base URL: it holds a query or fragment: use Params")
	}
	return nil
}

func validFieldName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r)
	})
}

// Redacted returns a copy whose secrets read "[redacted]", fit for logs and bug reports: cookie values, passwords and
// tokens, and header fields and params that carry credentials.
func (st State) Redacted() State {
	st.Headers = redactTexts(st.Headers, redact.IsField)
	st.Params = redactTexts(st.Params, redact.IsParam)
	st.Cookies = append([]cookiejar.Cookie(nil), st.Cookies...)
	for i := range st.Cookies {
		st.Cookies[i].Value = secret.New(secret.Redacted)
	}
	st.Auth = append([]auth.Credential(nil), st.Auth...)
	for i := range st.Auth {
		c := &st.Auth[i]
		if !c.Password.IsZero() {
			c.Password = secret.New(secret.Redacted)
		}
		if !c.Token.IsZero() {
			c.Token = secret.New(secret.Redacted)
		}
	}
	return st
}

func redactTexts(m map[string][]secret.Text, is func(string) bool) map[string][]secret.Text {
	m = cloneTexts(m)
	for name, values := range m {
		if is(name) {
			for i := range values {
				values[i] = secret.New(secret.Redacted)
			}
		}
	}
	return m
}
