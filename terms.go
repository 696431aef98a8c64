package larder

import "context"

// Terms are a caller's own wishes beside the HTTP rules, for all requests (Options.Terms) or for one (With). A zero field
// is unset and leaves the matter to the next place: request, options, origin.
type Terms struct {
	// Scope says whose responses these are. Entries of one scope are never given to another, and within a scope they are
	// not told apart by credentials. Empty: by the request's credentials. OneUser: one scope for all.
	Scope string

	// Offline answers from the cache or with 504 (Gateway Timeout), like the request directive only-if-cached.
	Offline Switch

	// Validate asks the origin whether a stored response still holds before it is used, like the directive no-cache.
	Validate Switch

	// Reload fetches anew, without regard to what is stored, and stores the answer.
	Reload Switch
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
	return t
}

func (s Switch) over(below Switch) Switch {
	if s == Unset {
		return below
	}
	return s
}
