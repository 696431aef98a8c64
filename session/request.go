package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/internal/redact"
)

// RequestOption changes one request.
type RequestOption func(*http.Request) error

// Form sends the fields, given as name, value, name, value, as a form does.
func Form(pairs ...string) RequestOption {
	return func(req *http.Request) error {
		var parts []string
		if len(pairs)%2 != 0 {
			return fmt.Errorf("session: Form: want names and values in pairs, got %d texts", len(pairs))
		}
		for i := 0; i < len(pairs); i += 2 {
			parts = append(parts, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
		}
		return setBody(req, []byte(strings.Join(parts, "&")), "application/x-www-form-urlencoded")
	}
}

// JSON sends v as JSON.
func JSON(v any) RequestOption {
	return func(req *http.Request) error {
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("session: JSON: %w", err)
		}
		return setBody(req, data, "application/json")
	}
}

// Body sends data as it is, under a media type.
func Body(data []byte, mediaType string) RequestOption {
	return func(req *http.Request) error { return setBody(req, bytes.Clone(data), mediaType) }
}

// setBody gives req a body that can be sent again after a redirect.
func setBody(req *http.Request, data []byte, mediaType string) error {
	if req.Body != nil {
		return fmt.Errorf("session: request: two bodies: use one of Form, JSON and Body")
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(data))
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", mediaType)
	}
	return nil
}

// Header sets a field for one request, in place of the session's. Where it is a secret it belongs to the request's origin.
func Header(name, value string) RequestOption {
	return func(req *http.Request) error {
		if http.CanonicalHeaderKey(name) == "Host" { // which net/http takes from elsewhere
			req.Host = value
			return nil
		}
		req.Header.Set(name, value)
		return nil
	}
}

// Query sets a query parameter of one request, in place of the session's.
func Query(name, value string) RequestOption {
	return func(req *http.Request) error {
		q := req.URL.Query()
		q.Set(name, value)
		req.URL.RawQuery = q.Encode()
		return nil
	}
}

// Auth sends a credential with one request, in place of the session's, bound to the request's origin.
func Auth(cred auth.Credential) RequestOption {
	return func(req *http.Request) error {
		cred, err := bind(cred, auth.Origin(req.URL))
		if err != nil {
			return err
		}
		if !cred.Matches(req.URL) {
			return fmt.Errorf("session: Auth: the credential is for %s, the request goes to %s", cred.Origin, auth.Origin(req.URL))
		}
		cred.Apply(req.Header)
		return nil
	}
}

// Get asks for target: a path that is joined to the base URL, or an absolute URL.
func (s *Session) Get(ctx context.Context, target string, opts ...RequestOption) (*Response, error) {
	return s.Request(ctx, http.MethodGet, target, opts...)
}

// Head is Get for the head alone.
func (s *Session) Head(ctx context.Context, target string, opts ...RequestOption) (*Response, error) {
	return s.Request(ctx, http.MethodHead, target, opts...)
}

// Post sends what Form, JSON or Body give to target.
func (s *Session) Post(ctx context.Context, target string, opts ...RequestOption) (*Response, error) {
	return s.Request(ctx, http.MethodPost, target, opts...)
}

// Request sends a request of any method. The caller closes the response's body, or uses a method that does.
func (s *Session) Request(ctx context.Context, method, target string, opts ...RequestOption) (*Response, error) {
	c := s.core.Load()
	if c == nil {
		return nil, ErrUnmade
	}
	u, err := c.resolve(target)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("session: request: %w", redact.Error(err))
	}
	for _, opt := range opts {
		if err := opt(req); err != nil {
			return nil, err
		}
	}
	return s.Do(req)
}

// Do sends a request as the session. The request itself stays as it is; its body is read and closed.
func (s *Session) Do(req *http.Request) (*Response, error) {
	c := s.core.Load()
	if c == nil {
		return unmade{}.do(req)
	}
	h := new(history)
	req = req.WithContext(context.WithValue(req.Context(), historyKey{}, h))
	c.addParams(req)
	began := time.Now()
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, redact.Error(err)
	}
	return &Response{Response: resp, History: h.responses, Elapsed: time.Since(began)}, nil
}

// resolve joins a path to the base URL; an absolute URL stands for itself.
func (c *core) resolve(target string) (*url.URL, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("session: request: the address does not parse: %s", redact.RawURL(target))
	}
	if u.IsAbs() {
		return u, nil
	}
	if c.base == nil {
		return nil, fmt.Errorf("session: request: %q is no absolute URL and the session has no BaseURL", redact.URL(u))
	}
	if u.Host != "" {
		return c.base.ResolveReference(u), nil
	}
	joined := *c.base
	if u.Path != "" {
		joined = *c.base.JoinPath(u.EscapedPath())
	}
	joined.RawQuery, joined.Fragment = u.RawQuery, u.Fragment
	return &joined, nil
}

// addParams adds the session's query parameters that the request does not set.
func (c *core) addParams(req *http.Request) {
	if len(c.params) == 0 || req.URL == nil || c.origin != "" && auth.Origin(req.URL) != c.origin {
		return
	}
	u := *req.URL
	has := u.Query()
	add := url.Values{}
	for name, values := range c.params {
		if has.Has(name) {
			continue
		}
		for _, v := range values {
			add.Add(name, v.Reveal())
		}
	}
	if extra := add.Encode(); extra != "" {
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+extra, "&")
		req.URL = &u
	}
}
