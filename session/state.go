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

// State is what a session knows about itself, as plain data.
//
// Marshalling is saving: it carries the secrets (JSON, binary, gob). Printing is not: fmt, slog and errors show none. A
// logger that marshals to JSON what holds a State saves it; log Redacted() there.
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
	origin := ""
	if st.BaseURL != "" {
		if err := checkBase(st.BaseURL); err != nil {
			return fmt.Errorf("session: base_url: %w: %w", ErrInvalid, err)
		}
		origin, _ = auth.OriginOf(st.BaseURL)
	}
	for name, values := range st.Headers {
		if err := checkField(name, values, origin); err != nil {
			return fmt.Errorf("session: headers: %w: %w", ErrInvalid, err)
		}
	}
	for name := range st.Params {
		if origin == "" && redact.IsParam(name) {
			return fmt.Errorf("session: params: %w: %s is a secret and needs a base URL, to whose origin it goes", ErrInvalid, name)
		}
	}
	if err := checkAuth(st, origin); err != nil {
		return err
	}
	if st.Timeout < 0 {
		return fmt.Errorf("session: timeout: %w: want seconds from 0, got %v", ErrInvalid, st.Timeout)
	}
	return nil
}

// checkAuth holds the credentials against each other and against the header fields.
func checkAuth(st State, origin string) error {
	of := map[string]int{}
	for i, c := range st.Auth {
		where := fmt.Sprintf("session: auth[%d]", i)
		if c.Origin == "" {
			return fmt.Errorf("%s: %w: no origin", where, ErrInvalid)
		}
		if err := c.Check(); err != nil {
			return fmt.Errorf("%s: %w: %w", where, ErrInvalid, err)
		}
		if first, twice := of[c.Origin]; twice {
			return fmt.Errorf("%s: %w: %s has a credential already, auth[%d]", where, ErrInvalid, c.Origin, first)
		}
		if _, has := st.Headers["Authorization"]; has && c.Origin == origin {
			return fmt.Errorf("%s: %w: headers say Authorization too: leave one of them out", where, ErrInvalid)
		}
		of[c.Origin] = i
	}
	return nil
}

// checkField says what is wrong with a header field of a session whose base URL has the origin.
func checkField(name string, values []secret.Text, origin string) error {
	if !validFieldName(name) || name != http.CanonicalHeaderKey(name) {
		return fmt.Errorf("want a field name like Accept-Language, got %q", name)
	}
	switch name {
	case "Host", "Content-Length", "Transfer-Encoding", "Trailer":
		return fmt.Errorf("%s belongs to each request, not to a session", name)
	}
	for _, v := range values {
		if strings.ContainsFunc(v.Reveal(), func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("%s: a line break or another control character in the value", name)
		}
	}
	if origin == "" && redact.IsField(name) {
		return fmt.Errorf("%s is a secret and needs a base URL, to whose origin it goes", name)
	}
	return nil
}

func checkBase(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errors.New("it does not parse")
	case auth.Origin(u) == "":
		return fmt.Errorf("want http://… or https://…, got %q", redact.URL(u))
	case u.User != nil:
		return errors.New("it holds a user: use Auth")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("it holds a query or fragment: use Params")
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
	if st.BaseURL != "" {
		st.BaseURL = redact.RawURL(st.BaseURL)
	}
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
