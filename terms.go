package larder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

// Terms are a caller's own wishes beside the HTTP rules, for all requests (Options.Terms), for some URLs (Options.Rules) or for
// one request (With). A zero field is unset and leaves the matter to the next place: request, first matching rule, options,
// origin. They apply when a response is used, to old entries too; what is stored, and for how long, follows those that
// held when it was fetched.
type Terms struct {
	// Scope says whose responses these are. What was asked for with credentials, is private or sets a cookie is never given
	// to another scope, and within a scope nothing is told apart by credentials. Empty: by the request's credentials.
	// OneUser: one scope for all.
	Scope string

	// Offline answers from the cache or with 504 (Gateway Timeout), like the request directive only-if-cached.
	Offline Switch

	// Validate asks the origin whether a stored response still holds before it is used, like the directive no-cache.
	Validate Switch

	// Reload fetches anew, without regard to what is stored, and stores the answer.
	Reload Switch

	// Lifetime replaces what the origin says about freshness (max-age, Expires, no-cache, must-revalidate, Age) of responses
	// with a status below 400, and of those that Statuses names. Unset: the origin's.
	Lifetime Lifetime

	// Failures is the same for other responses: 404, 410, 5xx. Unset: the origin's.
	Failures Lifetime

	// Store, Off: nothing is stored or changed, what is stored already is used. On: also what the origin forbids to store
	// (no-store); allowed in rules and for single requests only.
	Store Switch

	// Statuses are the status codes that may be stored. Nil: those that HTTP allows. Parts of a content (206) and answers
	// about one connection are never stored.
	Statuses []int

	// StaleIfError and StaleWhileRevalidate replace the origin's windows of these names (RFC 5861), but do not count against
	// must-revalidate. Zero: the origin's.
	StaleIfError, StaleWhileRevalidate time.Duration

	// Match names request header fields by which responses are told apart beside those of Vary.
	Match []string

	// Ignore names query parameters, in any case, that tell no responses apart. They are sent, and not kept.
	Ignore []string

	without bool // see Without
}

// check reports what no Terms may say.
func (t *Terms) check() error {
	switch {
	case t.StaleIfError < 0 || t.StaleWhileRevalidate < 0:
		return errors.New("a negative StaleIfError or StaleWhileRevalidate")
	case t.Offline == On && (t.Reload == On || t.Validate == On):
		return errors.New("no request can be Offline and Reload or Validate")
	}
	for _, name := range t.Match {
		if !httpfield.IsToken(name) {
			return fmt.Errorf("%q in Match is no name of a header field", name)
		}
	}
	return nil
}

// Switch is a setting that may be left to somebody else.
type Switch uint8

// The positions of a Switch.
const (
	Unset Switch = iota
	On
	Off
)

// OneUser as Terms.Scope says that the program acts for a single user: credentials tell no responses apart, so that
// rolling cookies and refreshed tokens cost no hits. Sessions keep scopes of their own, and programs that say nothing on the
// same store are given none of it.
const OneUser = "*"

type termsKey struct{}

// With returns a context whose requests follow t. Fields that t leaves unset keep what ctx already says.
func With(ctx context.Context, t Terms) context.Context {
	return context.WithValue(ctx, termsKey{}, t.over(termsOf(ctx)))
}

// Without returns a context whose requests pass by every Cache: they are neither answered from one nor stored, and make
// nothing invalid.
func Without(ctx context.Context) context.Context { return With(ctx, Terms{without: true}) }

func termsOf(ctx context.Context) Terms {
	t, _ := ctx.Value(termsKey{}).(Terms)
	return t
}

// over fills what t leaves unset from below.
func (t Terms) over(below Terms) Terms {
	if t.Scope == "" {
		t.Scope = below.Scope
	}
	t.Offline = t.Offline.over(below.Offline)
	t.Validate = t.Validate.over(below.Validate)
	t.Reload = t.Reload.over(below.Reload)
	t.Lifetime = t.Lifetime.over(below.Lifetime)
	t.Failures = t.Failures.over(below.Failures)
	t.Store = t.Store.over(below.Store)
	t.StaleIfError = cmp.Or(t.StaleIfError, below.StaleIfError)
	t.StaleWhileRevalidate = cmp.Or(t.StaleWhileRevalidate, below.StaleWhileRevalidate)
	t.without = t.without || below.without
	if t.Statuses == nil {
		t.Statuses = below.Statuses
	}
	if t.Match == nil {
		t.Match = below.Match
	}
	if t.Ignore == nil {
		t.Ignore = below.Ignore
	}
	return t
}

func (s Switch) over(below Switch) Switch {
	if s == Unset {
		return below
	}
	return s
}
