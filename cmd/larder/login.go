package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/session"
)

// login is the flags of session login.
type login struct {
	user   string
	fields []string
	plain  bool
}

func newLogin(io stdio) *cobra.Command {
	l := &login{}
	c := &cobra.Command{
		Use:     "login NAME URL",
		Short:   "Log in at URL and save the session as NAME",
		Long:    "Send the form fields to URL (without fields: get URL), follow redirects, and save the cookies of every hop and the\ncredential as NAME. Where the answer is 4xx or 5xx nothing is saved. Sessions are sealed with the user's key.",
		Example: "  larder session login me https://example.com/login -d name=sharat -d password=…\n  larder get --session me https://example.com/whoami",
		Args:    exactly(2, "a NAME and a URL"),
		RunE: func(c *cobra.Command, args []string) error {
			return l.run(c.Context(), args[0], args[1], io)
		},
	}
	c.Flags().StringVarP(&l.user, "user", "u", "", "`USER:PASSWORD` for basic auth, saved with the session")
	c.Flags().StringArrayVarP(&l.fields, "data", "d", nil, "a form field, `FIELD=VALUE` (may be repeated)")
	c.Flags().BoolVar(&l.plain, "plain", false, "save readable JSON, secrets included, instead of sealing it")
	return c
}

func (l *login) run(ctx context.Context, name, target string, std stdio) error {
	file, err := sessionFile(name)
	if err != nil {
		return err
	}
	seal := session.Plain
	if !l.plain {
		key, err := userKey()
		if err != nil {
			return err
		}
		seal = session.Sealed(key)
	}
	s, opts, err := l.session(target)
	if err != nil {
		return err
	}
	method := http.MethodGet
	if len(l.fields) > 0 {
		method = http.MethodPost
	}
	resp, err := s.Request(ctx, method, target, opts...)
	if err != nil {
		return fmt.Errorf("session login: %w", err)
	}
	defer resp.Body.Close()
	if err := resp.Err(); err != nil {
		return fail(exitStatus, "session login: nothing saved: %w", err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fail(exitFailed, "session login: nothing saved: %w", err)
	}
	if err := s.SaveFile(file, seal); err != nil {
		return err
	}
	st := s.State()
	fmt.Fprintf(std.out, "logged in: %s; session %q saved, %s (cookies: %d)\n", resp.Status, name, seal, len(st.Cookies))
	return nil
}

// session makes the session that logs in, and the form it sends.
func (l *login) session(target string) (*session.Session, []session.RequestOption, error) {
	origin, err := auth.OriginOf(target)
	if err != nil {
		return nil, nil, fail(exitUsage, "session login: want an address like https://example.com/login")
	}
	if u, err := url.Parse(target); err == nil && u.User != nil {
		return nil, nil, fail(exitUsage, "session login: the address holds a user: give it with -u")
	}
	o := &session.Options{BaseURL: origin}
	if l.user != "" {
		if o.Auth, err = credential(l.user, target); err != nil {
			return nil, nil, err
		}
	}
	var pairs []string
	for _, f := range l.fields {
		name, value, ok := strings.Cut(f, "=")
		if !ok || name == "" {
			return nil, nil, fail(exitUsage, "session login: -d: want FIELD=VALUE, got no name or no =")
		}
		pairs = append(pairs, name, value)
	}
	var opts []session.RequestOption
	if pairs != nil {
		opts = append(opts, session.Form(pairs...))
	}
	s, err := session.New(o)
	return s, opts, err
}
