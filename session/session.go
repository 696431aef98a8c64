// Package session is a logged-in HTTP client that can be put away and taken out again: in a file, in a store, as JSON or
// binary, in another process or on another machine.
//
// The one rule to know: what identifies (cookies, credentials, API keys) is bound to origins and goes nowhere else. A
// redirect to another host, port or scheme takes none of it along.
//
//	s, err := session.New(&session.Options{BaseURL: "https://example.com", Auth: auth.Basic("user", "pass")})
//	resp, err := s.Post(ctx, "/login", session.Form("name", "sharat"))
//	err = s.SaveFile("me.session", session.Sealed(key))
//
// A [State] is the plain data that is saved; a [Session] is the client around it. Responses are cached where
// Options.Cache says so; this package keeps none itself.
package session

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/cookiejar"
	"github.com/larder-go/larder/secret"
)

// Session is an HTTP client with an identity. Make one with New, Restore or OpenFile, or unmarshal into a zero Session. It is
// safe for concurrent use, also while it is marshalled. It must not be copied.
//
// Marshalling is saving: it carries the secrets. Printing is not. Unmarshalling is Restore with nil options: the session
// is replaced whole, Cache and Transport included, and requests that are running end as what it was.
type Session struct{ core atomic.Pointer[core] }

// core is what a Session is made of; unmarshalling exchanges it whole.
type core struct {
	base      *url.URL // nil: none
	origin    string   // of base
	headers   map[string][]secret.Text
	params    map[string][]secret.Text
	timeout   time.Duration
	verify    bool
	cache     *larder.Cache
	transport http.RoundTripper
	own       bool // transport is the session's alone
	client    *http.Client
	jar       *cookiejar.Jar

	mu   sync.RWMutex // guards what follows, and lets no cookie into the jar for an identity that has ended
	id   string
	term int // counts the identities that were ended by hand
	auth []auth.Credential
}

// ErrUnmade reports a Session that was neither made by New nor unmarshalled.
var ErrUnmade = errors.New("session: it is not made yet: use New, Restore or OpenFile, or unmarshal into it")

// New returns a session. A nil o is the defaults.
func New(o *Options) (*Session, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	st, err := opts.state()
	if err != nil {
		return nil, err
	}
	c, err := build(st, opts)
	if err != nil {
		return nil, err
	}
	s := new(Session)
	s.core.Store(c)
	return s, nil
}

// Restore returns a session from saved state, with a connection pool of its own. Of o only what is not saved may be set: Cache,
// Transport and what is allowed. A nil o allows nothing.
func Restore(st State, o *Options) (*Session, error) {
	s := new(Session)
	if err := s.restore(st, o); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Session) restore(st State, o *Options) error {
	var opts Options
	if o != nil {
		opts = *o
	}
	if err := opts.onlyUnsaved(); err != nil {
		return err
	}
	if !st.Verify && !opts.AllowSkipVerify {
		return errors.New("session: the state says verify: false, which needs permission: use Restore or OpenFile with Options.AllowSkipVerify")
	}
	c, err := build(st, opts)
	if err != nil {
		return err
	}
	if old := s.core.Swap(c); old != nil && old.own {
		identity{old}.CloseIdleConnections()
	}
	return nil
}

// build makes a working client of checked state.
func build(st State, o Options) (*core, error) {
	if err := st.Check(); err != nil {
		return nil, err
	}
	c := &core{
		headers: cloneTexts(st.Headers), params: cloneTexts(st.Params), timeout: st.Timeout, verify: st.Verify, cache: o.Cache,
		jar: cookiejar.New(nil), id: st.ID, auth: append([]auth.Credential(nil), st.Auth...),
	}
	if c.id == "" {
		c.id = rand.Text()
	}
	if st.BaseURL != "" {
		c.base, _ = url.Parse(st.BaseURL) // Check has
		c.origin = auth.Origin(c.base)
	}
	if err := c.jar.Import(st.Cookies, time.Now()); err != nil {
		return nil, err
	}
	var err error
	if c.transport, c.own, err = o.transport(st.Verify); err != nil {
		return nil, err
	}
	c.client = &http.Client{Transport: identity{c}, Timeout: c.timeout, CheckRedirect: checkRedirect}
	return c, nil
}

// Client returns an http.Client to be handed to any SDK: its requests carry the session's headers, cookies and credentials,
// each to its origin. The base URL and the params are for the session's own methods. It is a new one at each call, which
// may be changed; CloseIdleConnections closes those of the session.
func (s *Session) Client() *http.Client {
	if c := s.core.Load(); c != nil {
		client := *c.client
		return &client
	}
	return &http.Client{Transport: unmade{}}
}

type unmade struct{}

func (unmade) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return nil, ErrUnmade
}

func (u unmade) do(req *http.Request) (*Response, error) {
	_, err := u.RoundTrip(req)
	return nil, err
}

// State returns a copy of what would be saved now.
func (s *Session) State() State {
	c := s.core.Load()
	if c == nil {
		return State{Verify: true}
	}
	st := State{Headers: cloneTexts(c.headers), Params: cloneTexts(c.params), Timeout: c.timeout, Verify: c.verify}
	if c.base != nil {
		st.BaseURL = c.base.String()
	}
	for ck := range c.jar.All(time.Now()) {
		st.Cookies = append(st.Cookies, ck)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	st.ID = c.id
	st.Auth = append([]auth.Credential(nil), c.auth...)
	return st
}

// SetAuth replaces the credential of an origin; one that names no origin is for the base URL. The session is another
// identity then: a cache gives it nothing that the former one was told.
func (s *Session) SetAuth(cred auth.Credential) error {
	c := s.core.Load()
	if c == nil {
		return ErrUnmade
	}
	cred, err := bind(cred, c.origin)
	if err != nil {
		return err
	}
	if _, has := c.headers["Authorization"]; has && cred.Origin == c.origin {
		return errors.New("session: SetAuth: the session's header fields say Authorization already")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := make([]auth.Credential, 0, len(c.auth)+1)
	for _, old := range c.auth {
		if old.Origin != cred.Origin {
			kept = append(kept, old)
		}
	}
	c.auth, c.id = append(kept, cred), rand.Text()
	c.term++
	return nil
}

// ClearCookies forgets all cookies, as a logout does. The session is another identity then: what a cache or a request
// that is still running brings for the former one sets no cookie.
func (s *Session) ClearCookies() error {
	c := s.core.Load()
	if c == nil {
		return ErrUnmade
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jar.Clear(time.Now())
	c.id = rand.Text()
	c.term++
	return nil
}

// Jar is the session's cookie jar, to look into; changes made there are the session's, but leave it the same identity.
func (s *Session) Jar() *cookiejar.Jar {
	if c := s.core.Load(); c != nil {
		return c.jar
	}
	return cookiejar.New(nil)
}
