package larder

import (
	"net/http"
	"slices"
	"strings"
	"weak"

	"github.com/larder-go/larder/internal/httpfield"
	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
)

// Identity says on whose behalf a transport sends requests. Sessions use it; programs use Terms.Scope.
type Identity struct {
	// Scope names whose responses these are. It replaces the credentials that the identity itself supplies, so that
	// they may be renewed without losing what is stored.
	Scope string

	// Owns names the header fields of a request (canonical) that the identity supplied. Credentials in other fields are
	// the caller's and tell responses apart beside the scope.
	Owns []string

	// Trust names a way of connecting that answers may depend on (certificates unchecked, another proxy). Responses of
	// one trust are never given to another. Empty: the ordinary way, or, for an http.Transport that takes any TLS
	// certificate, a way of its own.
	Trust string
}

// Through returns a transport over the same stored responses with another base and identity. It is cheap enough to be
// made for every request. A nil base is http.DefaultTransport.
func (c *Cache) Through(base http.RoundTripper, id Identity) http.RoundTripper {
	if base == nil || base == http.RoundTripper(c) {
		base = defaultTransport()
	}
	if id.Trust == "" && c.takesAnyCertificate(base) {
		id.Trust = "certificates unchecked"
	}
	return &through{cache: c, base: base, id: id}
}

// takesAnyCertificate reports whether a transport is known not to check whom it talks to. That is looked up once for each:
// net/http itself changes the field at a transport's first request, and only a clone is safe to look at beside that.
func (c *Cache) takesAnyCertificate(rt http.RoundTripper) bool {
	tr, ok := rt.(*http.Transport)
	if !ok {
		return false
	}
	key := weak.Make(tr) // this keeps nobody's transport alive
	if found, known := c.unchecked.Load(key); known {
		return found.(bool)
	}
	config := tr.Clone().TLSClientConfig
	unchecked := config != nil && config.InsecureSkipVerify
	c.unchecked.Store(key, unchecked)
	return unchecked
}

type through struct {
	cache *Cache
	base  http.RoundTripper
	id    Identity
}

// Names of the selectors that are no header fields. docs/format.md lists them.
const (
	selectCredentials = ":credentials"
	selectScope       = ":scope"
	selectTrust       = ":trust"
)

// query asks for the stored responses that may be given to req on t's behalf.
func (t *through) query(req *http.Request, terms Terms) record.Query {
	q := record.Query{Request: req, URL: terms.key(req.URL)}
	for _, name := range terms.Match {
		if !httpfield.IsToken(name) {
			continue // With checks nothing, and ":credentials" must not shadow the real one
		}
		q.Select = append(q.Select, record.Selector{Name: strings.ToLower(name), Always: true})
	}
	if t.id.Trust != "" {
		q.Select = append(q.Select, record.Selector{Name: selectTrust, Value: t.id.Trust, Always: true})
	}
	secrets := redact.Fields(req.Header)
	switch {
	case terms.Scope == OneUser && t.id.Scope == "":
		needs := len(secrets) > 0 || req.URL.User != nil
		q.Scope, q.Owned = OneUser, secrets
		q.Select = append(q.Select, record.Selector{Name: selectScope, Value: OneUser, Needs: needs, Personal: true})
		return q
	case terms.Scope != "" && terms.Scope != OneUser:
		q.Scope, q.Owned, secrets = terms.Scope, secrets, nil
		if t.id.Scope != "" {
			q.Scope += "\n" + t.id.Scope // of this session within the scope
		}
		q.Select = append(q.Select, record.Selector{Name: selectScope, Value: q.Scope, Needs: true, Personal: true})
	case t.id.Scope != "":
		theirs := slices.DeleteFunc(slices.Clone(secrets), func(name string) bool { return slices.Contains(t.id.Owns, name) })
		q.Scope, q.Owned = t.id.Scope, t.id.Owns
		q.Select = append(q.Select, record.Selector{Name: selectScope, Value: t.id.Scope, Needs: len(theirs) < len(secrets), Personal: true})
		secrets = theirs
	}
	if value := credentials(req, secrets); value != "" {
		q.Select = append(q.Select, record.Selector{Name: selectCredentials, Value: value, Needs: true})
	}
	return q
}

// credentials joins what the named fields, and the user in the URL, say: unambiguously, since a field's value holds no
// line break.
func credentials(req *http.Request, names []string) string {
	if len(names) == 0 && req.URL.User == nil {
		return ""
	}
	var b strings.Builder
	for _, name := range names {
		for _, value := range req.Header[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	if req.URL.User != nil {
		b.WriteString("\n" + req.URL.User.String())
	}
	return b.String()
}

// needs names what a response to q must be told apart by, beside the fields of Vary. Credentials and scope go together, so
// that a URL that is asked for by sessions and by others grows its selectors once, not twice.
func needs(q record.Query, h http.Header, public bool) []string {
	var names []string
	whose := false
	for _, s := range q.Select {
		switch {
		case s.Always: // trust, and what the caller matches on
			names = append(names, s.Name)
		case s.Needs && !public, s.Personal && rfc9111.Personal(h):
			whose = true
		}
	}
	if whose {
		names = append(names, selectCredentials, selectScope)
	}
	return names
}
