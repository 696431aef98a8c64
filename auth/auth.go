// Package auth holds credentials that are bound to origins: a scheme, a host and a port.
//
// The one rule to know: a credential is sent to its own origin and to no other. A redirect elsewhere never receives it,
// and one from https to http neither. A credential that names no origin is bound by whoever takes it: a session binds it
// to its base URL, a request option to the request's URL.
//
// Kinds are Basic (RFC 7617) and Bearer (RFC 6750). A Credential is plain data and shows its secrets to no printer.
package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/larder-go/larder/secret"
)

// Kinds of credentials.
const (
	TypeBasic  = "basic"
	TypeBearer = "bearer"
)

// ErrInvalid reports a credential that cannot be sent.
var ErrInvalid = errors.New("invalid credential")

// Credential is what proves who asks. The zero value is none.
type Credential struct {
	Type     string      `doc:"type"`             // TypeBasic or TypeBearer
	Origin   string      `doc:"origin,omitempty"` // "https://api.example.com"; empty: not bound yet
	User     string      `doc:"user,omitempty"`
	Password secret.Text `doc:"password,omitempty"`
	Token    secret.Text `doc:"token,omitempty"`
}

// Basic returns a credential of a user and a password (RFC 7617). Both are sent as UTF-8.
func Basic(user, password string) Credential {
	return Credential{Type: TypeBasic, User: user, Password: secret.New(password)}
}

// Bearer returns a credential of a token (RFC 6750).
func Bearer(token string) Credential {
	return Credential{Type: TypeBearer, Token: secret.New(token)}
}

// For returns c bound to the origin of rawURL, whose path and the rest do not matter. A rawURL without an origin gives a
// credential that Check refuses.
func For(rawURL string, c Credential) Credential {
	c.Origin = rawURL
	if o, err := OriginOf(rawURL); err == nil {
		c.Origin = o
	}
	return c
}

// IsZero reports whether c is none.
func (c Credential) IsZero() bool { return c == Credential{} }

// Check says what is wrong with c, without its secrets. The error is ErrInvalid.
func (c Credential) Check() error {
	if c.Origin != "" {
		if o, err := OriginOf(c.Origin); err != nil || o != c.Origin {
			return fmt.Errorf("auth: %w: origin: want scheme://host, got %q", ErrInvalid, clean(c.Origin))
		}
	}
	switch c.Type {
	case TypeBasic:
		if strings.ContainsFunc(c.User+c.Password.Reveal(), isControl) {
			return fmt.Errorf("auth: %w: basic: a control character in user or password", ErrInvalid)
		}
		if strings.Contains(c.User, ":") {
			return fmt.Errorf("auth: %w: basic: the user must not hold ':', which ends it (RFC 7617 §2); the password may", ErrInvalid)
		}
		if !c.Token.IsZero() {
			return fmt.Errorf("auth: %w: basic: it has a user and a password, no token", ErrInvalid)
		}
	case TypeBearer:
		if c.User != "" || !c.Password.IsZero() {
			return fmt.Errorf("auth: %w: bearer: it has a token, no user and password", ErrInvalid)
		}
		if c.Token.IsZero() || strings.ContainsFunc(c.Token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("auth: %w: bearer: want a token of visible ASCII characters", ErrInvalid)
		}
	default:
		return fmt.Errorf("auth: %w: type: want basic or bearer, got %q", ErrInvalid, c.Type)
	}
	return nil
}

// Matches reports whether c may be sent to u: bound, and to u's origin.
func (c Credential) Matches(u *url.URL) bool {
	return c.Origin != "" && c.Origin == Origin(u)
}

// Apply sets the Authorization field of h, whatever it was, without asking for the origin: see Matches.
func (c Credential) Apply(h http.Header) {
	switch c.Type {
	case TypeBasic:
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password.Reveal())))
	case TypeBearer:
		h.Set("Authorization", "Bearer "+c.Token.Reveal())
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// clean shows an address without the user it may hold.
func clean(raw string) string {
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		return "…" + raw[i:]
	}
	return raw
}
