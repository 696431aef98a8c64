package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpguts"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/cookiejar"
	"github.com/larder-go/larder/internal/redact"
	"github.com/larder-go/larder/session"
)

// getter is the get command's flags.
type getter struct {
	place
	name                     string // of the command
	session                  string
	headers                  []string
	user, output             string
	head, why, fail          bool
	offline, refresh, reload bool
}

func newGet(io stdio) *cobra.Command {
	g := &getter{name: "get"}
	c := &cobra.Command{
		Use:   "get URL",
		Short: "Fetch a URL, from the cache where HTTP allows it",
		Long: `Fetch a URL, from the cache where HTTP allows it, and write its body to standard output.

Exit status: 0 a complete answer, of any status; 1 no answer, or a cut one; 2 wrong usage; 4 not in the cache (--offline);
22 an answer 4xx or 5xx under --fail.`,
		Example: "  larder get https://example.com/data.json\n  larder get -v --session me https://example.com/whoami\n  larder get --offline https://example.com/data.json",
		Args:    exactly(1, "one URL"),
		RunE:    func(c *cobra.Command, args []string) error { return g.run(c.Context(), args[0], io) },
	}
	f := c.Flags()
	g.place.flags(c)
	g.place.codecFlag(c)
	f.StringVar(&g.session, "session", "", "send the request as the saved session `NAME`, and save it where the answer changes it")
	f.StringVarP(&g.output, "output", "o", "", "write the body to `FILE`, whole or not at all")
	f.BoolVarP(&g.head, "include", "i", false, "write the status line and the header before the body")
	f.BoolVarP(&g.why, "verbose", "v", false, "say on standard error what the cache did and why")
	f.BoolVar(&g.fail, "fail", false, "exit with 22 on 4xx and 5xx, and write no body")
	g.requestFlags(c)
	return c
}

// requestFlags are those that say what the request is.
func (g *getter) requestFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&g.headers, "header", "H", nil, "send the field `'Name: value'` (may be repeated)")
	f.StringVarP(&g.user, "user", "u", "", "send `USER:PASSWORD` as basic auth, to this origin only")
	f.BoolVar(&g.offline, "offline", false, "answer from the cache or not at all (only-if-cached)")
	f.BoolVar(&g.refresh, "refresh", false, "ask the origin whether the stored answer still holds (no-cache)")
	f.BoolVar(&g.reload, "force", false, "fetch anew, whatever is stored")
}

func (g *getter) run(ctx context.Context, target string, stdio stdio) (err error) {
	req, err := g.request(ctx, target)
	if err != nil {
		return err
	}
	cache, err := g.openCache(ctx, stdio)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, finish(ctx, cache)) }()
	send, done, err := g.sender(cache)
	if err != nil {
		return err
	}
	began := time.Now()
	resp, err := send(req)
	if err != nil {
		return fmt.Errorf("get: %w", redact.Error(err))
	}
	defer resp.Body.Close()
	return errors.Join(g.answer(ctx, resp, stdio, began), done())
}

// openCache opens the cache. Where the user's own cannot be used, which no flag named, the request goes on without.
func (g *getter) openCache(ctx context.Context, stdio stdio) (*larder.Cache, error) {
	named := g.location != "" || g.codec != "" || g.offline
	cache, err := g.place.open(ctx)
	if err == nil || named || ctx.Err() != nil {
		return cache, err
	}
	fmt.Fprintln(stdio.err, "larder: get: the cache cannot be used, going on without:", err)
	return larder.New(nil, nil)
}

// request is what the flags ask for.
func (g *getter) request(ctx context.Context, target string) (*http.Request, error) {
	if g.offline && g.refresh || g.offline && g.reload || g.refresh && g.reload {
		return nil, fail(exitUsage, "%s: --offline, --refresh and --force exclude each other", g.name)
	}
	terms := larder.Terms{}
	for on, s := range map[*bool]*larder.Switch{&g.offline: &terms.Offline, &g.refresh: &terms.Validate, &g.reload: &terms.Reload} {
		if *on {
			*s = larder.On
		}
	}
	req, err := http.NewRequestWithContext(larder.With(ctx, terms), http.MethodGet, target, nil)
	if err != nil || auth.Origin(req.URL) == "" {
		return nil, fail(exitUsage, "%s: want an address like https://example.com/path, got %s", g.name, redact.RawURL(target))
	}
	for _, h := range g.headers {
		name, value, ok := strings.Cut(h, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fail(exitUsage, "%s: -H: want 'Name: value', got something without a name or colon", g.name)
		}
		value = strings.TrimSpace(value)
		switch {
		case !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			return nil, fail(exitUsage, "%s: -H: want 'Name: value', got a character that a field cannot hold", g.name)
		case strings.EqualFold(name, "Host"):
			req.Host = value
		default:
			req.Header.Add(name, value)
		}
	}
	if g.user != "" {
		if req.Header.Get("Authorization") != "" {
			return nil, fail(exitUsage, "%s: -u and -H Authorization say two things: give one", g.name)
		}
		cred, err := credential(g.user, target)
		if err != nil {
			return nil, err
		}
		cred.Apply(req.Header)
	}
	return req, nil
}

// credential is USER:PASSWORD, bound to the origin of target.
func credential(userpass, target string) (auth.Credential, error) {
	user, pass, ok := strings.Cut(userpass, ":")
	if !ok {
		return auth.Credential{}, fail(exitUsage, "-u: want USER:PASSWORD, got no colon")
	}
	cred := auth.For(target, auth.Basic(user, pass))
	if err := cred.Check(); err != nil {
		return cred, &exit{exitUsage, err}
	}
	return cred, nil
}

// sender is who sends: the saved session, or nobody in particular. done is called after the answer.
func (g *getter) sender(cache *larder.Cache) (send func(*http.Request) (*http.Response, error), done func() error, err error) {
	if g.session == "" {
		client := &http.Client{Transport: cache, CheckRedirect: auth.CheckRedirect, Jar: cookiejar.New(nil)}
		return client.Do, func() error { return nil }, nil
	}
	s, err := openSession(g.session, &session.Options{Cache: cache})
	if err != nil {
		return nil, nil, err
	}
	return s.Client().Do, s.saveChanged, nil
}
