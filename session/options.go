package session

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/secret"
)

// Options are the settings of a Session. A nil *Options and the zero value are the defaults.
type Options struct {
	// BaseURL is put before the paths given to Get, Post and so on. Credentials, and header fields and params that are
	// secrets, belong to its origin unless they name another. It holds no user, query or fragment.
	BaseURL string

	// Headers are sent with every request that does not set the same field itself; fields that are secrets (API keys)
	// only to the base URL's origin.
	Headers http.Header

	// Params are query parameters that are added to requests made by the session's own methods, except where the request
	// has the parameter itself. With a base URL, only to its origin.
	Params url.Values

	// Auth is sent to its origin (auth.For), or to the base URL's. MoreAuth is for further origins.
	Auth     auth.Credential
	MoreAuth []auth.Credential

	// Timeout is for a whole request, redirects and body included. Zero: none.
	Timeout time.Duration

	// SkipVerify accepts any TLS certificate. It is saved, and a saved one needs AllowSkipVerify to come back.
	SkipVerify bool

	// Cache keeps responses, under the session's own scope. Nil: none are kept. Not saved.
	Cache *larder.Cache

	// Transport sends the requests. Nil: an http.Transport of the session's own. Not saved.
	Transport http.RoundTripper

	// AllowSkipVerify lets Restore and OpenFile take a state that accepts any TLS certificate.
	AllowSkipVerify bool
}

// state is what of the options is saved.
func (o Options) state() (State, error) {
	st := State{BaseURL: o.BaseURL, Timeout: o.Timeout, Verify: !o.SkipVerify}
	origin := ""
	if o.BaseURL != "" {
		if err := checkBase(o.BaseURL); err != nil {
			return st, fmt.Errorf("session: BaseURL: %w", err)
		}
		origin, _ = auth.OriginOf(o.BaseURL)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		st.Headers = addTexts(st.Headers, http.CanonicalHeaderKey(name), o.Headers[name])
	}
	for name, values := range o.Params {
		st.Params = addTexts(st.Params, name, values)
	}
	all := o.MoreAuth
	if !o.Auth.IsZero() {
		all = append([]auth.Credential{o.Auth}, all...)
	}
	for _, cred := range all {
		cred, err := bind(cred, origin)
		if err != nil {
			return st, err
		}
		st.Auth = append(st.Auth, cred)
	}
	return st, nil
}

// bind gives a credential without an origin that of the base URL.
func bind(cred auth.Credential, origin string) (auth.Credential, error) {
	if cred.Origin == "" {
		if origin == "" {
			return cred, errors.New("session: Auth: a credential needs an origin: set BaseURL, or use auth.For(origin, …)")
		}
		cred.Origin = origin
	}
	return cred, cred.Check()
}

// onlyUnsaved refuses options that a saved state holds.
func (o Options) onlyUnsaved() error {
	var set []string
	for name, is := range map[string]bool{
		"BaseURL": o.BaseURL != "", "Headers": o.Headers != nil, "Params": o.Params != nil, "Auth": !o.Auth.IsZero(),
		"MoreAuth": o.MoreAuth != nil, "Timeout": o.Timeout != 0, "SkipVerify": o.SkipVerify,
	} {
		if is {
			set = append(set, name)
		}
	}
	if slices.Sort(set); len(set) > 0 {
		return fmt.Errorf("session: restore: %s come from the saved state: change the State, or make a New session", strings.Join(set, ", "))
	}
	return nil
}

// transport is what sends: the caller's, or one of the session's own.
func (o Options) transport(verify bool) (rt http.RoundTripper, own bool, err error) {
	if o.Transport != nil {
		if !verify {
			return nil, false, errors.New("session: SkipVerify: a Transport of one's own brings its own TLS settings: set it there")
		}
		return o.Transport, false, nil
	}
	std, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		std = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	tr := std.Clone()
	if tr.TLSClientConfig == nil {
		tr.TLSClientConfig = &tls.Config{}
	}
	tr.TLSClientConfig.InsecureSkipVerify = !verify // whatever somebody did to the default one
	return tr, true, nil
}

func addTexts(to map[string][]secret.Text, name string, values []string) map[string][]secret.Text {
	if to == nil {
		to = map[string][]secret.Text{}
	}
	for _, v := range values {
		to[name] = append(to[name], secret.New(v))
	}
	return to
}

func cloneTexts(m map[string][]secret.Text) map[string][]secret.Text {
	if m == nil {
		return nil
	}
	c := make(map[string][]secret.Text, len(m))
	for name, values := range m {
		c[name] = append([]secret.Text(nil), values...)
	}
	return c
}
